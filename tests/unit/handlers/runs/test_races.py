"""Two processes on one database confirm and claim the same runs at once: every run is granted exactly once (fault F75)."""

import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.storage.clock import ManualClock
from bot.storage.store import Store
from bot.storage.tables import table_of
from bot.work.runtime import Runtime
from bot.work.work import Transactions, Work
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.from_line import plan_line
from runbooks.runs import asking, store
from runbooks.runs.lifecycle import Request, begin
from runbooks.runs.stored_plan import write_plan
from runbooks.runs.tables import RunRow
from tests.support.desk import WORKDAY, make_settings
from tests.support.once import example_site, renderer
from tests.support.scale import cases
from tests.unit.handlers.runs.conftest import POLICIES
from tests.unit.handlers.runs.racer import AT_ONCE

RUNS_TABLE = table_of(RunRow)
RUNS = cases(200, 10_000)
IN_ONE = 200


async def ask_all(state: Path) -> None:
    """Runs that wait for a yes, each with a target of its own."""
    settings, clock, site = make_settings(state), ManualClock(WORKDAY), example_site()
    opened = Store(settings.database)
    opened.open()
    transactions = Transactions(opened, Runtime(settings, clock, renderer(site.tz), lambda: site))
    plan = plan_line(load_catalogue(POLICIES), "/do-two 1", site, WORKDAY)

    def some(work: Work) -> None:
        for _ in range(IN_ONE):
            run = begin(work, plan, Request("zhou", "duty-room", "m"))
            asking.show(work, run, plan, {})
            found = store.get(work, run.id)
            assert found is not None
            own = write_plan(replace(found.plan, locks=(f"target-{run.id}",)))
            work.execute(update(RUNS_TABLE).where(RUNS_TABLE.c.id == run.id).values(plan=own))

    for number in range(RUNS // IN_ONE):
        await transactions.do(f"ask{number}", some)
    await opened.close()


def racer(state: Path, person: str, record: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.unit.handlers.runs.racer", str(state), person, str(RUNS), str(record)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.soak
@pytest.mark.timeout(0 if RUNS > 1000 else 1800)
async def test_every_run_is_granted_once(quick_state: Path, tmp_path: Path) -> None:
    record = tmp_path / "granted"
    await ask_all(quick_state)
    racers = [racer(quick_state, person, record) for person in ("wen", "qiao")]
    for _ in range(RUNS // AT_ONCE):
        for one in racers:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in racers:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
    for one in racers:
        one.communicate(timeout=None if RUNS > 1000 else 1800)
        assert one.returncode == 0
    lines = [line.split() for line in record.read_text().splitlines()]
    assert Counter(number for number, _ in lines) == Counter(str(number) for number in range(1, RUNS + 1))
    assert {person for _, person in lines} == {"wen", "qiao"}, "there was no race"
    with closing(sqlite3.connect(quick_state / "zhiban.db")) as database:
        assert database.execute("SELECT DISTINCT state FROM run").fetchall() == [("running",)]
        said = database.execute("SELECT count(*) FROM audit WHERE action = 'run.confirm'").fetchone()
    assert said == (RUNS,)
