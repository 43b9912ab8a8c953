"""A lifecycle refuses a table that cannot be right, and draws the one that is."""

from collections.abc import Mapping
from enum import StrEnum

import pytest

from bot.core.lifecycle import Lifecycle


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    GONE = "gone"


class Push(StrEnum):
    SHUT = "shut"
    OPEN = "open"
    TEAR = "tear"


MOVES = {
    (Door.OPEN, Push.SHUT): Door.SHUT,
    (Door.SHUT, Push.OPEN): Door.OPEN,
    (Door.OPEN, Push.TEAR): Door.GONE,
    (Door.SHUT, Push.TEAR): Door.GONE,
}


def door(
    moves: Mapping[tuple[Door, Push], Door] = MOVES,
    starts: frozenset[Door] = frozenset({Door.OPEN}),
    reopening: frozenset[Push] = frozenset(),
) -> Lifecycle[Door, Push]:
    return Lifecycle("door", starts, moves, frozenset({Door.GONE}), reopening)


def test_a_move_of_the_table_is_made_and_any_other_is_none() -> None:
    life = door()
    found = {(state, act): life.next_state(state, act) for state in Door for act in Push}
    assert {move: after for move, after in found.items() if after} == MOVES
    assert life.moved(Door.OPEN, Push.TEAR) is Door.GONE
    with pytest.raises(LookupError, match="door: no open from gone"):
        life.moved(Door.GONE, Push.OPEN)


def test_an_act_knows_where_it_begins_and_where_it_leads() -> None:
    life = door()
    assert life.sources(Push.TEAR) == (Door.OPEN, Door.SHUT)
    assert life.sources(Push.SHUT) == (Door.OPEN,)
    assert life.target(Push.TEAR) is Door.GONE
    swinging = door({**MOVES, (Door.SHUT, Push.SHUT): Door.OPEN})
    with pytest.raises(LookupError, match="shut leads to 2 states"):
        swinging.target(Push.SHUT)


@pytest.mark.parametrize(
    ("moves", "fault"),
    [
        ({k: v for k, v in MOVES.items() if k[1] is not Push.SHUT}, "shut is never reached"),
        ({k: v for k, v in MOVES.items() if k[1] is not Push.TEAR}, "gone is never reached"),
        ({k: v for k, v in MOVES.items() if k[0] is not Door.SHUT}, "shut is no end and has no way out"),
        ({**MOVES, (Door.GONE, Push.OPEN): Door.OPEN}, "open leads out of the end gone"),
        ({k: v for k, v in MOVES.items() if k[1] is not Push.OPEN}, "open is in no move"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused(moves: Mapping[tuple[Door, Push], Door], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        door(moves)


def test_every_fault_of_a_table_is_named_at_once() -> None:
    moves = {move: after for move, after in MOVES.items() if move[1] is Push.SHUT}
    with pytest.raises(ValueError, match=r"^lifecycle door: ") as caught:
        door(moves)
    assert str(caught.value).removeprefix("lifecycle door: ").split("; ") == [
        "gone is never reached",
        "open is in no move",
        "shut is no end and has no way out",
        "tear is in no move",
    ]


def test_an_end_may_be_left_by_a_declared_act_alone() -> None:
    moves = {**MOVES, (Door.GONE, Push.OPEN): Door.OPEN}
    assert door(moves, reopening=frozenset({Push.OPEN})).next_state(Door.GONE, Push.OPEN) is Door.OPEN


def test_a_lifecycle_needs_a_start() -> None:
    with pytest.raises(ValueError, match="door: it has no start"):
        door(starts=frozenset())


def test_the_table_does_not_change_with_what_it_was_made_of() -> None:
    moves = dict(MOVES)
    life = door(moves)
    moves.clear()
    assert life.next_state(Door.OPEN, Push.SHUT) is Door.SHUT


def test_the_drawing_has_every_move_once() -> None:
    moves = {**MOVES, (Door.SHUT, Push.SHUT): Door.OPEN}
    assert door(moves).drawing().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> open",
        "    open --> shut: shut",
        "    shut --> open: open, shut",
        "    open --> gone: tear",
        "    shut --> gone: tear",
        "    gone --> [*]",
    ]


def test_what_never_ends_is_drawn_too() -> None:
    moves = {(Door.OPEN, Push.SHUT): Door.SHUT, (Door.SHUT, Push.OPEN): Door.GONE, (Door.GONE, Push.TEAR): Door.OPEN}
    round_ = Lifecycle("round", frozenset({Door.OPEN}), moves, frozenset())
    assert round_.drawing().splitlines()[-1] == "    gone --> open: tear"
