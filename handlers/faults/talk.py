"""What a plain line does to tickets, by who says it and what triage understood."""

from dataclasses import replace

from bot.core.errors import Again, UserError
from bot.core.events import Envelope, Message
from bot.core.people import Chat, Role
from bot.work.understanding import Act, Certainty, Kind, RouteName, Speaker, Understanding
from bot.work.work import Work
from handlers.faults import (
    answers,
    asking,
    business_words,
    by_number,
    chasing,
    closing,
    correcting,
    ending,
    intake,
    own_room,
    quoting,
    rules,
    store,
    vendor_words,
    wordless,
)
from handlers.faults.heard import Heard
from handlers.faults.model import Happening, State, Ticket
from handlers.faults.summary import engineer_of
from handlers.triage.understand import as_fault, speaker_of, understand


def heard(message: Message, line: Understanding, work: Work) -> bool:
    """Applies one line to the tickets it is about, and says whether there were any.

    In a chat without a post (the duty room) and in staff's direct chats only an engineer's words count, and nothing is reported.
    """
    chat = work.site.chat(message.envelope.chat)
    if chat is None or not (line.words or message.files):  # the bot was called, and nothing said
        return False
    tickets = [matter for matter in line.open if isinstance(matter, Ticket)]
    quoted = line.refers_to if isinstance(line.refers_to, Ticket) else None
    elsewhere = quoting.quotes(message) and quoted is None and not tickets
    said = Heard(line, message.envelope, message.to_bot, tickets, quoted, elsewhere)
    if chat.private and line.speaker is Speaker.VENDOR:
        return vendor_words.heard_alone(work, said)
    if _is_staff_room(chat, line.speaker):
        return line.speaker is Speaker.ENGINEER and _in_own_room(work, said, chat)
    if chat.private and business_words.heard_alone(work, said):
        return True
    if line.speaker is Speaker.USER and _about_things(work, said, message):
        return True
    if line.speaker is Speaker.USER and line.does(Act.CORRECT) and _corrects(work, said, chat):
        return True
    if _goes_on_alone(chat, said) and ending.follow_alone(work, said):
        return True
    if line.kind is Kind.FAULT:
        doubtful = line.certainty is Certainty.DOUBTFUL
        report(work, said.envelope, line, _joinable(work, said), doubtful=doubtful, called=said.to_bot)
        return True
    if line.does(Act.JOIN) and (same := rules.joins(_joinable(work, said), line)):
        _add_to(work, said.envelope, same, line, called=said.to_bot)
        return True
    match line.speaker:
        case Speaker.ENGINEER:
            named = by_number.heard_in_group(work, said)
            took = [_engineer(work, each) for each in ([said] if named is None else named)]
            return any(took)
        case Speaker.VENDOR:
            return vendor_words.heard_in_group(work, said)
        case Speaker.USER:
            return _reporter(work, said)


def _about_things(work: Work, said: Heard, message: Message) -> bool:
    """Takes what a reporter sends without words, and the words that he says to it afterwards."""
    things = wordless.things_in(message, said.line)
    if things:
        return wordless.heard(work, message, said.line, things, _own(work, said))
    here = said.tickets if said.quoted is None else [said.quoted]
    ticket = wordless.waits_for_words(work, here, said.who, said.line, called=said.to_bot)
    return ticket is not None and wordless.put_words(work, ticket, said.envelope, said.line)


def _corrects(work: Work, said: Heard, chat: Chat) -> bool:
    """Hears which system a reporter means after all; where others report what he named first, that stays theirs and he has one of
    his own."""
    ticket = correcting.meant(work, said, _own(work, said), chat)
    if ticket is None:
        return False
    if ticket.joined and said.envelope.chat == ticket.chat:
        report(work, said.envelope, as_fault(said.line), said.tickets)
    else:
        correcting.correct(work, said, ticket)
    return True


