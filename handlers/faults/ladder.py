"""The ladder: who is told when nobody answered, at 5, 8, 10, 15 minutes and on (SOP 2.1, 3.1; data/sla.yaml)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.core.content import Priority
from bot.core.events import Due
from bot.core.people import Person
from bot.work import posts
from bot.work.work import Work
from data.model import Audience, Policy
from handlers.faults import cards, catching_up, rules, store, told
from handlers.faults.model import Happening, State, Ticket
from handlers.faults.rules import Step
from handlers.faults.summary import engineer_of

KIND, REPORTED = "faults.ladder", "faults.reported"
RUNG, BREACH = "faults/rung", "faults/breach"
"""What is taken back when it could not leave before a later step, or an answer."""
LOOKS = 10
"""Seconds, one look each, that a message may take to leave before the group hears that it has not left."""


def start(work: Work, ticket: Ticket) -> None:
    """Arm the ticket's next step; a report that came late finds it overdue, and it fires at once (fault F43)."""
    since, rounds = _counted_from(work, ticket)
    step = _step(rules.policy_of(work.site, ticket), ticket, rounds)
    if step is not None:
        work.due(KIND, ticket.number, since + step.after)


def restarts(ticket: Ticket) -> bool:
    """Whether a ticket that is handed over begins its ladder anew: its time is over, so what is left of the steps is for others
    than the colleague who has it now, or nothing is left."""
    return ticket.state is State.WAITING and ticket.fault and ticket.breached_at is not None


def _counted_from(work: Work, ticket: Ticket) -> tuple[datetime, int]:
    """The report, or the last hand-over that began the ladder anew; and how many of those there were."""
    if ticket.owner is None:
        return ticket.opened_at, 0
    handed = [event for event in store.happened(work, ticket, Happening.ASSIGNED) if event.detail.get("restarts")]
    return (handed[-1].at if handed else ticket.opened_at), len(handed)


def _step(policy: Policy, ticket: Ticket, rounds: int) -> Step | None:
    """The ticket's next step. After a hand-over it has a name of its own, so that it is told again; the breach is past."""
    step = rules.step(policy, ticket.rung)
    return step if step is None or not rounds else replace(step, name=f"{step.name}-{rounds}", breach=False)


def climb(event: Due, work: Work) -> None:
    """Tell the people of the step that is due; a step with nobody on it is skipped at once, not waited out.

    After a pause nobody is told twice what one message says. Only the breach is never early: its time is the promise itself.
    """
    ticket = store.get(work, event.key)
    if ticket is None or ticket.state is not State.WAITING or _said_to_be_over(work, ticket):
        return
    policy = rules.policy_of(work.site, ticket)
    since, rounds = _counted_from(work, ticket)
    while (step := _step(policy, ticket, rounds)) is not None:
        if step.breach and work.now < since + step.after:
            break
        if catching_up.told_again(policy, ticket.rung, work.now - since):
            left_out = store.change(work, ticket, rung=ticket.rung + 1)
            if left_out is None:
                return
            ticket = left_out
            continue
        people = _people(work, ticket, step)
        ticket = _tell(work, ticket, step, people, event.late)
        if people:
            break
    start(work, ticket)


def _people(work: Work, ticket: Ticket, step: Step) -> tuple[Person, ...]:
    """Whom a step tells; where no message could be brought to any of them, the lead hears it before the time is over."""
    people = rules.targets(work.site, ticket, step.to, work.now)
    if people and set(people) <= set(told.of(work, ticket).missed):
        leads = rules.targets(work.site, ticket, [Audience.LEAD], work.now)
        return tuple(dict.fromkeys((*people, *leads)))
    return people


def _said_to_be_over(work: Work, ticket: Ticket) -> bool:
    """Whether whoever reported it says that it works, and is asked: a "no" starts the ladder again where it stands."""
    question = store.asked(work, ticket)
    return question is not None and bool(question.detail.get("closes")) and not question.detail.get("staff")


