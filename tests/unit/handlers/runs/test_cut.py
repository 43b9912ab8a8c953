"""The runner dies in the middle: what the servers know, what is put back, how people go on (faults F15 to F18).

The oracle is outside: ``asadmin``'s own record on the node, nginx's file and workers, the host's record of the run.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from runbooks.language.load.catalogue import load_catalogue
from runbooks.language.vocabulary import Kind
from runbooks.planning.from_line import plan_line
from runbooks.runs.lifecycle import Request, begin
from runbooks.runs.run import State
from runbooks.runs.worker import Runner
from tests.support.desk import Desk
from tests.support.estate import ADDRESSES, Estate
from tests.support.runner import runner
from tests.support.until import until
from tests.unit.handlers.runs.rooms import ROOM, approve_without_runner, code, run, say, served

pytestmark = pytest.mark.servers
OA3 = ADDRESSES["oa3"]


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    async with served(estate, tmp_path / "state", empty_db) as opened:
        yield opened


async def test_a_cut_step_is_told_read_back_and_gone_on_with(desk: Desk, estate: Estate) -> None:
    await die_in(desk, estate, "stop-domain")
    assert (await run(desk)).state is State.RUNNING
    await rebirth(desk)
    unknown, found = [m.text for m in (await desk.bot(ROOM))[-2:]]
    assert unknown.startswith("R1 状态不明：执行到第 1 步（停止，oa3）时中断。")
    assert found.startswith("R1 核对结果：第 1 步（停止，oa3）已结束（返回码 0）。\noa3 现在不能访问。")
    assert (await run(desk)).state is State.UNKNOWN
    assert estate.apps.calls(OA3) == ["stop-domain"]

    held = await say(desk, "qiao", "/start oa3")
    assert "状态不明，请先查看再发 /resume R1 或 /cancel R1" in held.text
    question = await say(desk, "qiao", "/resume R1")
    assert "从第 2 步继续：\noa3：确认已停 → 启动 → 确认可访问" in question.text
    await say(desk, "qiao", "/confirm R2")
    assert await code(desk) == ("refused", "self_confirm")
    assert estate.apps.calls(OA3) == ["stop-domain"]
    done = await say(desk, "zhou", "/confirm R2")
    assert done.text.startswith("R2 完成")
    assert estate.apps.calls(OA3) == ["stop-domain", "start-domain"]
    assert ((await run(desk)).state, (await run(desk)).code) == (State.CANCELLED, "resumed")


async def test_nothing_is_sent_again_by_itself(desk: Desk, estate: Estate) -> None:
    """However often the bot dies and comes back, an unknown run stays what it is."""
    await die_in(desk, estate, "stop-domain")
    for _ in range(5):
        await rebirth(desk)
        await desk.later(minutes=10)
    assert estate.apps.calls(OA3) == ["stop-domain"]
    assert (await run(desk)).state is State.UNKNOWN
    assert [m.text.partition("：")[0] for m in await desk.bot(ROOM)].count("R1 状态不明") == 1
    assert [m.text.partition("：")[0] for m in await desk.bot(ROOM)].count("R1 核对结果") == 1


async def test_a_lost_host_is_asked_again_until_it_answers(desk: Desk, estate: Estate) -> None:
    await die_in(desk, estate, "stop-domain")
    record = estate.known_hosts.read_text()
    estate.known_hosts.write_text("")
    await rebirth(desk)
    assert "读不到 oa3 上的记录" in (await desk.bot(ROOM))[-1].text
    await say(desk, "zhou", "/resume R1")
    assert await code(desk) == ("refused", "resume_where")
    estate.known_hosts.write_text(record)
    await desk.later(seconds=15)
    assert "第 1 步（停止，oa3）已结束（返回码 0）" in (await desk.bot(ROOM))[-1].text


async def test_a_step_that_has_no_end_is_for_people_to_judge(desk: Desk, estate: Estate) -> None:
    """The host has a start and no end: go on only where a person says."""
    await die_in(desk, estate, "stop-domain")
    name = (await run(desk)).record
    (mark,) = (estate.servers["oa3"].home / ".zhiban/runs" / name).iterdir()
    mark.write_text(mark.read_text().splitlines()[0] + "\n")
    await rebirth(desk)
    assert "只有开始、没有结束的记录" in (await desk.bot(ROOM))[-1].text
    refused = await say(desk, "zhou", "/resume R1")
    assert await code(desk) == ("refused", "resume_where")
    assert "/resume R1 1" in refused.text
    assert "/resume R1 2" in refused.text
    question = await say(desk, "zhou", "/resume R1 3")
    assert "从第 3 步继续：\noa3：启动 → 确认可访问" in question.text


async def test_a_death_after_the_edit_puts_the_file_back(desk: Desk, estate: Estate) -> None:
    original, workers = estate.nginx.conf.read_bytes(), estate.nginx.workers()
    hanging = await die_after_edit(desk, estate)
    assert estate.nginx.conf.read_bytes() != original
    await rebirth(desk)
    assert "仍在主机上执行" in (await desk.bot(ROOM))[-1].text
    os.kill(hanging, signal.SIGKILL)
    await desk.later(seconds=15)
    assert estate.nginx.conf.read_bytes() == original
    assert estate.nginx.workers() == workers
    assert list(estate.nginx.conf.parent.iterdir()) == [estate.nginx.conf]
    assert (await run(desk)).state is State.UNKNOWN
    assert "已按备份恢复原样" in (await desk.bot(ROOM))[-1].text
    question = await say(desk, "zhou", "/resume R1")
    assert "备份并修改配置 → 检查配置 nginx -t" in question.text
    assert (await say(desk, "wen", "/confirm R2")).text.startswith("R2 完成")


async def test_8_9_the_host_of_the_step_is_named_and_what_it_knows_of_it(desk: Desk, estate: Estate) -> None:
    """A drain of oa4 is cut while it writes on lb1: nothing was done on oa4, and there is nothing to be seen there."""
    original = estate.nginx.conf.read_bytes()
    fresh = estate.nginx.conf.with_name(".nginx.conf.zhiban-new")
    await say(desk, "zhou", f"/drain {ADDRESSES['oa4']}")
    await approve_without_runner(desk)
    os.mkfifo(fresh)  # whoever copies to it waits for a reader
    working = asyncio.create_task(runner(desk.app).step())
    await until(lambda: copying(fresh) is not None)
    await runner(desk.app).stop()
    await asyncio.gather(working, return_exceptions=True)
    await rebirth(desk)
    unknown, running = [m.text for m in (await desk.bot(ROOM))[-2:]]
    assert unknown.startswith("R1 状态不明：执行到第 1 步（备份并修改配置，lb1）时中断。")
    assert "请也查看 lb1，再发 /resume R1" in unknown
    assert "第 1 步（备份并修改配置，lb1）仍在主机上执行" in running
    hanging = copying(fresh)
    assert hanging is not None
    os.kill(hanging, signal.SIGKILL)
    await until(lambda: copying(fresh) is None)
    await desk.later(seconds=15)
    found = (await desk.bot(ROOM))[-1].text
    assert found.startswith("R1 核对结果：第 1 步（备份并修改配置，lb1）在主机上只有开始、没有结束的记录。")
    assert "配置还没有被改动" in found
    assert "请查看 lb1，再发 /resume R1" in found
    assert "oa4" not in unknown + running + found
    assert estate.nginx.conf.read_bytes() == original


async def test_8_9_a_look_back_that_comes_to_nothing_is_said_to(
    desk: Desk, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record was said to be looked up: a fault of ours there is told, and people are not left waiting for it."""
    await die_in(desk, estate, "stop-domain")

    async def broken(*_: object) -> None:
        raise LookupError("of ours")

    monkeypatch.setattr("runbooks.runs.worker.look_back", broken)
    await rebirth(desk)
    await desk.later(minutes=5)
    unknown, told = [m.text for m in (await desk.bot(ROOM))[-2:]]
    assert unknown.startswith("R1 状态不明")
    assert told.startswith("R1 没能查到主机上的记录（程序出错，已记录），状态仍不明。请查看 oa3，再发 /resume R1")


