"""Old connections are waited for beside everything else, and nobody is told that they are over before they are.

nginx, its workers, the nodes and their sshd are real; long connections are held by the test, and the clock is moved.
"""

import asyncio
import os
import signal
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.target import Target
from runbooks.remote.command import NotStarted, Result
from runbooks.runs.run import State
from runbooks.runs.worker import Runner
from tests.support.desk import Desk
from tests.support.estate import ADDRESSES, Estate
from tests.support.long_connections import LongConnections
from tests.support.runner import runner
from tests.support.until import until
from tests.unit.handlers.runs.rooms import ROOM, run, say, served

pytestmark = pytest.mark.servers
OA3 = ADDRESSES["oa3"]  # as the plan calls it
LONGEST = timedelta(minutes=30)  # of the shipped drain.yaml


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    async with served(estate, tmp_path / "state", empty_db) as opened:
        yield opened


@pytest.fixture
def long(estate: Estate) -> Iterator[LongConnections]:
    opened = LongConnections(estate)
    yield opened
    opened.close()


async def drain(desk: Desk, host: str = "oa3", number: int = 1) -> str:
    """What is said last once the drain is confirmed."""
    await say(desk, "zhou", f"/drain {host}")
    return (await say(desk, "wen", f"/confirm R{number}")).text


async def later(desk: Desk, span: timedelta) -> list[str]:
    """What is newly said in the room after the clock was moved, with every look that comes due on the way at its end."""
    before = {post.id for post in await desk.bot(ROOM)}
    desk.clock.move_to(desk.clock.now() + span)
    await desk.settle()
    return [post.text for post in await desk.bot(ROOM) if post.id not in before]


async def gone(estate: Estate, was: set[int]) -> None:
    """Wait until nginx itself has ended its old workers."""
    await until(lambda: not was & estate.nginx.workers())


async def nginx(estate: Estate, *words: str) -> None:
    """Somebody at the load balancer's own shell."""
    await asyncio.to_thread(subprocess.run, [str(estate.nginx.binary), *words], check=True)


def out(estate: Estate) -> list[str]:
    text = estate.nginx.conf.read_text()
    return [host for host in ADDRESSES if host != "lb1" and f"#server {estate.address(host)};" in text]


def rows(desk: Desk, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(desk.app.settings.database)) as database:
        return database.execute(sql).fetchall()


async def test_8_21_a_drain_is_done_at_once_and_the_last_connection_is_told_once(
    desk: Desk, estate: Estate, long: LongConnections
) -> None:
    long.hold("oa3", 2)
    old = estate.nginx.workers()
    asked = await say(desk, "zhou", "/drain oa3")
    assert "旧连接最长等 30 分" in asked.text
    done = (await say(desk, "wen", "/confirm R1")).text
    assert (await run(desk)).state is State.DONE
    assert "R1 完成" in done
    assert f"{OA3} 已摘除，新请求不再进入，3 个节点在线" in done
    assert "还有 2 条旧连接，最长等 30 分，结束后在这里告诉您" in done
    assert (out(estate), long.alive("oa3"), bool(old & estate.nginx.workers())) == (["oa3"], 2, True)
    served = estate.apps.requests(ADDRESSES["oa3"])
    assert await later(desk, timedelta(minutes=10)) == []
    long.close()
    await gone(estate, old)
    (told,) = await later(desk, timedelta(minutes=1))
    assert told.startswith("R1 oa3 的旧连接已全部结束（用时 11 分）")
    assert await later(desk, timedelta(hours=2)) == []
    assert estate.apps.requests(ADDRESSES["oa3"]) == served


async def test_8_21_without_long_connections_one_line_says_all(desk: Desk, estate: Estate) -> None:
    done = await drain(desk)
    assert f"{OA3} 已摘除，没有新请求，3 个节点在线" in done
    assert "旧连接" not in done
    assert rows(desk, "SELECT state FROM run_watch") == [("gone",)]
    assert await later(desk, timedelta(hours=2)) == []


async def test_8_21_when_the_longest_wait_is_over_people_hear_how_many_are_left(
    desk: Desk, estate: Estate, long: LongConnections
) -> None:
    long.hold("oa3", 3)
    old = estate.nginx.workers()
    await drain(desk)
    await later(desk, LONGEST / 2)
    (told,) = await later(desk, LONGEST / 2)
    assert told.startswith("R1 oa3 等了 30 分，还有 3 条旧连接。\n新请求没有再进入")
    assert "wait:R1" in (await desk.bot(ROOM))[-1].actions
    assert await later(desk, timedelta(hours=1)) == []
    again = await say(desk, "wen", "/resume R1 再等")
    assert "再等旧连接，最长 30 分（温若川）" in again.text
    (told,) = await later(desk, LONGEST)
    assert "还有 3 条旧连接" in told
    (post,) = [p for p in await desk.bot(ROOM) if p.text == told and "wait:R1" in p.actions][-1:]
    await desk.taps("zhou", post, "wait")
    long.close()
    await gone(estate, old)
    (told,) = await later(desk, timedelta(minutes=1))
    assert "已全部结束" in told
    refused = await say(desk, "wen", "/resume R1 再等")
    assert "没有要再等的旧连接" in refused.text


