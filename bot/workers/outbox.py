"""The outbox's rows as the sender sees them: what is queued, what became of it, and how that is written down."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, tuple_, update
from sqlmodel import Session

from bot.core.content import Op, from_json
from bot.core.ports import Outgoing
from bot.storage.store import Tx
from bot.storage.tables import OutboxRow, OutboxState, table_of

BATCH = 200  # rows looked at in one turn
ON_ITS_WAY = frozenset({OutboxState.QUEUED.value, OutboxState.SENDING.value})
_outbox = table_of(OutboxRow)
_ID = _outbox.c.id == bindparam("row")
_SENT = (
    update(_outbox)
    .where(_ID)
    .values(state=OutboxState.SENT.value, sent_at=bindparam("at"), platform_id=bindparam("pid"), error=None)
)
_AGAIN = (
    update(_outbox)
    .where(_ID)
    .values(
        state=OutboxState.QUEUED.value, next_try=bindparam("at"), uncertain=bindparam("unsure"), error=bindparam("why")
    )
)
_CLAIMED = update(_outbox).where(_ID).values(state=OutboxState.SENDING.value, attempts=_outbox.c.attempts + 1)
_DROPPED = update(_outbox).where(_ID).values(state=OutboxState.DROPPED.value)
_FAILED = update(_outbox).where(_ID).values(state=OutboxState.FAILED.value, error=bindparam("why"))


Place = tuple[str, str]
"""(adapter, our chat id): somebody may be reached by two platforms, and each has its own pace and troubles."""


def place_of(row: Row[Any]) -> Place:
    """Where a row goes."""
    return row.adapter, row.target


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: sent, to be tried again, or failed."""

    row: Row[Any]
    sent: str | None = None
    again: datetime | None = None
    moot: bool = False
    unsure: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """One place's turn: what became of its rows, and the rows that were not tried after the first that did not go."""

    place: Place
    outcomes: list[Outcome]
    left: list[Row[Any]]


def claim(tx: Tx, rows: list[Row[Any]]) -> None:
    """These are on their way now: after a crash nobody knows whether they arrived."""
    if rows:
        tx.connection.execute(_CLAIMED, [{"row": row.id} for row in rows])


def drop(tx: Tx, rows: list[Row[Any]]) -> None:
    """What became pointless before it was sent."""
    if rows:
        tx.connection.execute(_DROPPED, [{"row": row.id} for row in rows])


def note(tx: Tx, finished: list[Served], now: datetime) -> list[Outcome]:
    """Write down what became of the rows; gives those that failed for good."""
    outcomes = [outcome for served in finished for outcome in served.outcomes]
    again = [{"row": o.row.id, "at": o.again, "unsure": o.unsure, "why": o.why} for o in outcomes if o.again]
    again += [
        {"row": row.id, "at": row.next_try, "unsure": row.uncertain, "why": row.error}
        for served in finished
        for row in served.left
    ]
    sent = [{"row": o.row.id, "at": now, "pid": o.sent} for o in outcomes if o.sent is not None]
    moot = [{"row": o.row.id} for o in outcomes if o.moot]
    failed = [o for o in outcomes if o.sent is None and o.again is None and not o.moot]
    lost = [{"row": o.row.id, "why": o.why} for o in failed]
    for statement, values in ((_SENT, sent), (_AGAIN, again), (_DROPPED, moot), (_FAILED, lost)):
        if values:
            tx.connection.execute(statement, values)
    return failed


def recover(tx: Tx) -> None:
    """After a crash: what was on its way may have arrived, and goes again."""
    sending = _outbox.c.state == OutboxState.SENDING.value
    tx.connection.execute(update(_outbox).where(sending).values(state=OutboxState.QUEUED.value, uncertain=True))


def queued(tx: Tx, passed: set[Place]) -> list[Row[Any]]:
    """What waits, escalations first, of every place but the ``passed`` ones."""
    query = select(_outbox).where(_outbox.c.state == OutboxState.QUEUED.value)
    if passed:
        query = query.where(tuple_(_outbox.c.adapter, _outbox.c.target).not_in(sorted(passed)))
    return list(tx.connection.execute(query.order_by(_outbox.c.priority, _outbox.c.id).limit(BATCH)))


def overtaken(rows: list[Row[Any]]) -> list[Row[Any]]:
    """Updates that a later update of the same post makes pointless: only the newest state is shown."""
    newest = {row.post: row.id for row in rows if row.op == Op.UPDATE}
    return [row for row in rows if row.op == Op.UPDATE and newest[row.post] != row.id]


def copy(tx: Tx, row: Row[Any], adapter: str, now: datetime) -> None:
    """The same message to the same person by another platform."""
    values = {key: value for key, value in row._mapping.items() if key not in {"id", "error", "sent_at", "platform_id"}}
    values |= {"key": f"{row.key}@{adapter}", "adapter": adapter, "reply_to": None, "attempts": 0, "uncertain": False}
    values |= {"state": OutboxState.QUEUED.value, "next_try": now}
    tx.connection.execute(insert(_outbox).values(**values))


def lately_sent(session: Session, since: datetime) -> list[tuple[Place, datetime]]:
    """(place, when) of what was sent after ``since``, oldest first."""
    query = select(_outbox.c.target, _outbox.c.adapter, _outbox.c.sent_at).where(_outbox.c.sent_at > since)
    return [
        ((row.adapter, row.target), row.sent_at) for row in session.connection().execute(query.order_by(_outbox.c.id))
    ]


def outgoing(row: Row[Any], address: str, message: str | None, *, direct: bool) -> Outgoing:
    """The row as the adapter takes it; ``address`` is where it goes there, ``message`` what an update changes.

    Its time is part of the client key: platforms remember keys, and after a restored backup or with a new state folder the
    rows are numbered from an earlier place again.
    """
    return Outgoing(
        chat=row.target,
        address=address,
        direct=direct,
        op=Op(row.op),
        client_key=f"{row.key}.{row.created_at.timestamp() * 1000:.0f}",
        post=from_json(json.loads(row.body)),
        message=message,
        reply_to=row.reply_to,
        repeated=row.uncertain,
    )


def earlier(session: Session, post: str) -> tuple[str | None, str | None]:
    """(platform id, state) of the post that an update changes."""
    query = select(_outbox.c.platform_id, _outbox.c.state).where(_outbox.c.key == post)
    row = session.connection().execute(query).first()
    return (row.platform_id, row.state) if row else (None, None)
