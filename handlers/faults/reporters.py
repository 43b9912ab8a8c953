"""Who else reported the same, and has neither taken it back nor said that it works (decisions: Ends)."""

from datetime import datetime

from bot.work.work import Work
from handlers.faults import store
from handlers.faults.model import Happening, Ticket


def others_report(work: Work, ticket: Ticket, who: str) -> int:
    """How many beside somebody reported a ticket or joined it and have not taken that back."""
    withdrawn = {event.person for event in store.happened(work, ticket, Happening.WITHDRAWN)}
    return ticket.joined + 1 - len(withdrawn | {who}) if ticket.joined else 0


def others_not_well(work: Work, ticket: Ticket, who: str) -> dict[str, str]:
    """The names of those by their ids, in the order in which they spoke; a yes from before the last "not yet" does not count."""
    names, withdrawn, well = {ticket.reporter: ticket.reporter_name}, {who}, set[str]()
    told = (Happening.JOINED, Happening.WITHDRAWN, Happening.WORKS, Happening.REOPENED)
    for event in store.happened(work, ticket, *told):
        person = event.person or ""
        match event.happening:
            case Happening.JOINED:
                names.setdefault(person, str(event.detail.get("name") or person))
            case Happening.WITHDRAWN:
                withdrawn.add(person)
            case Happening.WORKS:
                well.add(person)
            case _:
                well.clear()
    return {person: name for person, name in names.items() if person and person not in well | withdrawn}


def spoke_at(work: Work, ticket: Ticket, who: str) -> datetime:
    """When somebody last said anything about a ticket; when it was opened where he has not."""
    told = (Happening.OPENED, Happening.JOINED, Happening.CHASED, Happening.RAISED, Happening.REOPENED)
    mine = (event.at for event in store.happened(work, ticket, *told) if event.person == who)
    return max(mine, default=ticket.opened_at)
