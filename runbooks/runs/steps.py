"""What is on record of each step: that it begins, before anything of it is sent, and how it ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from bot.storage.tables import table_of
from bot.work.work import Work
from runbooks.planning.plan import Step
from runbooks.runs.run import Run, State
from runbooks.runs.tables import RunRow, RunStepRow

_run = table_of(RunRow)
_step = table_of(RunStepRow)
_ENDED = ("exit", "output", "started_at", "ended_at")


@dataclass(frozen=True, slots=True)
class StepRecord:
    place: int
    host: str
    state: str
    exit: int | None
    output: str
    started_at: datetime
    ended_at: datetime | None


def begin_step(
    work: Work, run: Run, place: int, host: str, commands: tuple[tuple[str, ...], ...], *, may_stop: bool
) -> bool:
    """Note that a step begins, before anything of it is sent; False when the run is to stop here or is not running."""
    where = [_run.c.id == run.id, _run.c.state == State.RUNNING.value]
    if may_stop:
        where.append(_run.c.stop.is_(False))
    if work.execute(update(_run).where(*where).values(step=place, heartbeat_at=work.real_now)) != 1:
        return False
    values = {"run": run.id, "place": place, "host": host, "commands": [list(argv) for argv in commands]}
    work.execute(insert(_step).values(**values, state="running", started_at=work.real_now, output=""))
    return True


def begin_steps(work: Work, run: Run, first: int, steps: Sequence[Step], *, may_stop: bool) -> bool:
    """The same for steps that go together, from place ``first`` on."""
    where = [_run.c.id == run.id, _run.c.state == State.RUNNING.value]
    if may_stop:
        where.append(_run.c.stop.is_(False))
    now = work.real_now
    if work.execute(update(_run).where(*where).values(step=first, heartbeat_at=now)) != 1:
        return False
    rows = [
        {
            "run": run.id,
            "place": place,
            "host": step.target.id,
            "commands": [list(argv) for argv in step.commands],
            "state": "running",
            "started_at": now,
            "output": "",
        }
        for place, step in enumerate(steps, first)
    ]
    work.session.connection().execute(insert(_step), rows)
    return True


def end_steps(work: Work, run: Run, records: Iterable[StepRecord]) -> None:
    """The ends of steps that go together, with when each really began."""
    rows = [{"at": r.place, "is": r.state, **{k: getattr(r, k) for k in _ENDED}} for r in records]
    if rows:
        end = update(_step).where(_step.c.run == run.id, _step.c.place == bindparam("at"))
        work.session.connection().execute(end.values(state=bindparam("is")), rows)


def end_step(work: Work, run: Run, place: int, state: str, exit_status: int | None, output: str) -> None:
    values = {"state": state, "exit": exit_status, "output": output, "ended_at": work.real_now}
    work.execute(update(_step).where(_step.c.run == run.id, _step.c.place == place).values(**values))


def steps(session: Session, run: int) -> list[StepRecord]:
    rows = session.connection().execute(select(_step).where(_step.c.run == run).order_by(_step.c.place))
    return [StepRecord(r.place, r.host, r.state, r.exit, r.output, r.started_at, r.ended_at) for r in rows]