def _tell(work: Work, ticket: Ticket, step: Step, people: tuple[Person, ...], late: float) -> Ticket:
    values = {"breached_at": ticket.respond_by} if step.breach else {}
    climbed = store.change(work, ticket, rung=ticket.rung + 1, **values)
    if climbed is None:
        return ticket
    before = told.of(work, climbed)
    not_reached = _not_reached(work, climbed, people)
    work.drop(climbed.number, template=RUNG)
    for person in (*people, *not_reached):
        raised = store.raise_page(work, climbed, step.name, person.id)
        if raised or not told.at_step(work, climbed, person, step.name):
            _remind(work, climbed, step, person, before, late)
    names = [person.id for person in people]
    store.note(work, climbed, Happening.TOLD, work.now, step=step.name, told=names, late=round(late))
    if step.breach:
        store.note(work, climbed, Happening.BREACHED, climbed.respond_by or work.now)
        work.audit("ticket", climbed.number, "breached", told=names)
    if climbed.breached_at and (step.breach or not set(before.people).issuperset(people)):
        if step.breach:
            cards.refresh(work, climbed, siblings=False)
        key = f"{climbed.number}/{climbed.rung}"  # after a pause several rungs are told of at one instant
        work.due(REPORTED, key, work.real_now, real=True, told=names, breach=step.breach, look=1)
    if step.last:
        work.audit("ticket", climbed.number, "unanswered", told=names)
    return climbed


def _not_reached(work: Work, ticket: Ticket, people: tuple[Person, ...]) -> list[Person]:
    """Whom an earlier step tells in a message that has not left: its time is wrong by now, and this step is said instead."""
    chats = posts.held(work, ticket.number, RUNG)
    found = (work.site.people.get(chat.removeprefix("dm-")) for chat in sorted(chats))
    return [person for person in found if person is not None and person not in people]


def _remind(work: Work, ticket: Ticket, step: Step, person: Person, before: told.Told, late: float) -> None:
    """One message to one person; the other groups of the incident that it lists are told with it."""
    others = cards.others_waiting(work, ticket)
    facts = _facts(work, ticket, step, person, before, late) | {"others": others}
    post = cards.post_to_person(work, ticket, person, "faults/rung", priority=Priority.ESCALATION, **facts)
    listed = {other.number for other in others.tickets}
    told.note(work, ticket, person, step.name, post, others=sorted(listed))
    for other in store.waiting_of(work, ticket.incident, cards.LISTED + 1) if listed else []:
        if other.number in listed:
            told.note(work, other, person, step.name, post, listed=True, of=ticket.number)


def report_up(event: Due, work: Work) -> None:
    """Tells the group of a breach, and shows on the receipt, who was told, once those messages have left; what has not left in
    time is said to have not. A line of the breach that could not leave yet either is said anew, as things stand now."""
    ticket = store.get(work, event.key.partition("/")[0])
    if ticket is None or ticket.state is not State.WAITING:
        return
    names, look = event.payload["told"], int(event.payload["look"])
    known = told.of(work, ticket)
    waits = any(person.id in names for person in known.under_way)
    if waits and look < LOOKS:
        again = {**event.payload, "look": look + 1}
        work.due(REPORTED, event.key, work.real_now + timedelta(seconds=1), real=True, **again)
        return
    if event.payload["breach"] or work.drop(ticket.number, Priority.REPLY, template=BREACH):
        told_since = known.only(_reported_to(work, ticket))
        cards.post_to_group(work, ticket, "faults/breach", told=told_since, age=work.now - ticket.opened_at)
    cards.refresh(work, ticket, siblings=False)


def _reported_to(work: Work, ticket: Ticket) -> set[str]:
    """Those whom the steps name from the breach on."""
    steps = store.happened(work, ticket, Happening.TOLD)
    since = [step for step in steps if ticket.breached_at is not None and step.at >= ticket.breached_at]
    return {name for step in since for name in step.detail.get("told", ())}


def _facts(work: Work, ticket: Ticket, step: Step, person: Person, before: told.Told, late: float) -> dict[str, Any]:
    left = ticket.respond_by - work.now if ticket.respond_by else None
    engineer = engineer_of(work, ticket)
    return {
        "age": work.now - ticket.opened_at,
        "left": left if left and left.total_seconds() > 0 else None,
        "told": before.seen_by(person),
        "late": late if late >= rules.LATE.total_seconds() else None,
        "claims": person.may(*rules.STAFF),
        "moves": person.may(*rules.MOVERS),
        "call": engineer if engineer != person else None,
        "last_step": step.last and engineer != person,
    }
