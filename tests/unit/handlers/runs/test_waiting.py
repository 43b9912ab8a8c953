"""A run whose step asks a person waits as a row: the bot dies and comes back meanwhile, and nothing changes for who waits.

The oracle is outside: what the commands noted on their host, and the file that the run sets there.
"""

import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.storage import schema
from bot.storage.migrations import upgrade as upgrades
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.from_line import plan_line
from runbooks.runs import questions
from runbooks.runs.run import State
from runbooks.runs.stored_plan import write_plan
from runbooks.runs.worker import Runner
from tests.support.desk import Desk, Said
from tests.support.estate import Estate
from tests.support.paths import EXAMPLE
from tests.support.runner import runner
from tests.unit.handlers.runs.rooms import ROOM, code, run, say, served

pytestmark = pytest.mark.servers
LONG = "x" * 80 + "\n"
ASKED = "停在第 2 步，等人确认\n可以改了吗"


@dataclass
class Host:
    """What the host of the run keeps: the words of each command, and the file."""

    noted: Path
    conf: Path

    @property
    def argv(self) -> list[str]:
        return self.noted.read_text().split() if self.noted.exists() else []


@pytest.fixture
def host(tmp_path: Path) -> Host:
    note = tmp_path / "note"
    note.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/noted\nfor n in $(seq 200); do echo {LONG.strip()}; done\n')
    note.chmod(0o755)
    conf = tmp_path / "app.properties"
    conf.write_text("pool.max=5\npool.min=1\n")
    return Host(tmp_path / "noted", conf)


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path, host: Host) -> AsyncIterator[Desk]:
    data = tmp_path / "data"
    shutil.copytree(EXAMPLE, data)
    (data / "runbooks").mkdir(exist_ok=True)
    (data / "runbooks" / "ask-me.yaml").write_text(
        f"""
verb: ask-me
alias: 问我
title: {{zh: 问, en: ask}}
source: a test
roles: [engineer]
where: balancer
group: oa
steps:
  - {{title: {{zh: 前, en: before}}, run: [{tmp_path}/note, before], undo: [{tmp_path}/note, undone]}}
  - {{ask: {{zh: 可以改了吗, en: may it be changed}}, limit: 600}}
  - {{title: {{zh: 改, en: set}}, set: {{file: "{host.conf}", key: pool.max, value: "9"}}}}
  - {{ask: {{zh: 可以收尾了吗, en: may it end}}, limit: 600}}
  - {{title: {{zh: 后, en: behind}}, run: [{tmp_path}/note, behind]}}
"""
    )
    async with served(estate, tmp_path / "state", empty_db, data_dir=data) as opened:
        yield opened


async def reborn(desk: Desk) -> None:
    """Another life of the bot, which knows nothing but the database and the state folder."""
    catalogue = load_catalogue(desk.app.settings.data_dir / "runbooks")
    other = Runner(desk.app.transactions, runner(desk.app).remote, catalogue)
    desk.work[:] = [other.step]
    await other.recover()
    await desk.settle()


async def asked(desk: Desk) -> Said:
    """The run is confirmed and waits at its first question."""
    await say(desk, "zhou", "/ask-me")
    await say(desk, "wen", "/confirm R1")
    pause = (await desk.bot(ROOM))[-1]
    assert ASKED in pause.text
    return pause


async def test_a_yes_after_a_restart_is_taken_and_the_rest_runs_once(desk: Desk, host: Host) -> None:
    pause = await asked(desk)
    said = len(await desk.bot(ROOM))
    await reborn(desk)
    await reborn(desk)
    assert len(await desk.bot(ROOM)) == said, "who waits hears nothing of a restart"
    assert ((await run(desk)).state, (await run(desk)).waits) == (State.RUNNING, 2)
    await desk.taps("zhou", pause, "continue")
    assert await code(desk) == ("refused", "self_confirm")
    assert host.argv == ["before"]

    await desk.taps("wen", pause, "continue")
    assert host.conf.read_text() == "pool.max=9\npool.min=1\n"
    assert (host.argv, (await run(desk)).waits) == (["before"], 4)
    await reborn(desk)
    done = await say(desk, "wen", "/resume R1")
    assert done.text.startswith("R1 完成")
    assert host.argv == ["before", "behind"]
    await reborn(desk)
    assert host.argv == ["before", "behind"]
    assert (await run(desk)).state is State.DONE


