"""Every move of a watch against a table worked out by hand: what ends stays ended, and only what is overdue waits once more."""

from itertools import product

import pytest

from runbooks.runs.watch_lifecycle import WATCH, WatchAct, WatchState

W, LATE, G, B, C, D = WatchState  # waiting, overdue, gone, back, cut, dropped
TABLE = {
    (W, WatchAct.END): G,
    (LATE, WatchAct.END): G,  # it is looked at still while people are asked
    (W, WatchAct.RUN_OUT): LATE,
    (LATE, WatchAct.LENGTHEN): W,
    (W, WatchAct.PUT_BACK): B,
    (LATE, WatchAct.PUT_BACK): B,
    (W, WatchAct.GO_ON): C,  # nobody has to wait for the longest wait to say so
    (LATE, WatchAct.GO_ON): C,
    (W, WatchAct.DROP): D,
    (LATE, WatchAct.DROP): D,
}


@pytest.mark.parametrize(("state", "act"), list(product(WatchState, WatchAct)))
def test_8_21_a_watch_moves_as_the_table_says(state: WatchState, act: WatchAct) -> None:
    assert WATCH.next_state(state, act) == TABLE.get((state, act))