async def test_8_19_a_death_in_the_reload_leaves_nothing_of_ours_behind(desk: Desk, estate: Estate) -> None:
    """From the reload on the edit stays; what lay beside the file is taken away all the same."""
    conf = estate.nginx.conf
    hanging = await die_after_edit(desk, estate, "-s reload")
    edited = conf.read_bytes()
    assert len(list(conf.parent.iterdir())) == 2
    os.kill(hanging, signal.SIGKILL)
    await rebirth(desk)
    await desk.later(seconds=15)
    assert (await run(desk)).state is State.UNKNOWN
    assert list(conf.parent.iterdir()) == [conf]
    assert conf.read_bytes() == edited


async def test_a_file_that_is_not_ours_any_more_is_left(desk: Desk, estate: Estate) -> None:
    hanging = await die_after_edit(desk, estate)
    conf = estate.nginx.conf
    conf.write_text(conf.read_text() + "# by hand\n")
    by_hand = conf.read_bytes()
    os.kill(hanging, signal.SIGKILL)
    await rebirth(desk)
    await desk.later(seconds=15)
    assert conf.read_bytes() == by_hand
    assert "没有自动恢复" in (await desk.bot(ROOM))[-1].text


async def test_a_cancel_after_the_edit_waits_for_its_verification(desk: Desk, estate: Estate) -> None:
    """Between the edit and its verification nothing is stopped (fault F82): a cancel there comes too late."""
    await say(desk, "zhou", f"/drain {ADDRESSES['oa4']}")
    await approve_without_runner(desk)
    workers = estate.nginx.workers()
    with estate.nginx.held("-t") as begun:
        working = asyncio.create_task(runner(desk.app).step())
        await until(begun)
        step = desk.work.pop()
        await say(desk, "zhou", "/cancel R1")
    await working
    desk.work.append(step)
    await desk.settle()
    assert (await run(desk)).state is State.DONE
    assert set(estate.nginx.workers()).isdisjoint(workers)