async def test_the_whole_output_outlives_the_restart(desk: Desk, host: Host) -> None:
    pause = await asked(desk)
    kept = desk.app.settings.state_dir / "runs" / "R1.txt"
    before = kept.read_text()
    assert before.count(LONG) == 200
    await reborn(desk)
    await desk.taps("wen", pause, "continue")
    await say(desk, "wen", "/resume R1")
    assert kept.read_text().startswith(before.rstrip("\n"))
    assert kept.read_text().count(LONG) == 400
    assert rows(desk, "SELECT count(*) FROM run_result") == [(0,)]


async def test_nobody_says_yes_and_what_was_done_is_taken_back(desk: Desk, host: Host) -> None:
    await asked(desk)
    await reborn(desk)
    desk.clock.move_to(desk.clock.now() + timedelta(seconds=599))
    await desk.settle()
    assert host.argv == ["before"]
    desk.clock.move_to(desk.clock.now() + timedelta(seconds=1))
    await desk.settle()
    assert host.argv == ["before", "undone"]
    assert ((await run(desk)).state, (await run(desk)).code) == (State.FAILED, "not_confirmed")
    assert "没有人确认" in (await desk.bot(ROOM))[-1].text
    await say(desk, "wen", "/resume R1")
    assert host.argv == ["before", "undone"]


async def test_a_yes_that_comes_too_late_is_none(desk: Desk, host: Host) -> None:
    pause = await asked(desk)
    desk.clock.move_to(desk.clock.now() + timedelta(seconds=600))
    step = desk.work.pop()  # the bot was down when the time was up
    await desk.taps("wen", pause, "continue")
    assert await code(desk) == ("refused", "already_used")
    desk.work.append(step)
    await desk.settle()
    assert host.argv == ["before", "undone"]


async def test_it_is_cancelled_while_it_waits(desk: Desk, host: Host) -> None:
    pause = await asked(desk)
    await reborn(desk)
    await say(desk, "zhou", "/cancel R1")
    assert ((await run(desk)).state, (await run(desk)).code) == (State.CANCELLED, "stopped")
    assert "R1 已停下：完成 1/5 步" in (await desk.bot(ROOM))[-1].text
    await desk.taps("wen", pause, "continue")
    assert await code(desk) == ("refused", "already_used")
    assert host.argv == ["before"]


async def test_a_file_that_was_changed_meanwhile_is_not_overwritten(desk: Desk, host: Host) -> None:
    pause = await asked(desk)
    await reborn(desk)
    host.conf.write_text("pool.max=6\n")
    await desk.taps("wen", pause, "continue")
    assert ((await run(desk)).state, (await run(desk)).code) == (State.FAILED, "changed")
    assert host.conf.read_text() == "pool.max=6\n"
    assert host.argv == ["before", "undone"]


