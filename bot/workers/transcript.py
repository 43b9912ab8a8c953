"""What has been said: the outbox from its beginning, for a dry run to print."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from bot.core.content import Op, Post, from_json
from bot.storage.tables import OutboxRow, table_of

_outbox = table_of(OutboxRow)


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
    for row in session.connection().execute(select(_outbox).order_by(_outbox.c.id)):
        yield Said(row.created_at, row.target, Op(row.op), from_json(json.loads(row.body)), row.reply_to)
