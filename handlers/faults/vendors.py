"""The third party of a ticket: which it is, and what is known of whether its person has heard of it (decisions: Truth)."""

from dataclasses import dataclass
from enum import StrEnum

from bot.core.people import Person
from bot.work.understanding import RouteName, Scope
from bot.work.work import Work
from data.site import LOCAL, Site
from handlers.faults import store, told
from handlers.faults.model import Happening, Ticket
from handlers.triage.labels import THIRD_PARTY

ITS_OWN = frozenset({RouteName.THIRD_PARTY, RouteName.URGENT})
"""The ways on which a fault of a vendor's system calls the vendor: its own, and the urgent one as well."""


class Word(StrEnum):
    """How far the word to a vendor came."""

    IN_GROUP = "in_group"  # he is a member, and mentioned there
    UNDER_WAY = "under_way"
    REACHED = "reached"
    MISSED = "missed"
    NO_WAY = "no_way"  # he has no account where the bot could write to him
    NOBODY = "nobody"  # no contact is known


@dataclass(frozen=True, slots=True)
class Seen:
    """What an engineer is shown of the vendor: his ``person`` (None where nobody is known) and how far the word to him came."""

    word: Word
    person: Person | None = None


def contact(site: Site, route: RouteName | None, system: str | None) -> str | None:
    """The id of the person who is asked about a system on a way; None where that is nobody."""
    vendor = site.vendor_of(system) if route in ITS_OWN else None
    return vendor.contact if vendor else None


def person_of(work: Work, ticket: Ticket) -> Person | None:
    """The vendor's person of a ticket."""
    return work.site.people.get(ticket.vendor or "")


def urgent(ticket: Ticket) -> bool:
    """Whether the vendor is called himself, member of the group or not."""
    return ticket.fault and ticket.severity == Scope.WIDE


def can_be_told(work: Work, person: Person) -> bool:
    """Whether the bot can write to somebody; the local chat, where everybody has an account, counts where there is no other."""
    platforms = [name for name in work.settings.adapters if name != LOCAL] or work.settings.adapters
    return any(work.site.account_of(person.id, platform) for platform in platforms)


def seen(work: Work, ticket: Ticket) -> Seen | None:
    """The vendor of a ticket as far as is known now; None where it has none to call."""
    person = person_of(work, ticket)
    if person is None:
        unknown = ticket.fault and ticket.route in ITS_OWN and ticket.system in THIRD_PARTY
        return Seen(Word.NOBODY) if unknown else None
    asked = any(event.person == person.id for event in store.happened(work, ticket, Happening.TOLD))
    known = told.of(work, ticket) if asked else told.Told()  # the outbox is not looked at for every report
    if person in known.people:
        return Seen(Word.REACHED, person)
    if person in known.missed:
        return Seen(Word.MISSED, person)
    if person not in known.under_way and not asked_himself(work, ticket, person):
        return Seen(Word.IN_GROUP, person)
    return Seen(Word.UNDER_WAY if can_be_told(work, person) else Word.NO_WAY, person)


def asked_himself(work: Work, ticket: Ticket, person: Person) -> bool:
    """Whether a vendor's person gets the words in his direct chat: they are urgent, or he is not in the group to be mentioned."""
    chat = work.site.chat(ticket.chat)
    return urgent(ticket) or chat is None or person.id not in chat.members
