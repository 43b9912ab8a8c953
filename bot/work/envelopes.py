"""The stored shape of an incoming event, and back."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from bot.core.events import Alert, Envelope, FileRef, Message, Tap
from bot.core.people import Account
from bot.storage.statements import Statement, Within
from bot.storage.tables import InboxRow, table_of

Incoming = Message | Tap | Alert
LATEST = 1000  # accepted events among which a message that overtook another is looked for
_inbox = table_of(InboxRow)
_columns = tuple(_inbox.c[n] for n in ("platform", "key", "chat", "kind", "body", "sent_at", "received_at"))
_OVERTAKING = Statement(
    select(*_columns)
    .where(
        _inbox.c.id > select(func.max(_inbox.c.id) - LATEST).scalar_subquery(),
        _inbox.c.chat == bindparam("chat"),
        _inbox.c.kind == "message",
        _inbox.c.sent_at > bindparam("sent"),
        _inbox.c.received_at >= bindparam("since"),
    )
    .order_by(_inbox.c.sent_at)
)


def pack(event: Incoming) -> tuple[str, str]:
    """(kind, JSON) of an event; the envelope's own columns are not repeated."""
    user = event.envelope.account.user_id
    match event:
        case Message():
            body: dict[str, Any] = {
                "user": user,
                "text": event.text,
                "reply_to": event.reply_to,
                "mentions": event.mentions,
                "files": [[f.name, f.url] for f in event.files],
                "to_bot": event.to_bot,
                "quote": event.quote,
            }
            kind = "message"
        case Tap():
            kind, body = "tap", {"user": user, "action": event.action, "message": event.message}
        case Alert():
            kind, body = "alert", {"user": user, "source": event.source, "payload": event.payload}
    return kind, json.dumps(body, ensure_ascii=False)


def unpack(
    platform: str, key: str, chat: str, kind: str, body: str, sent_at: datetime, received_at: datetime
) -> Incoming:
    """The event of a row; its person is left for the dispatcher to find."""
    data = json.loads(body)
    envelope = Envelope(key, Account(platform, data["user"]), None, chat, sent_at, received_at)
    match kind:
        case "message":
            files = tuple(FileRef(name, url) for name, url in data["files"])
            mentions, to_bot = tuple(data["mentions"]), data["to_bot"]
            return Message(envelope, data["text"], data["reply_to"], mentions, files, to_bot, data["quote"])
        case "tap":
            return Tap(envelope, data["action"], data["message"])
        case "alert":
            return Alert(envelope, data["source"], data["payload"])
        case _:
            raise ValueError(f"unknown kind of event: {kind}")


def unpack_row(row: Sequence[Any]) -> Incoming:
    """The event of a row of :func:`overtaking`."""
    return unpack(*row)


def overtaking(where: Within, chat: str, sent: datetime, since: datetime) -> list[tuple[Any, ...]]:
    """The messages of a chat that were sent after ``sent`` and have been here since ``since`` or later."""
    return _OVERTAKING.rows(where, {"chat": chat, "sent": sent, "since": since})
