"""A report becomes a ticket with a receipt, a page and a clock, or joins the one that is open (SOP 2.1)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.core.events import Envelope
from bot.core.people import Person
from bot.work.understanding import Act, Kind, RouteName, Scope, Understanding
from bot.work.work import Work
from handlers.duty.rules import on_duty
from handlers.faults import cards, closing, ladder, limits, news, paging, routing, rules, store, vendors
from handlers.faults.model import Happening, State, Ticket


def fault(work: Work, envelope: Envelope, line: Understanding, *, doubtful: bool = False) -> Ticket:
    """Opens a ticket: number, receipt in the group, pages to who is on duty and whom its route names, clock.

    Gives the one that keeps the words where its reporter or the group has had more than the limits.
    """
    kept = _kept(work, envelope, line)
    if kept is not None:
        return kept
    people = _answering(work, envelope)
    ticket = _new(work, envelope, line, people[0], doubtful=doubtful)
    respond_by = ticket.opened_at + rules.policy_of(work.site, ticket).respond
    ticket = cards.post_card(work, replace(ticket, respond_by=respond_by))
    _store(work, ticket, **read(line))
    paging.page(work, ticket, people)
    ladder.start(work, ticket)
    routing.tell_by_route(work, ticket)
    return ticket


def asked(work: Work, envelope: Envelope, line: Understanding) -> Ticket:
    """Opens a ticket for a question or request: it has no clock, and the group is told who answers (SOP 4.1–4.4)."""
    kept = _kept(work, envelope, line)
    if kept is not None:
        return kept
    ticket = _new(work, envelope, line, _answering(work, envelope)[0])
    _store(work, ticket)
    routing.hand_over(work, ticket)
    return ticket


def join(work: Work, ticket: Ticket, envelope: Envelope, line: Understanding, *, again: bool = False) -> None:
    """Adds a report to an open ticket without a new clock; an urgent report makes the ticket urgent (dialogue rule 4).

    The engineers see its words, unless it is a bare "+1". ``again``: it contradicts what was called done, and they hear that.
    """
    who = envelope.person or envelope.account.user_id
    joined = store.change(work, ticket, joined=ticket.joined + 1)
    if joined is None:
        return
    words = {"name": _name(work, envelope), "words": line.words} if line.kind is Kind.FAULT else {}
    store.note(work, joined, Happening.JOINED, envelope.sent_at, who, envelope.key, **words)
    if line.scope is Scope.WIDE and joined.severity != Scope.WIDE:
        joined = raise_to_urgent(work, joined, envelope, line)
    else:
        cards.refresh(work, joined)
        if words and not again:
            paging.tell_added(work, joined, words["name"], line.words)
    if again:
        closing.still_broken(work, joined, envelope, line.words)
        return
    cards.post_to_group(work, joined, "faults/joined", envelope.key)


def read(line: Understanding) -> dict[str, Any]:
    """What is kept of a report to tell the next one from it."""
    return {"names": sorted(line.names), "parts": sorted(line.parts), "symptom": line.symptom}


def says_more(work: Work, ticket: Ticket, line: Understanding) -> bool:
    """Whether a reporter's further words tell of another failure, or of another part, than what his ticket has on record, or
    say more of it."""
    said = [event.detail for event in store.happened(work, ticket, Happening.OPENED, Happening.CHASED)]
    known = {part for detail in said for part in detail.get("parts", ())}
    alike = line.symptom in {detail.get("symptom") for detail in said} | {None}
    words = [ticket.text, *(str(detail.get("words", "")) for detail in said)]
    symptoms = frozenset(detail.get("symptom") for detail in said)
    same = (
        alike
        and not news.adds(line, words, symptoms)
        and line.names <= _names(said)
        and (line.parts <= known or line.does(Act.RELAPSE))
    )
    return not same and sum(bool(detail.get("words")) for detail in said) < paging.FIRST


def goes_on(work: Work, ticket: Ticket) -> bool:
    """Whether the engineer who works on a fault has to hear that it is still there: he was not told so a moment ago."""
    if ticket.state is not State.ANSWERED or ticket.answered_at is None:
        return False
    told = store.happened(work, ticket, Happening.TOLD)
    last = max((event.at for event in told if event.detail.get("step") == cards.ADDED_PAGE), default=None)
    return last is None or last < ticket.answered_at or work.now - last >= rules.CHASED_EVERY


def names_another(work: Work, ticket: Ticket, line: Understanding) -> bool:
    """Whether a report calls its system by a name that nobody has used for the ticket's; "OA" may stand for any part of it."""
    names = _names(event.detail for event in store.happened(work, ticket, Happening.OPENED, Happening.CHASED))
    whole = ticket.system in names | line.names
    return bool(names and line.names) and not whole and line.names.isdisjoint(names)