async def test_8_21_the_end_is_told_also_after_the_longest_wait(
    desk: Desk, estate: Estate, long: LongConnections
) -> None:
    """And where it never comes, nobody is troubled for ever."""
    long.hold("oa3")
    old = estate.nginx.workers()
    await drain(desk)
    assert len(await later(desk, LONGEST)) == 1
    assert await later(desk, timedelta(hours=6)) == []
    long.close()
    await gone(estate, old)
    (told,) = await later(desk, timedelta(minutes=6))
    assert "已全部结束（用时 6 小时 36 分）" in told


async def test_8_9_a_node_is_put_back_while_old_workers_linger_and_the_run_is_done(
    desk: Desk, estate: Estate, long: LongConnections
) -> None:
    long.hold("oa3")
    await drain(desk)
    await say(desk, "zhou", "/undrain oa3")
    said = await desk.says("wen", "/confirm R2", chat=ROOM)
    assert [(await run(desk, number)).state for number in (1, 2)] == [State.DONE, State.DONE]
    assert any("R2 完成" in post.text and f"{OA3} 已恢复，4 个节点在线" in post.text for post in said)
    assert [post.text for post in said if "不再等" in post.text] == [
        "oa3 已由 R2 放回、又在接收请求，R1 不再等它的旧连接。"
    ]
    assert (out(estate), long.alive("oa3")) == ([], 1)
    assert await later(desk, timedelta(hours=1)) == []


async def test_8_21_a_second_drain_is_told_that_it_is_out_and_how_many_are_left(
    desk: Desk, long: LongConnections
) -> None:
    long.hold("oa3", 2)
    await drain(desk)
    await later(desk, timedelta(minutes=10))
    told = (await say(desk, "hemu", "/drain oa3")).text
    assert told.startswith("oa3 已经由 R1 摘除，新请求不再进入，不用再操作：还有 2 条旧连接，最长再等 20 分")
    warned = await say(desk, "zhou", "/stop oa3")
    assert "注意：oa3 摘除后还有 2 条旧连接，执行会断开它们" in warned.text


async def test_8_21_an_nginx_that_somebody_restarted_has_no_old_connections(
    desk: Desk, estate: Estate, long: LongConnections
) -> None:
    long.hold("oa3")
    await drain(desk)
    await nginx(estate, "-s", "stop")
    await until(lambda: not (estate.nginx.prefix / "logs" / "nginx.pid").exists())
    await nginx(estate)
    assert long.alive("oa3") == 0
    (told,) = await later(desk, timedelta(minutes=1))
    assert "已全部结束" in told


async def test_8_21_a_node_that_somebody_put_back_by_hand_is_not_called_empty(
    desk: Desk, estate: Estate, long: LongConnections
) -> None:
    long.hold("oa3")
    old = estate.nginx.workers()
    await drain(desk)
    conf = estate.nginx.conf
    conf.write_text(conf.read_text().replace(f"#server {estate.address('oa3')};", f"server {estate.address('oa3')};"))
    await nginx(estate, "-s", "reload")
    long.close()
    await gone(estate, old)
    (told,) = await later(desk, timedelta(minutes=1))
    assert told == "oa3 已放回、又在接收请求，R1 不再等它的旧连接。"


