"""What is open: /status for a group or for the whole desk, /mine for one person."""

from dataclasses import dataclass

from bot.core.events import Command
from bot.core.people import Role
from bot.work import posts
from bot.work.work import Work
from handlers.faults import cards, store
from handlers.faults.model import State, Ticket

ROWS = 20
"""A phone shows about so many lines; what is more is counted."""
DESK = (Role.ENGINEER, Role.LEAD, Role.DIRECTOR, Role.BUSINESS, Role.COORDINATOR, Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket of a list; exactly one of ``left`` and ``over`` is set while the clock of a fault runs (seconds)."""

    number: str
    chat: str
    system: str
    reporter: str
    owner: str | None
    waiting: bool
    left: float | None
    over: float | None


def status(event: Command, work: Work) -> None:
    """In a group its own tickets; in the duty room and in a colleague's direct chat everything, and the waiting messages."""
    chat = work.site.chat(event.envelope.chat)
    staff = work.actor is not None and work.actor.may(*DESK)
    everything = staff and chat is not None and (chat.direct or chat.post is None)
    if not everything and chat is not None and chat.direct:
        mine(event, work)
        return
    tickets, total = store.open_tickets(work, ROWS, chat=None if everything else event.envelope.chat)
    queued = posts.waiting(work) if everything else 0
    lines = [_line(work, ticket) for ticket in tickets]
    work.say(
        "faults/status",
        event.envelope.chat,
        reply_to=event.envelope.key,
        lines=lines,
        more=total - len(lines),
        queued=queued,
        groups=everything,
    )


def mine(event: Command, work: Work) -> None:
    """The open tickets somebody owns, reported or joined."""
    who = event.envelope.person or event.envelope.account.user_id
    tickets, total = store.open_tickets(work, ROWS, person=who)
    lines = [_line(work, ticket) for ticket in tickets]
    work.say("faults/mine", event.envelope.chat, reply_to=event.envelope.key, lines=lines, more=total - len(lines))


def _line(work: Work, ticket: Ticket) -> Line:
    waiting = ticket.state is State.WAITING
    left = (ticket.respond_by - work.now).total_seconds() if waiting and ticket.respond_by else None
    owner = cards.engineer_of(work, ticket) if not waiting else None
    return Line(
        number=ticket.number,
        chat=cards.chat_name(work, ticket),
        system=cards.system_name(work, ticket),
        reporter=ticket.reporter_name,
        owner=owner.name if owner else None,
        waiting=waiting,
        left=left if left is not None and left >= 0 else None,
        over=-left if left is not None and left < 0 else None,
    )
