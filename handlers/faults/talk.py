"""Plain talk: what a line of a chat does, by who says it and what it says."""

from dataclasses import replace

from bot.core.commands import spoken
from bot.core.errors import UserError
from bot.core.events import Envelope, Message
from bot.core.people import Chat, Person, Role
from bot.work.work import Work
from handlers.faults import answers, closing, intake, routing, rules, store
from handlers.faults.model import Happening, State, Ticket
from handlers.faults.naming import NUMBER
from handlers.triage.dialogue import is_chaser, is_me_too, is_resolved, is_response, is_withdrawn
from handlers.triage.labels import Kind, Reading, RouteName
from handlers.triage.rules import read


def heard(message: Message, work: Work) -> None:
    """One line. In a chat without a post (the duty room) colleagues talk: only a quoted ticket is meant for us."""
    chat = work.site.chat(message.envelope.chat)
    if chat is None:
        work.audit("message", message.envelope.chat, "ignored", "unknown_chat")
        return
    message = replace(message, text=spoken(message.text))
    quoted = _quoted(work, message)
    role = rules.role_of(work.actor)
    if _aside(chat, role):
        if role == "engineer" and work.actor is not None:
            _in_own_room(work, message, work.actor, chat, quoted)
        return
    tickets = store.open_in(work, chat.id)
    systems = frozenset(ticket.system for ticket in tickets if ticket.system)
    reading = read(message.text, role, systems)
    if reading.kind is Kind.FAULT:
        doubtful = rules.unsure(reading, message.text, message.to_bot)
        report(work, message.envelope, message.text, reading, tickets, doubtful=doubtful)
    elif role == "user" and tickets and is_me_too(message.text) and (same := rules.joins(tickets, reading)):
        _more_of(work, message.envelope, same, reading)
    elif role == "engineer":
        _engineer(work, message, tickets, quoted)
    elif role == "vendor":
        _vendor(work, message, tickets)
    else:
        _reporter(work, message, reading, tickets, quoted)


def _quoted(work: Work, message: Message) -> Ticket | None:
    """The ticket that the quoted message is about; where the platform gives only its text, the one that it names."""
    if message.reply_to:
        return store.quoted(work, message.envelope.chat, message.reply_to)
    number = NUMBER.search(message.quote)
    return store.get(work, number[0]) if number else None


def _aside(chat: Chat, role: str) -> bool:
    """Where no reporter talks: the duty room, and the direct chats of engineers and vendors."""
    return role != "user" if chat.private else chat.known and chat.post is None


def _in_own_room(work: Work, message: Message, engineer: Person, chat: Chat, quoted: Ticket | None) -> None:
    """An engineer's "收到" takes the page he quotes, else answers what was reported right here, else takes the one
    ticket that calls him; with several of them he is asked which, because silence would look like a yes."""
    here = store.open_in(work, chat.id)
    if quoted is not None:
        if quoted.state is State.WAITING:
            answers.claim(work, quoted, engineer, message.envelope)
    elif here or not chat.direct:
        answers.heard(work, message.envelope, message.text, here, None)
    elif is_response(message.text) and (calling := store.calling(work, engineer.id)):
        if len(calling) > 1:
            raise UserError("which_ticket", verb="claim")
        answers.claim(work, calling[0], engineer, message.envelope)


def report(
    work: Work, envelope: Envelope, text: str, reading: Reading, tickets: list[Ticket], *, doubtful: bool = False
) -> None:
    """A fault: the open ticket of the same trouble, the one called resolved a moment ago, or a new one."""
    open_one = rules.joins(tickets, reading)
    if open_one is not None:
        _more_of(work, envelope, open_one, reading)
        return
    ended = store.lately_resolved(work, envelope.chat, work.now - rules.CONTRADICTED)
    if ended is not None and (not reading.named or ended.system == reading.system):
        closing.still_broken(work, ended, envelope)
        return
    ticket = intake.fault(work, envelope, text, reading, doubtful=doubtful)
    for said in work.overtaken(envelope):
        _said_before(work, ticket, said, own=said.envelope.account == envelope.account)


