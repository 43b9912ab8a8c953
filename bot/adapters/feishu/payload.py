"""What Feishu tells us, read field by field: messages of people and taps on cards (Feishu sheet 1.3, 1.4)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.adapters.common import fields
from bot.adapters.feishu.words import content_of, files_of, words_of
from bot.core import calling
from bot.core.events import FileRef

MESSAGE, TAP = "im.message.receive_v1", "card.action.trigger"
OLD_MESSAGE = "message"  # schema 1.0
_BOT = "bot"  # the name by which the dispatcher knows that the bot is called
_EVERYBODY = "@所有人"
_OLD_MENTION = re.compile(r"<at [^<>]*>([^<>]*)</at>")


@dataclass(frozen=True, slots=True)
class Told:
    """One event: its kind, the id that it keeps when it comes again, and what it says."""

    kind: str
    id: str
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """A mention in a message: the placeholder in its text, and who it is."""

    key: str
    account: str
    name: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A person's message. ``text`` has the placeholder of each of ``named``; ``to_bot`` where the platform says so itself.

    ``text`` is empty where the content is not told or cannot be read. ``at`` is None where no time is told.
    ``thread`` is the first message of the topic (话题) that it stands in, if it stands in one.
    """

    id: str
    account: str
    chat: str
    direct: bool
    at: datetime | None
    text: str
    named: tuple[Named, ...]
    reply_to: str | None
    to_bot: bool = False
    thread: str = ""
    kind: str = "text"
    files: tuple[FileRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Tapped:
    """A press on a button of a card that we sent."""

    id: str
    account: str
    chat: str
    direct: bool
    action: str
    message: str


def told(data: dict[str, Any]) -> Told:
    """The event of a request, of schema 2.0 or 1.0."""
    header, event = data.get("header"), data.get("event")
    if not isinstance(event, dict):
        fields.bad()
    if isinstance(header, dict):
        return Told(fields.text(header, "event_type"), fields.text(header, "event_id"), event)
    return Told(fields.text(event, "type"), fields.text(data, "uuid"), event | {"ts": data.get("ts")})


def spoken(told: Told) -> Spoken | None:
    """What somebody said; None for the words of bots."""
    if told.kind == OLD_MESSAGE:
        return _old_message(told.event)
    sender, message = fields.part(told.event, "sender"), fields.part(told.event, "message")
    if sender.get("sender_type") != "user":
        return None
    kind = fields.maybe(message, "message_type") or ""
    content, named = content_of(message.get("content")), named_in(message.get("mentions"))
    return Spoken(
        id=fields.text(message, "message_id"),
        account=fields.text(fields.part(sender, "sender_id"), "open_id"),
        chat=fields.text(message, "chat_id"),
        direct=message.get("chat_type") == "p2p",
        at=_moment(message.get("create_time"), 1000),
        text="" if content is None else words_of(kind, content, keys_of(named)),
        named=named,
        reply_to=fields.maybe(message, "parent_id"),
        thread=(fields.maybe(message, "root_id") or "") if message.get("thread_id") else "",
        kind=kind,
        files=files_of(kind, content or {}, fields.text(message, "message_id")),
    )


def tapped(told: Told) -> Tapped | None:
    """The press of a button of ours; None for every other thing that one can do on a card."""
    action, context = fields.part(told.event, "action"), fields.part(told.event, "context")
    value = action.get("value")
    if not isinstance(value, dict) or not isinstance(value.get("action"), str):
        return None
    return Tapped(
        id=told.id,
        account=fields.text(fields.part(told.event, "operator"), "open_id"),
        chat=fields.text(context, "open_chat_id"),
        direct=value.get("direct") is True,
        action=value["action"],
        message=fields.text(context, "open_message_id"),
    )


def addressed(words: Spoken, is_bot: Callable[[Named], bool]) -> tuple[str, bool]:
    """The text with names for placeholders, whether it speaks to the bot, whose mention goes in front and at the end."""
    ours = tuple(name.key for name in words.named if is_bot(name))
    rest = words.text.lstrip(calling.BLANKS + calling.UNSEEN + "\r\n").rstrip()
    while key := next((key for key in ours if re.match(re.escape(key) + r"(?!\d)", rest)), None):
        rest = calling.behind(rest[len(key) :])
    if ours:  # below a title
        first = "|".join(rf"{re.escape(key)}(?!\d)" for key in ours)
        rest = "\n".join(
            calling.behind(line[found.end() :]) if (found := re.match(rf"\s*(?:{first})", line)) else line
            for line in rest.split("\n")
        )
    while key := next((key for key in ours if re.search(re.escape(key) + r"\W*\Z", rest)), None):
        rest = calling.ahead(rest[: rest.rindex(key)])
    rest = re.sub(rf"((?:{'|'.join(map(re.escape, ours)) or '(?!)'})(?!\d))(?=[^\s@])", r"\1 ", rest)
    named = tuple(
        replace(name, name=_BOT) if name.key in ours and name.name not in calling.NAMES else name
        for name in words.named
    )
    return with_names(rest, named), bool(ours) or words.to_bot


def with_names(text: str, named: tuple[Named, ...]) -> str:
    """The text with the names of who is mentioned for their placeholders."""
    names = {name.key: calling.mention(name.name) for name in named} | {"@_all": _EVERYBODY}
    keys = "|".join(re.escape(key) + r"(?!\d)" for key in names)
    return re.sub(keys, lambda found: names[found[0]], text)


def _old_message(event: dict[str, Any]) -> Spoken:
    """A message of schema 1.0, where the bot's mention is cut out already."""
    mentioned = event.get("is_mention") is True
    kind = fields.maybe(event, "msg_type") or ""
    text = event.get("text_without_at_bot" if mentioned else "text")
    words = _OLD_MENTION.sub(r"\1", text) if isinstance(text, str) else ""
    return Spoken(
        id=fields.text(event, "open_message_id"),
        account=fields.text(event, "open_id"),
        chat=fields.text(event, "open_chat_id"),
        direct=event.get("chat_type") == "private",
        at=_moment(str(event.get("ts")).partition(".")[0], 1),
        text=words if words or kind == "text" else words_of(kind, event),
        named=(),
        reply_to=fields.maybe(event, "parent_id"),
        to_bot=mentioned,
        kind=kind,
    )


def named_in(mentions: Any) -> tuple[Named, ...]:
    """The mentions of a message; what has no placeholder in its text is left out."""
    found = [mention for mention in mentions if isinstance(mention, dict)] if isinstance(mentions, list) else []
    return tuple(
        Named(key, _account(mention.get("id")), fields.maybe(mention, "name") or "")
        for mention in found
        if (key := fields.maybe(mention, "key"))
    )


def keys_of(named: Iterable[Named]) -> dict[str, str]:
    """The placeholders of the mentions by account: a rich text may name either."""
    return {name.account: name.key for name in named if name.account}


def _account(value: Any) -> str:
    """The open_id of a mention; a message that is asked for has it bare."""
    found = value.get("open_id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def _moment(value: Any, per_second: int) -> datetime | None:
    """A platform's time, digits in a string; None for what is none."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 14):
        return None
    try:
        return datetime.fromtimestamp(int(text) / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None
