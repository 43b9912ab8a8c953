"""Runs as they stand in the database, and what may be written of them beside their state."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, exists, func, select, update
from sqlmodel import Session

from bot.storage.leases import LEASE
from bot.storage.tables import table_of
from bot.work.work import Work
from runbooks.language.vocabulary import Confirm, Kind
from runbooks.planning.outcome import Undone
from runbooks.planning.plan import Plan
from runbooks.runs import roll_progress
from runbooks.runs.run import OPEN, Run, State
from runbooks.runs.stored_plan import read_plan, write_plan
from runbooks.runs.tables import RunRow

_run = table_of(RunRow)
WAITING = (State.REQUESTED, State.ASKED, State.APPROVED)
UNDONE_WITHIN = timedelta(days=30)
"""Nobody looks for a button of before that to take a run back."""
LAST_LOOKED_AT = 20  # runs that went well, among which one from its first step on is looked for


def get(work: Work, number: int) -> Run | None:
    return find(work.session, number)


def find(session: Session, number: int) -> Run | None:
    row = session.connection().execute(select(_run).where(_run.c.id == number)).first()
    return to_run(row) if row else None


def began(session: Session, run: Run) -> datetime:
    """When the work of this run was asked for first: of one that goes on, when that began which it goes on with."""
    origin = find(session, run.origin) if run.origin and run.goes_on else None
    return began(session, origin) if origin else run.requested_at


def taken_out(session: Session, run: Run) -> dict[str, tuple[int, ...]]:
    """The nodes that the runs took out which this one goes on with, by address, with the lines that were changed."""
    origin = find(session, run.origin) if run.origin else None
    if origin is None or origin.line != run.line:
        return {}
    return roll_progress.taken_out(origin.plan, origin.step, taken_out(session, origin))


def in_state(session: Session, *states: State) -> list[Run]:
    """The runs in these states, oldest first; without those of ``unreadable``, which keep nobody else's run from going on."""
    return list(_readable(_rows_in_state(session, states)))


def unreadable(session: Session) -> list[str]:
    """The open runs whose rows this program cannot read (a newer one wrote them), by name: nothing of them may run."""
    rows = _rows_in_state(session, OPEN)
    readable = {run.id for run in _readable(rows)}
    return [f"R{row.id}" for row in rows if row.id not in readable]


def _rows_in_state(session: Session, states: Iterable[State]) -> list[Row[Any]]:
    query = select(_run).where(_run.c.state.in_([s.value for s in states])).order_by(_run.c.id)
    return list(session.connection().execute(query))


def _readable(rows: Iterable[Row[Any]]) -> Iterator[Run]:
    for row in rows:
        try:
            yield to_run(row)
        except ValueError:
            continue  # the runner names it in the log at its start


def to_look_back(session: Session) -> list[Run]:
    """Runs that were cut, whose servers are still to be asked how far they came."""
    query = select(_run).where(_run.c.state == State.UNKNOWN.value, _run.c.look_back.is_(True)).order_by(_run.c.id)
    return list(_readable(session.connection().execute(query)))


def stop_soon(work: Work, run: Run) -> None:
    """A running run is to stop before its next step."""
    work.execute(update(_run).where(_run.c.id == run.id).values(stop=True))


def posts(work: Work, run: Run) -> list[list[str]]:
    """The copies of its card by now, without reading its plan again."""
    found: list[list[str]] = (
        work.session.connection().execute(select(_run.c.posts).where(_run.c.id == run.id)).scalar_one()
    )
    return found


def set_posts(work: Work, run: Run, posts: list[list[str]]) -> None:
    """The copies of its card, as [chat, key]."""
    work.execute(update(_run).where(_run.c.id == run.id).values(posts=posts))


def set_step(work: Work, run: Run, place: int) -> None:
    """The step that people are told of and that the hosts are asked about, of several under way."""
    work.execute(update(_run).where(_run.c.id == run.id).values(step=place))


def note_look_back(work: Work, run: Run, again: bool, code: str | None) -> None:
    """Whether the hosts of a run that was cut are asked again; ``code``: what people were told of it."""
    work.execute(update(_run).where(_run.c.id == run.id).values(look_back=again, code=code))


def set_plan(work: Work, run: Run, plan: Plan) -> None:
    """What the look before the start has made of the plan of a run that nobody was asked about."""
    work.execute(update(_run).where(_run.c.id == run.id).values(plan=write_plan(plan)))


def waiting(session: Session) -> list[tuple[int, str]]:
    """Number and line of the runs that wait for their look, their yes or their start, oldest first; no dry runs."""
    states = [state.value for state in WAITING]
    query = select(_run.c.id, _run.c.line).where(_run.c.state.in_(states), _run.c.dry_run.is_(False))
    return [(row.id, row.line) for row in session.connection().execute(query.order_by(_run.c.id))]


