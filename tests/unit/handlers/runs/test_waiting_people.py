"""Whose yes to a waiting step counts, and who may take it: too early, too late, by somebody who has left.

The oracle is outside: what the commands noted on their host, and the host's record of the run.
"""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from runbooks.runs import questions
from runbooks.runs.run import State
from tests.support.desk import Desk
from tests.support.estate import Estate
from tests.support.paths import EXAMPLE
from tests.support.runner import runner
from tests.unit.handlers.runs.rooms import code, run, say, served

pytestmark = pytest.mark.servers


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    data = tmp_path / "data"
    shutil.copytree(EXAMPLE, data)
    books = data / "runbooks"
    books.mkdir(exist_ok=True)
    note = tmp_path / "note"
    note.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/noted\n')
    note.chmod(0o755)
    (books / "ask-two.yaml").write_text(
        f"""
verb: ask-two
alias: 问二
title: {{zh: 问, en: ask}}
source: a test
roles: [engineer]
where: balancer
group: oa
steps:
  - {{title: {{zh: 前, en: before}}, run: [{note}, before], undo: [{note}, undone]}}
  - {{ask: {{zh: 一, en: one}}, limit: 600}}
  - {{ask: {{zh: 二, en: two}}, limit: 600}}
  - {{title: {{zh: 后, en: behind}}, run: [{note}, behind]}}
"""
    )
    (books / "ask-read.yaml").write_text(
        f"""
verb: ask-read
alias: 读问
title: {{zh: 读, en: read}}
source: a test
roles: [engineer]
confirm: none
where: balancer
group: oa
steps:
  - {{title: {{zh: 前, en: before}}, run: [{note}, before]}}
  - {{ask: {{zh: 还要看吗, en: more}}, limit: 600}}
  - {{title: {{zh: 后, en: behind}}, run: [{note}, behind]}}
"""
    )
    conf = tmp_path / "app.properties"
    conf.write_text("db.password=hunter2\n")
    (books / "ask-set.yaml").write_text(
        f"""
verb: ask-set
alias: 改密
title: {{zh: 改, en: set}}
source: a test
roles: [engineer]
where: balancer
group: oa
steps:
  - {{title: {{zh: 改, en: set}}, set: {{file: "{conf}", key: db.password, value: changeme}}}}
  - {{ask: {{zh: 可以了吗, en: may it}}, limit: 600}}
"""
    )
    async with served(estate, tmp_path / "state", empty_db, data_dir=data) as opened:
        yield opened


async def test_a_question_is_not_taken_before_it_is_over(desk: Desk, tmp_path: Path) -> None:
    """Another process that saw the answer to the question before comes when the next one waits already."""
    await say(desk, "zhou", "/ask-two")
    await say(desk, "wen", "/confirm R1")
    await say(desk, "wen", "/resume R1")
    waiting = await run(desk)
    assert waiting.waits == 3
    late = await desk.app.transactions.do("test:late", lambda work: questions.take(work, waiting))
    assert late is None
    await say(desk, "wen", "/resume R1")
    assert (await run(desk)).state is State.DONE
    assert (tmp_path / "noted").read_text().split() == ["before", "behind"]


async def test_a_yes_whose_giver_lost_his_role_before_it_was_taken(desk: Desk, tmp_path: Path) -> None:
    await say(desk, "zhou", "/ask-two")
    await say(desk, "wen", "/confirm R1")
    await say(desk, "wen", "/resume R1")
    step = desk.work.pop()
    await say(desk, "wen", "/resume R1")
    site = desk.site
    people = {**site.people, "wen": replace(site.people["wen"], roles=frozenset())}
    desk.app.runtime.site = lambda: replace(site, people=people)
    desk.work.append(step)
    await desk.settle()
    assert (tmp_path / "noted").read_text().split() == ["before"]
    assert (await run(desk)).waits == 3


async def test_the_requester_lost_his_role_while_the_run_waits(desk: Desk, tmp_path: Path) -> None:
    await say(desk, "zhou", "/ask-two")
    await say(desk, "wen", "/confirm R1")
    site = desk.site
    people = {**site.people, "zhou": replace(site.people["zhou"], roles=frozenset())}
    desk.app.runtime.site = lambda: replace(site, people=people)
    await say(desk, "wen", "/resume R1")
    assert await code(desk) == ("refused", "requester_role")
    assert (await run(desk)).waits == 2
    desk.clock.move_to(desk.clock.now() + timedelta(seconds=600))
    await desk.settle()
    assert (tmp_path / "noted").read_text().split() == ["before", "undone"]


async def test_what_is_taken_back_at_a_question_is_marked_as_its_place(
    desk: Desk, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a run that dies there finds its own commands in the host's record."""
    await say(desk, "zhou", "/ask-two")
    await say(desk, "wen", "/confirm R1")
    monkeypatch.setattr(type(runner(desk.app).remote), "pinned", lambda self, targets: {"lb1": ["SHA256:another"]})
    await say(desk, "wen", "/resume R1")
    marks = estate.servers["lb1"].home / ".zhiban/runs" / (await run(desk)).record
    assert sorted(mark.name for mark in marks.iterdir()) == ["1.1", "2.1"]


async def test_a_run_that_only_reads_asks_where_it_was_asked_for(desk: Desk, tmp_path: Path) -> None:
    asked = await say(desk, "zhou", "/ask-read")
    assert "还要看吗" in asked.text
    await say(desk, "zhou", "/resume R1")
    assert (await run(desk)).state is State.DONE
    assert (tmp_path / "noted").read_text().split() == ["before", "behind"]


async def test_what_a_waiting_run_keeps_has_no_password(desk: Desk, tmp_path: Path) -> None:
    """Neither that of the file before, nor the one that stands there now."""
    await say(desk, "zhou", "/ask-set")
    await say(desk, "wen", "/confirm R1")
    assert (tmp_path / "app.properties").read_text() == "db.password=changeme\n"
    with closing(sqlite3.connect(desk.app.settings.database)) as database:
        kept = database.execute("SELECT output FROM run_result UNION SELECT output FROM run_step").fetchall()
    assert ("- db.password=***\n+ db.password=***",) in kept
    assert "hunter2" not in str(kept)
    assert "changeme" not in str(kept)