def _own(work: Work, said: Heard) -> list[Ticket]:
    """The open tickets that a reporter's words are about: the one that he quotes, else all that he reported or joined."""
    if said.quoted is None:
        return store.reported_by(work, said.tickets, said.who)
    return [said.quoted] if said.quoted.state.open and said.quoted.chat == said.envelope.chat else []


def _joinable(work: Work, said: Heard) -> list[Ticket]:
    """The tickets that a report may join: where it names no system the quoted one, and below something else none."""
    if said.line.named:
        return store.open_in(work, said.envelope.chat) if said.elsewhere else said.tickets
    quoted = said.quoted
    here = quoted is not None and quoted.state.open and quoted.chat == said.envelope.chat
    return [quoted] if here and quoted is not None and quoted.fault else said.tickets


def _goes_on_alone(chat: Chat, said: Heard) -> bool:
    """Whether a reporter's line to the bot alone may be about what he reported in a group: it is no new report, and nothing of
    his is open here."""
    line = said.line
    if line.speaker is not Speaker.USER or not chat.private or said.tickets or said.elsewhere or line.greets:
        return False
    return not line.does(Act.ASK) and (line.kind is not Kind.FAULT or (line.does(Act.RELAPSE) and not line.named))


def _is_staff_room(chat: Chat, speaker: Speaker) -> bool:
    """Whether no reports are made in a chat: the duty room, and the direct chats of engineers and vendors."""
    return speaker is not Speaker.USER if chat.private else chat.known and chat.post is None


def _in_own_room(work: Work, said: Heard, chat: Chat) -> bool:
    """Lets an engineer's "收到" take the page he quotes or the tickets that he names, else answer what was reported in this chat,
    else take the one ticket that he was paged for; where there are several, or he quotes something else, he is asked which. So
    with his "已恢复"."""
    engineer, quoted = work.actor, said.quoted
    if engineer is None:
        return False
    if (done := by_number.heard_alone(work, said, engineer, direct=chat.direct)) is not None:
        return done
    if quoted is None and not said.elsewhere and chat.direct:
        quoted = own_room.named(work, said.line)
    if quoted is not None:
        if quoted.state is State.ANSWERED and said.line.does(Act.END):
            asking.ask_elsewhere(work, quoted, said.envelope, said.line.words)
            return True
        if quoted.state is not State.WAITING:
            return False
        own_room.check_takes(work, said.line, [quoted], quoted=said.quoted is not None)
        answers.claim(work, quoted, engineer, said.envelope)
        return True
    if said.tickets or not chat.direct:
        return _engineer(work, said)
    if said.line.does(Act.END) and (his := store.owned(work, engineer.id)):
        return _ends_in_own_room(work, said, his)
    calling = (
        store.calling(work, engineer.id) if said.line.does(Act.ANSWER) or own_room.hands_on(work, said.line) else []
    )
    if calling:
        own_room.check_takes(work, said.line, calling)
    if len(calling) > 1 or (calling and said.elsewhere):
        raise UserError("which_ticket", verb="claim")
    for ticket in calling:
        answers.claim(work, ticket, engineer, said.envelope)
    return bool(calling)


def _ends_in_own_room(work: Work, said: Heard, his: list[Ticket]) -> bool:
    """Asks where it was reported whether the one ticket that an engineer has is over; of several he says which."""
    meant = answers.tickets_meant(his, said.line)
    if len(meant) > 1 or said.elsewhere:
        raise UserError("which_ticket", verb="resolve")
    asking.ask_elsewhere(work, meant[0], said.envelope, said.line.words)
    return True