async def test_a_step_that_asks_waits_for_its_yes(desk: Desk, estate: Estate, tmp_path: Path) -> None:
    """The same kind of yes as for the run; a button that was pressed twice counts once; no yes, no next step."""
    first, last = tmp_path / "first", tmp_path / "last"
    book = tmp_path / "books"
    book.mkdir()
    (book / "ask-me.yaml").write_text(
        f"""
verb: ask-me
alias: 问我
title: {{zh: 问, en: ask}}
source: a test
roles: [engineer]
where: balancer
group: oa
steps:
  - {{title: {{zh: 前, en: before}}, run: [touch, "{first}"]}}
  - {{ask: {{zh: 可以关机了吗, en: may it be shut down}}, limit: 60}}
  - {{title: {{zh: 后, en: behind}}, run: [touch, "{last}"]}}
"""
    )
    catalogue = load_catalogue(book)
    other = Runner(desk.app.transactions, runner(desk.app).remote, catalogue)
    plan = plan_line(catalogue, "/ask-me", estate.site, desk.clock.real())
    await desk.app.transactions.do("add", lambda work: begin(work, plan, Request("zhou", ROOM, "m")) and None)
    desk.work[:] = [other.step]
    await desk.settle()
    desk.work.clear()
    await desk.says("wen", "/confirm R1", chat=ROOM)
    await other.step()
    await desk.settle()
    pause = (await desk.bot(ROOM))[-1]
    assert "停在第 2 步，等人确认\n可以关机了吗\n确认后执行：\n　后（lb1）：touch " in pause.text
    await desk.taps("zhou", pause, "continue")
    assert await code(desk) == ("refused", "self_confirm")
    assert (first.exists(), last.exists()) == (True, False)
    await desk.taps("qiao", pause, "continue")
    await desk.taps("wen", pause, "continue")
    await other.step()
    await desk.settle()
    assert [line.entry.code for line in await desk.audit()].count("already_used") == 1
    assert last.exists()
    assert (await run(desk)).state is State.DONE


