"""Every move of a watch over old connections in one table, and the function that writes its state: nobody else does."""

from datetime import datetime
from enum import StrEnum
from typing import TypedDict, Unpack

from sqlalchemy import update

from bot.core.lifecycle import Lifecycle
from bot.storage.tables import table_of
from bot.work.work import Work
from runbooks.runs import buttons
from runbooks.runs.tables import RunWatchRow

_watch = table_of(RunWatchRow)


class WatchState(StrEnum):
    """Where the wait for the old connections of one node stands."""

    WAITING = "waiting"
    OVERDUE = "overdue"  # the longest wait is over, and people were told how many are left
    GONE = "gone"
    BACK = "back"  # the node is in service again
    CUT = "cut"  # the run went on although some were left
    DROPPED = "dropped"


class WatchAct(StrEnum):
    """What can happen to a watch."""

    END = "end"  # no old worker is left
    RUN_OUT = "run_out"  # the longest wait is over
    LENGTHEN = "lengthen"  # somebody lets it wait once more
    PUT_BACK = "put_back"
    GO_ON = "go_on"  # somebody lets the run go on without waiting any longer
    DROP = "drop"  # a later run takes the same node out, or goes on


WATCH = Lifecycle(
    "watch",
    starts=frozenset({WatchState.WAITING}),
    moves={
        (WatchState.WAITING, WatchAct.END): WatchState.GONE,
        (WatchState.WAITING, WatchAct.RUN_OUT): WatchState.OVERDUE,
        (WatchState.WAITING, WatchAct.PUT_BACK): WatchState.BACK,
        (WatchState.WAITING, WatchAct.GO_ON): WatchState.CUT,
        (WatchState.WAITING, WatchAct.DROP): WatchState.DROPPED,
        (WatchState.OVERDUE, WatchAct.END): WatchState.GONE,
        (WatchState.OVERDUE, WatchAct.LENGTHEN): WatchState.WAITING,
        (WatchState.OVERDUE, WatchAct.PUT_BACK): WatchState.BACK,
        (WatchState.OVERDUE, WatchAct.GO_ON): WatchState.CUT,
        (WatchState.OVERDUE, WatchAct.DROP): WatchState.DROPPED,
    },
    ends=frozenset({WatchState.GONE, WatchState.BACK, WatchState.CUT, WatchState.DROPPED}),
)


class WatchFields(TypedDict, total=False):
    """What a move may write beside the state."""

    until: datetime
    answered_by: str | None
    answered_at: datetime | None


def move_watch(work: Work, run: int, place: int, act: WatchAct, **fields: Unpack[WatchFields]) -> bool:
    """Make the move if the watch still stands where ``act`` begins: one compare-and-set; False when somebody was first.

    What was asked when the longest wait was over asks nothing after any other move.
    """
    after = WATCH.target(act)
    values = {**fields, "state": after.value}
    values |= {"ended_at": work.real_now, "owner": None, "lease_until": None} if after in WATCH.ends else {}
    where = (
        _watch.c.run == run,
        _watch.c.place == place,
        _watch.c.state.in_([state.value for state in WATCH.sources(act)]),
    )
    if work.execute(update(_watch).where(*where).values(**values)) != 1:
        return False
    if act is not WatchAct.RUN_OUT:
        buttons.end_wait(work, f"R{run}")
    return True