def report(
    work: Work,
    envelope: Envelope,
    line: Understanding,
    tickets: list[Ticket],
    *,
    doubtful: bool = False,
    called: bool = False,
) -> None:
    """Adds a report to the open ticket of the same fault, reopens one that staff resolved a moment ago, or opens a ticket.
    ``called``: it was said to the bot.

    One that calls its system by another name, or tells of another part of it, is no word about what was called done; else the
    open ticket has it. Nor is "还是不行" of somebody whose own ticket has ended a word about another's.
    """
    faults = rules.joinable(tickets, line)
    same_name = next((ticket for ticket in faults if not _of_another(work, ticket, line)), None)
    if same_name is not None and not _is_about_his_last(work, envelope, line, faults):
        _add_to(work, envelope, same_name, line, called=called)
        return
    ended = store.last_resolved(work, envelope.chat, work.now - rules.REMEMBERED)
    lately = ended is not None and ended.closed_at is not None and ended.closed_at >= work.now - rules.CONTRADICTED
    same = ended is not None and (not line.named or ended.system == line.system)
    if ended is not None and lately and same and not intake.names_another(work, ended, line):
        if not ended.confirmed:
            closing.still_broken(work, ended, envelope, line.words)
            return
        line = _about_the_same(work, line, ended)
    elif ended is not None and store.reported_by(work, [ended], envelope.person or envelope.account.user_id):
        line = _about_the_same(work, line, ended)
    going_on = next((ticket for ticket in faults if store.asked(work, ticket) is None), None)
    if going_on is not None:
        _add_to(work, envelope, going_on, line, called=called)
        return
    ticket = intake.fault(work, envelope, line, doubtful=doubtful)
    for said in work.overtaken(envelope):
        if not quoting.may_answer(said, ticket, work):
            continue
        _apply_earlier_words(work, ticket, said, own=said.envelope.account == envelope.account)


def _of_another(work: Work, ticket: Ticket, line: Understanding) -> bool:
    """Whether a report is about something else than a ticket: by its name, or by its part while it is asked whether it is over."""
    if intake.names_another(work, ticket, line):
        return True
    another = not line.does(Act.RELAPSE) and intake.tells_of_another_part(work, ticket, line)
    return another and store.asked(work, ticket) is not None


def _is_about_his_last(work: Work, envelope: Envelope, line: Understanding, faults: list[Ticket]) -> bool:
    """Whether a "还是不行" is of somebody who reported what ended last in the chat, and nothing that is open."""
    if line.named or not line.does(Act.RELAPSE):
        return False
    who = envelope.person or envelope.account.user_id
    ended = store.last_resolved(work, envelope.chat, work.now - rules.REMEMBERED)
    return (
        ended is not None and bool(store.reported_by(work, [ended], who)) and not store.reported_by(work, faults, who)
    )


def report_again(work: Work, ended: Ticket, envelope: Envelope) -> None:
    """Reports what its reporter types ``/reopen`` of after an end that stays: what his "又不行了" does. It goes on in the ticket
    that is open about the same, or is a new one."""
    again = _about_the_same(work, as_fault(understand("又不行了")), ended)
    line = replace(again, words=f"/reopen {ended.number}：{ended.text}")
    here = store.open_in(work, envelope.chat)
    who = envelope.person or envelope.account.user_id
    for ticket in store.reported_by(work, rules.joinable(here, line), who):
        raise Again("reopened_already", number=ticket.number, engineer=engineer_of(work, ticket))
    report(work, envelope, line, here)


def _about_the_same(work: Work, line: Understanding, ended: Ticket) -> Understanding:
    """ "又不行了" after a confirmed end is a new ticket about the system of the one that ended."""
    if line.named or not line.does(Act.RELAPSE):
        return line
    vendor = work.site.vendor_of(ended.system)
    usual = RouteName.THIRD_PARTY if vendor else RouteName.INTERNAL
    route = line.route if line.route is RouteName.URGENT else usual
    return replace(line, system=ended.system, subject=ended.system, route=route)


