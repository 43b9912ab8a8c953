"""What has been said: the outbox from its beginning, for a dry run to print."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.core.content import Op, Post, from_json
from bot.storage import outbox_rows
from bot.storage.store import Session


@dataclass(frozen=True, slots=True)
class Said:
    """One row of the outbox; ``at`` is duty time (aware UTC), ``reply_to`` the message it answers."""

    at: datetime
    chat: str
    op: Op
    post: Post
    reply_to: str | None


def said(session: Session) -> Iterator[Said]:
    """Everything said, in the order it was said; rewritten posts come once more as ``Op.UPDATE``."""
    for row in outbox_rows.everything(session):
        yield Said(row.created_at, row.target, Op(row.op), from_json(json.loads(row.body)), row.reply_to)