async def test_a_failed_run_goes_on_at_its_failed_step(desk: Desk, estate: Estate) -> None:
    asadmin = estate.apps.home / "bin" / "asadmin"
    whole = asadmin.read_text()
    asadmin.write_text(whole.replace("start-domain)\n", "start-domain)\n  echo no licence; exit 1\n"))
    await say(desk, "zhou", "/restart oa3")
    failed = await say(desk, "wen", "/confirm R1")
    assert "第 3 步 启动（oa3）报错（返回码 1）" in failed.text
    asadmin.write_text(whole)
    question = await say(desk, "zhou", "/resume R1")
    assert "从第 3 步继续：\noa3：启动 → 确认可访问" in question.text
    done = await say(desk, "wen", "/confirm R2")
    assert "oa3 已重启，可以访问" in done.text
    assert estate.apps.calls(OA3) == ["stop-domain", "start-domain", "start-domain"]


async def test_what_is_done_is_taken_back_or_not_gone_on_with(desk: Desk, estate: Estate) -> None:
    original = estate.nginx.conf.read_bytes()
    await say(desk, "zhou", f"/drain {ADDRESSES['oa4']}")
    await say(desk, "wen", "/confirm R1")
    assert estate.nginx.conf.read_bytes() != original
    await say(desk, "zhou", "/resume R1")
    assert await code(desk) == ("refused", "cannot_resume")
    question = await say(desk, "zhou", "/undo R1")
    assert f"申请：周予安 /undrain {ADDRESSES['oa4']}" in question.text
    assert (await say(desk, "wen", "/confirm R2")).text.startswith("R2 完成")
    assert estate.nginx.conf.read_bytes() == original
    await say(desk, "zhou", "/restart oa3")
    await say(desk, "zhou", "/undo R3")
    assert await code(desk) == ("refused", "no_undo")


async def test_what_differs_from_last_time_is_shown(desk: Desk, estate: Estate) -> None:
    first = await say(desk, "zhou", "/start oa3 --dry-run")
    assert "上次" not in first.text
    await say(desk, "zhou", "/restart oa3")
    await say(desk, "wen", "/confirm R2")
    question = await say(desk, "zhou", "/restart oa3")
    assert "与上次（R2，10-14）相同" in question.text


async def die_in(desk: Desk, estate: Estate, call: str) -> None:
    """The runner is stopped while ``asadmin`` does ``call`` on oa3."""
    await say(desk, "zhou", "/restart oa3")
    await approve_without_runner(desk)
    with estate.apps.held(OA3):
        working = asyncio.create_task(runner(desk.app).step())
        await until(lambda: call in estate.apps.calls(OA3))
        await runner(desk.app).stop()
        await asyncio.gather(working, return_exceptions=True)
    name = (await run(desk)).record
    mark = estate.servers["oa3"].home / ".zhiban/runs" / name / "1.1"
    await until(lambda: "end" in mark.read_text())


def copying(path: Path) -> int | None:
    """The process that copies to a file now."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = entry.read_bytes().split(b"\0")
            if words[0] == b"cp" and str(path).encode() in words:
                return int(entry.parent.name)
    return None


async def die_after_edit(desk: Desk, estate: Estate, at: str = "-t") -> int:
    """The process dies between its edit and ``nginx -t``: here the test hangs, and the runner is stopped meanwhile."""
    await say(desk, "zhou", f"/drain {ADDRESSES['oa4']}")
    await approve_without_runner(desk)
    binary, testing = estate.nginx.binary, estate.nginx.prefix / "testing"
    wrapper = binary.read_text()
    binary.write_text(
        wrapper.replace("\nexec", f'\n[ "$*" != "{at}" ] || {{ echo $$ > {testing}; exec sleep 60; }}\nexec')
    )
    working = asyncio.create_task(runner(desk.app).step())
    await until(lambda: testing.exists() and bool(testing.read_text().strip()))
    await runner(desk.app).stop()
    await asyncio.gather(working, return_exceptions=True)
    binary.write_text(wrapper)
    found = await run(desk)
    assert found.plan.steps[found.step - 1].kind is Kind.RUN
    return int(testing.read_text())


async def rebirth(desk: Desk) -> None:
    """Another life of the bot: what was running is unknown, and the servers are asked."""
    await runner(desk.app).remote.close()
    reborn = Runner(desk.app.transactions, runner(desk.app).remote, load_catalogue())
    desk.work[:] = [reborn.step]
    await reborn.recover()
    await desk.settle()
