"""Steps that ask a person, as rows with a deadline: put, answered, taken. A run that waits here needs no process that lives."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlmodel import Session

from bot.storage.tables import table_of
from bot.work.work import Work
from runbooks.planning.outcome import StepResult, WorkersBefore
from runbooks.runs import steps as store_steps
from runbooks.runs.lifecycle import Act, move
from runbooks.runs.run import Run, State
from runbooks.runs.tables import RunQuestionRow, RunResultRow, RunRow

_run = table_of(RunRow)
_question = table_of(RunQuestionRow)
_result = table_of(RunResultRow)


@dataclass(frozen=True, slots=True)
class Question:
    """The step ``place`` of a run that asks; ``answered_by`` is who said yes, and ``answered_at`` when."""

    run: int
    place: int
    asked_at: datetime
    until: datetime
    answered_by: str | None
    answered_at: datetime | None

    def over(self, now: datetime) -> bool:
        """Whether there is an answer, or the time for one is up."""
        return self.answered_at is not None or now >= self.until


def put(work: Work, run: Run, place: int, limit: float, results: Sequence[StepResult]) -> bool:
    """The run waits from now on, for ``limit`` seconds; what it found so far (``results``) is kept. False when it is over.

    A question that was put before, and whose yes has grown too old, is put once more.
    """
    if not move(work, run, Act.WAIT, told={"step": place}, waits=place):
        return False
    work.execute(delete(_question).where(_question.c.run == run.id, _question.c.place == place))
    now = work.real_now
    values = {"run": run.id, "place": place, "asked_at": now, "until": now + timedelta(seconds=limit)}
    work.execute(insert(_question).values(**values))
    keep(work, run, results)
    return True


def answer_yes(work: Work, run: Run, place: int, person: str) -> bool:
    """Somebody said yes to the step that waits; False when it does not wait (any more)."""
    now = work.real_now
    where = (_question.c.run == run.id, _question.c.place == place, _question.c.taken_at.is_(None))
    waiting = update(_question).where(*where, _question.c.answered_at.is_(None), _question.c.until > now)
    if work.execute(waiting.values(answered_by=person, answered_at=now)) != 1:
        return False
    return move(work, run, Act.GO_ON, told={"step": place}, waits=None)


def waiting(session: Session) -> dict[int, Question]:
    """The questions of running runs that nobody has taken, by run."""
    where = (_question.c.taken_at.is_(None), _run.c.id == _question.c.run, _run.c.state == State.RUNNING.value)
    rows = session.connection().execute(select(_question).where(*where))
    return {row.run: _to_question(row) for row in rows}


def take(work: Work, run: Run) -> Question | None:
    """The question of a run that goes on now, with its answer or without one; None when somebody else took it.

    Who took it may have come to the next question by now, which is not over: that one is left to people. From here on the
    run lives by its heartbeat again.
    """
    found = waiting(work.session).get(run.id)
    if found is None or not (found.over(work.real_now) or _to_stop(work, run)):
        return None
    mine = (_question.c.run == run.id, _question.c.place == found.place, _question.c.taken_at.is_(None))
    taken = update(_question).where(*mine).values(taken_at=work.real_now).returning(*_question.c)
    row = work.session.connection().execute(taken).first()  # with the answer as it stands now
    if row is None:
        return None
    alive = update(_run).where(_run.c.id == run.id, _run.c.state == State.RUNNING.value)
    work.execute(alive.values(waits=None, heartbeat_at=work.real_now))
    return _to_question(row)


def _to_stop(work: Work, run: Run) -> bool:
    return bool(work.session.connection().execute(select(_run.c.stop).where(_run.c.id == run.id)).scalar_one())


def kept_results(session: Session, run: Run, before: int) -> list[StepResult]:
    """What the steps before the place ``before`` found; of a step without a kept result, what its record says.

    The files of a result have their names alone.
    """
    rows = session.connection().execute(select(_result).where(_result.c.run == run.id))
    kept = {row.place: _to_result(row) for row in rows}
    records = {record.place: record for record in store_steps.steps(session, run.id)}
    found = []
    for place in range(1, before):
        record = records[place]  # a run waits behind steps that all ended well
        found.append(kept.get(place) or StepResult(None, record.exit, record.output))
    return found


def keep(work: Work, run: Run, results: Iterable[StepResult]) -> None:
    """Keep what the steps before found, to go on with; gone with the run's end."""
    rows = [
        {
            "run": run.id,
            "place": place,
            "exit": result.exit,
            "output": result.output,
            "host": result.host,
            "files": [name for name, _ in result.files],
            "workers": asdict(result.workers) if result.workers else None,
        }
        for place, result in enumerate(results, 1)
    ]
    work.execute(delete(_result).where(_result.c.run == run.id))
    if rows:
        work.session.connection().execute(insert(_result), rows)


def _to_result(row: Row[Any]) -> StepResult:
    files = tuple((name, b"") for name in row.files)
    workers = WorkersBefore(row.workers["pid_file"], tuple(row.workers["pids"])) if row.workers else None
    return StepResult(None, row.exit, row.output, files, row.host, workers)


def _to_question(row: Row[Any]) -> Question:
    return Question(row.run, row.place, row.asked_at, row.until, row.answered_by, row.answered_at)
