"""Which buttons about a ticket still ask something, and taking the others off (decisions: Truth)."""

from bot.core.errors import UserError
from bot.work import buttons, posts
from bot.work.work import Work
from handlers.faults import naming, store, told
from handlers.faults.model import Happening, State, Ticket

CHOICES = frozenset({"assign", "reroute"})
"""The answers to "转给谁": one choice ends the question, whichever it was."""


def end(work: Work, ticket: Ticket, *, siblings: bool = True) -> None:
    """Takes off what a ticket, as it stands now, no longer asks: below the posts about it, the lists that show it, and with
    ``siblings`` the posts about others of its incident that list it."""
    events = store.happened(work, ticket, Happening.LISTED, Happening.TOLD)
    about = {ticket.number}
    about |= {str(event.detail["about"]) for event in events if event.happening is Happening.LISTED}
    elsewhere = [str(event.detail["post"]) for event in told.tellings(events) if event.detail.get("listed")]
    if siblings and elsewhere:
        about |= posts.about_of(work, elsewhere)
    buttons.take_off(work, about, lambda actions: [each for each in actions if not _asks(work, ticket, each)])


def end_choice(work: Work, ticket: Ticket, chat: str | None = None) -> None:
    """Takes the ways off every message (of ``chat``, or all) that asked where a ticket goes: somebody has chosen, or asks anew."""
    buttons.take_off(work, [ticket.number], lambda actions: _of(actions, CHOICES), chat=chat)


def end_asking(work: Work, ticket: Ticket) -> None:
    """Takes the buttons off the earlier questions whether a ticket is over: it is asked anew."""
    buttons.take_off(work, [ticket.number], lambda actions: _of(actions, {"resolved", "still"}))


def _of(actions: tuple[str, ...], verbs: frozenset[str] | set[str]) -> list[str]:
    return [action for action in actions if action.partition(":")[0] in verbs]


def _asks(work: Work, ticket: Ticket, action: str) -> bool:
    """Whether a button still asks something; what is about other tickets alone is theirs to end."""
    verb, _, subject = action.partition(":")
    if verb == "claim" and "," in subject:
        return any(other.state is State.WAITING for other in _listed(work, subject))
    if subject.partition(":")[0] != ticket.number:
        return True
    match verb:
        case "claim":
            return ticket.state is State.WAITING
        case "isfault":
            return ticket.unsure and ticket.state is State.WAITING
        case "still":
            return _may_say_no(work, ticket)
        case _:
            return ticket.state.open


def _listed(work: Work, subject: str) -> list[Ticket]:
    try:
        return naming.several(subject, work)
    except UserError:
        return []


def _may_say_no(work: Work, ticket: Ticket) -> bool:
    """Whether it is asked if a ticket is over, or a "no" still takes back that it is."""
    if ticket.state.open:
        return store.asked(work, ticket) is not None
    return ticket.state is State.RESOLVED and not ticket.confirmed
