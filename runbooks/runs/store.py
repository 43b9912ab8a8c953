"""Where each run stands; every change of state is a compare-and-set whose row count is looked at."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlmodel import Session

from bot.storage.tables import AuditRow, table_of
from bot.work.work import Work
from runbooks.planning.plan import Plan, plan_json
from runbooks.runs.run import OPEN, Run, State
from runbooks.runs.tables import RunLockRow, RunRow

_run = table_of(RunRow)
_lock = table_of(RunLockRow)
_audit = table_of(AuditRow)
GUESSES = 5  # unknown run ids in a minute before a person is locked (decisions: Runs)
MINUTE = timedelta(minutes=1)


def add(
    work: Work,
    plan: Plan,
    requester: str,
    chat: str,
    message: str,
    state: State,
    *,
    first: int = 1,
    origin: int | None = None,
) -> Run:
    """A new run, from its step ``first`` on."""
    return _insert(work, _new(work, plan, requester, chat, message, state) | {"first": first, "origin": origin})


def again(work: Work, run: Run) -> Run:
    """The same request once more, to be looked at and asked anew."""
    kept = ("verb", "line", "dry_run", "requester", "chat", "message", "plan", "first", "origin")
    values = {name: getattr(run, name) for name in kept}
    return _insert(work, values | {"state": State.REQUESTED.value, "posts": [], "requested_at": work.real_now})


def _new(work: Work, plan: Plan, requester: str, chat: str, message: str, state: State) -> dict[str, Any]:
    return {
        "verb": plan.verb,
        "line": plan.line,
        "dry_run": plan.dry_run,
        "requester": requester,
        "chat": chat,
        "message": message,
        "state": state.value,
        "plan": plan_json(plan),
        "posts": [],
        "requested_at": work.real_now,
        "confirmed_at": work.real_now if state is State.APPROVED else None,
    }


def _insert(work: Work, values: dict[str, Any]) -> Run:
    fresh = {"step": 0, "stop": False, "look_back": False, "hash": "", "keys": {}}
    row = work.session.connection().execute(insert(_run).values(**fresh | values).returning(*_run.c)).one()
    work.wake("runner")
    return _to_run(row)


def get(work: Work, number: int) -> Run | None:
    return find(work.session, number)


def find(session: Session, number: int) -> Run | None:
    row = session.connection().execute(select(_run).where(_run.c.id == number)).first()
    return _to_run(row) if row else None


def in_state(session: Session, *states: State) -> list[Run]:
    """The runs in these states, oldest first."""
    query = select(_run).where(_run.c.state.in_([s.value for s in states])).order_by(_run.c.id)
    return [_to_run(row) for row in session.connection().execute(query)]


def to_look_back(session: Session) -> list[Run]:
    """Runs that were cut, whose servers are still to be asked how far they came."""
    query = select(_run).where(_run.c.state == State.UNKNOWN.value, _run.c.look_back.is_(True)).order_by(_run.c.id)
    return [_to_run(row) for row in session.connection().execute(query)]


def move(work: Work, run: Run, to: State, *came_from: State, **values: Any) -> bool:
    """Compare and set ``came_from`` → ``to``; False when somebody else was first. The locks go when the run ends."""
    if "plan" in values:
        values["plan"] = plan_json(values["plan"])
    if to not in OPEN:
        values["ended_at"] = work.real_now
    where = (_run.c.id == run.id, _run.c.state.in_([s.value for s in came_from]))
    moved = work.execute(update(_run).where(*where).values(state=to.value, **values)) == 1
    if moved and to not in OPEN:
        work.execute(delete(_lock).where(_lock.c.run == run.id))
    return moved


def change(work: Work, run: Run, **values: Any) -> None:
    """Set fields that are no state."""
    work.execute(update(_run).where(_run.c.id == run.id).values(**values))


def last_done(session: Session, run: Run) -> Run | None:
    """The last run of the same line that went well, to compare with."""
    where = (_run.c.line == run.line, _run.c.state == State.DONE.value, _run.c.id < run.id, _run.c.dry_run.is_(False))
    row = session.connection().execute(select(_run).where(*where).order_by(_run.c.id.desc()).limit(1)).first()
    return _to_run(row) if row else None


def last_of(session: Session, name: str) -> datetime | None:
    """When a run of the runbook ``name`` (``backup app``) last ended well."""
    line = (_run.c.line == f"/{name}") | _run.c.line.startswith(f"/{name} ", autoescape=True)
    where = (line, _run.c.state == State.DONE.value, _run.c.dry_run.is_(False))
    return session.connection().execute(select(func.max(_run.c.ended_at)).where(*where)).scalar()


def wait(work: Work, run: Run, place: int) -> bool:
    """Note that the step waits for a person."""
    where = (_run.c.id == run.id, _run.c.state == State.RUNNING.value)
    return work.execute(update(_run).where(*where).values(waits=place)) == 1


def go_on(work: Work, run: Run, place: int) -> bool:
    """Somebody said yes to the step that waits; False when it does not wait (any more)."""
    where = (_run.c.id == run.id, _run.c.state == State.RUNNING.value, _run.c.waits == place)
    return work.execute(update(_run).where(*where).values(waits=None)) == 1


def beat(work: Work, run: Run) -> None:
    """The heartbeat of a running run."""
    where = (_run.c.id == run.id, _run.c.state == State.RUNNING.value)
    work.execute(update(_run).where(*where).values(heartbeat_at=work.real_now))


def guesses(work: Work, person: str) -> int:
    """How many run ids that do not exist this person typed within the last true minute, by the audit log."""
    recent = (_audit.c.actor == person, _audit.c.code == "unknown_run", _audit.c.at > work.real_now - MINUTE)
    return int(work.session.connection().execute(select(func.count()).select_from(_audit).where(*recent)).scalar_one())


def _to_run(row: Row[Any]) -> Run:
    return Run(**{**row._mapping, "state": State(row.state)})
