"""What a plain line does to tickets, by who says it and what triage understood."""

from dataclasses import dataclass, replace

from bot.core.errors import UserError
from bot.core.events import Envelope, Message
from bot.core.people import Chat, Role
from bot.work.understanding import Act, Certainty, Kind, RouteName, Speaker, Surroundings, Understanding
from bot.work.work import Work
from handlers.faults import answers, closing, intake, routing, rules, store
from handlers.faults.model import Happening, State, Ticket
from handlers.faults.naming import NUMBER
from handlers.triage.understand import as_fault, speaker_of, understand


@dataclass(frozen=True, slots=True)
class Heard:
    """One line as the fault desk takes it: with the open tickets of its chat, newest first, and the one it quotes.

    ``unread``: it has files and no words beside them.
    """

    line: Understanding
    envelope: Envelope
    to_bot: bool
    tickets: list[Ticket]
    quoted: Ticket | None
    unread: bool = False

    @property
    def who(self) -> str:
        return self.envelope.person or self.envelope.account.user_id


def surroundings(message: Message, work: Work) -> Surroundings:
    """The open tickets of the chat, and the ticket that the quoted message is about."""
    return Surroundings(tuple(store.open_in(work, message.envelope.chat)), _quoted(work, message))


def heard(message: Message, line: Understanding, work: Work) -> bool:
    """Applies one line to the tickets it is about, and says whether there were any.

    In a chat without a post (the duty room) and in staff's direct chats only an engineer's words count, and nothing is reported.
    """
    chat = work.site.chat(message.envelope.chat)
    if chat is None or not (line.words or message.files):  # the bot was called, and nothing said
        return False
    tickets = [matter for matter in line.open if isinstance(matter, Ticket)]
    quoted = line.refers_to if isinstance(line.refers_to, Ticket) else None
    unread = bool(message.files) and not line.text
    shown = _with_names(line, message) if unread else line
    said = Heard(shown, message.envelope, message.to_bot, tickets, quoted, unread)
    if _is_staff_room(chat, line.speaker):
        return line.speaker is Speaker.ENGINEER and _in_own_room(work, said, chat)
    if line.kind is Kind.FAULT:
        report(work, said.envelope, line, tickets, doubtful=line.certainty is Certainty.DOUBTFUL)
        return True
    if line.does(Act.JOIN) and (same := rules.joins(tickets, line)):
        _add_to(work, said.envelope, same, line)
        return True
    match line.speaker:
        case Speaker.ENGINEER:
            return _engineer(work, said)
        case Speaker.VENDOR:
            return _vendor(work, said)
        case Speaker.USER:
            return _reporter(work, said)


def _with_names(line: Understanding, message: Message) -> Understanding:
    """Files without a word: their names are all there is to show of them."""
    names = (file.name for file in message.files if file.name not in line.words)
    return replace(line, words=" ".join((line.words, *names)).strip())


def _quoted(work: Work, message: Message) -> Ticket | None:
    """The ticket of the quoted message; where the platform's id of it is none of ours, the one that its text names."""
    found = store.quoted(work, message.envelope.chat, message.reply_to) if message.reply_to else None
    if found is not None:
        return found
    number = NUMBER.search(message.quote)
    return store.get(work, number[0]) if number else None


def _is_staff_room(chat: Chat, speaker: Speaker) -> bool:
    """Whether no reports are made in a chat: the duty room, and the direct chats of engineers and vendors."""
    return speaker is not Speaker.USER if chat.private else chat.known and chat.post is None


def _in_own_room(work: Work, said: Heard, chat: Chat) -> bool:
    """Lets an engineer's "收到" take the page he quotes, else answer what was reported in this chat, else take the one ticket
    that he was paged for; where there are several he is asked which."""
    engineer, quoted = work.actor, said.quoted
    if engineer is None:
        return False
    if quoted is not None:
        if quoted.state is not State.WAITING:
            return False
        answers.claim(work, quoted, engineer, said.envelope)
        return True
    if said.tickets or not chat.direct:
        return answers.hear_engineer(work, said.envelope, said.line, said.tickets, None)
    calling = store.calling(work, engineer.id) if said.line.does(Act.ANSWER) else []
    if len(calling) > 1:
        raise UserError("which_ticket", verb="claim")
    for ticket in calling:
        answers.claim(work, ticket, engineer, said.envelope)
    return bool(calling)


