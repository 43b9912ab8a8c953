"""Waits for old connections, as rows: put with the step that begins, looked at from time to time, ended once.

A watch that its run waits for ends with the run's going on; one that outlives its run by being told.
No process has to live for either.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlmodel import Session

from bot.storage.leases import LEASE, free
from bot.storage.tables import table_of
from bot.work.work import Work
from runbooks.planning.outcome import Left, LeftSeen, StepResult, WorkersBefore
from runbooks.runs import buttons, questions, store
from runbooks.runs import steps as store_steps
from runbooks.runs.lifecycle import Act, move
from runbooks.runs.run import Run, State
from runbooks.runs.tables import RunRow, RunWatchRow
from runbooks.runs.watch_lifecycle import WatchAct, WatchState, move_watch

EVERY = timedelta(seconds=15)  # true time between two looks
SELDOM = timedelta(minutes=5)  # once the longest wait is over and nothing waits for it
FORGOTTEN = timedelta(days=1)  # behind the longest wait: nobody is told any more
OPEN = (WatchState.WAITING, WatchState.OVERDUE)

_run = table_of(RunRow)
_watch = table_of(RunWatchRow)


@dataclass(frozen=True, slots=True)
class Watch:
    """The wait that the step ``place`` of a run stands for; the fields are those of its row."""

    run: int
    place: int
    node: str
    began_at: datetime
    until: datetime
    next_look_at: datetime
    before: WorkersBefore | None
    state: WatchState
    left: Left
    seen_at: datetime | None
    unseen: str | None
    answered_by: str | None
    answered_at: datetime | None

    @property
    def name(self) -> str:
        """The name of its run."""
        return f"R{self.run}"

    def ripe(self, now: datetime) -> bool:
        """Whether there is something to be done: an answer, a look, or the end of the longest wait."""
        late = self.state is WatchState.WAITING and now >= self.until
        return self.answered_at is not None or late or now >= self.next_look_at


def put(work: Work, run: Run, place: int, results: Sequence[StepResult], before: WorkersBefore | None) -> bool:
    """The step begins and the run waits, for its ``limit`` at most; an older watch of the same node ends. False when it is over."""
    step, now = run.plan.steps[place - 1], work.real_now
    if not store_steps.begin_step(work, run, place, step.target.id, (), may_stop=False):
        return False
    if not move(work, run, Act.WAIT, told={"step": place, "until": "drained"}, waits=place):
        return False
    questions.keep(work, run, results)
    for older in of_node(work.session, step.node):
        move_watch(work, older.run, older.place, WatchAct.DROP)
    values = {
        "run": run.id,
        "place": place,
        "node": step.node,
        "began_at": now,
        "until": now + timedelta(seconds=step.limit),
        "next_look_at": now,
        "before": asdict(before) if before else None,
        "state": WatchState.WAITING.value,
    }
    work.execute(insert(_watch).values(**values))
    work.wake("runner")
    return True


def to_look_at(session: Session) -> tuple[dict[int, Watch], list[tuple[Run, Watch]]]:
    """The watches that running runs wait for, by run; and those that are looked at although their runs are over, with these."""
    query = select(_watch, _run.c.state.label("run_state"), _run.c.waits).where(_run.c.id == _watch.c.run, _open())
    rows = list(session.connection().execute(query.order_by(_watch.c.run)))
    running = [row for row in rows if row.run_state == State.RUNNING.value]
    over = [row for row in rows if row.run_state != State.RUNNING.value]
    holding = {row.run: to_watch(row) for row in running if row.waits == row.place}
    found = [(store.find(session, row.run), to_watch(row)) for row in over]
    return holding, [(run, watch) for run, watch in found if run is not None]


def of_node(session: Session, node: str) -> list[Watch]:
    """The open watches of a node's address, the newest first."""
    rows = session.connection().execute(
        select(_watch).where(_watch.c.node == node, _open()).order_by(_watch.c.run.desc())
    )
    return [to_watch(row) for row in rows]


def of_run(session: Session, run: Run) -> Watch | None:
    """The last watch of a run, open or not."""
    newest = select(_watch).where(_watch.c.run == run.id).order_by(_watch.c.place.desc()).limit(1)
    row = session.connection().execute(newest).first()
    return to_watch(row) if row else None


