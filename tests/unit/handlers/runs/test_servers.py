"""Runs from the chat to real servers and back: sshd, nginx and nodes are real, the oracle is theirs."""

import asyncio
import hashlib
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runbooks.runs.run import State
from tests.support import estate as estates
from tests.support import sshd
from tests.support.desk import Desk
from tests.support.estate import ADDRESSES, Estate
from tests.support.runner import runner
from tests.support.until import until
from tests.unit.handlers.runs.rooms import ROOM, approve_without_runner, run, say, served

pytestmark = pytest.mark.servers
OA3 = ADDRESSES["oa3"]


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    async with served(estate, tmp_path / "state", empty_db) as opened:
        yield opened


def edit_lines(estate: Estate) -> list[str]:
    """What the edit sends, told from the file itself."""
    conf = str(estate.nginx.conf)
    fresh = str(estate.nginx.conf.with_name(".nginx.conf.zhiban-new"))
    keeping = "--preserve=mode,ownership,timestamps,xattr"
    kept = f"{estate.nginx.conf.parent}/.nginx.conf.zhiban-{hashlib.sha256(estate.nginx.conf.read_bytes()).hexdigest()[:12]}"
    return [
        f"cp {keeping} {conf} {kept}",
        f"cp {keeping} {conf} {fresh}",
        f"tee {fresh}",
        f"mv -f {fresh} {conf}",
    ]


async def test_8_16_a_node_is_called_by_its_name_with_its_address_behind_it(desk: Desk) -> None:
    node = ADDRESSES["oa4"]
    question = await say(desk, "zhou", "/drain oa4")
    assert question.text.splitlines()[0] == f"R1 摘除节点 oa4 {node}（lb1）"
    done = await say(desk, "wen", "/confirm R1")
    assert f"oa4 {node} 已摘除，没有新请求" in done.text
    (again,) = await desk.says("zhou", "/drain oa4 --dry-run", chat="duty-room")
    assert "oa4" in again.text
    question = await say(desk, "zhou", "/undrain oa4")
    assert question.text.splitlines()[0] == f"R3 恢复节点 oa4 {node}（lb1）"
    done = await say(desk, "wen", "/confirm R3")
    assert f"oa4 {node} 已恢复，4 个节点在线" in done.text


async def test_8_17_a_copy_of_another_name_is_no_difference_to_the_last_time(desk: Desk, estate: Estate) -> None:
    for line in ("/drain oa4", "/undrain oa4"):
        await say(desk, "zhou", line)
        await say(desk, "wen", f"/confirm R{1 if line == '/drain oa4' else 2}")
    estate.nginx.conf.write_text("# looked after by wen\n" + estate.nginx.conf.read_text())
    question = await say(desk, "zhou", "/drain oa4")
    assert "与上次（R1，10-14）相同" in question.text
    assert edit_lines(estate)[0] in question.text


async def test_drain_from_question_to_undo(desk: Desk, estate: Estate) -> None:
    node = ADDRESSES["oa4"]
    entry = f"server {estate.address('oa4')};"
    question = await say(desk, "zhou", f"/drain {node}")
    assert question.text.splitlines() == [
        f"R1 摘除节点 oa4 {node}（lb1）",
        f"申请：周予安 /drain {node}",
        "需另一人确认（工程师、负责人、总监），5 分内有效",
        f"　- {entry}",
        f"　+ #{entry}",
        "lb1：备份并修改配置 → 检查配置 nginx -t → 重载 nginx → 核对新配置生效 → 等旧连接结束",
        *[f"　{line}" for line in edit_lines(estate)],
        f"　{estate.nginx.binary} -t",
        f"　{estate.nginx.binary} -s reload",
        "在线节点 4 → 3（下限 2）。",
        "旧连接最长等 30 分，结束了或到时都会告诉您。",
    ]
    assert f"#{entry}" not in estate.nginx.conf.read_text()
    refused = await say(desk, "zhou", "/confirm R1")
    assert "要由另一人确认" in refused.text
    assert f"#{entry}" not in estate.nginx.conf.read_text()
    done = await say(desk, "wen", "/confirm R1")
    assert done.text.startswith("R1 完成（用时 ")
    assert f"{node} 已摘除，没有新请求，3 个节点在线" in done.text
    assert "undo:R1" in done.actions
    assert f"#{entry}" in estate.nginx.conf.read_text()
    nodes = await say(desk, "zhou", "/nodes")
    assert f"○ {estate.address('oa4')} oa4 已摘除" in nodes.text
    assert "转发 3，已摘除 1" in nodes.text
    (card,) = [m for m in await desk.bot(ROOM) if m.id == question.id]
    assert (card.actions, "已完成（温若川 确认）" in card.text) == ([], True)


