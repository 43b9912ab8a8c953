"""No run without a valid yes, whatever people, the clock, the servers and the data do: generated histories, judged from outside."""

import dataclasses
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.runs.requesting import request
from runbooks.language.definition import Catalogue
from runbooks.language.vocabulary import Confirm
from runbooks.runs.run import State
from runbooks.runs.worker import Runner
from tests.support.scale import cases
from tests.unit.handlers.runs.histories import History
from tests.unit.handlers.runs.worlds import World, world

SEED = 20261122
HISTORIES = cases(200, 100_000)


@pytest.fixture
async def fast(quick_state: Path) -> AsyncIterator[World]:
    async with world(quick_state) as opened:
        yield opened


@pytest.mark.soak
@pytest.mark.timeout(0 if HISTORIES > 10_000 else 180)
async def test_nothing_runs_without_a_valid_yes(fast: World) -> None:
    for case in range(HISTORIES):
        try:
            await History(fast, random.Random(SEED + case)).play()  # noqa: S311  # a reproducible history, no secret
        except AssertionError as error:
            raise AssertionError(f"history {case} of seed {SEED}: {error}") from error
    assert fast.ran > HISTORIES / 10, "too few of them ran anything: the test would prove nothing"


async def test_a_runbook_that_began_to_change_things_is_not_run_unasked(fast: World) -> None:
    """Asked for as something that only reads, and the catalogue says otherwise by the time it would start."""
    history = History(fast, random.Random(1))  # noqa: S311  # unused here
    envelope = history.envelope("zhou", "duty-room")
    assert await fast.act("zhou", lambda work: request(fast.catalogue, "/read-it 1", envelope, work)) == "ok"
    changed = dataclasses.replace(fast.catalogue.definitions["read-it"], confirm=Confirm.SECOND)
    fast.runner = Runner(fast.transactions, fast.host, Catalogue({"read-it": changed}))
    await fast.work()
    assert [done.kind for done in fast.host.record] == []
    assert State.DONE not in {run.state for run in await fast.runs()}
