"""What waits longer than it may, for the auditor: queries of its own, so that no mistake of a worker's hides here too."""

from datetime import datetime

from sqlalchemy import Table, and_, func, or_, select
from sqlmodel import Session

from bot.storage.tables import DeadlineRow, DeadlineState, InboxRow, InboxState, OutboxRow, OutboxState, table_of

MANY = 500  # overdue deadlines that one look takes up
_deadline = table_of(DeadlineRow)
_FIRST_STATES: dict[str, tuple[Table, str]] = {
    "inbox": (table_of(InboxRow), InboxState.NEW.value),
    "outbox": (table_of(OutboxRow), OutboxState.QUEUED.value),
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
