"""A vendor is asked, whoever may not hear it is named to the engineer, and the silent one is chased (SOP 4.1; decisions: Truth)."""

from datetime import timedelta

from bot.core.events import Due, Envelope
from bot.work.understanding import RouteName
from bot.work.work import Work
from handlers.faults import cards, catching_up, paging, store, told, vendors
from handlers.faults.model import Happening, Ticket
from handlers.faults.summary import engineer_of
from handlers.faults.vendors import Word

CHASE, HEARD = "faults.chase", "faults.vendor"
CHASES = 12
"""After so many chases the lead's and the report's eyes are needed, not another line."""
LOOKS = 10
"""Seconds, one look each, that the word to a vendor may take to leave before the engineer is told to call him."""


def ask(work: Work, ticket: Ticket, *, anew: bool = False, himself: bool = False) -> None:
    """Asks the vendor of a ticket in his direct chat where the group's mention does not reach him, or does not suffice.

    An urgent fault calls him as it pages the engineer: of an incident of many groups he gets the first few, and always what
    raised a ticket (``anew``) or was sent to him: ``himself``, it was urgent or another vendor's until then.
    """
    person = vendors.person_of(work, ticket)
    if person is None or not vendors.can_be_told(work, person):
        return
    if not himself and not vendors.asked_himself(work, ticket, person):
        return
    if anew or himself or paging.told_less_than_first(work, ticket, person, cards.VENDOR_PAGE):
        post = cards.hand_to(work, ticket, person, copy=False)
        told.note(work, ticket, person, cards.VENDOR_PAGE, post)
        if himself or vendors.urgent(ticket):
            work.due(HEARD, ticket.number, work.real_now, real=True, look=1)


def tell_former(work: Work, ticket: Ticket, former: str) -> None:
    """Shows whoever was asked in his direct chat, before the ticket went elsewhere, that nothing is wanted of him any more."""
    person = work.site.people.get(former)
    if person is None:
        return
    events = told.tellings(store.happened(work, ticket, Happening.TOLD))
    for event in events:
        if event.person == former and event.detail["step"] == cards.VENDOR_PAGE:
            cards.end_vendor_page(work, ticket, person, str(event.detail["post"]), vendors.person_of(work, ticket))


def heard(event: Due, work: Work) -> None:
    """Shows on the engineer's page that the word to the vendor has left; where it has not in time, tells him to call."""
    ticket = store.get(work, event.key)
    seen = vendors.seen(work, ticket) if ticket is not None and ticket.state.open else None
    if ticket is None or seen is None:
        return
    look = int(event.payload["look"])
    if seen.word is Word.UNDER_WAY and look < LOOKS:
        work.due(HEARD, ticket.number, work.real_now + timedelta(seconds=1), real=True, look=look + 1)
        return
    if seen.word in {Word.UNDER_WAY, Word.MISSED}:
        lost = seen.word is Word.MISSED
        engineer = engineer_of(work, ticket)
        cards.post_to_person(work, ticket, engineer, "faults/call_vendor", vendor=seen.person, lost=lost)
    cards.refresh_pages(work, ticket, siblings=False)


def watch(work: Work, ticket: Ticket) -> None:
    """Starts the time after which the engineer is told to chase the vendor."""
    after = _chase_after(work, ticket)
    if ticket.vendor and after:
        work.due(CHASE, ticket.number, work.now + after, chases=0)


def chase(event: Due, work: Work) -> None:
    """Tells the engineer, who still owes the group its answer, to chase a silent vendor; every chase is recorded."""
    ticket = store.get(work, event.key)
    vendor = vendors.person_of(work, ticket) if ticket else None
    if ticket is None or vendor is None or not ticket.state.open:
        return
    after, chases = _chase_after(work, ticket), int(event.payload["chases"]) + 1
    question = store.asked(work, ticket)
    if question is not None and question.detail.get("closes"):  # called done: chased only if it is not over after all
        if after:
            work.due(CHASE, ticket.number, work.now + after, chases=chases - 1)
        return
    engineer = engineer_of(work, ticket)
    store.note(work, ticket, Happening.CHASED, work.now, engineer.id, vendor=vendor.id, chases=chases)
    late = catching_up.lateness(event)
    silent = (after or timedelta()) * chases + late
    cards.post_to_person(work, ticket, engineer, "faults/chase", vendor=vendor, silent=silent)
    if after and chases < CHASES:
        work.due(CHASE, ticket.number, work.now + after, chases=chases, late=late.total_seconds())


def spoke(work: Work, ticket: Ticket, envelope: Envelope) -> None:
    """Starts the time of the chase anew after a vendor's line, which is no answer to the group."""
    store.note(work, ticket, Happening.VENDOR, envelope.sent_at, envelope.person, envelope.key)
    watch(work, ticket)


def _chase_after(work: Work, ticket: Ticket) -> timedelta | None:
    """The silence of its way; an urgent fault's vendor is chased as any other."""
    routes = work.site.routes
    own = routes[ticket.route.value].chase_after
    return own or (routes[RouteName.THIRD_PARTY.value].chase_after if ticket.route is RouteName.URGENT else None)
