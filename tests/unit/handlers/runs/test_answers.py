"""What people read of a run's results and before a yes in its middle, and where one goes on that took steps back."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runbooks.runs.run import State
from tests.support.desk import Desk
from tests.support.estate import Estate
from tests.support.paths import EXAMPLE
from tests.support.runner import runner
from tests.support.sshd import needs
from tests.unit.handlers.runs.rooms import ROOM, code, run, say, served

pytestmark = pytest.mark.servers
GROUP = "shifuban"
DIRECT = "dm-zhou"
HEAD = """
verb: {verb}
alias: {alias}
title: {{zh: {alias}, en: {verb}}}
source: a test
roles: [engineer]
confirm: self
where: balancer
group: oa
"""
PACK = """
steps:
  - {{title: {{zh: 打包, en: pack}}, run: [cp, "{folder}/data", "{folder}/pack"]}}
  - {{title: {{zh: 大小, en: size}}, run: [wc, -c, "{folder}/pack"], show: '^ *([0-9]+)'}}
  - {{title: {{zh: 校验和, en: checksum}}, run: [sha256sum, "{folder}/pack"], show: '^[0-9a-f]{{64}}'}}
"""
GROW = """
steps:
  - {{title: {{zh: 看新盘, en: the disk}}, run: [cat, "{folder}/data"], show: '.+'}}
  - {{ask: {{zh: 盘对吗, en: is it the one}}, limit: 60}}
  - {{title: {{zh: 写入, en: write}}, run: [touch, "{folder}/written"]}}
  - {{ask: {{zh: 还继续吗, en: still}}, limit: 60}}
  - {{title: {{zh: 以后, en: after}}, run: [touch, "{folder}/after"]}}
"""
AGAIN = """
look:
  - {{name: fresh, on: balancer, run: [test, "!", -e, "{folder}/kept"], refuse: {{zh: 已有, en: there already}}}}
steps:
  - {{title: {{zh: 留下, en: keep}}, run: [touch, "{folder}/kept"], ends: [fresh]}}
  - {{title: {{zh: 加入, en: join}}, run: [touch, "{folder}/joined"], undo: [rm, "{folder}/joined"]}}
  - {{title: {{zh: 增长, en: grow}}, run: [test, -e, "{folder}/room", -a, -e, "{folder}/joined"]}}
"""
STAMP = """
steps:
  - {{title: {{zh: 打包, en: pack}}, run: [touch, "{folder}/pack-{{stamp}}"]}}
  - {{title: {{zh: 修好了吗, en: mended}}, run: [test, -e, "{folder}/mended", -a, -e, "{folder}/pack-{{stamp}}"]}}
