"""What people say to the enterprise robot: one callback body to one message (DingTalk sheet 2.2).

In a group DingTalk tells only what @mentions the robot, and takes that mention out of the text itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.adapters.common import fields
from bot.adapters.common.ingress import Ingress
from bot.adapters.dingtalk.words import UNREAD, dicts, files_of, words_of
from bot.core import calling
from bot.core.events import FileRef, Message

DIRECT = "1"
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Said:
    """One message as DingTalk tells it. ``answers`` is the id of the quoted message, ``quote`` its text.

    ``sent_at`` is None where no time is told.
    """

    key: str
    user: str
    chat: str
    direct: bool
    text: str
    sent_at: datetime | None
    answers: str | None = None
    quote: str = ""
    mentioned: tuple[str, ...] = ()
    files: tuple[FileRef, ...] = ()


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
            key=told.key,
            user=told.user,
            chat=told.chat,
            sent_at=told.sent_at or self._ingress.runtime.clock.now(),
            direct=told.direct,
        )
        return Message(
            envelope,
            told.text if told.direct else f"@bot {calling.behind(told.text) or told.text}".strip(),
            told.answers,
            files=told.files,
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
    kind = str(data.get("conversationType"))
    if kind not in {DIRECT, "2"}:
        fields.bad()
    return Said(
        key=_id(data, "msgId"),
        user=_sender(data) or sender or fields.bad(),
        chat=_id(data, "conversationId"),
        direct=kind == DIRECT,
        text=_text(data),
        sent_at=_time(data.get("createAt")),
        answers=answers,
        quote=quote,
        mentioned=tuple(user["staffId"] for user in dicts(data.get("atUsers")) if isinstance(user.get("staffId"), str)),
        files=files_of(data),
    )


def _text(data: Mapping[str, Any]) -> str:
    """The words; empty only where somebody mentioned the robot and said nothing else."""
    text = data.get("text")
    typed = data.get("msgtype") == "text" and isinstance(text, dict) and isinstance(text.get("content"), str)
    return words_of(data.get("msgtype"), data).strip() or ("" if typed else UNREAD)


def _sender(data: Mapping[str, Any]) -> str:
    """The staff id, which is unique within a corporation only: somebody else's stands behind that corporation's id."""
    staff, corp = _id(data, "senderStaffId", ""), _id(data, "senderCorpId", "")
    return f"{corp}/{staff}" if staff and corp and corp != data.get("chatbotCorpId") else staff


def _quoted(data: Mapping[str, Any]) -> tuple[str | None, str]:
    """Which message this answers: ours by the key that sending it answered, somebody else's by its id; and its words."""
    told = [part for name in ("text", "content") if isinstance(part := data.get(name), dict) and part.get("isReplyMsg")]
    key = _maybe(data.get("originalProcessQueryKey"))
    if not told:
        return (key, "") if key else (None, "")
    replied = told[0].get("repliedMsg")
    replied = replied if isinstance(replied, dict) else {}
    found = key or _maybe(replied.get("msgId")) or _maybe(data.get("originalMsgId"))
    return found, words_of(replied.get("msgType"), replied).strip() or UNREAD


def _maybe(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_ID else None


def _time(value: Any) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**14:
        return None
    return datetime.fromtimestamp(value / 1000, UTC)


def _id(data: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = data.get(name, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or len(value) > _LONGEST_ID or (not value and default is None):
        fields.bad()
    return value