def tells_of_another_part(work: Work, ticket: Ticket, line: Understanding) -> bool:
    """Whether a report speaks of parts of a system, and of none of those that the ticket's reporters spoke of."""
    if not line.parts:
        return False
    said = store.happened(work, ticket, Happening.OPENED, Happening.CHASED)
    known = {part for event in said for part in event.detail.get("parts", ())}
    return bool(known) and line.parts.isdisjoint(known)


def _names(said: Iterable[Mapping[str, Any]]) -> set[str]:
    return {name for detail in said for name in detail.get("names", ())}


def add(work: Work, ticket: Ticket, envelope: Envelope, line: Understanding) -> None:
    """Passes on what a reporter adds to his own ticket: the same system's, but a trouble that nobody would look at else."""
    paging.tell_added(work, ticket, _name(work, envelope), line.words, own=True)
    cards.post_to_group(work, ticket, "faults/added_to", envelope.key)


def raise_to_urgent(work: Work, ticket: Ticket, envelope: Envelope, line: Understanding) -> Ticket:
    """Makes a ticket urgent: engineers, lead and director are told at once, with the words that raised it; the clock stays
    that of the first report."""
    vendor = ticket.vendor or vendors.contact(work.site, RouteName.URGENT, ticket.system)
    raised = store.change(work, ticket, severity=Scope.WIDE.value, route=RouteName.URGENT, vendor=vendor)
    if raised is None:
        return ticket
    said = {"name": _name(work, envelope), "words": line.words}
    was = ticket.route.value
    store.note(work, raised, Happening.RAISED, envelope.sent_at, envelope.person, envelope.key, was=was, **said)
    work.audit("ticket", raised.number, "raised", was=was)
    cards.refresh(work, raised)
    paging.page_anew(work, raised)
    routing.tell_by_route(work, raised, anew=True)
    return raised


def _name(work: Work, envelope: Envelope) -> str:
    return work.actor.name if work.actor else envelope.account.user_id


def _kept(work: Work, envelope: Envelope, line: Understanding) -> Ticket | None:
    """Keeps a report beyond the limits with a ticket that is there."""
    keeper = limits.keeper(work, envelope, line)
    if keeper is None:
        return None
    limits.keep(work, keeper, envelope, line)
    return keeper.ticket


def _store(work: Work, ticket: Ticket, **read: Any) -> None:
    """``read``: what was read in the report, for those of other groups that may be about the same."""
    store.add(work, ticket)
    store.note(work, ticket, Happening.OPENED, ticket.opened_at, ticket.reporter, ticket.message, **read)
    work.audit(
        "ticket", ticket.number, "opened", kind=ticket.kind.value, route=ticket.route.value, system=ticket.system
    )
    chat = work.site.chat(ticket.chat)
    if chat is not None and not chat.known and not chat.private:
        for operator in work.operators():
            work.say("ops/undeclared", f"dm-{operator.id}", chat=chat, ticket=ticket.number)


def _answering(work: Work, envelope: Envelope) -> tuple[Person, ...]:
    chat = work.site.chat(envelope.chat)
    where = rules.home(work.site, chat) if chat else None
    return rules.answering(on_duty(work.site, where, envelope.sent_at))


def _incident(work: Work, line: Understanding) -> str | None:
    """The open incident of other groups that a report belongs to: the same named system and a like symptom."""
    if not line.names:
        return None
    found = store.open_incidents(work, line.system, work.now - rules.SAME_OUTAGE)
    return next((incident for incident, read in found if rules.alike(read, line)), None)


def _new(work: Work, envelope: Envelope, line: Understanding, engineer: Person, *, doubtful: bool = False) -> Ticket:
    number = store.next_number(work, work.site.local(work.now).date())
    system = line.system
    incident = _incident(work, line) if line.kind is Kind.FAULT else None
    person = work.actor
    return Ticket(
        number=number,
        incident=incident or number,
        kind=line.kind,
        state=State.WAITING,
        chat=envelope.chat,
        system=system,
        route=line.route or RouteName.FAQ,
        severity=line.scope.value if line.scope else 0,
        unsure=doubtful,
        reporter=person.id if person else envelope.account.user_id,
        reporter_name=person.name if person else envelope.account.user_id,
        text=line.words,
        message=envelope.key,
        opened_at=envelope.sent_at,
        received_at=envelope.received_at,
        respond_by=None,
        engineer=engineer.id,
        vendor=vendors.contact(work.site, line.route, system),
    )