async def test_restart_from_the_chat(desk: Desk, estate: Estate) -> None:
    before = {name: estate.apps.pid(address) for name, address in ADDRESSES.items() if name != "lb1"}
    question = await say(desk, "zhou", "/重启 ＯＡ３")
    assert "oa3：停止 → 确认已停 → 启动 → 确认可访问" in question.text
    said = await desk.taps("wen", question, "confirm")
    assert "oa3 已重启，可以访问" in said[-1].text
    after = {name: estate.apps.pid(address) for name, address in ADDRESSES.items() if name != "lb1"}
    assert [name for name in before if before[name] != after[name]] == ["oa3"]


async def test_8_9_a_file_edited_between_plan_and_confirm_voids_and_is_named(desk: Desk, estate: Estate) -> None:
    await say(desk, "zhou", f"/drain {ADDRESSES['oa4']}")
    conf = estate.nginx.conf
    conf.write_text(conf.read_text() + "# by hand\n")
    by_hand, workers = conf.read_bytes(), estate.nginx.workers()
    question = await say(desk, "wen", "/confirm R1")
    assert (await run(desk)).state is State.VOID
    (told,) = [m.text for m in await desk.bot(ROOM) if m.text.startswith("R1 已作废")]
    assert "（lb1 上的文件被改动）" in told, "8_9: what changed is said"
    assert conf.read_bytes() == by_hand
    assert estate.nginx.workers() == workers
    assert question.actions == ["confirm:R2", "reject:R2", "commands:R2"]
    done = await say(desk, "wen", "/confirm R2")
    assert done.text.startswith("R2 完成")


async def test_a_wrong_host_key_refuses_and_tells_the_leads(desk: Desk, estate: Estate, tmp_path: Path) -> None:
    other = sshd.make_key(tmp_path / "other").with_suffix(".pub").read_text().split()
    pinned = estate.known_hosts.read_text().splitlines()
    lb = estate.servers["lb1"]
    swapped = [f"[{lb.address}]:{lb.port} {other[0]} {other[1]}" if str(lb.port) in line else line for line in pinned]
    estate.known_hosts.write_text("\n".join(swapped) + "\n")
    said = await desk.says("zhou", f"/drain {ADDRESSES['oa4']}", chat=ROOM)
    assert {m.chat for m in said} == {ROOM, "dm-hemu", "dm-fang"}
    assert any("主机密钥与登记的不一致" in m.text for m in said if m.chat == ROOM)
    assert (await run(desk)).state is State.REFUSED


async def test_the_floor_is_refused_before_anybody_is_asked(desk: Desk, estate: Estate) -> None:
    await say(desk, "zhou", f"/drain {ADDRESSES['oa4']}")
    await say(desk, "wen", "/confirm R1")
    refused = await say(desk, "zhou", f"/drain {ADDRESSES['oa3']}")
    assert "现在在线 3/4，至少要留 2 个，最多停 1 个" in refused.text
    assert (await run(desk, 2)).state is State.REFUSED
    assert (await desk.audit())[-1].entry.code == "floor"


async def test_one_after_the_other_until_the_floor(tmp_path: Path, empty_db: Path) -> None:
    """Fault F73: drained one by one, half of them stay; the rest is refused before nginx or its file hears of it."""
    with estates.running(tmp_path / "estate", floors=(2, 2)) as estate:
        async with served(estate, tmp_path / "state", empty_db) as desk:
            for number, name in enumerate(("oa4", "oa3"), 1):
                await say(desk, "zhou", f"/drain {ADDRESSES[name]}")
                assert (await say(desk, "wen", f"/confirm R{number}")).text.startswith(f"R{number} 完成")
            before = (estate.nginx.conf.read_bytes(), estate.nginx.calls(), estate.nginx.workers())
            for name in ("oa2", "oa1"):
                refused = await say(desk, "zhou", f"/drain {ADDRESSES[name]}")
                assert "现在在线 2/4，至少要留 2 个，最多停 2 个" in refused.text
                assert refused.actions == []
            for line in ("/stop oa1", "/restart oa2"):
                assert "至少要留 2 个" in (await say(desk, "zhou", line)).text
            assert (estate.nginx.conf.read_bytes(), estate.nginx.calls(), estate.nginx.workers()) == before
            assert before[1] == ["-t", "-s reload"] * 2
            live = re.findall(r"(?m)^ *server ([0-9.]+):[0-9]+;", estate.nginx.conf.read_text())
            assert live == [ADDRESSES["oa1"], ADDRESSES["oa2"]]
            assert [estate.apps.calls(ADDRESSES[name]) for name in ("oa1", "oa2")] == [[], []]


