"""Which tickets a line is about by what it quotes and the thread it stands in; a quote of anything else is about none.

Platforms tell a quote by the id of the quoted message, by its text, or as a thread. What is found is the whole of what the
words may do something to (decisions: Hearing).
"""

import re
from collections.abc import Sequence
from typing import TypeAlias

from bot.core.commands import spoken
from bot.core.events import Command, Message
from bot.core.people import Role
from bot.work import earlier
from bot.work.understanding import Act, Surroundings
from bot.work.work import Work
from handlers.faults import store
from handlers.faults.model import NUMBER, State, Ticket
from handlers.faults.rules import STAFF
from handlers.triage.understand import adds_to_report, plain_form, speaker_of, understand

DEEPEST = 5
"""Quotes of quotes that are followed."""
MOST = 50
"""Ticket numbers of one quoted text that are looked up."""
Line: TypeAlias = Message | Command
_GROUP = re.compile(r"(?:交流|微信|工作|报障|沟通|服务|运维|技术|支持|联络){0,3}群$|[ -]*(?:group|chat|channel|room)$")


def surroundings(message: Message, work: Work) -> Surroundings:
    """What a line falls into: the open tickets of the chat, or of them those that its quote or thread is about."""
    here = store.open_in(work, message.envelope.chat)
    elsewhere = _of_another_group(message, work)
    if not quotes(message):
        return Surroundings(tuple(here), elsewhere=elsewhere)
    match about(message, here, work):
        case [one]:
            return Surroundings(tuple(here), one, elsewhere)
        case several:
            return Surroundings(tuple(several), elsewhere=elsewhere)


def _of_another_group(message: Message, work: Work) -> bool:
    """Whether somebody of staff names another group's unit and not the one of his chat; whose words of users it is asked of, nobody
    needs."""
    here = work.site.chat(message.envelope.chat)
    if here is None or here.post is None or work.actor is None or not work.actor.may(*STAFF):
        return False
    said = message.text.lower()
    units = {_unit(chat.name) for chat in work.site.chats.values() if chat.post is not None} - {""}
    return _unit(here.name) not in said and any(unit in said for unit in units)


def _unit(name: str) -> str:
    """Whose group it is, of the name of a group: "统计局交流群" is that of 统计局; empty where too little is left to tell it by."""
    unit = _GROUP.sub("", name.lower()).strip()
    return unit if len(unit) > 1 else ""


def quotes(line: Line) -> bool:
    """Whether a line quotes something or stands in a thread."""
    return bool(line.reply_to or line.quote or line.thread)


def about(line: Line, here: Sequence[Ticket], work: Work, depth: int = 0) -> list[Ticket]:
    """The tickets that the quote or thread of a line is about; of several the open ones. ``here``: the open ones of its chat."""
    chat = line.envelope.chat
    found = store.quoted(work, chat, line.reply_to) if line.reply_to else []
    if line.thread and (not found or line.reply_to == line.thread):
        found = _in_thread(line, here, work)
    if not found and line.quote:
        found = _by_number(line, work)
    if not found and depth < DEEPEST and (told := _quoted_words(line, here, work)) is not None:
        found = _went_on(told, here, work, depth)
    return [ticket for ticket in found if ticket.state.open] or found[:1]


def may_answer(said: Message, ticket: Ticket, work: Work) -> bool:
    """Whether words that came before a report may be about it: they quote nothing, or that very report."""
    if not quotes(said):
        return True
    if said.reply_to:
        return said.reply_to == ticket.message
    return plain_form(spoken(said.quote)) == plain_form(ticket.text)


def _in_thread(line: Line, here: Sequence[Ticket], work: Work) -> list[Ticket]:
    """The tickets of the first message of a thread, and those that something said in the thread was about."""
    chat, platform = line.envelope.chat, line.envelope.account.platform
    first = store.quoted(work, chat, line.thread)
    evidence = store.messages_of(work, here)
    said = earlier.said(work, platform, chat, {message for _, message in evidence})
    in_thread = {message.envelope.key for message in said if message.thread == line.thread}
    inside = {number for number, message in evidence if message in in_thread}
    return first + [ticket for ticket in here if ticket.number in inside and ticket not in first]


def _by_number(line: Line, work: Work) -> list[Ticket]:
    """The one ticket that a quoted text names: of a list none is meant. In a group only its own tickets are spoken of."""
    numbers = list(dict.fromkeys(NUMBER.findall(line.quote)))[:MOST]
    named = [ticket for number in numbers if (ticket := store.get(work, number)) is not None]
    chat = work.site.chat(line.envelope.chat)
    if chat is not None and not chat.private and chat.post is not None:
        named = [ticket for ticket in named if ticket.chat == chat.id]
    still_open = [ticket for ticket in named if ticket.state.open]
    return still_open if len(still_open) == 1 else named[:1] if not still_open else []


def _quoted_words(line: Line, here: Sequence[Ticket], work: Work) -> Message | None:
    """What somebody said that is quoted: by its id, else the latest with the same words since the oldest open ticket."""
    envelope = line.envelope
    if line.reply_to:
        found = earlier.said(work, envelope.account.platform, envelope.chat, [line.reply_to])
        if found:
            return found[0]
    words = plain_form(spoken(line.quote))
    if not words or not here:
        return None
    since = min(ticket.received_at for ticket in here)
    said = earlier.lately_said(work, envelope.chat, since)
    mine = (before for before in said if before.envelope.key != envelope.key)
    return next((before for before in mine if plain_form(spoken(before.text)) == words), None)


def _went_on(told: Message, here: Sequence[Ticket], work: Work, depth: int) -> list[Ticket]:
    """The tickets that an earlier line was about: by what is on record, by its own quote, or as its speaker's own matter.

    A reporter's own matter is what he adds to his report; an engineer's and a vendor's the tickets that they work on.
    """
    envelope = told.envelope
    on_record = store.quoted(work, envelope.chat, envelope.key)
    if on_record:
        return on_record
    if quotes(told):
        return about(told, here, work, depth + 1)
    person = work.site.person_of(envelope.account)
    who = person.id if person else envelope.account.user_id
    before = [ticket for ticket in here if ticket.opened_at <= envelope.sent_at]
    own = store.reported_by(work, before, who)
    if own:
        return own if told.files or adds_to_report(told.text) else []
    if person is None:
        return []
    if person.may(Role.VENDOR):
        return [ticket for ticket in before if ticket.vendor == person.id]
    taken = [ticket for ticket in before if ticket.owner == person.id and ticket.state is State.ANSWERED]
    return taken if understand(told.text, speaker_of(person)).does(Act.ANSWER) else []