"""
RUNBOOKS = (
    ("pack-it", "打它", PACK),
    ("grow-it", "长它", GROW),
    ("try-it", "试它", AGAIN),
    ("stamp-it", "记它", STAMP),
)


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    data = tmp_path / "data-dir"
    shutil.copytree(EXAMPLE, data)
    (data / "runbooks").mkdir(exist_ok=True)
    (tmp_path / "data").write_text("sdb 2 GiB\nblank\n")
    for verb, alias, steps in RUNBOOKS:
        text = HEAD.format(verb=verb, alias=alias) + steps.format(folder=tmp_path)
        (data / "runbooks" / f"{verb}.yaml").write_text(text)
    async with served(estate, tmp_path / "state", empty_db, data_dir=data) as opened:
        yield opened


async def test_size_and_checksum_stand_in_the_answer_and_on_the_audit_log(desk: Desk, tmp_path: Path) -> None:
    await say(desk, "zhou", "/pack-it")
    done = await say(desk, "zhou", "/confirm R1")
    told = await asyncio.create_subprocess_exec("sha256sum", tmp_path / "pack", stdout=asyncio.subprocess.PIPE)
    checksum = (await told.communicate())[0].decode().split()[0]
    assert done.text.splitlines()[1:] == ["```", "大小：16", f"校验和：{checksum}", "```"]
    ended = [line.entry for line in await desk.audit() if line.entry.action == "run.end"]
    assert json.loads(ended[-1].detail)["said"] == {"lb1 size": ["16"], "lb1 checksum": [checksum]}


async def test_in_a_group_of_reporters_nobody_reads_what_the_servers_said(desk: Desk) -> None:
    await desk.says("zhou", "/pack-it", chat=GROUP)
    await desk.says("zhou", "/confirm R1", chat=DIRECT)
    done = (await desk.bot(GROUP))[-1]
    assert done.text.startswith("R1 完成")
    assert "校验和" not in done.text
    await desk.says("zhou", "/grow-it", chat=GROUP)
    asked = await answered(desk, "zhou", "/confirm R2", DIRECT, 2)
    assert "盘对吗" in asked
    assert "blank" in asked
    assert not [m for m in await desk.bot(GROUP) if "blank" in m.text]
    await say(desk, "zhou", "/cancel R2", chat=GROUP)


async def test_before_a_yes_people_see_what_was_found_and_what_it_starts(desk: Desk, tmp_path: Path) -> None:
    await say(desk, "zhou", "/grow-it")
    first = await answered(desk, "zhou", "/confirm R1", ROOM, 2)
    assert "```\n看新盘：\n  sdb 2 GiB\n  blank\n```\n盘对吗\n确认后执行：\n" in first
    assert f"　写入（lb1）：touch {tmp_path}/written\n由申请人" in first
    assert not (tmp_path / "written").exists()
    second = await answered(desk, "zhou", "/resume R1", ROOM, 4)
    assert "blank" not in second
    assert f"　以后（lb1）：touch {tmp_path}/after" in second
    assert (tmp_path / "written").exists()
    await say(desk, "zhou", "/cancel R1")
    assert not (tmp_path / "after").exists()


@pytest.mark.parametrize("chat", [ROOM, GROUP])
async def test_before_a_yes_the_whole_of_a_long_list_can_be_read(desk: Desk, tmp_path: Path, chat: str) -> None:
    """As many as the server said, not as the record keeps; in a group of reporters to who asked, and to who taps."""
    listed = [f"sql/{n}-{'x' * 60}.sql" for n in range(100)]
    (tmp_path / "data").write_text("\n".join(listed))
    await desk.says("zhou", "/grow-it", chat=chat)
    reader = chat if chat == ROOM else DIRECT
    await answered(desk, "zhou", "/confirm R1", reader, 2)
    told = next(m for m in reversed(await desk.bot(reader)) if "…（100）" in m.text)
    assert f"  {listed[0]}\n" in told.text
    assert [file["name"] for file in told.shown["files"]] == ["R1.txt"]
    assert (tmp_path / "state/runs/R1.txt").read_text().splitlines()[1:] == listed
    if chat == GROUP:
        assert not [m for m in await desk.bot(GROUP) if m.shown["files"] or "sql/" in m.text]
        desk.work.clear()  # the runner would wait until the question's limit is over
        shown = await desk.says("wen", "/output R1", chat=GROUP)
        desk.work.append(runner(desk.app).step)
        assert [[file["name"] for file in m.shown["files"]] for m in shown if m.chat == "dm-wen"] == [["R1.txt"]]
    await say(desk, "zhou", "/cancel R1", chat=chat)


async def test_8_22_a_run_that_goes_on_tomorrow_finds_what_it_named_today(desk: Desk, tmp_path: Path) -> None:
    """The minute in a name is that of the first asking, also when its yes comes after midnight."""
    await desk.later(hours=13, minutes=58)
    await say(desk, "zhou", "/stamp-it")
    await desk.later(minutes=3)
    assert "未完成" in (await say(desk, "zhou", "/confirm R1")).text
    (tmp_path / "mended").touch()
    await desk.later(hours=10)
    await say(desk, "zhou", "/resume R1")
    assert (await say(desk, "zhou", "/confirm R2")).text.startswith("R2 完成")
    assert [path.name for path in tmp_path.glob("pack-*")] == ["pack-20261014-2358"]
    await say(desk, "zhou", "/stamp-it")
    await say(desk, "zhou", "/confirm R3")
    assert sorted(path.name for path in tmp_path.glob("pack-*")) == ["pack-20261014-2358", "pack-20261015-1001"]


async def test_what_a_failure_took_back_is_done_again(desk: Desk, tmp_path: Path) -> None:
    """It goes on past the file that it has made itself, from the step that was undone."""
    await say(desk, "zhou", "/try-it")
    failed = await say(desk, "zhou", "/confirm R1")
    assert "第 3 步 增长（lb1）报错" in failed.text
    assert ((tmp_path / "kept").exists(), (tmp_path / "joined").exists()) == (True, False)
    await say(desk, "zhou", "/try-it")
    assert await code(desk) == ("refused", "precondition")
    (tmp_path / "room").touch()
    question = await say(desk, "zhou", "/resume R1")
    assert "从第 2 步继续：" in question.text
    assert (await say(desk, "zhou", "/confirm R3")).text.startswith("R3 完成")
    assert (await run(desk, 3)).state is State.DONE


async def test_ports_are_answered_as_a_matrix(desk: Desk, estate: Estate) -> None:
    needs("/usr/bin/nc", "netcat-openbsd")
    port = desk.site.hosts["oa3"].port
    text = (await say(desk, "qin", f"/probe-port oa oa3 {port},1")).text
    lines = text.splitlines()
    assert lines[0] == f"/probe-port oa oa3 {port},1：通 4，不通 4"
    assert [line.split() for line in lines[2:5]] == [[str(port), "1"], ["oa1", "✓", "✗"], ["oa2", "✓", "✗"]]
    assert "不通：oa4 → 1" in lines


async def answered(desk: Desk, person: str, text: str, chat: str, place: int) -> str:
    """Say ``text``, and the run goes on to step ``place``, where it waits; the question that it puts."""
    await desk.says(person, text, chat=chat)
    await desk.settle()
    assert (await run(desk, int(text.rpartition("R")[2]))).waits == place
    return next(said.text for said in reversed(await desk.bot(chat)) if "等人确认" in said.text)