async def test_what_is_under_way_holds_its_target(desk: Desk, estate: Estate) -> None:
    await say(desk, "zhou", "/restart oa3")
    await say(desk, "qiao", "/stop oa3")
    await approve_without_runner(desk)
    with estate.apps.held(OA3):
        working = asyncio.create_task(runner(desk.app).step())
        await until(lambda: estate.apps.calls(OA3) == ["stop-domain"])
        step = desk.work.pop()
        said = await desk.says("zhou", "/stop oa3", chat=ROOM)
        assert "oa3 正被 R1（/restart oa3，周予安 申请）占用，请等它结束。" in [message.text for message in said]
        await say(desk, "wen", "/confirm R2")
        assert (await desk.audit())[-1].entry.code == "target_busy"
    await working
    desk.work.append(step)
    assert estate.apps.calls(ADDRESSES["oa3"]) == ["stop-domain", "start-domain"]
    assert (await run(desk, 2)).state is State.ASKED


async def test_cancel_stops_before_the_next_step(desk: Desk, estate: Estate) -> None:
    await say(desk, "zhou", "/restart oa3")
    await approve_without_runner(desk)
    with estate.apps.held(OA3):
        working = asyncio.create_task(runner(desk.app).step())
        await until(lambda: estate.apps.calls(OA3) == ["stop-domain"])
        step = desk.work.pop()
        await say(desk, "zhou", "/cancel R1")
    await working
    desk.work.append(step)
    await desk.settle()
    assert (await run(desk)).state is State.CANCELLED
    assert estate.apps.calls(ADDRESSES["oa3"]) == ["stop-domain"]
    assert "R1 已停下" in (await desk.bot(ROOM))[-1].text


async def test_a_failing_test_restores_and_says_so(desk: Desk, estate: Estate, tmp_path: Path) -> None:
    """Fault F71: byte for byte as it was, tested again and passing, never reloaded; what was tried is in the report."""
    binary, entry = estate.nginx.binary, f"server {estate.address('oa4')};"
    await say(desk, "zhou", f"/drain {ADDRESSES['oa4']}")
    original, workers = estate.nginx.conf.read_bytes(), estate.nginx.workers()
    wrapper = binary.read_text()
    binary.write_text(
        wrapper.replace("\nexec", f'\ngrep -q "#server" {estate.nginx.conf} && echo broken && exit 1\nexec')
    )
    failed = await say(desk, "wen", "/confirm R1")
    first, *said = failed.text.splitlines()
    assert first == "R1 未完成：第 2 步 检查配置 nginx -t（lb1）报错（返回码 1），配置已恢复原样，没有重载。"
    assert said == ["```", "broken", "```"]
    assert estate.nginx.conf.read_bytes() == original
    assert estate.nginx.calls() == ["-t", "-t"]
    tested = await asyncio.to_thread(subprocess.run, [str(binary), "-t"], capture_output=True, check=False)
    assert tested.returncode == 0
    assert estate.nginx.workers() == workers
    (shown,) = await desk.taps("wen", failed, "output")
    assert "broken" in shown.text
    report = (tmp_path / "state/runs/R1.txt").read_text()
    assert f"- {entry}\n+ #{entry}\n" in report
    assert "broken" in report
    assert (await run(desk)).state is State.FAILED


@pytest.mark.parametrize(
    ("line", "words"), [("/conns", "oa1 {oa1}:"), ("/disk oa1", "GiB"), ("/logs oa1 ecology 5", "未完成")]
)
async def test_reading_needs_nobody_else(desk: Desk, line: str, words: str) -> None:
    answer = await say(desk, "zhou", line)
    assert words.format(**ADDRESSES) in answer.text
