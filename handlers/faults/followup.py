"""Taken and then forgotten: no word for a while reminds the engineer, then the lead (product: Fault intake)."""

from bot.core.content import Priority
from bot.core.events import Due
from bot.work import posts
from bot.work.work import Work
from data.model import Audience
from handlers.faults import cards, ladder, routing, rules, store
from handlers.faults.model import Happening, State, Ticket

FORGOTTEN = "faults.forgotten"


def watch(work: Work, ticket: Ticket) -> None:
    """A word was heard: the silence counts from now."""
    work.due(FORGOTTEN, ticket.number, work.now + rules.policy_of(work.site, ticket).forgotten_after, lead=False)


def stand_down(work: Work, before: Ticket, ticket: Ticket) -> None:
    """End the ladder of a ticket that waited; those whom it reached hear how it ended, or that the breach was none."""
    if before.state is not State.WAITING and before.breached_at == ticket.breached_at:
        return
    work.cancel_due(ladder.KIND, ticket.number)
    work.drop(ticket.number)
    taken_back = before.breached_at is not None and ticket.breached_at is None
    if taken_back:
        store.note(work, ticket, Happening.TAKEN_BACK, work.now, ticket.answered_by)
        work.audit("ticket", ticket.number, "taken_back")
    concerned = {f"dm-{name}" for name in (ticket.answered_by, ticket.closed_by, ticket.engineer, ticket.owner)}
    by = cards.by(work, ticket)
    for chat in posts.reached(work, ticket.number, Priority.ESCALATION):
        person = work.site.people.get(chat.removeprefix("dm-"))
        if chat not in concerned and person is not None:
            cards.to_person(work, ticket, person, "faults/answered", by=by, taken_back=taken_back, forward=None)
    if taken_back:
        cards.to_group(work, ticket, "faults/answered", by=by, taken_back=taken_back)


def forget(work: Work, ticket: Ticket) -> None:
    """The ticket is over: nothing is due for it any more."""
    for kind in (ladder.KIND, FORGOTTEN, routing.CHASE, routing.THEN):
        work.cancel_due(kind, ticket.number)


def forgotten(event: Due, work: Work) -> None:
    """First the engineer, after as long again the lead."""
    ticket = store.get(work, event.key)
    if ticket is None or ticket.state is not State.ANSWERED:
        return
    to_lead = bool(event.payload["lead"])
    owner = cards.engineer_of(work, ticket)
    leads = rules.targets(work.site, ticket, [Audience.LEAD], work.now)
    silence = rules.policy_of(work.site, ticket).forgotten_after
    for person in leads if to_lead else [owner]:
        silent = silence * 2 if to_lead else silence
        cards.to_person(work, ticket, person, "faults/forgotten", silent=silent, mine=person == owner)
        store.note(work, ticket, Happening.TOLD, work.now, person.id, step="forgotten")
    if not to_lead:
        work.due(FORGOTTEN, ticket.number, work.now + silence, lead=True)