def _said_before(work: Work, ticket: Ticket, said: Message, *, own: bool) -> None:
    """Words that came before the report they belong to: an engineer's answer, or that it works (fault F42)."""
    person = work.site.person_of(said.envelope.account)
    if person is not None and rules.role_of(person) == "engineer" and is_response(said.text):
        answers.answer(work, ticket, person, said.envelope)
    elif own and is_resolved(said.text):
        closing.offer(work, ticket, said.envelope)


def _more_of(work: Work, envelope: Envelope, ticket: Ticket, reading: Reading) -> None:
    """Another person joins; the same person adds to what he said, which is on record and needs no answer of ours."""
    who = envelope.person or envelope.account.user_id
    if not store.reported_by(work, [ticket], who):
        intake.join(work, ticket, envelope, reading)
        return
    store.note(work, ticket, Happening.CHASED, envelope.sent_at, who, envelope.key)
    if reading.route is RouteName.URGENT and ticket.route is not RouteName.URGENT:
        intake.join(work, ticket, envelope, reading)


def _engineer(work: Work, message: Message, tickets: list[Ticket], quoted: Ticket | None) -> None:
    mine = [ticket for ticket in tickets if ticket.fault or ticket.route is not RouteName.BUSINESS]
    answers.heard(work, message.envelope, message.text, mine, quoted)
    if is_resolved(message.text):
        for ticket in _ended(work, mine, quoted, message):
            closing.offer(work, ticket, message.envelope, remedy=message.text)


def _ended(work: Work, tickets: list[Ticket], quoted: Ticket | None, message: Message) -> list[Ticket]:
    """Which tickets an engineer's "已恢复" is about: the quoted one, those of a system named, else his own, else all."""
    here = [quoted] if quoted is not None else answers.meant(tickets, message.text)
    fresh = [found for ticket in here if (found := store.get(work, ticket.number)) is not None]
    faults = [ticket for ticket in fresh if ticket.state is State.ANSWERED]
    own = [ticket for ticket in faults if work.actor is not None and ticket.owner == work.actor.id]
    return own or faults


def _vendor(work: Work, message: Message, tickets: list[Ticket]) -> None:
    for ticket in tickets:
        if work.actor is not None and ticket.vendor == work.actor.id:
            routing.vendor_spoke(work, ticket, message.envelope)
            if is_resolved(message.text):
                closing.offer(work, ticket, message.envelope, remedy=message.text)


def _reporter(work: Work, message: Message, reading: Reading, tickets: list[Ticket], quoted: Ticket | None) -> None:
    envelope = message.envelope
    who = envelope.person or envelope.account.user_id
    if reading.kind in {Kind.QUESTION, Kind.REQUEST}:
        intake.asked(work, envelope, message.text, reading)
        return
    if _business_answer(work, message, tickets):
        return
    own = store.reported_by(work, tickets, who)
    if quoted is not None and quoted.state.open and quoted.chat == envelope.chat:
        own = [quoted]
    if own:
        _about_own(work, message, answers.meant(own, message.text)[0], who)
    elif rules.unsure(reading, message.text, message.to_bot):
        intake.fault(work, envelope, message.text, rules.as_fault(reading, message.text), doubtful=True)


def _business_answer(work: Work, message: Message, tickets: list[Ticket]) -> bool:
    """The business owner's words in the group answer what was handed to him."""
    person = work.actor
    if person is None or not person.may(Role.BUSINESS):
        return False
    for ticket in tickets:
        if ticket.route is RouteName.BUSINESS and ticket.state is State.WAITING:
            answers.answer(work, ticket, person, message.envelope)
    return True


def _about_own(work: Work, message: Message, ticket: Ticket, who: str) -> None:
    """The reporter goes on: it works, never mind, or where does it stand."""
    envelope = message.envelope
    if is_withdrawn(message.text) and ticket.state is State.WAITING:
        closing.withdraw(work, ticket, envelope)
    elif is_resolved(message.text) or is_withdrawn(message.text):
        closing.offer(work, ticket, envelope)
    elif is_chaser(message.text):
        store.note(work, ticket, Happening.CHASED, envelope.sent_at, who, envelope.key)
