"""The stored shape of an incoming event, and back."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.core.events import Alert, Envelope, FileRef, Message, Tap
from bot.core.people import Account

Incoming = Message | Tap | Alert


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
                "file_keys": [f.key for f in event.files],
                "to_bot": event.to_bot,
                "quote": event.quote,
                "thread": event.thread,
                "edited": event.edited,
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
            keys = data.get("file_keys") or [""] * len(data["files"])  # rows of older versions have none
            files = tuple(FileRef(name, url, key) for (name, url), key in zip(data["files"], keys, strict=True))
            mentions, to_bot = tuple(data["mentions"]), data["to_bot"]
            # rows of older versions know neither threads nor edits
            quote, thread, edited = data["quote"], data.get("thread", ""), data.get("edited", False)
            return Message(envelope, data["text"], data["reply_to"], mentions, files, to_bot, quote, thread, edited)
        case "tap":
            return Tap(envelope, data["action"], data["message"])
        case "alert":
            return Alert(envelope, data["source"], data["payload"])
        case _:
            raise ValueError(f"unknown kind of event: {kind}")


def unpack_row(row: Sequence[Any]) -> Incoming:
    """The event of a row of ``inbox_rows.overtaking``."""
    return unpack(*row)
