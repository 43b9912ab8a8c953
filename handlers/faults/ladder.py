"""The ladder: who is told when nobody answered, at 5, 8, 10, 15 minutes and on (SOP 2.1, 3.1; data/sla.yaml)."""

from typing import Any

from bot.core.content import Priority
from bot.core.events import Due
from bot.core.people import Person
from bot.work.work import Work
from handlers.faults import cards, catching_up, rules, store
from handlers.faults.model import Happening, State, Ticket
from handlers.faults.rules import Step

KIND = "faults.ladder"


def start(work: Work, ticket: Ticket) -> None:
    """Arm the ticket's next step; a report that came late finds it overdue, and it fires at once (fault F43)."""
    step = rules.step(rules.policy_of(work.site, ticket), ticket.rung)
    if step is not None:
        work.due(KIND, ticket.number, ticket.opened_at + step.after)


def climb(event: Due, work: Work) -> None:
    """Tell the people of the step that is due; a step with nobody on it is skipped at once, not waited out.

    After a pause nobody is told twice what one message says. Only the breach is never early: its time is the promise itself.
    """
    ticket = store.get(work, event.key)
    if ticket is None or ticket.state is not State.WAITING:
        return
    policy = rules.policy_of(work.site, ticket)
    while (step := rules.step(policy, ticket.rung)) is not None:
        if step.breach and work.now < ticket.opened_at + step.after:
            break
        if catching_up.told_again(policy, ticket.rung, work.now - ticket.opened_at):
            left_out = store.change(work, ticket, rung=ticket.rung + 1)
            if left_out is None:
                return
            ticket = left_out
            continue
        people = rules.targets(work.site, ticket, step.to, work.now)
        ticket = _tell(work, ticket, step, people, event.late)
        if people:
            break
    start(work, ticket)


def _tell(work: Work, ticket: Ticket, step: Step, people: tuple[Person, ...], late: float) -> Ticket:
    values = {"breached_at": ticket.respond_by} if step.breach else {}
    climbed = store.change(work, ticket, rung=ticket.rung + 1, **values)
    if climbed is None:
        return ticket
    before = _told(work, climbed)
    for person in people:
        if store.raise_page(work, climbed, step.name, person.id):
            facts = _facts(work, climbed, step, person, before, late)
            post = cards.post_to_person(work, climbed, person, "faults/rung", priority=Priority.ESCALATION, **facts)
            store.keep_post(work, climbed, step.name, person.id, post)
    names = [person.id for person in people]
    store.note(work, climbed, Happening.TOLD, work.now, step=step.name, told=names, late=round(late))
    if step.breach:
        _breached(work, climbed, people)
    if climbed.breached_at and not {person for person, _ in before}.issuperset(people):
        cards.refresh(work, climbed)
    if step.last:
        work.audit("ticket", climbed.number, "unanswered", told=names)
    return climbed


def _breached(work: Work, ticket: Ticket, people: tuple[Person, ...]) -> None:
    """Records that the answer is overdue, and tells the group who was told of it."""
    store.note(work, ticket, Happening.BREACHED, ticket.respond_by or work.now)
    work.audit("ticket", ticket.number, "breached", told=[person.id for person in people])
    cards.post_to_group(work, ticket, "faults/breach", people=people, age=work.now - ticket.opened_at)


def _facts(
    work: Work, ticket: Ticket, step: Step, person: Person, before: list[tuple[Person, int]], late: float
) -> dict[str, Any]:
    left = ticket.respond_by - work.now if ticket.respond_by else None
    return {
        "age": work.now - ticket.opened_at,
        "left": left if left and left.total_seconds() > 0 else None,
        "told": before,
        "others": cards.other_groups(work, ticket),
        "late": late if late >= rules.LATE.total_seconds() else None,
        "claims": person.may(*rules.STAFF),
        "last_step": step.last,
    }


def _told(work: Work, ticket: Ticket) -> list[tuple[Person, int]]:
    """Who was told of the incident so far, and how often."""
    names = [target for _, target in store.paged(work, ticket.incident) if target in work.site.people]
    return [(work.site.people[name], names.count(name)) for name in dict.fromkeys(names)]
