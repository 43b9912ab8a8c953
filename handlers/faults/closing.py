"""How a ticket is closed (resolved, withdrawn, dismissed) and reopened."""

from bot.core.errors import Again
from bot.core.events import Envelope
from bot.core.people import Person
from bot.work.understanding import Kind
from bot.work.work import Work
from handlers.faults import answers, buttons, cards, followup, ladder, reporters, rules, store
from handlers.faults.lifecycle import TicketAct, move
from handlers.faults.model import Happening, State, Ticket
from handlers.faults.summary import engineer_of, one_line


def resolve(work: Work, ticket: Ticket, person: Person | None, envelope: Envelope, *, sure: bool = True) -> None:
    """Closes a ticket. What staff closed the group may reopen; what a reporter closed is confirmed and stays closed, unless
    he is not ``sure`` or others reported the same."""
    rules.check_open(ticket)
    staff = person is not None and person.may(*rules.STAFF)
    who = person.id if person else envelope.account.user_id
    if person is not None and staff and ticket.state is State.WAITING:
        ticket = answers.answer(work, ticket, person, envelope)
        if ticket.state is not State.ANSWERED:
            return
    by = TicketAct.RESOLVE if staff else TicketAct.CONFIRM
    confirmed = not staff and sure and not reporters.others_report(work, ticket, who)
    closed = move(work, ticket, by, closed_at=envelope.sent_at, closed_by=who, confirmed=confirmed)
    if closed is not None:
        _end(work, ticket, closed, Happening.RESOLVED, envelope)
        if staff and closed.fault:
            cards.post_to_group(work, closed, "faults/resolved", by=person)


def withdraw(work: Work, ticket: Ticket, envelope: Envelope, *, called: bool = False) -> None:
    """Closes a ticket that is taken back, without a breach where nobody had answered (dialogue rule 6). As long as others
    report the same it stays, and the group hears that, once of each; who says it again is answered where he ``called`` the bot."""
    who = envelope.person or envelope.account.user_id
    before = {event.person for event in store.happened(work, ticket, Happening.WITHDRAWN)}
    others = reporters.others_report(work, ticket, who)
    if others > 0 and who in before:
        if called:
            raise Again("withdrawn_already", number=ticket.number)
        return
    if others > 0:
        store.note(work, ticket, Happening.WITHDRAWN, envelope.sent_at, who, envelope.key)
        quoted = envelope.key if envelope.chat == ticket.chat else None
        cards.post_to_group(work, ticket, "faults/others_remain", quoted, who=_name(work, envelope), others=others)
        return
    closed = move(work, ticket, TicketAct.WITHDRAW, closed_at=envelope.sent_at, closed_by=who, confirmed=True)
    if closed is None:
        return
    _end(work, ticket, closed, Happening.WITHDRAWN, envelope)
    owner = work.site.people.get(ticket.owner or "")
    if ticket.state is State.ANSWERED and owner is not None:
        cards.post_to_person(
            work, closed, owner, "faults/answered", by=owner, taken_back=False, rewritten=False, forward=None
        )


def dismiss(work: Work, ticket: Ticket, person: Person, envelope: Envelope) -> None:
    """Closes a ticket that was no fault, and keeps the correction for triage to learn from."""
    rules.check_open(ticket)
    closed = move(work, ticket, TicketAct.DISMISS, closed_at=envelope.sent_at, closed_by=person.id)
    if closed is not None:
        correct(work, closed, person, envelope, Kind.OTHER)
        _end(work, ticket, closed, Happening.DISMISSED, envelope)


def confirm_fault(work: Work, ticket: Ticket, person: Person, envelope: Envelope) -> None:
    """Marks a doubtful ticket as a fault; its clock has been running since it was opened."""
    rules.check_open(ticket)
    if not ticket.unsure:
        raise Again("fault_already", number=ticket.number)
    sure = store.change(work, ticket, unsure=False)
    if sure is not None:
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


def check_not_reopened(work: Work, ticket: Ticket) -> None:
    """Raises ``Again`` where somebody said a moment ago that it does not work yet, and nothing came of it since."""
    said = store.happened(work, ticket, Happening.REOPENED, Happening.ANSWERED, Happening.ASKED, Happening.RESOLVED)
    last = said[-1] if ticket.state.open and said else None
    if last and last.happening is Happening.REOPENED and work.now - last.at < rules.CHASED_EVERY:
        raise Again("reopened_already", number=ticket.number, engineer=engineer_of(work, ticket))


def still_broken(work: Work, ticket: Ticket, envelope: Envelope, words: str = "") -> None:
    """Reopens what staff resolved, with its old clock, and tells the engineer, with the ``words`` (dialogue rule 5).

    What a reporter confirmed stays ended: the same trouble later is a new ticket with a clock of its own.
    """
    who = envelope.person or envelope.account.user_id
    if ticket.state is State.RESOLVED and not ticket.confirmed:
        back = TicketAct.REOPEN if ticket.answered_at else TicketAct.RESUME
        ticket = move(work, ticket, back, closed_at=None, closed_by=None, confirmed=False) or ticket
        work.audit("ticket", ticket.number, "reopened")
        cards.refresh(work, ticket)
    rules.check_open(ticket)
    cards.end_question(work, ticket, over=False)
    store.note(work, ticket, Happening.REOPENED, envelope.sent_at, who, envelope.key)
    buttons.end(work, ticket, siblings=False)
    work.cancel_due(followup.UNCONFIRMED, ticket.number)
    if ticket.state is State.ANSWERED:
        followup.watch_silence(work, ticket)
    else:
        ladder.start(work, ticket)
    engineer = engineer_of(work, ticket)
    cards.post_to_person(work, ticket, engineer, "faults/still", who=_name(work, envelope), words=one_line(words))
    cards.post_to_group(work, ticket, "faults/noted")


def _name(work: Work, envelope: Envelope) -> str:
    return work.actor.name if work.actor else envelope.account.user_id


def _end(work: Work, before: Ticket, ticket: Ticket, how: Happening, envelope: Envelope) -> None:
    who = envelope.person or envelope.account.user_id
    store.note(work, ticket, how, envelope.sent_at, who, envelope.key)
    put_away(work, before, ticket, how, envelope.chat if how is Happening.DISMISSED else None)


def put_away(work: Work, before: Ticket, ticket: Ticket, how: Happening, said_in: str | None = None) -> None:
    """Ends what ran for a ticket that has just been closed, and shows it."""
    work.audit("ticket", ticket.number, how.value)
    cards.end_question(work, ticket, over=True)
    followup.stand_down(work, before, ticket)
    followup.end_deadlines(work, ticket)
    cards.refresh(work, ticket, said_in)
