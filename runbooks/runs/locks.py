"""Who holds which target: one row for each, taken all or none with the run's claim, and gone when it ends."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session

from bot.storage.dialects.dialect import Upsert
from bot.storage.statements import Statement
from bot.storage.tables import table_of
from bot.work.work import Work
from runbooks.runs.run import Run
from runbooks.runs.store import get
from runbooks.runs.tables import RunLockRow

_lock = table_of(RunLockRow)
_TAKE = Statement(Upsert(_lock, key=("target",)))


def lock(work: Work, run: Run, targets: Iterable[str]) -> bool:
    """Take all targets or none (the caller's transaction ends when it is none)."""
    rows = [{"target": target, "run": run.id} for target in targets]
    return sum(_TAKE.count(work, row) for row in rows) == len(rows)


def holder(work: Work, targets: Iterable[str], but: int | None = None) -> tuple[str, Run] | None:
    """A target of these that is held, and the run that holds it; ``but``: the run whose place is to be taken."""
    mine = (_lock.c.target.in_(list(targets)), _lock.c.run != (but or 0))
    query = select(_lock).where(*mine).order_by(_lock.c.target)
    row = work.session.connection().execute(query).first()
    run = get(work, row.run) if row else None
    return (row.target, run) if row and run else None


def held_by_others(session: Session, run: Run) -> frozenset[str]:
    """The targets that other runs hold; those of the run that this one goes on with will be its own."""
    rows = session.connection().execute(select(_lock.c.target).where(_lock.c.run.not_in([run.id, run.origin or 0])))
    return frozenset(row.target for row in rows)