def _apply_earlier_words(work: Work, ticket: Ticket, said: Message, *, own: bool) -> None:
    """Applies words that arrived before the report they belong to: an engineer's answer, or that it works (fault F42)."""
    person = work.site.person_of(said.envelope.account)
    line = understand(said.text, speaker_of(person))
    if person is not None and line.does(Act.ANSWER) and line.kind is not Kind.FAULT:
        answers.answer(work, ticket, person, said.envelope)
    elif own and line.does(Act.END):
        asking.ask(work, ticket, said.envelope)


def _add_to(work: Work, envelope: Envelope, ticket: Ticket, line: Understanding, *, called: bool) -> None:
    """Lets another person join a ticket. What its own reporter adds is recorded, and passed on where it tells of more than he has
    said; it says no where it is asked whether all is well, it is answered where nobody answered in time or where he called the
    bot, and it may make the ticket urgent."""
    who = envelope.person or envelope.account.user_id
    mine = bool(store.reported_by(work, [ticket], who))
    asked = store.asked(work, ticket) is not None
    if not mine:
        intake.join(work, ticket, envelope, line, again=asked)
        return
    more = intake.says_more(work, ticket, line) or intake.goes_on(work, ticket)
    read = intake.read(line)
    store.note(work, ticket, Happening.CHASED, envelope.sent_at, who, envelope.key, words=line.words, **read)
    urgent = line.route is RouteName.URGENT and ticket.route is not RouteName.URGENT
    if urgent:
        ticket = intake.raise_to_urgent(work, ticket, envelope, line)
    if asked:
        closing.still_broken(work, ticket, envelope, line.words)
    elif not urgent and rules.overdue(ticket, work.now):
        chasing.answer(work, ticket, envelope, line.words, called=called)
    elif not urgent and more:
        intake.add(work, ticket, envelope, line)
    elif not urgent and called:
        chasing.answer(work, ticket, envelope, line.words, called=True)


def _engineer(work: Work, said: Heard) -> bool:
    mine = [ticket for ticket in said.tickets if rules.engineers_answer(work.site, ticket)]
    took = answers.hear_engineer(work, said.envelope, said.line, mine, said.quoted)
    if said.line.does(Act.END) or said.line.does(Act.PROBE):
        for ticket in _tickets_ended(work, mine, said):
            if said.line.does(Act.END):
                asking.ask(work, ticket, said.envelope, remedy=said.line.words)
            else:
                asking.probe(work, ticket, said.envelope)
            took = True
    elif said.line.does(Act.RELAPSE):
        here = [said.quoted] if said.quoted is not None else answers.tickets_meant(mine, said.line)
        took = asking.take_back(work, here, said.envelope) or took
    return took


def _tickets_ended(work: Work, tickets: list[Ticket], said: Heard) -> list[Ticket]:
    """Gives the tickets that an engineer's "已恢复" is about: the quoted one, those of a system named, else his own, else all."""
    here = [said.quoted] if said.quoted is not None else answers.tickets_meant(tickets, said.line)
    fresh = [found for ticket in here if (found := store.get(work, ticket.number)) is not None]
    faults = [ticket for ticket in fresh if ticket.state is State.ANSWERED]
    own = [ticket for ticket in faults if work.actor is not None and ticket.owner == work.actor.id]
    return own or faults


def _reporter(work: Work, said: Heard) -> bool:
    line, envelope = said.line, said.envelope
    if line.does(Act.ASK):
        intake.asked(work, envelope, line)
        return True
    if work.actor is not None and work.actor.may(Role.BUSINESS):
        return business_words.heard_in_group(work, said)
    own = by_number.named_of(work, _own(work, said), line)
    if own:
        return ending.follow(work, said, answers.tickets_meant(own, line))
    if not said.elsewhere and (
        ending.no_of_another(work, said)
        or ending.after_the_end(work, said)
        or (line.does(Act.CHASE) and chasing.somebody_else(work, said))
    ):
        return True
    if not said.to_bot or line.certainty is Certainty.SURE:
        return False
    intake.fault(work, envelope, as_fault(line), doubtful=True)
    return True
