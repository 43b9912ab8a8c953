"""What people say to the enterprise robot: one callback body to one message (DingTalk sheet 2.2).

In a group DingTalk tells only what @mentions the robot, and takes that mention out of the text itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.adapters.common import fields
from bot.adapters.common.ingress import Ingress
from bot.core.events import Message

DIRECT = "1"
_KINDS = {"picture": "[图片]", "audio": "[语音]", "video": "[视频]", "file": "[文件]", "location": "[位置]"}
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Said:
    """One message as DingTalk tells it. ``answers`` is the id of the quoted message, ``quote`` its text."""

    key: str
    user: str
    chat: str
    direct: bool
    text: str
    sent_at: datetime
    answers: str | None = None
    quote: str = ""
    mentioned: tuple[str, ...] = ()


class Reader:
    """Reads verified callbacks."""

    def __init__(self, ingress: Ingress) -> None:
        self._ingress = ingress

    def read(self, payload: Mapping[str, Any]) -> Message | None:
        """None for what the robot itself said. Raises ``BadRequest``."""
        told = said(payload)
        if told is None:
            return None
        envelope = self._ingress.envelope(
            key=told.key, user=told.user, chat=told.chat, sent_at=told.sent_at, direct=told.direct
        )
        return Message(
            envelope,
            told.text if told.direct else f"@bot {told.text}".strip(),
            told.answers,
            mentions=self._ingress.people(told.mentioned),
            to_bot=True,
            quote=told.quote,
        )


def said(data: Mapping[str, Any]) -> Said | None:
    """The message; None for what the robot itself said. Raises ``BadRequest`` 400 for what is none."""
    sender = _id(data, "senderId", "")
    if sender and sender == data.get("chatbotUserId"):
        return None
    answers, quote = _quoted(data)
    kind = _id(data, "conversationType")
    if kind not in {DIRECT, "2"}:
        fields.bad()
    return Said(
        key=_id(data, "msgId"),
        user=_sender(data) or sender or fields.bad(),
        chat=_id(data, "conversationId"),
        direct=kind == DIRECT,
        text=_text(data).strip(),
        sent_at=_time(data.get("createAt")),
        answers=answers,
        quote=quote,
        mentioned=tuple(u["staffId"] for u in _list(data, "atUsers") if isinstance(u.get("staffId"), str)),
    )


def _sender(data: Mapping[str, Any]) -> str:
    """The staff id, which is unique within a corporation only: somebody else's stands behind that corporation's id."""
    staff, corp = _id(data, "senderStaffId", ""), _id(data, "senderCorpId", "")
    return f"{corp}/{staff}" if staff and corp and corp != data.get("chatbotCorpId") else staff


def _text(data: Mapping[str, Any]) -> str:
    """The words; a picture or recording becomes its kind in brackets, with the words DingTalk recognised."""
    kind = data.get("msgtype")
    if kind == "text":
        return _string(_object(data, "text"), "content")
    content = _object(data, "content")
    if kind == "richText":
        return "".join(_part(part) for part in _list(content, "richText"))
    shown = _KINDS.get(kind, "[消息]") if isinstance(kind, str) else fields.bad()
    words = content.get("recognition") or content.get("fileName")
    return f"{shown} {words}" if isinstance(words, str) and words else shown


def _part(part: Mapping[str, Any]) -> str:
    text = part.get("text")
    return text if isinstance(text, str) else _KINDS["picture"]


def _quoted(data: Mapping[str, Any]) -> tuple[str | None, str]:
    """Which message this answers: ours by the key that sending it answered, somebody else's by its id."""
    text = _object(data, "text")
    if not text.get("isReplyMsg"):
        return None, ""
    replied = _object(text, "repliedMsg")
    found = data.get("originalProcessQueryKey") or replied.get("msgId")
    content = _object(replied, "content")
    words = content.get("text") or content.get("content")
    return found if isinstance(found, str) and found else None, words.strip() if isinstance(words, str) else ""


def _time(value: Any) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**14:
        fields.bad()
    return datetime.fromtimestamp(value / 1000, UTC)


def _id(data: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = data.get(name, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or len(value) > _LONGEST_ID or (not value and default is None):
        fields.bad()
    return value


def _string(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else fields.bad()


def _object(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = data.get(name)
    return {} if value is None else value if isinstance(value, dict) else fields.bad()


def _list(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = data.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) and all(isinstance(item, dict) for item in value) else fields.bad()
