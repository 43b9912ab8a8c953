"""Which ticket a typed word or a button means."""

import re
from collections.abc import Sequence

from bot.core.errors import Refused, UserError
from bot.core.events import Command
from bot.core.people import Person, Role
from bot.work.arguments import Argument
from bot.work.work import Work
from handlers.faults import quoting, store
from handlers.faults.model import NUMBER, Ticket

_SHORT = re.compile(r"[0-9]{1,6}", re.ASCII)


def _of_word(word: str, work: Work) -> Ticket:
    number = word.upper()
    if not _SHORT.fullmatch(number):
        return known(work, number)
    today = f"GD-{work.site.local(work.now).date():%Y%m%d}-{int(number):03d}"
    before = None if store.get(work, today) else store.latest_open(work, int(number))
    return before or known(work, today)


def _of_quote(event: Command, work: Work) -> Ticket:
    about = quoting.about(event, store.open_in(work, event.envelope.chat), work)
    if len(about) != 1:
        raise UserError("which_ticket", verb=event.verb)
    return about[0]


# ``GD-20261122-003``, or ``3`` for today's (while there is none, the last open one); without a number, the quoted message's
TICKET = Argument(_of_word, _of_quote)
MOST = 50
"""Tickets that one command or button names; a list in a message has fewer."""


def several(words: str, work: Work) -> list[Ticket]:
    """The tickets of ``GD-20261122-001,002`` or ``1 2 3``, each once; a bare number is of the day named before it, else today."""
    found: dict[str, Ticket] = {}
    day = ""
    for word in re.split(r"[\s,]+", words.upper().replace("，", ",").strip(" ,"))[:MOST]:
        ticket = _of_word(_whole(word, day), work)
        day = ticket.number.rpartition("-")[0]
        found[ticket.number] = ticket
    return list(found.values())


def _whole(word: str, day: str) -> str:
    """A short number as the whole one of a day named before it."""
    return f"{day}-{int(word):03d}" if day and _SHORT.fullmatch(word) else word


def in_words(numbers: Sequence[str], work: Work) -> dict[str, Ticket | None]:
    """The ticket of each number of a plain line, found as a command finds it; None for a number that no ticket has."""
    found: dict[str, Ticket | None] = {}
    day = ""
    for number in numbers[:MOST]:
        try:
            ticket = _of_word(_whole(number, day), work)
        except UserError:
            found[number] = None
            continue
        day = ticket.number.rpartition("-")[0] if len(number) > len("000") else day
        found[number] = ticket
    return found


def _several_quoted(event: Command, work: Work) -> list[Ticket]:
    return [_of_quote(event, work)]


TICKETS = Argument(several, _several_quoted, rest=True)


def known(work: Work, number: str) -> Ticket:
    """Gives the ticket of a number; raises ``UserError`` for a number that no ticket has."""
    ticket = store.get(work, number) if NUMBER.fullmatch(number) else None
    if ticket is None:
        raise UserError("unknown_ticket", number=number[:40])
    return ticket


def staff(work: Work, *roles: Role) -> Person:
    """Gives the colleague who tapped or typed; raises ``Refused`` for anybody without one of the roles."""
    if work.actor is None or not work.actor.may(*roles):
        raise Refused("not_authorised")
    return work.actor
