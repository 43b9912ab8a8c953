"""No run without a valid yes, whatever people, the clock, the servers and the data do: generated histories, judged from outside."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.handlers.runs.worlds import World, world
from tests.support.scale import cases

SEED = 20261122
HISTORIES = cases(700, 100_000)


@pytest.fixture
async def fast(quick_state: Path) -> AsyncIterator[World]:
    async with world(quick_state) as opened:
        yield opened


@pytest.mark.timeout(0 if HISTORIES > 10_000 else 180)
async def test_nothing_runs_without_a_valid_yes(fast: World) -> None:
    for case in range(HISTORIES):
        try:
            await fast.history(random.Random(SEED + case))  # noqa: S311  # a reproducible history, no secret
        except AssertionError as error:
            raise AssertionError(f"history {case} of seed {SEED}: {error}") from error
    assert fast.ran > HISTORIES / 10, "too few of them ran anything: the test would prove nothing"
