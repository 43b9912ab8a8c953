"""A ticket is handed to a colleague: who is offered, and what changes (product: Fault intake)."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.errors import Again, UserError
from bot.core.events import Envelope
from bot.core.people import Person, Role
from bot.work.work import Work
from data.site import Site
from handlers.duty.rules import on_duty
from handlers.faults import answers, buttons, cards, ladder, paging, rules, store, told
from handlers.faults.model import Happening, State, Ticket
from handlers.faults.summary import engineer_of

OFFERED = 6
"""Colleagues that are offered as buttons; anybody else is typed."""
ASSIGNED_PAGE = "raised"
"""Whoever is handed a ticket gets a page of his own, which shows every change like any other."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody a ticket may be handed to; ``on_duty`` at this minute, else he has nothing open."""

    person: Person
    on_duty: bool


def colleagues(work: Work, ticket: Ticket) -> list[Colleague]:
    """Who is on duty for the ticket's group at this minute, then who is free, the team of the group's post first: engineers
    without an open ticket."""
    chat = work.site.chat(ticket.chat)
    where = rules.home(work.site, chat) if chat else None
    duty = on_duty(work.site, where, work.now)
    has_it = engineer_of(work, ticket)
    here = () if duty.fallback else duty.people
    busy = store.owners(work)
    free = [person for person in work.site.with_role(Role.ENGINEER) if person not in here and person.id not in busy]
    team = duty.post.team if duty.post else None
    free.sort(key=lambda person: team is None or person.team != team)
    found = [*(Colleague(person, True) for person in here), *(Colleague(person, False) for person in free)]
    return [colleague for colleague in found if colleague.person != has_it][:OFFERED]


def somebody(site: Site, now: datetime) -> str:
    """A name for an example: a colleague on duty at this minute, else one of them; ``…`` where there is none."""
    there = [*on_duty(site, None, now).people, *site.people.values()]
    return next((person.name for person in there if person.may(*rules.STAFF)), "…")


def colleague(work: Work, name: str) -> Person:
    """The engineer of an id or name, as it is typed or mentioned; raises ``UserError`` with those that there are."""
    wanted = name.strip().removeprefix("@").strip()
    engineers = [person for person in work.site.people.values() if person.may(*rules.STAFF)]
    found = [person for person in engineers if wanted in {person.id, person.name}]
    if not found:
        names = [person.name for person in engineers]
        raise UserError("unknown_colleague", name=wanted[:40], names=names, example=somebody(work.site, work.now))
    return found[0]


def _has_it(work: Work, ticket: Ticket, person: Person) -> bool:
    """Whether a ticket is somebody's already: he owns it, or it is for him as who is on duty, and he was told."""
    if ticket.owner is not None:
        return ticket.owner == person.id
    return engineer_of(work, ticket) == person and told.at_step(work, ticket, person, *cards.PAGES, cards.MORE_PAGE)


def assign(work: Work, ticket: Ticket, to: Person, by: Person, envelope: Envelope) -> None:
    """Makes a colleague the owner and pages him. Being handed a ticket answers nobody: a clock that runs goes on,
    and where its time is over the reminders begin anew, for him. Whoever gives it to himself takes it."""
    rules.check_open(ticket)
    if to == by:
        answers.claim(work, ticket, by, envelope)
        buttons.end_choice(work, ticket)
        return
    before = engineer_of(work, ticket)
    if _has_it(work, ticket, to):
        raise Again("assigned_already", number=ticket.number, engineer=to)
    handed = {"to": to.id, "was": before.id, "restarts": ladder.restarts(ticket)}
    store.note(work, ticket, Happening.ASSIGNED, work.now, by.id, envelope.key, **handed)
    if ticket.state is State.ANSWERED:
        answers.take_over(work, ticket, to, envelope)
    else:
        store.change(work, ticket, owner=to.id, rung=0 if ladder.restarts(ticket) else ticket.rung)
    now = store.get(work, ticket.number)
    if now is None:
        return
    if ladder.restarts(now):
        ladder.start(work, now)
    work.audit("ticket", now.number, "assigned", to=to.id)
    buttons.end_choice(work, now)
    if ticket.state is State.WAITING:
        cards.refresh(work, now)
        if before not in {to, by}:
            cards.post_to_person(work, now, before, "faults/assigned", by=by, forward=None)
    paging.post_page(work, now, to, alone=False, step=ASSIGNED_PAGE)
    cards.post_to_group(work, now, "faults/assigned", by=by)