async def test_a_host_that_is_pinned_anew_meanwhile_is_not_gone_on_with(
    desk: Desk, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause = await asked(desk)
    remote = runner(desk.app).remote
    monkeypatch.setattr(type(remote), "pinned", lambda self, targets: {"lb1": ["SHA256:another"]})
    await reborn(desk)
    await desk.taps("wen", pause, "continue")
    assert ((await run(desk)).state, (await run(desk)).code) == (State.FAILED, "changed")
    assert host.conf.read_text() == "pool.max=5\npool.min=1\n"


async def test_a_cancel_is_a_cancel_even_where_the_host_was_pinned_anew(
    desk: Desk, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(desk)
    monkeypatch.setattr(type(runner(desk.app).remote), "pinned", lambda self, targets: {"lb1": ["SHA256:another"]})
    await reborn(desk)
    await say(desk, "zhou", "/cancel R1")
    assert ((await run(desk)).state, (await run(desk)).code) == (State.CANCELLED, "stopped")
    assert host.argv == ["before"]


async def test_a_yes_that_nobody_took_for_long_is_asked_for_once_more(desk: Desk, host: Host) -> None:
    pause = await asked(desk)
    step = desk.work.pop()
    await desk.taps("wen", pause, "continue")
    desk.clock.move_to(desk.clock.now() + timedelta(minutes=5, seconds=1))
    desk.work.append(step)
    await reborn(desk)
    assert ASKED in (await desk.bot(ROOM))[-1].text
    assert host.conf.read_text() == "pool.max=5\npool.min=1\n"
    await desk.taps("wen", (await desk.bot(ROOM))[-1], "continue")
    assert host.conf.read_text() == "pool.max=9\npool.min=1\n"
    assert host.argv == ["before"]


async def test_a_waiting_run_needs_no_heartbeat_and_is_taken_by_one(desk: Desk, host: Host) -> None:
    pause = await asked(desk)
    desk.clock.move_to(desk.clock.now() + timedelta(minutes=9))
    await desk.settle()
    assert (await run(desk)).state is State.RUNNING
    step = desk.work.pop()
    await desk.taps("wen", pause, "continue")
    waiting = await run(desk)
    take = desk.app.transactions.do
    first = await take("test:one", lambda work: questions.take(work, waiting))
    second = await take("test:two", lambda work: questions.take(work, waiting))
    assert first is not None
    assert (first.place, first.answered_by, second) == (2, "wen", None)
    desk.work.append(step)
    await reborn(desk)  # who took it has died: nothing was sent, and people say how it goes on
    assert (await run(desk)).state is State.UNKNOWN
    assert host.argv == ["before"]


async def test_a_run_that_waited_in_the_version_before_waits_on(desk: Desk, tmp_path: Path) -> None:
    """Its row had the place alone; the deadline is what the step's limit gave it then.

    Where its stored plan has no question at that place (R2: the looks before a run that only reads left steps out, which
    was not stored), it is nobody's: people are told, and nothing goes on by a guess.
    """
    old = tmp_path / "old.db"
    upgrades.upgrade(old, "0002")
    catalogue = load_catalogue(desk.app.settings.data_dir / "runbooks")
    plan = plan_line(catalogue, "/ask-me", desk.site, desk.clock.real())
    stored = {name: value for name, value in write_plan(plan).items() if name != "version"}
    with closing(sqlite3.connect(old)) as database, database:
        database.executemany(
            "INSERT INTO run (id, verb, line, dry_run, requester, chat, message, state, plan, hash, posts, requested_at, step,"
            " stop, look_back, keys, first, waits) VALUES (?, 'ask-me', '/ask-me', 0, 'zhou', 'duty-room', 'm', 'running', ?,"
            " 'h', '[]', '2026-10-14 01:58:00.000000', 2, 0, 0, '{}', 1, ?)",
            [(1, json.dumps(stored), 2), (2, json.dumps(stored), 3)],
        )
        database.executemany(
            "INSERT INTO run_step (run, place, host, commands, state, started_at, output)"
            " VALUES (?, ?, 'lb1', '[]', 'running', '2026-10-14 02:00:00.000000', '')",
            [(1, 2), (2, 3)],
        )
    schema.prepare(old)
    with closing(sqlite3.connect(old)) as database:
        found = database.execute(
            "SELECT run, place, asked_at, until, answered_at, taken_at FROM run_question"
        ).fetchall()
    assert found == [(1, 2, "2026-10-14 02:00:00.000000", "2026-10-14 02:10:00.000000", None, None)]


def rows(desk: Desk, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(desk.app.settings.database)) as database:
        return database.execute(query).fetchall()


@pytest.mark.parametrize("way", ["tap", "command"])
async def test_8_2_while_the_data_has_faults_a_waiting_step_gets_no_yes(desk: Desk, host: Host, way: str) -> None:
    """It waits on, and goes on once the files are mended."""
    pause = await asked(desk)
    site = desk.app.runtime.site()
    desk.app.runtime.site = lambda: site.with_faults(("hosts.yaml:1: not valid YAML",))

    async def yes() -> Said:
        if way == "command":
            return await say(desk, "wen", "/resume R1")
        await desk.taps("wen", pause, "continue")
        return (await desk.bot(ROOM))[-1]

    assert "服务器操作暂时停用" in (await yes()).text
    assert (host.conf.read_text(), (await run(desk)).waits) == ("pool.max=5\npool.min=1\n", 2)
    desk.app.runtime.site = lambda: site
    await yes()
    assert (host.conf.read_text(), (await run(desk)).waits) == ("pool.max=9\npool.min=1\n", 4)
