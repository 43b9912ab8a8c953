"""Reminders about a ticket on which nothing was said since it was taken, and what ends with it (product: Fault intake)."""

from typing import Any

from bot.core.content import Priority
from bot.core.events import Due
from bot.work import posts
from bot.work.work import Work
from data.model import Audience
from handlers.faults import cards, catching_up, ladder, routing, rules, store, vendor_calls
from handlers.faults.model import Happening, State, Ticket
from handlers.faults.summary import engineer_of, spoke_last

FORGOTTEN, UNCONFIRMED = "faults.forgotten", "faults.unconfirmed"


def watch_silence(work: Work, ticket: Ticket) -> None:
    """Starts the time of silence anew, because something was said about the ticket."""
    work.due(FORGOTTEN, ticket.number, work.now + rules.policy_of(work.site, ticket).forgotten_after, lead=False)


def stand_down(work: Work, before: Ticket, ticket: Ticket) -> None:
    """Ends the ladder of a ticket that waited, and tells those whom it reached who answered, or that there was no breach."""
    if before.state is not State.WAITING and before.breached_at == ticket.breached_at:
        return
    work.cancel_due(ladder.KIND, ticket.number)
    work.drop(ticket.number)
    work.drop(ticket.number, Priority.REPLY, template=ladder.BREACH)
    taken_back = before.breached_at is not None and ticket.breached_at is None
    if taken_back:
        store.note(work, ticket, Happening.TAKEN_BACK, work.now, ticket.answered_by)
        work.audit("ticket", ticket.number, "taken_back")
    concerned = {f"dm-{name}" for name in (ticket.answered_by, ticket.closed_by, ticket.engineer, ticket.owner)}
    by = spoke_last(work, ticket)
    for chat in posts.reached(work, ticket.number, Priority.ESCALATION):
        person = work.site.people.get(chat.removeprefix("dm-"))
        if chat not in concerned and person is not None:
            facts: dict[str, Any] = {"by": by, "taken_back": taken_back, "rewritten": False, "forward": None}
            cards.post_to_person(work, ticket, person, "faults/answered", **facts)
    if taken_back:
        cards.post_to_group(work, ticket, "faults/answered", by=by, taken_back=taken_back, rewritten=False)


def end_deadlines(work: Work, ticket: Ticket) -> None:
    """Cancels every deadline of a closed ticket."""
    for kind in (ladder.KIND, FORGOTTEN, UNCONFIRMED, vendor_calls.CHASE, vendor_calls.HEARD, routing.THEN):
        work.cancel_due(kind, ticket.number)


def remind_of_forgotten(event: Due, work: Work) -> None:
    """Reminds the engineer, and after the same time again the lead; not while it is asked whether all is well."""
    ticket = store.get(work, event.key)
    if ticket is None or ticket.state is not State.ANSWERED:
        return
    question = store.asked(work, ticket)
    if question is not None and question.detail.get("closes"):
        return
    to_lead = bool(event.payload["lead"])
    owner = engineer_of(work, ticket)
    leads = rules.targets(work.site, ticket, [Audience.LEAD], work.now)
    silence, late = rules.policy_of(work.site, ticket).forgotten_after, catching_up.lateness(event)
    for person in leads if to_lead else [owner]:
        silent = (silence * 2 if to_lead else silence) + late
        facts: dict[str, Any] = {"mine": person == owner, "moves": person.may(*rules.MOVERS)}
        cards.post_to_person(work, ticket, person, "faults/forgotten", silent=silent, **facts)
        store.note(work, ticket, Happening.TOLD, work.now, person.id, step="forgotten")
    if not to_lead:
        work.due(FORGOTTEN, ticket.number, work.now + silence, lead=True, late=late.total_seconds())
