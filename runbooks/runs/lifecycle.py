"""Every move of a run, as one table: what may happen to it in which state, and where that leads (decisions: Runs)."""

from enum import StrEnum

from bot.core.lifecycle import Lifecycle
from runbooks.runs.run import State


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
