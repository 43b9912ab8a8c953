"""What the self-built app hears from one person, as events of ours (WeCom 90239, 90240): words, things sent, card clicks."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.adapters.common.ingress import BadRequest, Ingress
from bot.adapters.wecom.cards import message_of
from bot.adapters.wecom.words import KINDS, UNREAD
from bot.core.events import Envelope, Message, Tap

CLICKS = frozenset({"template_card_event", "template_card_menu_event"})
_LONGEST_ID = 128
_LATEST = 2**33  # seconds; a year beyond all calendars would be no time


@dataclass(frozen=True, slots=True)
class AppHeard:
    """One callback. ``event`` is None for what is nobody's word (joining, opening, location reports).

    Of a click, ``card`` is the task id and ``code`` the right to change the card once.
    """

    event: Message | Tap | None
    card: str = ""
    code: str = ""


def read(fields: dict[str, str], ingress: Ingress, at: datetime) -> AppHeard:
    """The meaning of a decrypted message; ``at`` is the time to take where it states none."""
    user, kind = _needed(fields, "FromUserName"), _needed(fields, "MsgType")
    if kind != "event":
        text = _said(fields, kind).strip() or (UNREAD if fields.get("MsgId") else "")
        envelope = _envelope(fields, user, fields.get("MsgId") or _event_key(fields), ingress, at)
        return AppHeard(Message(envelope, text, to_bot=True) if text else None)
    if fields.get("Event") not in CLICKS:
        return AppHeard(None)
    card, action = _needed(fields, "TaskId"), _needed(fields, "EventKey")
    envelope = _envelope(fields, user, _event_key(fields), ingress, at)
    return AppHeard(Tap(envelope, action, message_of(card)), card, fields.get("ResponseCode", ""))


def _said(fields: dict[str, str], kind: str) -> str:
    """The words; where there are none, a note of what was sent, so that it is taken in all the same."""
    if kind == "text":
        return fields.get("Content", "")
    names = {
        "location": ("Label",),
        "link": ("Title", "Description", "Url"),
        "voice": ("Recognition",),
        "file": ("Title",),
    }
    about = (fields.get(name, "").strip() for name in names.get(kind, ("Title", "Content", "Description")))
    return " ".join([KINDS.get(kind, UNREAD), *dict.fromkeys(filter(None, about))])


def _envelope(fields: dict[str, str], user: str, key: str, ingress: Ingress, at: datetime) -> Envelope:
    if len(key) > _LONGEST_ID or len(user) > _LONGEST_ID:
        raise BadRequest(400, "bad_body")
    created = fields.get("CreateTime", "")
    if created.isascii() and created.isdigit() and 0 < int(created[:16]) < _LATEST:
        at = datetime.fromtimestamp(int(created[:16]), UTC)
    return ingress.envelope(key=key, user=user, chat="", sent_at=at, direct=True)


def _event_key(fields: dict[str, str]) -> str:
    """What stands in for the message id that events do not have (WeCom 90238: sender and time; several may share them)."""
    names = ("FromUserName", "CreateTime", "Event", "EventKey", "TaskId")
    return "event-" + hashlib.sha256("\0".join(fields.get(name, "") for name in names).encode()).hexdigest()[:40]


def _needed(fields: dict[str, str], name: str) -> str:
    value = fields.get(name, "")
    if not value:
        raise BadRequest(400, "bad_body")
    return value
