"""Pictures, recordings and files without a word: a ticket that somebody looks at, and the words for it that come later.

What is in them is not read (decisions: Hearing). Said to the bot, or after a greeting, they open a doubtful ticket whose clock
runs; what its reporter says next is its words. Whatever else has no words is asked about in one line.
"""

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.core import calling
from bot.core.events import Envelope, Message
from bot.work import earlier
from bot.work.understanding import Act, Certainty, Kind, Understanding
from bot.work.work import Work
from handlers.faults import cards, intake, routing, store, vendors
from handlers.faults.model import Happening, State, Ticket
from handlers.faults.summary import engineer_of
from handlers.triage.understand import adds_to_report, as_fault, only_greets

SOON = timedelta(minutes=10)
"""So long after a greeting a picture is meant for us, and so long after a picture words are about it."""
REPORTS = frozenset({"图片", "语音", "视频", "文件", "聊天记录"})
"""What people report with; of a sticker or a place nobody knows what is wrong."""
_KIND = re.compile(r"\[([^\[\]\n]{1,8})\]")
_NAMED = re.compile(r"\[(?:位置|名片|个人名片|群名片)\][^\n]*|[^\n\[\]]{0,80}的聊天记录(?=\n|\Z)")
"""What stands behind them is a name that the platform gave: of a place, a card, a record."""
_EMOJI = re.compile(rf"{calling.EMOJI}|/:[^\s/\u4e00-\u9fff]{{1,8}}")
"""As Slack and Mattermost write one (``:wave:``), and WeChat, WeCom and QQ (``/:rose``, ``/::)``)."""
_CALLED = re.compile(r"[@＠](?:[^\s@＠]|\u202f){1,40}")
_PASSED_ON = re.compile(r"转自[^：\n]{0,45}：")
_OF_TYPE = {"image": "图片", "audio": "语音", "video": "视频"}


def things_in(message: Message, line: Understanding) -> tuple[str, ...]:
    """What a message without words consists of (``图片``); empty for one that has words."""
    said = _pictured(line)
    rest = said if line.failing else _NAMED.sub(" ", said)
    rest = _PASSED_ON.sub(" ", _KIND.sub(" ", rest))
    for file in message.files:
        rest = rest.replace(file.name, " ")
    if rest.strip():
        return ()
    types = ((mimetypes.guess_type(file.name)[0] or "").partition("/")[0] for file in message.files)
    found = _KIND.findall(said) or [_OF_TYPE.get(kind, "文件") for kind in types]
    return tuple(dict.fromkeys(found))


def _said(line: Understanding) -> str:
    """The words without a bare mention of the bot."""
    return "" if line.words.strip() == "@bot" else line.words


def _pictured(line: Understanding) -> str:
    """The same, with a sticker for the signs of one where nothing else is said: somebody may be called beside it."""
    said = _said(line)
    rest = _EMOJI.sub(" ", said)
    return "[表情]" if rest != said and not _CALLED.sub("", rest).strip() else said


def heard(work: Work, message: Message, line: Understanding, things: tuple[str, ...], own: Sequence[Ticket]) -> bool:
    """What a reporter sent without words. ``own``: his open tickets of the chat, or the one that he quotes."""
    called = message.to_bot or _greeted_before(work, message)
    shown, envelope = "、".join(things), message.envelope
    if own:
        who = envelope.person or envelope.account.user_id
        store.note(work, own[0], Happening.CHASED, envelope.sent_at, who, envelope.key)
        if called:
            cards.post_to_group(work, own[0], "faults/sent", envelope.key, things=shown, call=work.call(envelope.chat))
        return True
    if not called:
        return False
    if REPORTS.isdisjoint(things):
        call = work.call(envelope.chat)
        work.say("faults/wordless", envelope.chat, reply_to=envelope.key, things=shown, call=call)
        return True
    said = _said(line) or " ".join(f"[{thing}]" for thing in things)
    words = " ".join([said, *(file.name for file in message.files if file.name not in said)])
    intake.fault(work, envelope, as_fault(replace(line, words=words)), doubtful=True)
    return True


def waits_for_words(
    work: Work, tickets: Sequence[Ticket], who: str, line: Understanding, *, called: bool
) -> Ticket | None:
    """The ticket without words that its reporter goes on about: with a fault or a detail, or said to the bot (``called``) with
    any words that end or chase nothing."""
    mine = (ticket for ticket in tickets if ticket.reporter == who and ticket.state is State.WAITING)
    found = next((ticket for ticket in mine if ticket.wordless and work.now - ticket.opened_at <= SOON), None)
    idle = any(line.does(act) for act in (Act.END, Act.WITHDRAW, Act.CHASE, Act.THANK, Act.NOTICE))
    if found is None or not line.text or idle or only_greets(line.words, called=True):
        return None
    return found if called or line.kind is Kind.FAULT or adds_to_report(line.words) else None


def put_words(work: Work, ticket: Ticket, envelope: Envelope, line: Understanding) -> bool:
    """Gives a ticket the words that its reporter says now; the engineer hears them at once, the group that they were added.

    False where the ticket moved meanwhile: then they are a report of their own.
    """
    sure = line.kind is Kind.FAULT
    read = as_fault(line)
    system = read.system if sure else ticket.system
    route = (read.route or ticket.route) if sure else ticket.route
    severity = read.scope.value if sure and read.scope else ticket.severity
    values = {
        "system": system,
        "route": route,
        "severity": severity,
        "vendor": vendors.contact(work.site, route, system) or ticket.vendor,
    }
    told = store.change(
        work,
        ticket,
        text=f"{line.words} {ticket.text}",
        unsure=not sure or line.certainty is Certainty.DOUBTFUL,
        **values,
    )
    if told is None:
        return False
    store.note(work, told, Happening.CHASED, envelope.sent_at, ticket.reporter, envelope.key)
    work.audit("ticket", told.number, "words", system=told.system, route=told.route.value)
    cards.post_to_person(work, told, engineer_of(work, told), "faults/words")
    if told.route is not ticket.route:
        routing.tell_by_route(work, told)
    cards.refresh(work, told)
    cards.post_to_group(work, told, "faults/completed", envelope.key)
    return True


def _greeted_before(work: Work, message: Message) -> bool:
    """Whether the same person's last word in the chat, a moment ago, was a greeting to the desk and nothing else."""
    envelope = message.envelope
    said = earlier.lately_said(work, envelope.chat, envelope.received_at - SOON)
    his = (before for before in said if before.envelope.account == envelope.account)
    last = next((before for before in his if before.envelope.key != envelope.key), None)
    return last is not None and only_greets(last.text, called=last.to_bot)
