"""What is open: /status for a group or for the whole desk, /mine for one person."""

from dataclasses import dataclass, replace

from bot.core.events import Command
from bot.core.people import Role
from bot.work import posts
from bot.work.work import Work
from handlers.faults import rules, store
from handlers.faults.model import Happening, State, Ticket
from handlers.faults.summary import SHORT, chat_name, engineer_of, one_line, system_name, ticket_facts

ROWS = 20
"""A phone shows about so many lines; what is more is counted."""
BUTTONS = 5
"""Lines with a button: more than a phone's card can hold are typed."""
DESK = (Role.ENGINEER, Role.LEAD, Role.DIRECTOR, Role.BUSINESS, Role.COORDINATOR, Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket of a list; exactly one of ``left`` and ``over`` is set while the clock of a fault runs (seconds).

    ``owner`` has it or is to answer it, None where it waits for others than engineers. ``claim``, ``resolve``, ``confirm`` and
    ``move``: what the reader may do about it with one tap. ``asked``: it is asked whether it is over.
    """

    number: str
    chat: str
    system: str
    reporter: str
    words: str
    owner: str | None
    phone: str | None
    waiting: bool
    left: float | None
    over: float | None
    fault: bool = True
    asked: bool = False
    claim: bool = False
    resolve: bool = False
    confirm: bool = False
    move: bool = False

    @property
    def offers(self) -> bool:
        """Whether there is anything to press."""
        return self.claim or self.resolve or self.confirm or self.move

    @property
    def short(self) -> str:
        """The number as a button shows it."""
        return self.number.rpartition("-")[2]


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
    lines = _lines(work, event, tickets, buttons=everything)
    work.say(
        "faults/status",
        event.envelope.chat,
        about=_listed(work, event, tickets, lines),
        reply_to=event.envelope.key,
        lines=lines,
        more=total - len(lines),
        queued=queued,
        groups=everything,
    )


def mine(event: Command, work: Work) -> None:
    """The open tickets that somebody owns, reported or joined, and those that wait for him."""
    who = event.envelope.person or event.envelope.account.user_id
    tickets, total = store.open_tickets(work, ROWS, person=who)
    lines = _lines(work, event, tickets, buttons=True)
    work.say(
        "faults/mine",
        event.envelope.chat,
        about=_listed(work, event, tickets, lines),
        reply_to=event.envelope.key,
        lines=lines,
        more=total - len(lines),
    )


def _listed(work: Work, event: Command, tickets: list[Ticket], lines: list[Line]) -> str:
    """What the list is about: itself. Each ticket that it has a button for remembers it, to take the button off in the end."""
    about = f"list-{event.envelope.account.platform}-{event.envelope.key}"
    for ticket, line in zip(tickets, lines, strict=True):
        if line.offers:
            store.note(work, ticket, Happening.LISTED, work.now, about=about)
    return about


def _lines(work: Work, event: Command, tickets: list[Ticket], *, buttons: bool) -> list[Line]:
    """``buttons``: the first few lines have one for what the reader may do."""
    who = event.envelope.person or event.envelope.account.user_id
    reported = {ticket.number for ticket in store.reported_by(work, tickets, who)}
    lines = [_line(work, ticket, mine=ticket.number in reported) for ticket in tickets]
    offered = [line.number for line in lines if buttons and line.offers][:BUTTONS]
    return [
        line if line.number in offered else replace(line, claim=False, resolve=False, confirm=False, move=False)
        for line in lines
    ]


def _line(work: Work, ticket: Ticket, *, mine: bool) -> Line:
    waiting = ticket.state is State.WAITING
    left = (ticket.respond_by - work.now).total_seconds() if waiting and ticket.respond_by else None
    engineer = engineer_of(work, ticket)
    his = not waiting or ticket.fault or ticket.owner is not None
    summary = ticket_facts(work, ticket)["summary"]
    takes = work.actor is not None and work.actor.may(*rules.STAFF)
    return Line(
        number=ticket.number,
        chat=chat_name(work, ticket),
        system=system_name(work, ticket),
        reporter=summary.who,
        words=one_line(summary.words, SHORT),
        owner=engineer.name if his else None,
        phone=engineer.phone if his else None,
        waiting=waiting,
        left=left if left is not None and left >= 0 else None,
        over=-left if left is not None and left < 0 else None,
        fault=ticket.fault,
        asked=not waiting and store.asked(work, ticket) is not None,
        claim=waiting and takes,
        resolve=not waiting and work.actor is not None and engineer == work.actor,
        confirm=mine and not takes,
        move=work.actor is not None
        and (work.actor.may(Role.LEAD, Role.DIRECTOR) or (takes and engineer == work.actor)),
    )
