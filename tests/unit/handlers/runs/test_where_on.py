"""Where ``/resume`` goes on after a failure: at its step, or where what it took back began; never at what stands."""

import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from bot.storage import schema
from bot.storage.migrations import upgrade as upgrades
from bot.work.work import Work
from runbooks.language.load.catalogue import load_catalogue
from runbooks.language.vocabulary import Kind
from runbooks.planning.from_line import plan_line
from runbooks.planning.outcome import StepFault, StepResult, Undone
from runbooks.planning.plan import plan_json
from runbooks.runs import endings
from runbooks.runs import steps as store_steps
from runbooks.runs.lifecycle import Act, Request, begin, move
from runbooks.runs.run import State
from runbooks.runs.steps import StepRecord
from tests.support.desk import Desk, make_settings, open_desk
from tests.support.paths import EXAMPLE
from tests.unit.handlers.runs.rooms import ROOM, run

RUNBOOK = """
verb: change-all
alias: 全改
title: {zh: 全改, en: change all}
source: a test of what a failure took back
roles: [engineer]
where: balancer
group: oa
arguments:
  - {name: group, type: group, balanced: true, example: oa}
steps:
  - {set: {file: /x.properties, key: pool.max, value: "5"}}
  - roll: group
    batch: 1
    steps:
      - {title: {zh: 开, en: on}, on: here, run: [touch, /on], undo: [rm, /on]}
      - {title: {zh: 查, en: check}, on: here, run: [test, -e, /on]}
  - {title: {zh: 记, en: note}, run: [touch, /note], undo: [rm, /note]}
  - {title: {zh: 核, en: judge}, run: [test, -e, /fine]}
"""
ITEMS = ["", *[f"oa{number}" for number in range(1, 11) for _ in range(2)], "", ""]


@pytest.fixture
async def desk(tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    """Nobody looks at servers here: what was sent is put on record, with the end as the runner tells it."""
    data = tmp_path / "data"
    shutil.copytree(EXAMPLE, data)
    (data / "runbooks").mkdir(exist_ok=True)
    (data / "runbooks" / "change-all.yaml").write_text(RUNBOOK)
    async with open_desk(
        tmp_path / "state", empty_db, settings=make_settings(tmp_path / "state", data_dir=data)
    ) as desk:
        yield desk


async def fail(desk: Desk, place: int, undone: Undone, fault: StepFault = StepFault.EXIT) -> None:
    """R1 failed at ``place``, every step before it is done."""
    catalogue = load_catalogue(desk.app.settings.data_dir / "runbooks")
    now = desk.clock.real()
    plan = plan_line(catalogue, "/change-all oa", desk.site, now)
    assert [step.item for step in plan.steps] == ITEMS
    assert plan.steps[0].kind is Kind.SET

    def act(work: Work) -> None:
        added = begin(work, plan, Request("zhou", ROOM, "m"), State.APPROVED)
        assert move(work, added, Act.START)
        assert store_steps.begin_steps(work, added, 1, plan.steps[:place], may_stop=True)
        store_steps.end_steps(work, added, [_ended(n, place, fault, now) for n in range(1, place + 1)])
        results = [*[StepResult(None, 0)] * (place - 1), StepResult(fault, 1)]
        endings.failed(work, added, plan, results, undone, files=(), left=())

    await desk.app.transactions.do("test:fail", act)
    assert (await run(desk)).state is State.FAILED


def _ended(number: int, last: int, fault: StepFault, now: datetime) -> StepRecord:
    return StepRecord(number, "lb1", "done" if number < last else fault.value, 0, "", now, now)


@pytest.mark.parametrize(
    ("place", "undone", "first"),
    [
        (23, Undone.RESTORED, 22),  # the note alone: the set before the roll stands, and the roll is not done again
        (22, Undone.NOTHING, 22),
        (23, Undone.LEFT, 23),
        (23, Undone.NOTHING, 23),
        (7, Undone.RESTORED, 6),  # oa3's own; oa1 and oa2 stay as they are
        (7, Undone.LEFT, 7),
        (3, Undone.RESTORED, 2),
    ],
)
async def test_it_goes_on_where_what_was_taken_back_began(desk: Desk, place: int, undone: Undone, first: int) -> None:
    await fail(desk, place, undone)
    await desk.says("zhou", "/resume R1", chat=ROOM)
    assert (await run(desk, 2)).first == first


async def test_what_is_live_while_old_workers_linger_is_not_done_again(desk: Desk) -> None:
    await fail(desk, 23, Undone.LEFT, StepFault.OLD_WORKERS)
    await desk.says("zhou", "/resume R1", chat=ROOM)
    assert (await run(desk, 2)).first == 23


async def test_a_run_that_failed_in_the_version_before_goes_on_where_it_would_have(desk: Desk, tmp_path: Path) -> None:
    """What was taken back stood in the audit log alone; the newest line of its failing is taken over once."""
    catalogue = load_catalogue(desk.app.settings.data_dir / "runbooks")
    stored = json.dumps(plan_json(plan_line(catalogue, "/change-all oa", desk.site, desk.clock.real())))
    old = tmp_path / "old.db"
    upgrades.upgrade(old, "0004")
    with closing(sqlite3.connect(old)) as database, database:
        for number, state in ((1, "failed"), (2, "failed"), (3, "done")):
            database.execute(
                "INSERT INTO run (id, verb, line, dry_run, requester, chat, message, state, plan, hash, posts, requested_at,"
                " step, stop, look_back, keys, first) VALUES (?, 'change-all', '/change-all oa', 0, 'zhou', 'duty-room', 'm',"
                " ?, ?, 'h', '[]', '2026-10-14 01:58:00.000000', 2, 0, 0, '{}', 1)",
                (number, state, stored),
            )
        for number, target, undone in ((1, "R1", "left"), (2, "R1", "restored"), (3, "R2", "nothing")):
            database.execute(
                "INSERT INTO audit (seq, at, actor, action, target, outcome, detail, prev, hash) VALUES"
                " (?, '2026-10-14 02:00:00.000000', 'system', 'run.end', ?, 'failed', ?, '', '')",
                (number, target, json.dumps({"line": "/change-all oa", "step": 23, "undone": undone})),
            )
    schema.prepare(old)
    with closing(sqlite3.connect(old)) as database:
        found = database.execute("SELECT id, undone FROM run ORDER BY id").fetchall()
    assert found == [(1, "restored"), (2, "nothing"), (3, None)]
