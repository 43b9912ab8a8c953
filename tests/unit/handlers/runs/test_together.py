"""Nodes that are all down are packed at the same time; what each has done is known of each, after a failure and after a kill.

The oracle is outside: what every node wrote down itself, line by line.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.errors import ConfigError
from runbooks.language.load.catalogue import load_catalogue
from runbooks.runs import steps as store_steps
from runbooks.runs.run import State
from runbooks.runs.worker import Runner
from tests.support.desk import Desk
from tests.support.estate import Estate
from tests.support.runner import runner
from tests.support.until import eventually, until
from tests.unit.handlers.runs.rooms import ROOM, code, run, say, served

pytestmark = pytest.mark.servers
NODES = ("oa1", "oa2", "oa3", "oa4")
FIRST = 2  # the place of the first node's packing
RUNBOOK = """
verb: pack
alias: 打包
title: {zh: 打包, en: pack}
source: test
roles: [engineer, lead]
confirm: second
confirmers: [engineer, lead]
group: oa
look:
  - name: fresh
    on: {group: oa}
    run: [test, "!", -e, "@/archive-{here}"]
    refuse: {zh: "{here} 已有包", en: "{here} has an archive already"}
steps:
  - title: {zh: 停, en: stop}
    on: {group: oa, first: true}
    run: [sh, -c, "echo stop >> @/log"]
  - title: {zh: 打包, en: pack}
    on: {group: oa}
    at_once: 4
    ends: [fresh]
    limit: 60
    run: [sh, -c, 'echo $$ > "$1/pid-$0"; echo "begin $0" >> "$1/log"; while [ -e "$1/hold-$0" ]; do sleep 0.05; done;
      test ! -e "$1/full-$0" || exit 2; touch "$1/archive-$0"; echo "packed $0" >> "$1/log"', "{here}", "@"]
  - title: {zh: 起, en: start}
    on: {group: oa}
    run: [sh, -c, "echo start >> @/log"]
"""


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    books = tmp_path / "data" / "runbooks"
    books.mkdir(parents=True)
    (books / "pack.yaml").write_text(RUNBOOK.replace("@", str(tmp_path)), "utf-8")
    async with served(estate, tmp_path / "state", empty_db, data_dir=tmp_path / "data") as opened:
        yield opened


def marks(folder: Path) -> Counter[str]:
    log = folder / "log"
    return Counter(log.read_text().splitlines() if log.exists() else ())


def hold(folder: Path, *nodes: str) -> None:
    for node in nodes:
        (folder / f"hold-{node}").touch()


def let_go(folder: Path, node: str) -> None:
    (folder / f"hold-{node}").unlink()


async def states(desk: Desk, number: int = 1) -> dict[str, str]:
    """By our own record how the packing of each node stands."""
    records = await desk.app.store.read(lambda s: store_steps.steps(s, number))
    return {record.host: record.state for record in records[FIRST - 1 : FIRST + 3]}


async def killed(desk: Desk, working: "asyncio.Task[int]") -> None:
    await runner(desk.app).stop()
    await asyncio.gather(working, return_exceptions=True)


async def rebirth(desk: Desk, folder: Path) -> None:
    reborn = Runner(desk.app.transactions, runner(desk.app).remote, load_catalogue(folder / "data" / "runbooks"))
    desk.work[:] = [reborn.step]
    await reborn.recover()
    await desk.settle()


async def under_way(desk: Desk, folder: Path) -> "asyncio.Task[int]":
    """Confirmed, and every node has begun to pack."""
    await say(desk, "zhou", "/pack")
    step = desk.work.pop()
    await desk.says("wen", "/confirm R1", chat=ROOM)
    desk.work.append(step)
    working = asyncio.create_task(runner(desk.app).step())
    await until(lambda: sum(marks(folder)[f"begin {node}"] for node in NODES) == len(NODES))
    return working


async def test_8_22_nodes_that_are_down_are_packed_at_the_same_time(desk: Desk, tmp_path: Path) -> None:
    hold(tmp_path, *NODES)
    question = await say(desk, "zhou", "/pack")
    assert "oa1…oa4（4 台同时）：打包" in question.text
    step = desk.work.pop()
    await desk.says("wen", "/confirm R1", chat=ROOM)
    desk.work.append(step)
    working = asyncio.create_task(runner(desk.app).step())
    await until(lambda: sum(marks(tmp_path)[f"begin {node}"] for node in NODES) == len(NODES))
    assert marks(tmp_path)["start"] == 0
    for node in NODES:
        let_go(tmp_path, node)
    await working
    await desk.settle()
    assert (await run(desk)).state is State.DONE
    assert marks(tmp_path) == Counter(
        {"stop": 1, "start": 4, **{f"{w} {n}": 1 for w in ("begin", "packed") for n in NODES}}
    )


async def test_8_22_a_node_that_failed_is_packed_again_alone(desk: Desk, tmp_path: Path) -> None:
    for node in ("oa2", "oa4"):
        (tmp_path / f"full-{node}").touch()
    await say(desk, "zhou", "/pack")
    failed = await say(desk, "wen", "/confirm R1")
    assert "第 3 步 打包（oa2）报错（返回码 2）" in failed.text
    assert "同时做这一步的：oa4 也未完成；oa1、oa3 已完成，继续时不会重做。" in failed.text
    assert await states(desk) == {"oa1": "done", "oa2": "exit", "oa3": "done", "oa4": "exit"}
    assert marks(tmp_path)["start"] == 0
    (tmp_path / "full-oa2").unlink()
    question = await say(desk, "zhou", "/resume R1")
    assert "oa2 oa4（2 台同时）：打包" in question.text
    failed = await say(desk, "wen", "/confirm R2")  # oa4 still has no room
    assert "oa2 已完成，继续时不会重做" in failed.text
    (tmp_path / "full-oa4").unlink()
    await say(desk, "zhou", "/resume R2")
    assert (await say(desk, "wen", "/confirm R3")).text.startswith("R3 完成")
    packed = {node: marks(tmp_path)[f"packed {node}"] for node in NODES}
    begun = {node: marks(tmp_path)[f"begin {node}"] for node in NODES}
    assert packed == dict.fromkeys(NODES, 1)
    assert begun == {"oa1": 1, "oa2": 2, "oa3": 1, "oa4": 3}
    assert (marks(tmp_path)["stop"], marks(tmp_path)["start"]) == (1, 4)


async def test_8_22_after_a_kill_each_node_is_known_for_itself(desk: Desk, estate: Estate, tmp_path: Path) -> None:
    """oa1 ended and is on record, oa4 ended unseen, oa3 was cut on its host, oa2 works on: none is packed twice or left out."""
    hold(tmp_path, "oa2", "oa3", "oa4")
    working = await under_way(desk, tmp_path)
    await on_record(desk, "oa1")
    await killed(desk, working)
    let_go(tmp_path, "oa4")
    await ended(desk, estate, "oa4")
    os.kill(int((tmp_path / "pid-oa3").read_text()), signal.SIGKILL)
    mark = await ended(desk, estate, "oa3")
    mark.write_text(mark.read_text().splitlines()[0] + "\n")
    await rebirth(desk, tmp_path)
    unknown, found = [m.text for m in (await desk.bot(ROOM))[-2:]]
    assert "打包，oa2、oa3、oa4" in unknown
    assert "oa1、oa4：已做完" in found
    assert "oa2：仍在主机上执行" in found
    assert "oa3（第 4 步）：在主机上只有开始" in found
    assert marks(tmp_path)["begin oa2"] == 1
    await say(desk, "zhou", "/resume R1")
    assert await code(desk) == ("refused", "resume_where")
    let_go(tmp_path, "oa2")
    await ended(desk, estate, "oa2")
    await desk.later(seconds=15)
    assert "oa1、oa2、oa4：已做完" in (await desk.bot(ROOM))[-1].text
    assert await states(desk) == {"oa1": "done", "oa2": "done", "oa3": "cut", "oa4": "done"}
    let_go(tmp_path, "oa3")
    refused = await say(desk, "zhou", "/resume R1")
    assert "/resume R1 4" in refused.text
    question = await say(desk, "zhou", "/resume R1 4")
    assert "oa3：打包" in question.text
    assert (await say(desk, "wen", "/confirm R2")).text.startswith("R2 完成")
    assert {node: marks(tmp_path)[f"packed {node}"] for node in NODES} == dict.fromkeys(NODES, 1)
    assert {node: marks(tmp_path)[f"begin {node}"] for node in NODES} == {"oa1": 1, "oa2": 1, "oa3": 2, "oa4": 1}
    assert (marks(tmp_path)["stop"], marks(tmp_path)["start"]) == (1, 4)


async def ended(desk: Desk, estate: Estate, node: str) -> Path:
    """The host's own record of the packing, once it has its end."""
    place = FIRST + NODES.index(node)
    mark = estate.servers[node].home / ".zhiban/runs" / (await run(desk)).record / f"{place}.1"
    await until(lambda: "end" in mark.read_text())
    return mark


async def on_record(desk: Desk, node: str) -> None:
    async def done() -> bool:
        return (await states(desk)).get(node) == "done"

    await eventually(done)


@pytest.mark.parametrize(
    ("changed", "told"),
    [("    undo: [true]\n", "undo"), ("effect: out", "")],
)
def test_8_22_what_is_taken_back_or_edits_the_balancer_takes_turns(tmp_path: Path, changed: str, told: str) -> None:
    text = (
        RUNBOOK.replace("    ends: [fresh]\n", changed)
        if told
        else RUNBOOK.replace("group: oa\nlook", f"group: oa\n{changed}\nlook")
    )
    (tmp_path / "pack.yaml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="at_once"):
        load_catalogue(tmp_path)
