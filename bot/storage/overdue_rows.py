"""What waits longer than it may, for the auditor: queries of its own, so that no mistake of a worker's hides here too."""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, func, or_, select, update
from sqlmodel import Session

from bot.storage.statements import count
from bot.storage.tables import DeadlineRow, DeadlineState, InboxRow, InboxState, OutboxRow, OutboxState, table_of

MANY = 500  # overdue deadlines that one look takes up
_deadline = table_of(DeadlineRow)
_outbox = table_of(OutboxRow)
_FIRST_STATES: dict[str, tuple[Table, str]] = {
    "inbox": (table_of(InboxRow), InboxState.NEW.value),
    "outbox": (_outbox, OutboxState.QUEUED.value),
}


def overdue(session: Session, duty: datetime, true: datetime) -> list[int]:
    """The deadlines never tried that were due before ``duty``, or before ``true`` where true time judges them; oldest first."""
    due = or_(
        and_(_deadline.c.real.is_(False), _deadline.c.due_at < duty),
        and_(_deadline.c.real.is_(True), _deadline.c.due_at < true),
    )
    untouched = (_deadline.c.state == DeadlineState.WAITING.value, _deadline.c.attempts == 0)
    query = select(_deadline.c.id).where(*untouched, due).order_by(_deadline.c.due_at).limit(MANY)
    return [row.id for row in session.connection().execute(query)]


def left_waiting(session: Session, before: datetime) -> dict[str, int]:
    """How many rows nobody has taken up since ``before``, by the worker who should have (``inbox``, ``outbox``)."""
    return {worker: _untaken(session, table, state, before) for worker, (table, state) in _FIRST_STATES.items()}


def _untaken(session: Session, table: Table, state: str, before: datetime) -> int:
    untaken = (table.c.state == state, table.c.attempts == 0, table.c.next_try < before)
    return int(session.connection().execute(select(func.count()).select_from(table).where(*untaken)).scalar_one())


def on_its_way_of_nobody(session: Session, me: str, true: datetime) -> int:
    """Messages on their way whose sender is no more (theirs is no lease, or one that has ended); never those of ``me``."""
    return int(
        session.connection().execute(select(func.count()).select_from(_outbox).where(*_nobodys(me, true))).scalar_one()
    )


def take_back(session: Session, me: str, true: datetime) -> int:
    """Queue those messages again, as perhaps arrived; how many."""
    again = {"state": OutboxState.QUEUED.value, "uncertain": True, "owner": None, "lease_until": None}
    return count(session, update(_outbox).where(*_nobodys(me, true)).values(**again))


def _nobodys(me: str, true: datetime) -> tuple[ColumnElement[bool], ...]:
    others = or_(_outbox.c.owner.is_(None), _outbox.c.owner != me)
    ended = or_(_outbox.c.lease_until.is_(None), _outbox.c.lease_until < true)
    return _outbox.c.state == OutboxState.SENDING.value, others, ended
