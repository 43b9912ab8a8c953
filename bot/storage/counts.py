"""What waits and what failed, counted for the metrics; and whether the store commits at all."""

from sqlalchemy import Table, delete, func, insert, select
from sqlmodel import Session

from bot.storage.store import Tx
from bot.storage.tables import (
    DeadlineRow,
    DeadlineState,
    InboxRow,
    InboxState,
    MetaRow,
    OutboxRow,
    OutboxState,
    table_of,
)

_inbox, _outbox, _deadline = table_of(InboxRow), table_of(OutboxRow), table_of(DeadlineRow)
_meta = table_of(MetaRow)
_PROBE, _PROBE_BYTES = "health", 64 * 1024
_COUNTED: dict[str, tuple[Table, tuple[str, ...]]] = {
    "inbox_waiting": (_inbox, (InboxState.NEW.value,)),
    "inbox_parked": (_inbox, (InboxState.PARKED.value,)),
    "outbox_waiting": (_outbox, (OutboxState.QUEUED.value, OutboxState.SENDING.value)),
    "outbox_failed": (_outbox, (OutboxState.FAILED.value,)),
    "deadlines_waiting": (_deadline, (DeadlineState.WAITING.value,)),
}


def counts(session: Session) -> dict[str, int]:
    """How many rows stand in each of the states that somebody watches."""
    return {name: _count(session, table, states) for name, (table, states) in _COUNTED.items()}


def _count(session: Session, table: Table, states: tuple[str, ...]) -> int:
    query = select(func.count()).select_from(table).where(table.c.state.in_(states))
    return int(session.connection().execute(query).scalar_one())


def touch(tx: Tx) -> None:
    """A write that leaves nothing, to see whether it is committed; it takes the room that a long report takes."""
    tx.connection.execute(insert(_meta).values(name=_PROBE, value="0" * _PROBE_BYTES))
    tx.connection.execute(delete(_meta).where(_meta.c.name == _PROBE))
