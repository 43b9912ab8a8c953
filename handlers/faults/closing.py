"""How a ticket ends, and how it comes back: it works, it was taken back, it was no fault, it is still broken."""

from bot.core.errors import UserError
from bot.core.events import Envelope
from bot.core.people import Person
from bot.work.understanding import Kind
from bot.work.work import Work
from handlers.faults import answers, cards, followup, ladder, rules, store
from handlers.faults.lifecycle import TicketAct, move
from handlers.faults.model import Happening, State, Ticket


def offer(work: Work, ticket: Ticket, envelope: Envelope, remedy: str | None = None) -> None:
    """Somebody says it works: the group is asked with two buttons; ``remedy`` is kept for the next time."""
    if remedy is not None:
        ticket = store.change(work, ticket, remedy=cards.words(remedy)) or ticket
    said_by = work.actor if remedy is not None else None
    reporter = work.site.people.get(ticket.reporter)
    cards.to_group(
        work,
        ticket,
        "faults/works",
        envelope.key,
        said_by=said_by,
        reporter=reporter,
    )


def resolve(work: Work, ticket: Ticket, person: Person | None, envelope: Envelope) -> None:
    """It is over. By staff: the group may still say no; by a reporter: confirmed."""
    if not ticket.state.open:
        raise UserError("ticket_closed", number=ticket.number)
    staff = person is not None and person.may(*rules.STAFF)
    who = person.id if person else envelope.account.user_id
    if person is not None and staff and ticket.state is State.WAITING:
        ticket = answers.answer(work, ticket, person, envelope)
        if ticket.state is not State.ANSWERED:
            return
    by = TicketAct.RESOLVE if staff else TicketAct.CONFIRM
    closed = move(work, ticket, by, closed_at=envelope.sent_at, closed_by=who, confirmed=not staff)
    if closed is not None:
        _end(work, ticket, closed, Happening.RESOLVED, envelope)
        if staff and closed.fault:
            cards.to_group(work, closed, "faults/resolved", by=person)


def withdraw(work: Work, ticket: Ticket, envelope: Envelope) -> None:
    """Taken back by the reporter before anybody answered: closed, not breached (dialogue rule 6)."""
    ended = {"closed_at": envelope.sent_at, "closed_by": ticket.reporter, "confirmed": True}
    closed = move(work, ticket, TicketAct.WITHDRAW, **ended)
    if closed is not None:
        _end(work, ticket, closed, Happening.WITHDRAWN, envelope)


def dismiss(work: Work, ticket: Ticket, person: Person, envelope: Envelope) -> None:
    """Not a fault: the clock ends, and the correction is kept for triage to learn from."""
    if not ticket.state.open:
        raise UserError("ticket_closed", number=ticket.number)
    closed = move(work, ticket, TicketAct.DISMISS, closed_at=envelope.sent_at, closed_by=person.id)
    if closed is not None:
        correct(work, closed, person, envelope, Kind.OTHER)
        _end(work, ticket, closed, Happening.DISMISSED, envelope)


def confirm_fault(work: Work, ticket: Ticket, person: Person, envelope: Envelope) -> None:
    """The doubtful one is a fault; the clock has been running all the while."""
    sure = store.change(work, ticket, unsure=False)
    if sure is not None and ticket.unsure:
        correct(work, sure, person, envelope, Kind.FAULT)
        cards.refresh(work, sure)


def correct(work: Work, ticket: Ticket, person: Person, envelope: Envelope, kind: Kind) -> None:
    """What triage guessed and what a person says it is, with the words: later training data."""
    guess = {"kind": ticket.kind.value, "unsure": ticket.unsure}
    store.note(
        work,
        ticket,
        Happening.CORRECTED,
        envelope.sent_at,
        person.id,
        envelope.key,
        guess=guess,
        kind=kind.value,
        text=ticket.text,
    )


def still_broken(work: Work, ticket: Ticket, envelope: Envelope) -> None:
    """ "还没有": what staff called resolved comes back with its old clock; the engineer is told (dialogue rule 5).

    What a reporter confirmed stays ended: the same trouble later is a new ticket with a clock of its own.
    """
    who = envelope.person or envelope.account.user_id
    if ticket.state is State.RESOLVED and not ticket.confirmed:
        back = TicketAct.REOPEN if ticket.answered_at else TicketAct.RESUME
        ticket = move(work, ticket, back, closed_at=None, closed_by=None, confirmed=False) or ticket
        work.audit("ticket", ticket.number, "reopened")
        if back is TicketAct.RESUME:
            ladder.start(work, ticket)
        cards.refresh(work, ticket)
    if not ticket.state.open:
        raise UserError("ticket_closed", number=ticket.number)
    store.note(work, ticket, Happening.REOPENED, envelope.sent_at, who, envelope.key)
    if ticket.state is State.ANSWERED:
        followup.watch(work, ticket)
    engineer = cards.engineer_of(work, ticket)
    cards.to_person(work, ticket, engineer, "faults/still", who=_name(work, envelope))
    cards.to_group(work, ticket, "faults/noted")


def _name(work: Work, envelope: Envelope) -> str:
    return work.actor.name if work.actor else envelope.account.user_id


def _end(work: Work, before: Ticket, ticket: Ticket, how: Happening, envelope: Envelope) -> None:
    who = envelope.person or envelope.account.user_id
    store.note(work, ticket, how, envelope.sent_at, who, envelope.key)
    work.audit("ticket", ticket.number, how.value)
    followup.stand_down(work, before, ticket)
    followup.forget(work, ticket)
    cards.refresh(work, ticket, envelope.chat if how is Happening.DISMISSED else None)
