"""The deadlines: one row for each (kind, key), WAITING until it fires once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Integer, and_, bindparam, case, func, or_, select, update
from sqlmodel import Session

from bot.storage.dialects.dialect import Upsert
from bot.storage.leases import free
from bot.storage.statements import Statement, Within, count
from bot.storage.store import Tx
from bot.storage.tables import DeadlineRow, DeadlineState, table_of

_deadline = table_of(DeadlineRow)
_WAITING = _deadline.c.state == DeadlineState.WAITING.value
_ARMED = ("due_at", "real", "payload", "state", "attempts", "next_try", "error", "owner", "lease_until")
_SET = Statement(
    Upsert(
        _deadline,
        key=("kind", "key"),
        values={name: bindparam(name) for name in ("kind", "key", *_ARMED)},
        replaces=_ARMED,
    )
)
_CLAIM = Statement(
    update(_deadline)
    .where(_deadline.c.id == bindparam("row"), _deadline.c.due_at == bindparam("due"), _WAITING)
    .values(
        state=DeadlineState.DONE.value,
        fired_at=bindparam("fired_at"),
        late=bindparam("late"),
        owner=bindparam("who"),
        lease_until=None,
    )
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One deadline whose time has come."""

    id: int
    kind: str
    key: str
    due_at: datetime
    real: bool
    payload: dict[str, Any]
    attempts: int


_COLUMNS = tuple(_deadline.c[name] for name in Waiting.__dataclass_fields__)
_ME: BindParameter[str] = bindparam("me")
_TRUE: BindParameter[datetime] = bindparam("true")
_COME = or_(
    and_(_deadline.c.real.is_(False), _deadline.c.due_at <= bindparam("duty")),
    and_(_deadline.c.real.is_(True), _deadline.c.due_at <= _TRUE),
)
_READY = or_(_deadline.c.next_try.is_(None), _deadline.c.next_try <= _TRUE)
_FREE = free(_deadline, _ME, _TRUE)
_DUE = (
    select(*_COLUMNS)
    .where(_WAITING, _COME, _READY, _FREE)
    .order_by(_deadline.c.due_at, _deadline.c.id)
    .limit(bindparam("few", type_=Integer))
    .with_for_update(skip_locked=True)  # where several write at a time, each takes rows of its own
)
_FIRST_DUE = {
    real: select(_deadline.c.due_at)
    .where(_WAITING, _deadline.c.real.is_(real), _deadline.c.next_try.is_(None))
    .order_by(_deadline.c.due_at)
    .limit(1)
    for real in (False, True)
}
_FIRST_RETRY = select(func.min(case((_FREE, _deadline.c.next_try), else_=_deadline.c.lease_until))).where(
    _WAITING, _deadline.c.next_try.is_not(None)
)


def arm(tx: Tx, rows: Iterable[Mapping[str, Any]]) -> None:
    """Set deadlines, each in place of an earlier one of its kind and key; nobody's until it is fired."""
    _SET.many(tx, rows)


def cancel(session: Session, kind: str, key: str) -> bool:
    """Take a deadline back; says whether it was waiting."""
    mine = (_deadline.c.kind == kind, _deadline.c.key == key, _WAITING)
    return count(session, update(_deadline).where(*mine).values(state=DeadlineState.CANCELLED.value)) > 0


def due(connection: Connection, duty: datetime, true: datetime, me: str, limit: int) -> list[Waiting]:
    """Waiting rows whose time has come, oldest first; a row that failed waits for its next try, by who tried it first."""
    now = {"duty": duty, "true": true, "me": me, "few": limit}
    return [Waiting(*row) for row in connection.execute(_DUE, now)]


def claim(where: Within, row: Waiting, now: datetime, late: float, owner: str) -> bool:
    """The guarded update that makes a deadline fire once: waiting → done; not when it was set anew in the meantime."""
    values = {"row": row.id, "due": row.due_at, "fired_at": now, "late": late, "who": owner}
    return _CLAIM.count(where, values) == 1


def set_values(tx: Tx, row: int, values: Mapping[str, Any]) -> None:
    """Note what became of a failed try, if the row still waits."""
    tx.connection.execute(update(_deadline).where(_deadline.c.id == row, _WAITING).values(**values))


def first_due(session: Session, *, real: bool) -> datetime | None:
    """When the next deadline of that clock is due that was not tried yet."""
    found: datetime | None = session.connection().execute(_FIRST_DUE[real]).scalar()
    return found


def first_retry(session: Session, me: str, true: datetime) -> datetime | None:
    """When ``me`` may next try a failed deadline again (true time): another's, only after its lease."""
    found: datetime | None = session.connection().execute(_FIRST_RETRY, {"me": me, "true": true}).scalar()
    return found


def release(tx: Tx, now: datetime) -> None:
    """No other process lives: what one that is no more was to try again is nobody's, and ready now."""
    tried = (_WAITING, _deadline.c.next_try.is_not(None))
    tx.connection.execute(update(_deadline).where(*tried).values(next_try=now, owner=None, lease_until=None))