def gone_on_with(session: Session, run: Run) -> Run | None:
    """The newest run that goes on with this one; None where each that was asked for ended before it began."""
    never = (State.EXPIRED.value, State.REFUSED.value, State.VOID.value)
    where = (_run.c.origin == run.id, _run.c.line == run.line, _run.c.state.not_in(never))
    begun = (_run.c.state != State.CANCELLED.value) | (_run.c.code == "stopped")
    newest = session.connection().execute(select(_run).where(*where, begun).order_by(_run.c.id.desc()).limit(1))
    return next(_readable(newest), None)


def untouched(run: Run, plan: Plan, finished: int) -> bool:
    """Whether its first ``finished`` steps did nothing to a server: they asked a person, or there are none."""
    return not run.goes_on and all(step.kind is Kind.ASK for step in plan.steps[:finished])


def to_go_on_with(session: Session, since: datetime) -> list[Run]:
    """The runs that failed or were stopped under way since then and that nobody has gone on with yet, oldest first.

    One whose very line went well in a later run, or that failed before it had done anything, has nothing to go on with.
    """
    left = (_run.c.state == State.FAILED.value) | ((_run.c.state == State.CANCELLED.value) & (_run.c.code == "stopped"))
    later = _run.alias()
    well = exists().where(
        later.c.line == _run.c.line,
        later.c.id > _run.c.id,
        later.c.state == State.DONE.value,
        later.c.dry_run.is_(False),
    )
    where = (left, _run.c.ended_at >= since, _run.c.dry_run.is_(False), ~well)
    query = select(_run).where(*where).order_by(_run.c.id)
    found = _readable(session.connection().execute(query))
    begun = (
        run
        for run in found
        if run.plan.confirm is not Confirm.NONE and not _failed_at_once(run) and not _stopped_untouched(run)
    )
    return [run for run in begun if gone_on_with(session, run) is None]


def _failed_at_once(run: Run) -> bool:
    """Whether its first step alone failed: what is said of it then offers no rest either."""
    alone = run.step == 1 and not run.goes_on and not run.plan.items and not run.plan.steps[0].wave
    return run.state is State.FAILED and alone


def _stopped_untouched(run: Run) -> bool:
    """Whether it was stopped before anything was done to a server; ``step`` is the place of the step begun last."""
    return run.state is State.CANCELLED and untouched(run, run.plan, run.step)


def taken_back_by(work: Work, run: Run) -> list[int]:
    """The numbers of the runs that went well lately (``UNDONE_WITHIN``) and whose undo is the line of this one."""
    undo = _run.c.plan["undo"].as_string() == run.line
    lately = (_run.c.state == State.DONE.value, _run.c.ended_at >= work.real_now - UNDONE_WITHIN, _run.c.id < run.id)
    return list(work.session.connection().execute(select(_run.c.id).where(*lately, undo)).scalars())


def undone_by(session: Session, run: Run) -> Run | None:
    """The newest later run of the line that takes this one back, under way or ended well."""
    states = [state.value for state in (State.RUNNING, State.UNKNOWN, State.DONE)]
    where = (_run.c.line == run.plan.undo, _run.c.id > run.id, _run.c.state.in_(states), _run.c.dry_run.is_(False))
    newest = session.connection().execute(select(_run).where(*where).order_by(_run.c.id.desc()).limit(1))
    return next(_readable(newest), None)


def last_done(session: Session, run: Run) -> Run | None:
    """The last run of the same line that went well from its first step on, to compare with."""
    where = (_run.c.line == run.line, _run.c.state == State.DONE.value, _run.c.id < run.id, _run.c.dry_run.is_(False))
    newest = session.connection().execute(select(_run).where(*where).order_by(_run.c.id.desc()).limit(LAST_LOOKED_AT))
    return next((found for found in _readable(newest) if not found.goes_on), None)


def last_of(session: Session, name: str) -> datetime | None:
    """When a run of the runbook ``name`` (``backup app``) last ended well."""
    line = (_run.c.line == f"/{name}") | _run.c.line.startswith(f"/{name} ", autoescape=True)
    where = (line, _run.c.state == State.DONE.value, _run.c.dry_run.is_(False))
    return session.connection().execute(select(func.max(_run.c.ended_at)).where(*where)).scalar()


def beat(work: Work, run: Run) -> None:
    """The heartbeat of a running run; its owner's lease is prolonged with it."""
    where = (_run.c.id == run.id, _run.c.state == State.RUNNING.value)
    work.execute(update(_run).where(*where).values(heartbeat_at=work.real_now, lease_until=work.real_now + LEASE))


def to_run(row: Row[Any]) -> Run:
    """A run from its row."""
    undone = Undone(row.undone) if row.undone else None
    read = {"state": State(row.state), "plan": read_plan(row.plan), "undone": undone, "done": tuple(row.done)}
    return Run(**{**row._mapping, **read})
