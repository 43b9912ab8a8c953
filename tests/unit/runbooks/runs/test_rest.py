"""Where a run goes on whose nodes did a step together: a table worked out by hand, and no node twice or left out."""

import dataclasses
import random
from datetime import UTC, datetime

import pytest

from runbooks.planning.planner import plan_run
from runbooks.runs.rest import Rest, rest_from
from runbooks.runs.run import Run, State
from runbooks.runs.steps import StepRecord
from tests.support.once import catalogue, example_site

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
PLAN = plan_run(catalogue().definitions["rollback"], (), example_site())
FIRST, *_, LAST = [
    n for n, step in enumerate(PLAN.steps, 1) if step.wave == 1
]  # ten nodes test their archives together
BEHIND = LAST + 1


def a_run(plan: object = PLAN, done: tuple[int, ...] = ()) -> Run:
    names = [field.name for field in dataclasses.fields(Run)]
    return Run(**{**dict.fromkeys(names), "state": State.UNKNOWN, "plan": plan, "first": 1, "done": done})  # type: ignore[arg-type]  # only what is looked at


def records(*states: str) -> list[StepRecord]:
    return [StepRecord(n, f"oa{n}", state, None, "", NOW, NOW) for n, state in enumerate(states, FIRST) if state]


def test_8_22_the_table_is_about_ten_nodes() -> None:
    assert (FIRST, LAST) == (1, 10)


@pytest.mark.parametrize(
    ("states", "place", "first", "done"),
    [
        (["done"] * 10, 11, 11, ()),
        (["done"] * 3 + ["exit"] + ["done"] * 6, 4, 4, (5, 6, 7, 8, 9, 10)),
        (["exit"] + ["done"] * 9, 1, 1, tuple(range(2, 11))),
        (["done"] * 9 + ["exit"], 10, 10, ()),
        (["done", "exit", "done", "not_begun", "ended"] + ["done"] * 5, 2, 2, (3, 6, 7, 8, 9, 10)),
        # what nobody knows is decided by the place that a person names: from there on it is done again
        (["done", "cut"] + ["done"] * 8, 2, 2, tuple(range(3, 11))),
        (["done", "cut"] + ["done"] * 8, 3, 11, ()),
        (["done", "cut", "done", "cut"] + ["done"] * 6, 3, 4, (5, 6, 7, 8, 9, 10)),
        (["running"] * 10, 1, 1, ()),
        # and never about a node that is known not to have ended well
        (["done", "exit", "cut"] + ["done"] * 7, 4, 2, (3, 4, 5, 6, 7, 8, 9, 10)),
        (["done"] * 8 + ["exit", "cut"], 11, 9, (10,)),
        (["done"] * 10, 5, 5, ()),  # all is known: a person may say what he likes
        ([], 5, 1, ()),  # not begun yet: it begins with its first node
    ],
)
def test_8_22_who_goes_on(states: list[str], place: int, first: int, done: tuple[int, ...]) -> None:
    assert rest_from(a_run(), records(*states), place) == Rest(first, done)


def test_8_22_no_node_is_packed_twice_or_left_out_however_often_it_stops() -> None:
    """Twenty ways: each life ends some nodes well and fails others; what is known decides, until all are done."""
    chance = random.Random(822)  # noqa: S311  repeatable
    site, definition = example_site(), catalogue().definitions["rollback"]
    for _ in range(20):
        rest, well = Rest(1), dict.fromkeys(range(FIRST, BEHIND), 0)
        while 0 in well.values():
            plan = plan_run(definition, (), site, first=rest.first, done=rest.done)
            wave = [n for n, step in enumerate(plan.steps, 1) if step.wave == 1]
            assert {plan.steps[n - 1].index for n in wave} == {n for n, times in well.items() if not times}
            told = {n: chance.choice(["done", "exit", "not_begun"]) for n in wave}
            for n, state in told.items():
                well[plan.steps[n - 1].index] += state == "done"
            found = [StepRecord(n, "", state, None, "", NOW, NOW) for n, state in told.items()]
            place = next((n for n, state in told.items() if state != "done"), wave[-1] + 1)
            following = rest_from(a_run(plan, rest.done), found, place)
            assert following is not None
            rest = following
        assert set(well.values()) == {1}
        assert rest.first == BEHIND
