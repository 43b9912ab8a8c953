"""What a room's event says, in plain records, each checked field by field; what no person says now is nothing.

Spec: "m.room.message", "m.reaction", "Rich replies", "Threading", "Event replacements". Edits say nothing new here; notices
(``m.notice``) are what bots say, and no bot answers them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import unquote

from bot.adapters.common.anywhere import shown
from bot.adapters.matrix.format import spoken
from bot.adapters.matrix.ids import MessageId
from bot.core.events import FileRef

_SHOWN = {
    "m.image": "[图片]",
    "m.audio": "[语音]",
    "m.video": "[视频]",
    "m.file": "[文件]",
    "m.location": "[位置]",
    "m.sticker": "[表情]",
}
_NOT_SAID = ("m.notice", "m.key.", "m.bad.")  # bots' words, and what clients tell one another
_LINK = re.compile(r"<a\s[^<>]{0,200}?href=\"(https?://[^\"<>\s]{1,2000})\"", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_OURS = "https://matrix.to/"  # how clients write mentions
_MOST_LINKS = 10
LONGEST_ID = 255
_LATEST = 10**14  # milliseconds
_PILL = re.compile(
    r"<a\s[^<>]{0,200}?href=\"https://matrix\.to/#/([^\"<>\s/]{1,300})\"[^<>]{0,200}>([^<>]{1,100})</a>", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody's words. ``reply_to`` is the message that they answer, ``mentioned`` everybody whom they name.

    ``pills`` are the mentions in their rich text: account, and the name that stands for it in the text.
    """

    id: MessageId
    user: str
    text: str
    sent_at: datetime
    reply_to: MessageId | None = None
    mentioned: tuple[str, ...] = ()
    files: tuple[FileRef, ...] = ()
    pills: tuple[tuple[str, str], ...] = ()

    def shown_as(self, user: str) -> tuple[str, ...]:
        """The names under which the text mentions ``user``."""
        return tuple(name for account, name in self.pills if account == user)


@dataclass(frozen=True, slots=True)
class Reacted:
    """A sign that somebody put below a message."""

    event: str
    user: str
    to: str
    sign: str
    sent_at: datetime


def read(event: Mapping[str, Any]) -> Said | Reacted | None:
    """One event of a timeline; None for what is not for us or not of the protocol's form."""
    content = event.get("content")
    name, user, at = event.get("event_id"), event.get("sender"), _time(event.get("origin_server_ts"))
    if not (isinstance(content, dict) and isinstance(name, str) and isinstance(user, str) and at is not None):
        return None
    if not (name.startswith("$") and user.startswith("@")) or len(name) > LONGEST_ID or len(user) > LONGEST_ID:
        return None
    match event.get("type"):
        case "m.room.message":
            said = _message(content, name, user, at)
            return replace(said, pills=_pills(content.get("formatted_body"))) if said else None
        case "m.sticker":
            return _message({**content, "msgtype": "m.sticker"}, name, user, at)
        case "m.message" | "m.poll.start" | "org.matrix.msc1767.message" | "org.matrix.msc3381.poll.start":
            return _message({**content, "msgtype": "m.text", "body": "\n".join(shown(content))}, name, user, at)
        case "m.reaction":
            relation = _object(content, "m.relates_to")
            to, sign = _event_id(relation), relation.get("key")
            given = relation.get("rel_type") == "m.annotation" and to and isinstance(sign, str)
            return Reacted(name, user, to, str(sign), at) if given else None
        case _:
            return None


def _message(content: Mapping[str, Any], name: str, user: str, at: datetime) -> Said | None:
    """What somebody said. Of a kind that is not known the words that every client shows instead (``body``) are taken."""
    relation = _object(content, "m.relates_to")
    kind, body = str(content.get("msgtype") or ""), content.get("body")
    if relation.get("rel_type") == "m.replace" or kind.startswith(_NOT_SAID):
        return None
    thread = _event_id(relation) if relation.get("rel_type") == "m.thread" else ""
    answered = _event_id(_object(relation, "m.in_reply_to"))
    shown_only = bool(thread) and relation.get("is_falling_back") is True
    inside = thread if answered != thread else ""  # a thread's first message stands outside it
    reply_to = None if shown_only or not answered else MessageId(answered, inside)
    if reply_to is None and thread:
        reply_to = MessageId(thread)
    mentioned = _object(content, "m.mentions").get("user_ids")
    people = tuple(str(user) for user in mentioned[:50]) if isinstance(mentioned, list) else ()
    place = MessageId(name, thread)
    body = body if isinstance(body, str) else ""
    body = body or _written(content.get("formatted_body"))
    if kind not in _SHOWN:
        text = _with_links(spoken(body, replies=bool(answered)), content.get("formatted_body"))
        return Said(place, user, text, at, reply_to, people) if text else None
    if kind == "m.location":
        return Said(place, user, f"{_SHOWN[kind]} {body}".strip(), at, reply_to, people)
    file, caption = _file(content, body)
    files = (file,) if file.name else ()
    heard = content.get("org.matrix.msc1767.text") if kind == "m.audio" else None
    caption = caption or (heard.strip() if isinstance(heard, str) and heard != body else "")
    return Said(place, user, caption or _SHOWN[kind], at, reply_to, people, files)


def _pills(html: Any) -> tuple[tuple[str, str], ...]:
    """The mentions of a rich text, without those of the message that it answers."""
    found = _PILL.findall(html.rpartition("</mx-reply>")[2])[:_MOST_LINKS] if isinstance(html, str) else []
    return tuple((unquote(account), unescape(name).strip()) for account, name in found)


def _written(html: Any) -> str:
    """The words of a rich text that came without the plain one."""
    return unescape(_TAG.sub(" ", html)).strip() if isinstance(html, str) else ""


def _with_links(text: str, html: Any) -> str:
    """The words with the addresses that stand behind them in the rich text alone, so that whoever reads them can follow."""
    if not text or not isinstance(html, str):
        return text
    found = (unescape(link) for link in _LINK.findall(html.rpartition("</mx-reply>")[2]))
    hidden = [link for link in dict.fromkeys(found) if link not in text and not link.startswith(_OURS)]
    return " ".join([text, *(f"({link})" for link in hidden[:_MOST_LINKS])])


def _file(content: Mapping[str, Any], body: str) -> tuple[FileRef, str]:
    """The file and what was written below it: where ``filename`` is given, another ``body`` is a caption."""
    name, url = content.get("filename"), content.get("url")
    where = url if isinstance(url, str) and url.startswith("mxc://") else ""
    named = isinstance(name, str) and bool(name)
    caption = body.strip() if named and name != body else ""
    return FileRef((str(name) if named else body)[:255], where, where), caption


def shown_content(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a message says now: its newest edit, which the homeserver bundles with it, else itself."""
    relations = _object(_object(event, "unsigned"), "m.relations")
    newest = _object(_object(_object(relations, "m.replace"), "content"), "m.new_content")
    return newest or _object(event, "content")


def _object(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _event_id(relation: Mapping[str, Any]) -> str:
    """The event that a relation names; empty where it is none, for other homeservers may let anything through."""
    value = relation.get("event_id")
    return value if isinstance(value, str) and value.startswith("$") and len(value) <= LONGEST_ID else ""


def _time(value: Any) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _LATEST:
        return None
    return datetime.fromtimestamp(value / 1000, UTC)
