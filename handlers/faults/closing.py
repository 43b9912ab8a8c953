"""How a ticket is closed (resolved, withdrawn, dismissed) and reopened."""

from bot.core.errors import UserError
from bot.core.events import Envelope
from bot.core.people import Person
from bot.work.understanding import Kind
from bot.work.work import Work
from handlers.faults import answers, cards, followup, ladder, rules, store
from handlers.faults.lifecycle import TicketAct, move
from handlers.faults.model import Happening, State, Ticket


def offer_to_end(work: Work, ticket: Ticket, envelope: Envelope, remedy: str | None = None) -> None:
    """Asks the group with two buttons whether the fault is over; ``remedy`` is kept for the next page about that system."""
    if remedy is not None:
        ticket = store.change(work, ticket, remedy=cards.one_line(remedy)) or ticket
    said_by = work.actor if remedy is not None else None
    reporter = work.site.people.get(ticket.reporter)
    cards.post_to_group(
        work,
        ticket,
        "faults/works",
        envelope.key,
        said_by=said_by,
        reporter=reporter,
    )


def resolve(work: Work, ticket: Ticket, person: Person | None, envelope: Envelope) -> None:
    """Closes a ticket. What staff closed the group may reopen; what a reporter closed is confirmed and stays closed."""
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
            cards.post_to_group(work, closed, "faults/resolved", by=person)


def withdraw(work: Work, ticket: Ticket, envelope: Envelope) -> None:
    """Closes a ticket that its reporter took back before anybody answered; it does not count as breached (dialogue rule 6)."""
    ended = {"closed_at": envelope.sent_at, "closed_by": ticket.reporter, "confirmed": True}
    closed = move(work, ticket, TicketAct.WITHDRAW, **ended)
    if closed is not None:
        _end(work, ticket, closed, Happening.WITHDRAWN, envelope)


def dismiss(work: Work, ticket: Ticket, person: Person, envelope: Envelope) -> None:
    """Closes a ticket that was no fault, and keeps the correction for triage to learn from."""
    if not ticket.state.open:
        raise UserError("ticket_closed", number=ticket.number)
    closed = move(work, ticket, TicketAct.DISMISS, closed_at=envelope.sent_at, closed_by=person.id)
    if closed is not None:
        correct(work, closed, person, envelope, Kind.OTHER)
        _end(work, ticket, closed, Happening.DISMISSED, envelope)


def confirm_fault(work: Work, ticket: Ticket, person: Person, envelope: Envelope) -> None:
    """Marks a doubtful ticket as a fault; its clock has been running since it was opened."""
    sure = store.change(work, ticket, unsure=False)
    if sure is not None and ticket.unsure:
        correct(work, sure, person, envelope, Kind.FAULT)
        cards.refresh(work, sure)


def correct(work: Work, ticket: Ticket, person: Person, envelope: Envelope, kind: Kind) -> None:
    """Keeps what triage decided, what a person says it is, and the words, as training data."""
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
    """Reopens what staff resolved, with its old clock, and tells the engineer (dialogue rule 5).

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
        followup.watch_silence(work, ticket)
    engineer = cards.engineer_of(work, ticket)
    cards.post_to_person(work, ticket, engineer, "faults/still", who=_name(work, envelope))
    cards.post_to_group(work, ticket, "faults/noted")


def _name(work: Work, envelope: Envelope) -> str:
    return work.actor.name if work.actor else envelope.account.user_id


def _end(work: Work, before: Ticket, ticket: Ticket, how: Happening, envelope: Envelope) -> None:
    who = envelope.person or envelope.account.user_id
    store.note(work, ticket, how, envelope.sent_at, who, envelope.key)
    work.audit("ticket", ticket.number, how.value)
    followup.stand_down(work, before, ticket)
    followup.end_deadlines(work, ticket)
    cards.refresh(work, ticket, envelope.chat if how is Happening.DISMISSED else None)
