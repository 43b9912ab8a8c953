"""The inbox: accepted events, each once, from NEW to DONE or PARKED."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam, func, or_, select, update
from sqlmodel import Session

from bot.storage.dialects.dialect import Upsert
from bot.storage.statements import Statement, Within
from bot.storage.store import Tx
from bot.storage.tables import InboxRow, InboxState, table_of

LATEST = 1000  # accepted events among which a message that overtook another is looked for
_inbox = table_of(InboxRow)
_GIVEN = ("platform", "key", "chat", "kind", "body", "sent_at", "received_at", "state", "attempts", "next_try")
_INSERT = Statement(Upsert(_inbox, key=("platform", "key"), values={name: bindparam(name) for name in _GIVEN}))
_EVENT = ("platform", "key", "chat", "kind", "body", "sent_at", "received_at")
_OVERTAKING = Statement(
    select(*(_inbox.c[name] for name in _EVENT))
    .where(
        _inbox.c.id > select(func.max(_inbox.c.id) - LATEST).scalar_subquery(),
        _inbox.c.chat == bindparam("chat"),
        _inbox.c.kind == "message",
        _inbox.c.sent_at > bindparam("sent"),
        _inbox.c.received_at >= bindparam("since"),
    )
    .order_by(_inbox.c.sent_at)
)
_EARLIER = (
    select(*(_inbox.c[name] for name in _EVENT))
    .where(_inbox.c.chat == bindparam("chat"), _inbox.c.kind == "message")
    .order_by(_inbox.c.id.desc())
)
_LATELY = Statement(
    _EARLIER.where(
        _inbox.c.id > select(func.max(_inbox.c.id) - LATEST).scalar_subquery(),
        _inbox.c.received_at >= bindparam("since"),
    )
)
_DONE = Statement(
    update(_inbox)
    .where(_inbox.c.id == bindparam("row"))
    .values(state=InboxState.DONE.value, owner=bindparam("who"), lease_until=None)
)


class Accepted(NamedTuple):
    """One event as it stands in the inbox."""

    id: int
    platform: str
    key: str
    chat: str
    kind: str
    body: str
    sent_at: datetime
    received_at: datetime
    attempts: int
    next_try: datetime
    owner: str | None
    lease_until: datetime | None


_COLUMNS = tuple(_inbox.c[name] for name in Accepted._fields)
_NEW = (
    select(*_COLUMNS)
    .where(_inbox.c.state == InboxState.NEW.value)
    .order_by(_inbox.c.id)
    .limit(bindparam("few", type_=Integer))
)
_NEW_OF_ALL = Statement(_NEW)
_FRONTS = (
    select(_inbox.c.chat, func.min(_inbox.c.id)).where(_inbox.c.state == InboxState.NEW.value).group_by(_inbox.c.chat)
)
_PLACED = (
    select(_inbox.c.id, func.row_number().over(partition_by=_inbox.c.chat, order_by=_inbox.c.id).label("place"))
    .where(_inbox.c.state == InboxState.NEW.value, _inbox.c.chat.in_(bindparam("chats", expanding=True)))
    .subquery()
)
_FIRST_OF_EACH = (
    select(*_COLUMNS)
    .where(_inbox.c.id.in_(select(_PLACED.c.id).where(_PLACED.c.place <= bindparam("few", type_=Integer))))
    .order_by(_inbox.c.id)
)


def insert(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Store one new event; False when an event of its platform and key is here already."""
    return _INSERT.count(tx, {"state": InboxState.NEW.value, "attempts": 0, **row}) == 1


def find(session: Session, platform: str, key: str) -> tuple[str, str, str] | None:
    """(chat, kind, body) of the event kept under that key."""
    query = select(_inbox.c.chat, _inbox.c.kind, _inbox.c.body).where(
        _inbox.c.platform == platform, _inbox.c.key == key
    )
    row = session.connection().execute(query).first()
    return (row.chat, row.kind, row.body) if row else None


def overtaking(where: Within, chat: str, sent: datetime, since: datetime) -> Sequence[tuple[Any, ...]]:
    """The messages of a chat that were sent after ``sent`` and have been here since ``since`` or later.

    Their columns stand in the order of :func:`bot.work.envelopes.unpack`.
    """
    return _OVERTAKING.rows(where, {"chat": chat, "sent": sent, "since": since})


def lately(where: Within, chat: str, since: datetime) -> Sequence[tuple[Any, ...]]:
    """The messages of a chat that came since then, newest first; their columns as in :func:`overtaking`."""
    return _LATELY.rows(where, {"chat": chat, "since": since})


def with_files(session: Session, since: datetime) -> Sequence[Sequence[Any]]:
    """The messages of all chats with files that came since then, newest first; their columns as in :func:`overtaking`.

    Of a busy house only the latest.
    """
    query = select(*(_inbox.c[name] for name in _EVENT)).where(
        _inbox.c.id > select(func.max(_inbox.c.id) - LATEST).scalar_subquery(),
        _inbox.c.kind == "message",
        _inbox.c.received_at >= since,
        _inbox.c.body.like('%"files": [[%'),
    )
    return session.connection().execute(query.order_by(_inbox.c.id.desc())).all()


def named(session: Session, platform: str, chat: str, keys: Collection[str]) -> Sequence[Sequence[Any]]:
    """The messages of a chat kept under these keys, newest first; their columns as in :func:`overtaking`."""
    query = _EARLIER.where(_inbox.c.platform == platform, _inbox.c.key.in_(list(keys)))
    return session.connection().execute(query, {"chat": chat}).all()


def new(tx: Tx, limit: int, passed: Collection[str]) -> list[Accepted]:
    """The events that nobody has handled yet, in order of arrival, without those of the ``passed`` chats."""
    if not passed:
        return [Accepted._make(row) for row in _NEW_OF_ALL.rows(tx, {"few": limit})]
    query = _NEW.where(_inbox.c.chat.not_in(list(passed)))
    return [Accepted._make(row) for row in tx.connection.execute(query, {"few": limit})]


def fronts(tx: Tx) -> list[tuple[str, int]]:
    """(chat, its oldest event) of every chat of which something waits."""
    return [(chat, first) for chat, first in tx.connection.execute(_FRONTS)]


def first_of_each(tx: Tx, chats: Sequence[str], few: int) -> list[Accepted]:
    """The oldest ``few`` events of each of ``chats``, in order of arrival."""
    found = tx.connection.execute(_FIRST_OF_EACH, {"chats": list(chats), "few": few})
    return [Accepted._make(row) for row in found]


def done(tx: Tx, rows: Sequence[int], owner: str) -> None:
    """These have been handled, by ``owner``."""
    _DONE.many(tx, [{"row": row, "who": owner} for row in rows])


def set_values(tx: Tx, row: int, values: Mapping[str, Any]) -> None:
    """Note what became of a failed try."""
    tx.connection.execute(update(_inbox).where(_inbox.c.id == row).values(**values))


def release(tx: Tx, now: datetime) -> None:
    """No other process lives: what one that is no more was to try again is nobody's, and every new event is ready now.

    Its clock may have been ahead of ours.
    """
    left = (_inbox.c.state == InboxState.NEW.value, or_(_inbox.c.owner.is_not(None), _inbox.c.next_try > now))
    tx.connection.execute(update(_inbox).where(*left).values(next_try=now, owner=None, lease_until=None))
