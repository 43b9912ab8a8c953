"""What Feishu tells us, read field by field: messages of people and taps on cards (Feishu sheet 1.3, 1.4)."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.adapters.common import fields
from bot.core import calling

MESSAGE, TAP = "im.message.receive_v1", "card.action.trigger"
OLD_MESSAGE = "message"  # schema 1.0
_INSTEAD = {
    "image": "[图片]",
    "audio": "[语音]",
    "media": "[视频]",
    "file": "[文件]",
    "folder": "[文件]",
    "location": "[位置]",
    "sticker": "[表情]",
    "interactive": "[卡片]",
}
BLANKS = " \t\r\n\u3000\u00a0" + calling.SIGNS
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
    """A person's message. ``text`` has the placeholder of each of ``named``; ``to_bot`` where the platform says so itself."""

    id: str
    account: str
    chat: str
    direct: bool
    at: datetime
    text: str
    named: tuple[Named, ...]
    reply_to: str | None
    to_bot: bool = False


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
    named = _named(message.get("mentions"))
    return Spoken(
        id=fields.text(message, "message_id"),
        account=fields.text(fields.part(sender, "sender_id"), "open_id"),
        chat=fields.text(message, "chat_id"),
        direct=message.get("chat_type") == "p2p",
        at=_moment(message.get("create_time"), 1000),
        text=_words(fields.text(message, "message_type"), _content(message)),
        named=named,
        reply_to=fields.maybe(message, "parent_id"),
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
    rest = words.text.strip()
    while key := next((key for key in ours if re.match(re.escape(key) + r"(?!\d)", rest)), None):
        rest = rest[len(key) :].lstrip(BLANKS)
    while key := next((key for key in ours if re.search(re.escape(key) + r"\W*\Z", rest)), None):
        rest = rest[: rest.rindex(key)].rstrip(BLANKS)
    names = {name.key: f"@{name.name}" for name in words.named} | {"@_all": _EVERYBODY}
    keys = "|".join(re.escape(key) + r"(?!\d)" for key in names)
    return re.sub(keys, lambda found: names[found[0]], rest), bool(ours) or words.to_bot


def _old_message(event: dict[str, Any]) -> Spoken:
    """A message of schema 1.0, where the bot's mention is cut out already."""
    mentioned = event.get("is_mention") is True
    kind = fields.text(event, "msg_type")
    text = event.get("text_without_at_bot" if mentioned else "text")
    words = _OLD_MENTION.sub(r"\1", text) if isinstance(text, str) else ""
    return Spoken(
        id=fields.text(event, "open_message_id"),
        account=fields.text(event, "open_id"),
        chat=fields.text(event, "open_chat_id"),
        direct=event.get("chat_type") == "private",
        at=_moment(str(event.get("ts")).partition(".")[0], 1),
        text=words if kind == "text" else _words(kind, {}),
        named=(),
        reply_to=fields.maybe(event, "parent_id"),
        to_bot=mentioned,
    )


def _words(kind: str, content: dict[str, Any]) -> str:
    """The text of a message; for what has none, what it is."""
    match kind:
        case "text":
            text = content.get("text")
            return text if isinstance(text, str) else ""
        case "post":
            return _flat(content)
        case _:
            name = content.get("file_name") or content.get("name")
            said = _INSTEAD.get(kind, "[消息]")
            return f"{said} {name}" if isinstance(name, str) else said


def _flat(content: dict[str, Any]) -> str:
    """A rich text as lines; it may be wrapped in a language."""
    if "content" not in content:
        content = next((inner for inner in content.values() if isinstance(inner, dict)), {})
    title, rows = content.get("title"), content.get("content")
    lines = [title] if isinstance(title, str) and title else []
    for row in rows if isinstance(rows, list) else []:
        lines.append("".join(_element(element) for element in row) if isinstance(row, list) else "")
    return "\n".join(lines)


def _element(element: Any) -> str:
    if not isinstance(element, dict):
        return ""
    match element.get("tag"):
        case "at":
            text = element.get("user_id")  # the placeholder of the mentions
        case "img":
            text = _INSTEAD["image"]
        case "media":
            text = _INSTEAD["media"]
        case "emotion":
            text = _INSTEAD["sticker"]
        case _:
            text = element.get("text")
    return text if isinstance(text, str) else ""


def _named(mentions: Any) -> tuple[Named, ...]:
    if mentions is None:
        return ()
    if not isinstance(mentions, list) or not all(isinstance(mention, dict) for mention in mentions):
        fields.bad()
    return tuple(
        Named(
            fields.text(mention, "key"),
            fields.maybe(fields.part(mention, "id"), "open_id") or "",
            fields.maybe(mention, "name") or "",
        )
        for mention in mentions
    )


def _content(message: dict[str, Any]) -> dict[str, Any]:
    """``content`` is JSON in a string."""
    try:
        data = json.loads(fields.text(message, "content"))
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        fields.bad()
    return data if isinstance(data, dict) else {}


def _moment(value: Any, per_second: int) -> datetime:
    """A platform's time; digits in a string."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 14):
        fields.bad()
    try:
        return datetime.fromtimestamp(int(text) / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        fields.bad()
