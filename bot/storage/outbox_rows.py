"""The outbox: messages from QUEUED over SENDING to SENT, FAILED or DROPPED, and back to QUEUED for another try."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam, insert, select, true, tuple_, update
from sqlmodel import Session

from bot.storage.leases import LEASE, unowned
from bot.storage.statements import Statement, count
from bot.storage.store import Tx
from bot.storage.tables import OutboxRow, OutboxState, table_of

ON_ITS_WAY = frozenset({OutboxState.QUEUED.value, OutboxState.SENDING.value})
_outbox = table_of(OutboxRow)
_SAID = (
    "key",
    "adapter",
    "target",
    "priority",
    "op",
    "template",
    "about",
    "reply_to",
    "post",
    "body",
    "state",
    "attempts",
    "uncertain",
    "created_at",
    "next_try",
)
_SAY = Statement(insert(_outbox).values({name: bindparam(name) for name in _SAID}))
_ID = _outbox.c.id == bindparam("row")
_SENT = Statement(
    update(_outbox)
    .where(_ID)
    .values(
        state=OutboxState.SENT.value,
        sent_at=bindparam("at"),
        platform_id=bindparam("pid"),
        error=None,
        lease_until=None,
    )
)
_SENDING = _outbox.c.state == OutboxState.SENDING.value
_MINE = _outbox.c.owner == bindparam("who")
_AGAIN = Statement(
    update(_outbox)
    .where(_ID, _SENDING, _MINE)
    .values(
        state=OutboxState.QUEUED.value,
        next_try=bindparam("at"),
        uncertain=bindparam("unsure"),
        error=bindparam("why"),
        owner=None,
        lease_until=None,
    )
)
_CLAIMED = Statement(
    update(_outbox)
    .where(_ID)
    .values(
        state=OutboxState.SENDING.value,
        attempts=_outbox.c.attempts + 1,
        owner=bindparam("who"),
        lease_until=bindparam("until"),
    )
)
_DROPPED = Statement(update(_outbox).where(_ID).values(state=OutboxState.DROPPED.value, lease_until=None))
_FAILED = Statement(
    update(_outbox)
    .where(_ID, _SENDING, _MINE)
    .values(state=OutboxState.FAILED.value, error=bindparam("why"), lease_until=None)
)
_RENEWED = Statement(update(_outbox).where(_SENDING, _MINE).values(lease_until=bindparam("until")))

Place = tuple[str, str]
"""(adapter, our chat id): somebody may be reached by two platforms, and each has its own pace and troubles."""


class Queued(NamedTuple):
    """One message that waits, as the sender sees it; a tuple, because one is made for each row at each look."""

    id: int
    key: str
    adapter: str
    target: str
    priority: int
    op: str
    template: str
    about: str | None
    reply_to: str | None
    post: str | None
    body: str
    attempts: int
    created_at: datetime
    next_try: datetime
    uncertain: bool
    error: str | None

    @property
    def place(self) -> Place:
        """Where it goes."""
        return self.adapter, self.target


_COLUMNS = tuple(_outbox.c[name] for name in Queued._fields)
_QUEUED = (
    select(*_COLUMNS)
    .where(_outbox.c.state == OutboxState.QUEUED.value)
    .order_by(_outbox.c.priority, _outbox.c.id)
    .limit(bindparam("few", type_=Integer))
)
_QUEUED_ANYWHERE = Statement(_QUEUED)


def say(tx: Tx, rows: Iterable[Mapping[str, Any]]) -> None:
    """Queue messages."""
    _SAY.many(tx, rows)


def queued(tx: Tx, limit: int, passed: Collection[Place]) -> list[Queued]:
    """What waits, escalations first, of every place but the ``passed`` ones."""
    if not passed:
        return [Queued._make(row) for row in _QUEUED_ANYWHERE.rows(tx, {"few": limit})]
    query = _QUEUED.where(tuple_(_outbox.c.adapter, _outbox.c.target).not_in(sorted(passed)))
    return [Queued._make(row) for row in tx.connection.execute(query, {"few": limit})]


def claim(tx: Tx, rows: Sequence[Queued], owner: str, now: datetime) -> None:
    """These are on their way now: after a crash nobody knows whether they arrived."""
    if rows:
        _CLAIMED.many(tx, [{"row": row.id, "who": owner, "until": now + LEASE} for row in rows])


def renew(tx: Tx, owner: str, now: datetime) -> None:
    """Prolong the leases of what this owner has on its way."""
    _RENEWED.count(tx, {"who": owner, "until": now + LEASE})


def drop(tx: Tx, rows: Sequence[int]) -> None:
    """What became pointless before it was sent."""
    if rows:
        _DROPPED.many(tx, [{"row": row} for row in rows])


def sent(tx: Tx, rows: Mapping[int, str], now: datetime) -> None:
    """These arrived, under these ids of their platform."""
    if rows:
        _SENT.many(tx, [{"row": row, "at": now, "pid": platform_id} for row, platform_id in rows.items()])


def again(tx: Tx, rows: Sequence[tuple[int, datetime, bool, str | None]], owner: str) -> None:
    """(row, when, whether it may have arrived, why) of what is to be tried again; not what another took from ``owner``."""
    if rows:
        values = [{"row": row, "at": at, "unsure": unsure, "why": why} for row, at, unsure, why in rows]
        _AGAIN.many(tx, [each | {"who": owner} for each in values])


def failed(tx: Tx, rows: Mapping[int, str], owner: str) -> None:
    """These will never go, and why; not what another took from ``owner``."""
    if rows:
        _FAILED.many(tx, [{"row": row, "why": why, "who": owner} for row, why in rows.items()])


def take_back(tx: Tx, now: datetime, *, alone: bool) -> None:
    """What a process that is no more had on its way may have arrived, and goes again.

    ``alone``: no other process lives, so that every row on its way is such a row, and what was never tried is ready (the
    clock of the life before may have been ahead); else those that are nobody's or whose lease has ended.
    """
    gone = true() if alone else unowned(_outbox, now)
    queued_again = {"state": OutboxState.QUEUED.value, "uncertain": True, "owner": None, "lease_until": None}
    tx.connection.execute(update(_outbox).where(_SENDING, gone).values(**queued_again))
    if alone:
        early = (_outbox.c.state == OutboxState.QUEUED.value, _outbox.c.attempts == 0, _outbox.c.next_try > now)
        tx.connection.execute(update(_outbox).where(*early).values(next_try=now))


def copy(tx: Tx, row: Queued, adapter: str, now: datetime) -> None:
    """The same message to the same person by another platform."""
    own = {"key": f"{row.key}@{adapter}", "adapter": adapter, "reply_to": None, "attempts": 0, "uncertain": False}
    _SAY.count(tx, row._asdict() | own | {"state": OutboxState.QUEUED.value, "next_try": now})


def drop_like(session: Session, **values: object) -> int:
    """Do not send what is still queued and has these values, by column; how many that were."""
    moot = (_outbox.c[name] == value for name, value in values.items())
    waits = _outbox.c.state == OutboxState.QUEUED.value
    return count(session, update(_outbox).where(waits, *moot).values(state=OutboxState.DROPPED.value))


def lately_sent(session: Session, since: datetime) -> list[tuple[Place, datetime]]:
    """(place, when) of what was sent after ``since``, oldest first."""
    query = select(_outbox.c.target, _outbox.c.adapter, _outbox.c.sent_at).where(_outbox.c.sent_at > since)
    rows = session.connection().execute(query.order_by(_outbox.c.id))
    return [((row.adapter, row.target), row.sent_at) for row in rows]


def earlier(session: Session, post: str) -> tuple[str | None, str | None]:
    """(platform id, state) of the post that an update changes."""
    query = select(_outbox.c.platform_id, _outbox.c.state).where(_outbox.c.key == post)
    row = session.connection().execute(query).first()
    return (row.platform_id, row.state) if row else (None, None)


def everything(session: Session) -> Iterator[Queued]:
    """Everything that was ever said, in the order it was said."""
    for row in session.connection().execute(select(*_COLUMNS).order_by(_outbox.c.id)):
        yield Queued._make(row)