def claim(work: Work, watch: Watch, every: timedelta = EVERY) -> Watch | None:
    """The watch as it stands, to be looked at now and again after ``every``; None when another process does, or it is over."""
    mine = (_watch.c.run == watch.run, _watch.c.place == watch.place, _open(), free(_watch, work.owner, work.real_now))
    now = work.real_now
    claimed = update(_watch).where(*mine, _watch.c.next_look_at == watch.next_look_at)
    values = {"owner": work.owner, "lease_until": now + LEASE, "next_look_at": now + every}
    row = work.session.connection().execute(claimed.values(**values).returning(*_watch.c)).first()
    return to_watch(row) if row else None


def note(work: Work, watch: Watch, found: LeftSeen | str) -> None:
    """What a look has found, or why it saw nothing; the watch is nobody's again."""
    values: dict[str, Any] = {"owner": None, "lease_until": None}
    if isinstance(found, str):
        values |= {"unseen": found}
    else:
        left = {"workers": found.left.workers, "connections": found.left.connections}
        values |= {"before": asdict(found.before), **left, "seen_at": work.real_now, "unseen": None}
    work.execute(update(_watch).where(_watch.c.run == watch.run, _watch.c.place == watch.place).values(**values))


def take(work: Work, run: Run, watch: Watch) -> bool:
    """The run goes on from this watch, and lives by its heartbeat again; False when it does not wait here any more."""
    waits = (_run.c.id == run.id, _run.c.state == State.RUNNING.value, _run.c.waits == watch.place)
    return work.execute(update(_run).where(*waits).values(waits=None, heartbeat_at=work.real_now)) == 1


def answer_yes(work: Work, run: Run, place: int, person: str) -> bool:
    """Somebody lets the run go on, whoever is connected still; False when it does not wait (any more)."""
    now = work.real_now
    where = (_watch.c.run == run.id, _watch.c.place == place, _open(), _watch.c.answered_at.is_(None))
    if work.execute(update(_watch).where(*where).values(answered_by=person, answered_at=now)) != 1:
        return False
    buttons.end_wait(work, run.name)
    return move(work, run, Act.GO_ON, told={"step": place})


def again(work: Work, run: Run) -> bool:
    """A run that was cut right where it had been taken up from here waits here again: nothing of it had begun."""
    watch = of_run(work.session, run)
    records = {record.place: record.state for record in store_steps.steps(work.session, run.id)}
    if watch is None or watch.state not in OPEN or watch.place != run.step or records.get(run.step) != "running":
        return False
    cut = (_run.c.id == run.id, _run.c.state == State.RUNNING.value, _run.c.waits.is_(None))
    return work.execute(update(_run).where(*cut).values(waits=watch.place)) == 1


def release(work: Work) -> None:
    """What a life before this one had in hand is nobody's."""
    work.execute(update(_watch).where(_open()).values(owner=None, lease_until=None))


def forget_answer(work: Work, watch: Watch) -> None:
    """The yes was given too long ago, or by somebody who may no longer."""
    mine = (_watch.c.run == watch.run, _watch.c.place == watch.place)
    work.execute(update(_watch).where(*mine).values(answered_by=None, answered_at=None))


def lengthen(work: Work, run: Run, watch: Watch) -> datetime | None:
    """Wait once more as long as the runbook says; until when, None where there is nothing to be lengthened."""
    until = work.real_now + timedelta(seconds=run.plan.steps[watch.place - 1].limit)
    if not move_watch(work, watch.run, watch.place, WatchAct.LENGTHEN, until=until):
        return None
    mine = (_watch.c.run == watch.run, _watch.c.place == watch.place)
    work.execute(update(_watch).where(*mine).values(next_look_at=work.real_now))
    work.wake("runner")
    return until


def _open() -> Any:
    return _watch.c.state.in_([state.value for state in OPEN])


def to_watch(row: Row[Any]) -> Watch:
    """A watch from its row."""
    given = row._mapping
    before = WorkersBefore(given["before"]["pid_file"], tuple(given["before"]["pids"])) if given["before"] else None
    left = Left(given["workers"], given["connections"])
    same = (
        "run",
        "place",
        "node",
        "began_at",
        "until",
        "next_look_at",
        "seen_at",
        "unseen",
        "answered_by",
        "answered_at",
    )
    return Watch(**{name: given[name] for name in same}, before=before, state=WatchState(given["state"]), left=left)
