"""An engineer's words or a claim stop the clock, judged by when they were sent (SOP 2.1; decisions: Time)."""

from collections.abc import Sequence
from typing import Any

from bot.core.errors import Again
from bot.core.events import Envelope
from bot.core.people import Person
from bot.work.understanding import Act, Kind, Understanding
from bot.work.work import Work
from handlers.faults import cards, followup, paging, rules, store
from handlers.faults.lifecycle import TicketAct, move
from handlers.faults.model import Happening, State, Ticket


def hear_engineer(
    work: Work, envelope: Envelope, line: Understanding, tickets: list[Ticket], quoted: Ticket | None
) -> bool:
    """Plain words of an engineer in a group; says whether they went to a ticket. Small talk and announcements answer
    nothing (dialogue rules 3 and 7)."""
    person = work.actor
    if person is None or not line.does(Act.ANSWER):
        return False
    met, taken = rules.answered_by(tickets, quoted, line.systems, envelope.sent_at), line.takes
    for ticket in met:
        paging.page_owner(work, answer(work, ticket, person, envelope, taken=taken))
    here = tickets if quoted is None else [quoted]
    watched = [ticket for ticket in here if ticket.state is State.ANSWERED and ticket not in met]
    for ticket in watched:
        if (
            ticket.kind is Kind.QUESTION
            and not taken
            and (quoted is not None or (here == [ticket] and ticket.owner == person.id))
        ):
            answer(work, ticket, person, envelope)
        else:
            followup.watch_silence(work, ticket)
    return bool(met or watched)


def tickets_meant(tickets: list[Ticket], line: Understanding) -> list[Ticket]:
    """Gives the tickets of the systems that a line names, or all of them where it names none of theirs."""
    return [ticket for ticket in tickets if ticket.system in line.systems] or tickets


def claim(work: Work, ticket: Ticket, person: Person, envelope: Envelope) -> None:
    """Makes somebody the owner of a ticket, and answers it where it still waits; other tickets of its incident are others'
    words and wait on (decisions: Truth).

    The owner before him is told, so that two people do not work on one fault without knowing.
    """
    rules.check_open(ticket)
    if ticket.state is State.ANSWERED and ticket.owner == person.id:
        raise Again("claimed_already", number=ticket.number)
    if ticket.state is State.WAITING:
        answer(work, ticket, person, envelope, taken=True)
        ticket = store.get(work, ticket.number) or ticket
    if ticket.state is State.ANSWERED and ticket.owner != person.id:
        take_over(work, ticket, person, envelope)
    paging.page_owner(work, store.get(work, ticket.number) or ticket)


def take_over(work: Work, ticket: Ticket, person: Person, envelope: Envelope) -> None:
    """Gives an answered ticket to somebody, and tells the owner before him, unless he gave it away himself and reads that."""
    taken = move(work, ticket, TicketAct.CLAIM, owner=person.id)
    if taken is None:
        return
    store.note(work, taken, Happening.ANSWERED, envelope.sent_at, person.id, envelope.key)
    work.audit("ticket", ticket.number, "claimed")
    followup.watch_silence(work, taken)
    cards.refresh(work, taken, envelope.chat)
    before = work.site.people.get(ticket.owner or "")
    if before is not None and before not in {person, work.actor}:
        cards.post_to_person(work, taken, before, "faults/done", moved=False)


def claim_all(work: Work, tickets: Sequence[Ticket], person: Person, envelope: Envelope) -> list[Ticket]:
    """Answers those of the listed tickets that still wait; gives them."""
    waiting = [ticket for ticket in tickets if ticket.state is State.WAITING]
    for ticket in waiting:
        answer(work, ticket, person, envelope, siblings=ticket is waiting[-1], taken=True)
    cards.refresh_reminders(work, [now for now in (store.get(work, each.number) for each in waiting[:-1]) if now])
    return waiting


def answer(
    work: Work, ticket: Ticket, person: Person, envelope: Envelope, *, siblings: bool = True, taken: bool = False
) -> Ticket:
    """Stops the clock, with the message as evidence, and drops escalations that have not left. An answered question is closed.

    ``siblings``: the pages of its incident are rewritten with its own. ``taken``: he only says that it is his now ("收到", the
    button), so that a question still waits for its answer.
    """
    at = envelope.sent_at
    late = ticket.respond_by is not None and at > ticket.respond_by
    values: dict[str, Any] = {"answered_at": at, "answered_by": person.id, "owner": ticket.owner or person.id}
    values |= {"breached_at": ticket.respond_by if late else None}
    if ticket.kind is Kind.QUESTION and not taken:
        answered = move(work, ticket, TicketAct.SETTLE, **values, closed_at=at, closed_by=person.id)
    else:
        answered = move(work, ticket, TicketAct.ANSWER, **values)
    if answered is None:
        return ticket
    store.note(work, answered, Happening.ANSWERED, at, person.id, envelope.key)
    work.audit("ticket", ticket.number, "answered", message=envelope.key, breached=late)
    followup.stand_down(work, ticket, answered)
    if answered.state is State.ANSWERED:
        followup.watch_silence(work, answered)
    else:
        followup.end_deadlines(work, answered)
    cards.refresh(work, answered, envelope.chat, siblings=siblings)
    return answered