async def test_8_21_a_host_that_cannot_be_reached_is_not_taken_for_over(
    desk: Desk, estate: Estate, long: LongConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    long.hold("oa3")
    old = estate.nginx.workers()
    await drain(desk)
    long.close()
    await gone(estate, old)

    async def unreachable(target: Target, argv: tuple[str, ...], **options: Any) -> Result:
        raise NotStarted("unreachable", target.id)

    with monkeypatch.context() as broken:
        broken.setattr(runner(desk.app).remote, "run", unreachable)
        assert await later(desk, timedelta(minutes=10)) == []
        (told,) = await later(desk, LONGEST)
    assert "等了 40 分，最近一次没能查看负载，之前还有 1 条旧连接" in told
    assert "没能核对它是否还在摘除状态" in told
    await say(desk, "wen", "/resume R1 再等")
    assert "已全部结束" in (await desk.bot(ROOM))[-1].text


async def test_8_21_the_watch_outlives_the_process(desk: Desk, estate: Estate, long: LongConnections) -> None:
    long.hold("oa3")
    old = estate.nginx.workers()
    await drain(desk)
    said = len(await desk.bot(ROOM))
    other = Runner(desk.app.transactions, runner(desk.app).remote, load_catalogue())
    desk.work[:] = [other.step]
    await other.recover()
    await desk.settle()
    assert len(await desk.bot(ROOM)) == said
    long.close()
    await gone(estate, old)
    (told,) = await later(desk, timedelta(minutes=1))
    assert "已全部结束" in told


async def roll_to(desk: Desk, host: str) -> None:
    """A roll that waits at a node for its old connections."""
    await say(desk, "zhou", "/rolling-restart oa")
    await say(desk, "wen", "/confirm R1")
    found = await run(desk)
    assert found.waits is not None
    assert (found.state, found.plan.steps[found.waits - 1].item) == (State.RUNNING, host)


def restarted(estate: Estate) -> list[str]:
    return [host for host in ADDRESSES if host != "lb1" and "start-domain" in estate.apps.calls(ADDRESSES[host])]


@pytest.mark.waits
async def test_8_21_a_roll_goes_on_by_itself_when_the_last_connection_is_gone(
    desk: Desk, estate: Estate, long: LongConnections
) -> None:
    long.hold("oa2", 2)
    old = estate.nginx.workers()
    asked = await say(desk, "zhou", "/rolling-restart oa")
    assert "旧连接最长等 30 分，到时问您继续、再等还是放回" in asked.text
    await say(desk, "wen", "/confirm R1")
    # an old worker that has a connection to oa2 is one that oa1 might still be sent something by
    assert (out(estate), restarted(estate), long.alive("oa2")) == (["oa1"], [], 2)
    assert "第 5 步等旧连接结束" in (await say(desk, "hemu", "/runs")).text
    long.close()
    await gone(estate, old)
    told = await later(desk, timedelta(minutes=1))
    assert any(text.startswith("R1 完成") for text in told)
    assert (out(estate), restarted(estate)) == ([], ["oa1", "oa2", "oa3", "oa4"])


@pytest.mark.waits
@pytest.mark.parametrize("choice", ["continue", "cancel", "silence", "wait"])
async def test_8_21_a_roll_whose_wait_is_over_asks_and_leaves_nobody_out(
    desk: Desk, estate: Estate, long: LongConnections, choice: str
) -> None:
    long.hold("oa1", 2)
    old = estate.nginx.workers()
    await roll_to(desk, "oa1")
    (told,) = await later(desk, LONGEST)
    assert told.startswith("R1 逐个重启一组应用 停在 oa1：等了 30 分，还有 2 条旧连接。")
    (asked,) = [post for post in await desk.bot(ROOM) if post.text == told]
    assert asked.actions == ["continue:R1.5", "wait:R1", "cancel:R1"]
    assert restarted(estate) == []
    match choice:
        case "continue":
            await desk.taps("zhou", asked, "continue")
            assert restarted(estate) == [], "who asked for the run does not say yes to it"
            await desk.taps("wen", asked, "continue")
            assert (await run(desk)).state is State.DONE
            assert (out(estate), restarted(estate), long.alive("oa1")) == ([], ["oa1", "oa2", "oa3", "oa4"], 0)
            return
        case "wait":
            await desk.taps("zhou", asked, "wait")
            (told,) = await later(desk, LONGEST)
            assert "停在 oa1：等了 1 小时，还有 2 条旧连接" in told
            await say(desk, "wen", "/cancel R1")
        case "cancel":
            await desk.taps("zhou", asked, "cancel")
        case _:
            told = "\n".join(await later(desk, LONGEST))
            assert "第 5 步 等旧连接结束（lb1）等了 30 分，仍没有结束：还有 2 条旧连接。后面的步骤没有执行。" in told
    ended = await run(desk)
    assert ended.state is (State.FAILED if choice == "silence" else State.CANCELLED)
    said = (await desk.bot(ROOM))[-1].text
    assert "oa1 已放回；oa2、oa3、oa4 没有动。处理好后发 /resume R1 继续" in said
    assert "停在摘除状态" not in said
    assert (out(estate), restarted(estate), long.alive("oa1")) == ([], [], 2)
    assert rows(desk, "SELECT state FROM run_watch") == [("back",)]

    if choice != "silence":  # one of them is enough to see the rest
        return
    long.close()
    await gone(estate, old)
    assert "从第" not in (await say(desk, "zhou", "/resume R1")).text
    await say(desk, "wen", "/confirm R2")
    assert (await run(desk, 2)).state is State.DONE
    assert (out(estate), restarted(estate)) == ([], ["oa1", "oa2", "oa3", "oa4"])


async def test_8_21_a_cancel_while_a_roll_waits_puts_the_node_back(
    desk: Desk, estate: Estate, long: LongConnections
) -> None:
    long.hold("oa2")
    await roll_to(desk, "oa1")
    assert (await run(desk)).plan.locks == ("lb1", "oa1", "oa2", "oa3", "oa4")
    busy = await say(desk, "hemu", "/undrain oa1")
    assert "R1" in busy.text
    said = await desk.says("zhou", "/cancel R1", chat=ROOM)
    assert any("不再等旧连接，马上停下并把节点放回" in post.text for post in said)
    assert "oa1 已放回" in said[-1].text
    assert (out(estate), restarted(estate)) == ([], [])


async def test_8_21_a_roll_does_not_restart_a_node_that_somebody_put_back_meanwhile(
    desk: Desk, estate: Estate, long: LongConnections
) -> None:
    long.hold("oa1")
    old = estate.nginx.workers()
    await roll_to(desk, "oa1")
    conf = estate.nginx.conf
    conf.write_text(conf.read_text().replace(f"#server {estate.address('oa1')};", f"server {estate.address('oa1')};"))
    await nginx(estate, "-s", "reload")
    long.close()
    await gone(estate, old)
    (told,) = await later(desk, timedelta(minutes=1))
    assert (restarted(estate), (await run(desk)).state) == ([], State.FAILED)
    assert "时发现配置被改动" in told
    assert "oa1 已放回；oa2、oa3、oa4 没有动" in told


async def test_8_21_what_cannot_be_put_back_is_said_and_how(desk: Desk, estate: Estate, long: LongConnections) -> None:
    """The node has died while it was out: its requests would fail."""
    long.hold("oa2")
    await roll_to(desk, "oa1")
    pid = estate.apps.pid(ADDRESSES["oa1"])
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    said = await desk.says("zhou", "/cancel R1", chat=ROOM)
    assert "没能放回：oa1，请查看后发 /undrain oa1" in said[-1].text
    assert "oa1 停在摘除状态，没有恢复" in said[-1].text
    assert out(estate) == ["oa1"]
    (estate.apps.home / f"{ADDRESSES['oa1']}.pid").unlink()
    estate.apps.start(ADDRESSES["oa1"])
    await say(desk, "zhou", "/undrain oa1")
    await say(desk, "wen", "/confirm R2")
    assert out(estate) == []


@pytest.mark.waits
async def test_8_21_a_yes_to_go_on_needs_nobody_s_life_and_counts_after_a_restart(
    desk: Desk, estate: Estate, long: LongConnections
) -> None:
    long.hold("oa1")
    await roll_to(desk, "oa1")
    desk.work.pop()
    await say(desk, "wen", "/resume R1")
    other = Runner(desk.app.transactions, runner(desk.app).remote, load_catalogue())
    await other.recover()
    assert (await run(desk)).state is State.RUNNING
    desk.work[:] = [other.step]
    await desk.settle()
    assert (await run(desk)).state is State.DONE
    assert (out(estate), restarted(estate)) == ([], ["oa1", "oa2", "oa3", "oa4"])


@pytest.mark.waits
async def test_8_21_a_roll_that_was_cut_behind_its_drain_puts_the_node_back_when_it_goes_on(
    desk: Desk, estate: Estate
) -> None:
    """Killed before the reload was verified: the node is out by this run, and not one that was out before it."""
    await say(desk, "zhou", "/rolling-restart oa")
    desk.work.pop()
    await say(desk, "wen", "/confirm R1")
    cutting = runner(desk.app)
    with estate.nginx.held("-s reload") as begun:
        working = asyncio.create_task(cutting.step())
        await until(begun)
        working.cancel()
        for task in list(cutting._in_hand.values()):
            task.cancel()
        await asyncio.gather(working, return_exceptions=True)
    other = Runner(desk.app.transactions, cutting.remote, load_catalogue())
    await other.recover()
    desk.work[:] = [other.step]
    await desk.settle()
    cut = await run(desk)
    assert (cut.state, out(estate)) == (State.UNKNOWN, ["oa1"])
    await say(desk, "zhou", f"/resume R1 {cut.step}")
    await say(desk, "wen", "/confirm R2")
    assert (await run(desk, 2)).state is State.DONE
    assert (out(estate), restarted(estate)) == ([], ["oa1", "oa2", "oa3", "oa4"])


async def test_8_21_a_node_that_drains_is_not_in_service(desk: Desk, estate: Estate, long: LongConnections) -> None:
    """One of four may be out: that connections last on it makes it no spare."""
    long.hold("oa3")
    await drain(desk)
    refused = await say(desk, "zhou", "/drain oa4")
    assert (await run(desk, 2)).code == "floor", refused.text
    assert out(estate) == ["oa3"]
