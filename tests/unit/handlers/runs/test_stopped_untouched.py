"""A run that is stopped while it waits for a person before its first step: nothing was done, and nothing else is said."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runbooks.runs.run import State
from tests.support.desk import Desk
from tests.support.estate import Estate
from tests.support.paths import EXAMPLE
from tests.unit.handlers.runs.rooms import ROOM, run, say, served

pytestmark = pytest.mark.servers


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    data = tmp_path / "data"
    shutil.copytree(EXAMPLE, data)
    (data / "runbooks").mkdir(exist_ok=True)
    note = tmp_path / "note"
    note.write_text(f"#!/bin/sh\necho done >> {tmp_path}/noted\n")
    note.chmod(0o755)
    (data / "runbooks" / "ask-first.yaml").write_text(
        f"""
verb: ask-first
alias: 先问
title: {{zh: 先问, en: ask first}}
source: a test
roles: [engineer]
where: balancer
group: oa
steps:
  - {{ask: {{zh: 可以开始了吗, en: may it begin}}, limit: 600}}
  - {{title: {{zh: 做, en: do}}, run: [{note}]}}
  - {{ask: {{zh: 可以收尾了吗, en: may it end}}, limit: 600}}
"""
    )
    async with served(estate, tmp_path / "state", empty_db, data_dir=data) as opened:
        yield opened


async def test_8_9_what_did_nothing_is_not_said_to_be_running_and_leaves_nothing_to_look_at(
    desk: Desk, tmp_path: Path
) -> None:
    await say(desk, "zhou", "/ask-first")
    await say(desk, "wen", "/confirm R1")
    said = [message.text for message in await desk.says("zhou", "/cancel R1", chat=ROOM)]
    assert any(text == "R1 不再等人确认，马上停下；已改配置的会放回。" for text in said)
    assert any(text == "R1 已停下：还没有动 lb1，什么都没有执行。" for text in said)
    assert not any("正在执行" in text or "请查看" in text for text in said)
    assert (await run(desk)).state is State.CANCELLED
    assert not (tmp_path / "noted").exists()
    (listed,) = await desk.says("zhou", "/runs", chat=ROOM)
    assert listed.text == "没有等待、执行中或停下待继续的操作。"


async def test_8_9_what_did_something_is_left_to_be_looked_at(desk: Desk, tmp_path: Path) -> None:
    await say(desk, "zhou", "/ask-first")
    await say(desk, "wen", "/confirm R1")
    await say(desk, "wen", "/resume R1")
    said = [message.text for message in await desk.says("zhou", "/cancel R1", chat=ROOM)]
    assert any("R1 已停下：完成 2/3 步，后面的没有执行。请查看" in text for text in said)
    assert (tmp_path / "noted").read_text() == "done\n"
    (listed,) = await desk.says("zhou", "/runs", chat=ROOM)
    assert "已停下，继续发 /resume R1" in listed.text
