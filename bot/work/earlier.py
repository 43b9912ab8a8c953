"""What people said before: the questions about a chat's earlier messages that a capability may ask the inbox.

What a line quotes, and what stands in its thread, is told by what was said there; nothing else is remembered in the inbox.
"""

from collections.abc import Collection
from datetime import datetime

from bot.core.events import Message
from bot.storage import inbox_rows
from bot.work.envelopes import unpack_row
from bot.work.work import Work


def said(work: Work, platform: str, chat: str, keys: Collection[str]) -> list[Message]:
    """The messages of a chat with these platform ids, newest first."""
    if not keys:
        return []
    rows = inbox_rows.named(work.session, platform, chat, keys)
    return [event for event in map(unpack_row, rows) if isinstance(event, Message)]


def lately_said(work: Work, chat: str, since: datetime) -> list[Message]:
    """The messages of a chat that came since then, newest first; of a busy house only the latest."""
    return [event for event in map(unpack_row, inbox_rows.lately(work, chat, since)) if isinstance(event, Message)]