def report(
    work: Work, envelope: Envelope, line: Understanding, tickets: list[Ticket], *, doubtful: bool = False
) -> None:
    """Adds a report to the open ticket of the same fault, reopens one that staff resolved a moment ago, or opens a ticket."""
    open_one = rules.joins(tickets, line)
    if open_one is not None:
        _add_to(work, envelope, open_one, line)
        return
    ended = store.lately_resolved(work, envelope.chat, work.now - rules.CONTRADICTED)
    if ended is not None and (not line.named or ended.system == line.system):
        closing.still_broken(work, ended, envelope)
        return
    ticket = intake.fault(work, envelope, line, doubtful=doubtful)
    for said in work.overtaken(envelope):
        _apply_earlier_words(work, ticket, said, own=said.envelope.account == envelope.account)


def _apply_earlier_words(work: Work, ticket: Ticket, said: Message, *, own: bool) -> None:
    """Applies words that arrived before the report they belong to: an engineer's answer, or that it works (fault F42)."""
    person = work.site.person_of(said.envelope.account)
    line = understand(said.text, speaker_of(person))
    if person is not None and line.does(Act.ANSWER):
        answers.answer(work, ticket, person, said.envelope)
    elif own and line.does(Act.END):
        closing.offer_to_end(work, ticket, said.envelope)


def _add_to(work: Work, envelope: Envelope, ticket: Ticket, line: Understanding) -> None:
    """Lets another person join a ticket; what its own reporter adds is recorded and not answered."""
    who = envelope.person or envelope.account.user_id
    if not store.reported_by(work, [ticket], who):
        intake.join(work, ticket, envelope, line)
        return
    store.note(work, ticket, Happening.CHASED, envelope.sent_at, who, envelope.key)
    if line.route is RouteName.URGENT and ticket.route is not RouteName.URGENT:
        intake.join(work, ticket, envelope, line)


def _engineer(work: Work, said: Heard) -> bool:
    mine = [ticket for ticket in said.tickets if ticket.fault or ticket.route is not RouteName.BUSINESS]
    took = answers.hear_engineer(work, said.envelope, said.line, mine, said.quoted)
    if said.line.does(Act.END):
        for ticket in _tickets_ended(work, mine, said):
            closing.offer_to_end(work, ticket, said.envelope, remedy=said.line.words)
            took = True
    return took


def _tickets_ended(work: Work, tickets: list[Ticket], said: Heard) -> list[Ticket]:
    """Gives the tickets that an engineer's "已恢复" is about: the quoted one, those of a system named, else his own, else all."""
    here = [said.quoted] if said.quoted is not None else answers.tickets_meant(tickets, said.line)
    fresh = [found for ticket in here if (found := store.get(work, ticket.number)) is not None]
    faults = [ticket for ticket in fresh if ticket.state is State.ANSWERED]
    own = [ticket for ticket in faults if work.actor is not None and ticket.owner == work.actor.id]
    return own or faults


def _vendor(work: Work, said: Heard) -> bool:
    his = [ticket for ticket in said.tickets if work.actor is not None and ticket.vendor == work.actor.id]
    for ticket in his:
        routing.vendor_spoke(work, ticket, said.envelope)
        if said.line.does(Act.END):
            closing.offer_to_end(work, ticket, said.envelope, remedy=said.line.words)
    return bool(his)


def _reporter(work: Work, said: Heard) -> bool:
    line, envelope = said.line, said.envelope
    if line.does(Act.ASK):
        intake.asked(work, envelope, line)
        return True
    if work.actor is not None and work.actor.may(Role.BUSINESS):
        return _business_answer(work, said)
    own = store.reported_by(work, said.tickets, said.who)
    if said.quoted is not None and said.quoted.state.open and said.quoted.chat == envelope.chat:
        own = [said.quoted]
    if own:
        return _follow_own(work, said, answers.tickets_meant(own, line)[0])
    if not said.to_bot or (line.certainty is Certainty.SURE and not said.unread):
        return False
    intake.fault(work, envelope, as_fault(line), doubtful=True)
    return True


def _business_answer(work: Work, said: Heard) -> bool:
    """Answers what was handed to the business owner, with his words in the group."""
    waiting = [t for t in said.tickets if t.route is RouteName.BUSINESS and t.state is State.WAITING]
    for ticket in waiting:
        if work.actor is not None:
            answers.answer(work, ticket, work.actor, said.envelope)
    return bool(waiting)


def _follow_own(work: Work, said: Heard, ticket: Ticket) -> bool:
    """Applies what a reporter says of his own ticket: that he takes it back, that it works, or that he asks after it."""
    line, envelope = said.line, said.envelope
    if line.does(Act.WITHDRAW) and ticket.state is State.WAITING:
        closing.withdraw(work, ticket, envelope)
    elif line.does(Act.END) or line.does(Act.WITHDRAW):
        closing.offer_to_end(work, ticket, envelope)
    elif line.does(Act.CHASE):
        store.note(work, ticket, Happening.CHASED, envelope.sent_at, said.who, envelope.key)
    else:
        return False
    return True
