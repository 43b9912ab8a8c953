"""Every move of a run in one table, and the two functions that write a state: nobody else does (decisions: Runs)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict, Unpack

from sqlalchemy import delete, insert, update

from bot.core.lifecycle import Lifecycle
from bot.storage.leases import LEASE
from bot.storage.tables import table_of
from bot.work.work import Work
from runbooks.planning.plan import Plan
from runbooks.runs import buttons
from runbooks.runs.run import Run, State
from runbooks.runs.store import to_run
from runbooks.runs.stored_plan import write_plan
from runbooks.runs.tables import RunLockRow, RunResultRow, RunRow

_run = table_of(RunRow)
_lock = table_of(RunLockRow)
_result = table_of(RunResultRow)


class Act(StrEnum):
    """What can happen to a run."""

    ASK = "ask"  # the plan is shown, a yes is asked for
    REHEARSE = "rehearse"  # a dry run is shown, and that is all
    REFUSE = "refuse"  # the look before the question says no
    CONFIRM = "confirm"
    BREAK_GLASS = "break_glass"  # a yes by one person alone, with a reason
    REJECT = "reject"
    EXPIRE = "expire"  # nobody said yes in time
    CANCEL = "cancel"
    START = "start"
    LAPSE = "lapse"  # the yes came, and is too old by now
    LOSE_ROLE = "lose_role"  # who asked or said yes may no longer
    FIND_BUSY = "find_busy"  # another run holds a target
    REFUSE_START = "refuse_start"  # the look right before the first step says no
    CHANGE = "change"  # what would run is no longer what was shown
    WAIT = "wait"  # a step asks a person
    GO_ON = "go_on"  # the person said yes
    FINISH = "finish"
    FAIL = "fail"
    STOP = "stop"  # cancelled under way, between two steps
    LOSE = "lose"  # nobody knows how the step under way ended
    PROVE = "prove"  # the hosts' own record says that every step ended well
    TAKE_OVER = "take_over"  # another run goes on where it was lost
    BREAK = "break"  # a bug of ours, before anything ran


RUN = Lifecycle(
    "run",
    starts=frozenset({State.REQUESTED, State.APPROVED}),  # what only reads needs no yes
    moves={
        (State.REQUESTED, Act.ASK): State.ASKED,
        (State.REQUESTED, Act.REHEARSE): State.CANCELLED,
        (State.REQUESTED, Act.REFUSE): State.REFUSED,
        (State.REQUESTED, Act.CANCEL): State.CANCELLED,
        (State.REQUESTED, Act.BREAK): State.REFUSED,
        (State.ASKED, Act.CONFIRM): State.APPROVED,
        (State.ASKED, Act.BREAK_GLASS): State.APPROVED,
        (State.ASKED, Act.REJECT): State.CANCELLED,
        (State.ASKED, Act.CANCEL): State.CANCELLED,
        (State.ASKED, Act.EXPIRE): State.EXPIRED,
        (State.APPROVED, Act.START): State.RUNNING,
        (State.APPROVED, Act.LAPSE): State.EXPIRED,
        (State.APPROVED, Act.LOSE_ROLE): State.REFUSED,
        (State.APPROVED, Act.FIND_BUSY): State.VOID,
        (State.APPROVED, Act.CANCEL): State.CANCELLED,
        (State.APPROVED, Act.BREAK): State.REFUSED,
        (State.RUNNING, Act.REFUSE_START): State.REFUSED,
        (State.RUNNING, Act.CHANGE): State.VOID,
        (State.RUNNING, Act.WAIT): State.RUNNING,
        (State.RUNNING, Act.GO_ON): State.RUNNING,
        (State.RUNNING, Act.FINISH): State.DONE,
        (State.RUNNING, Act.FAIL): State.FAILED,
        (State.RUNNING, Act.STOP): State.CANCELLED,
        (State.RUNNING, Act.LOSE): State.UNKNOWN,
        (State.UNKNOWN, Act.PROVE): State.DONE,
        (State.UNKNOWN, Act.TAKE_OVER): State.CANCELLED,
        (State.UNKNOWN, Act.CANCEL): State.CANCELLED,
    },
    ends=frozenset({State.DONE, State.FAILED, State.VOID, State.EXPIRED, State.CANCELLED, State.REFUSED}),
)


@dataclass(frozen=True, slots=True)
class _Line:
    """The audit line of an act; ``coded``: it has the code that the run ends with."""

    action: str
    outcome: str = "ok"
    coded: bool = False


_LINES: dict[Act, _Line | None] = {
    Act.ASK: _Line("run.ask"),
    Act.REHEARSE: None,  # nothing was to be done
    Act.REFUSE: _Line("run.refuse", "refused", coded=True),
    Act.CONFIRM: _Line("run.confirm"),
    Act.BREAK_GLASS: _Line("run.break_glass"),
    Act.REJECT: _Line("run.reject"),
    Act.EXPIRE: _Line("run.expire", "expired"),
    Act.CANCEL: _Line("run.cancel"),
    Act.START: _Line("run.start"),
    Act.LAPSE: _Line("run.start", "refused", coded=True),
    Act.LOSE_ROLE: _Line("run.start", "refused", coded=True),
    Act.FIND_BUSY: _Line("run.start", "refused", coded=True),
    Act.REFUSE_START: _Line("run.refuse", "refused", coded=True),
    Act.CHANGE: _Line("run.void", "refused", coded=True),
    Act.WAIT: _Line("run.wait"),
    Act.GO_ON: _Line("run.go_on"),
    Act.FINISH: _Line("run.end", "done"),
    Act.FAIL: _Line("run.end", "failed", coded=True),
    Act.STOP: _Line("run.end", "cancelled", coded=True),
    Act.LOSE: _Line("run.end", "unknown"),
    Act.PROVE: _Line("run.end", "done"),
    Act.TAKE_OVER: _Line("run.end", "cancelled", coded=True),
    Act.BREAK: _Line("run.refuse", "refused", coded=True),
}
_CODES = {
    Act.REHEARSE: "dry_run",
    Act.REJECT: "rejected",
    Act.EXPIRE: "expired",
    Act.CANCEL: "cancelled",
    Act.LAPSE: "expired",
    Act.LOSE_ROLE: "role_lost",
    Act.FIND_BUSY: "busy",
    Act.CHANGE: "changed",
    Act.STOP: "stopped",
    Act.TAKE_OVER: "resumed",
    Act.BREAK: "bug",
}  # what a run of this act is remembered by; an act that is not here is given its own, or leaves the run's as it is


class Fields(TypedDict, total=False):
    """What a move may write beside the state."""

    plan: Plan
    hash: str
    keys: dict[str, list[str]]
    expires_at: datetime
    confirmer: str
    confirmed_at: datetime
    reason: str | None
    started_at: datetime
    heartbeat_at: datetime
    look_back: bool
    waits: int | None
    undone: str


NOTHING: Mapping[str, object] = {}


def move(
    work: Work,
    run: Run,
    act: Act,
    *,
    code: str | None = None,
    told: Mapping[str, object] = NOTHING,
    **fields: Unpack[Fields],
) -> bool:
    """Make the move if the run still stands where ``act`` begins: one compare-and-set; False when somebody was first.

    At an end the time is noted, the locks go, and so does what was kept to go on with; after every move the buttons that ask
    nothing any more. ``told`` is what the audit line says
    beside the run's own line; ``code`` why it was refused or failed.
    """
    after, code = RUN.target(act), _CODES.get(act, code)
    values: dict[str, Any] = {**fields, "state": after.value}
    values |= {"plan": write_plan(fields["plan"])} if "plan" in fields else {}
    values |= {"ended_at": work.real_now, "lease_until": None} if after in RUN.ends else {}
    values |= {"owner": work.owner, "lease_until": work.real_now + LEASE} if act is Act.START else {}
    values |= {} if code is None else {"code": code}
    where = (_run.c.id == run.id, _run.c.state.in_([state.value for state in RUN.sources(act)]))
    if work.execute(update(_run).where(*where).values(**values)) != 1:
        return False
    if after in RUN.ends:
        work.execute(delete(_lock).where(_lock.c.run == run.id))
        work.execute(delete(_result).where(_result.c.run == run.id))
    buttons.end(work, run, after, run.code if code is None else code, fields.get("waits", run.waits))
    line = _LINES[act]
    if line is not None:
        work.audit(line.action, run.name, line.outcome, code if line.coded else None, line=run.line, **told)
    return True


@dataclass(frozen=True, slots=True)
class Request:
    """Who asked, where, by which message.

    ``first``: the step it begins with, ``done``: places behind it that are left out, ``origin``: the run it goes on with or undoes.
    """

    requester: str
    chat: str
    message: str
    first: int = 1
    origin: int | None = None
    done: tuple[int, ...] = ()


def begin(work: Work, plan: Plan, request: Request, state: State = State.REQUESTED) -> Run:
    """A new run, in one of the states that a run may start in; what needs no yes is as if approved now."""
    if state not in RUN.starts:
        raise LookupError(f"no run starts {state}")
    return _insert(work, plan, request, state)


def begin_again(work: Work, run: Run) -> Run:
    """The same request once more, to be looked at and asked anew."""
    request = Request(run.requester, run.chat, run.message, run.first, run.origin, run.done)
    return _insert(work, run.plan, request, State.REQUESTED)


def _insert(work: Work, plan: Plan, request: Request, state: State) -> Run:
    planned = {"verb": plan.verb, "line": plan.line, "dry_run": plan.dry_run, "plan": write_plan(plan)}
    fresh = {"step": 0, "stop": False, "look_back": False, "hash": "", "keys": {}, "posts": []}
    times = {"requested_at": work.real_now, "confirmed_at": work.real_now if state is State.APPROVED else None}
    values = {**planned, **asdict(request), **fresh, **times, "state": state.value}
    row = work.session.connection().execute(insert(_run).values(**values).returning(*_run.c)).one()
    work.wake("runner")
    return to_run(row)
