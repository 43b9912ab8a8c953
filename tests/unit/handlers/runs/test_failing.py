"""A server fails in the middle of a run: told as what it is, nothing sent twice (faults F59, F61, F63, F65, F67, F70).

Faults are made on real sshd; the oracle is what ``asadmin`` wrote down, sshd's log, and the kernel's processes.
"""

import asyncio
import os
import re
import shutil
import signal
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from runbooks.planning.target import Target
from runbooks.remote.command import NotStarted, Result
from runbooks.runs.run import State
from tests.support import sshd
from tests.support.apps import alive, gone
from tests.support.desk import Desk
from tests.support.estate import ADDRESSES, Estate
from tests.support.paths import EXAMPLE
from tests.support.runner import runner
from tests.support.until import until
from tests.unit.handlers.runs.rooms import ROOM, approve_without_runner, run, say, served

pytestmark = pytest.mark.servers
OA3 = ADDRESSES["oa3"]
FORKS = """
verb: fork
alias: 分身
title: {{zh: 分身, en: fork}}
source: a test of what is left behind
roles: [engineer]
where: balancer
group: oa
steps:
  - title: {{zh: 试, en: try}}
    run: [sh, "{script}", "{{secret.dm}}"]
    limit: 1
"""
STUMBLES = """
verb: stumble
alias: 磕绊
title: {zh: 磕绊, en: stumble}
source: a test of a step that may fail
roles: [engineer]
where: balancer
group: oa
steps:
  - title: {zh: 找文件, en: find}
    run: [ls, /no/such/file]
    may_fail: true
  - title: {zh: 查看, en: look}
    run: ["false"]
"""
SCRIPT = """trap '' TERM
setsid sh -c 'echo $$ > {here}/daemon; trap "" TERM; read line < {here}/never' daemon "$1" password=CANARY >/dev/null 2>&1 &
sleep 777 & echo $! > {here}/child
echo $$ > {here}/pid
wait
"""


@pytest.fixture
async def desk(estate: Estate, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    data = tmp_path / "data"
    shutil.copytree(EXAMPLE, data)
    (data / "runbooks").mkdir(exist_ok=True)
    (data / "runbooks" / "fork.yaml").write_text(FORKS.format(script=tmp_path / "script"))
    (data / "runbooks" / "stumble.yaml").write_text(STUMBLES)
    (tmp_path / "state" / "secrets").mkdir(parents=True)
    (tmp_path / "state" / "secrets" / "dm").touch(0o600)
    (tmp_path / "state" / "secrets" / "dm").write_text("the CANARY of the secrets folder")
    (tmp_path / "script").write_text(SCRIPT.format(here=tmp_path))
    os.mkfifo(tmp_path / "never")  # what reads it waits without a child of its own
    async with served(estate, tmp_path / "state", empty_db, data_dir=data) as opened:
        yield opened


async def test_a_host_that_is_down_before_the_question(desk: Desk, estate: Estate) -> None:
    """Fault F59: told at once, nothing ran, safe to send again."""
    estate.servers["lb1"].process.kill()
    before, began = estate.nginx.conf.read_bytes(), time.monotonic()
    told = await say(desk, "zhou", f"/drain {ADDRESSES['oa4']}")
    assert time.monotonic() - began < 10
    assert told.text == f"R1 没有执行：连不上 lb1。\n可以重新发送：/drain {ADDRESSES['oa4']}"
    assert ((await run(desk)).state, (await run(desk)).code) == (State.REFUSED, "unreachable")
    assert (estate.nginx.conf.read_bytes(), estate.nginx.calls()) == (before, [])


async def test_a_host_that_is_down_when_its_step_comes(desk: Desk, estate: Estate) -> None:
    """Fault F59: the yes is given and the host is gone: failed, certainly not begun, and its target is free."""
    await say(desk, "zhou", "/restart oa3")
    estate.servers["oa3"].process.kill()
    failed = await say(desk, "wen", "/confirm R1")
    assert failed.text.startswith("R1 未完成：第 1 步 停止（oa3）连不上主机。后面的步骤没有执行。")
    assert ((await run(desk)).state, (await run(desk)).code) == (State.FAILED, "unreachable")
    assert estate.apps.calls(OA3) == []
    assert "需另一人确认" in (await say(desk, "zhou", "/restart oa3")).text


async def test_a_step_that_the_host_has_seen_before_is_not_done_again(desk: Desk, estate: Estate) -> None:
    """An old copy of the database, say: the host's own record refuses, and people are told that and not "cannot reach"."""
    await say(desk, "zhou", "/restart oa3")
    record = estate.servers["oa3"].home / ".zhiban" / "runs" / (await run(desk)).record
    record.mkdir(parents=True)
    (record / "1.1").touch()
    failed = await say(desk, "wen", "/confirm R1")
    assert failed.text.startswith("R1 未完成：第 1 步 停止（oa3）之前已经发过，主机没有再做。")
    assert ((await run(desk)).state, (await run(desk)).code) == (State.FAILED, "repeated")
    assert estate.apps.calls(OA3) == []


async def test_a_connection_that_breaks_in_the_middle_is_unknown(desk: Desk, estate: Estate) -> None:
    """Faults F61, F70: no exit status is no success and no failure; the host is asked, the command is not sent again."""
    await begin_stop(desk)
    with estate.apps.held(OA3):
        working = await working_on(desk, estate)
        estate.servers["oa3"].cut()
        await working
        await desk.settle()
        unknown, found = [m.text for m in (await desk.bot(ROOM))[-2:]]
        assert unknown.startswith("R1 状态不明：执行到第 1 步（停止，oa3）时中断。")
        assert "仍在主机上执行" in found
    await until(lambda: estate.apps.pid(OA3) is None)
    await desk.later(seconds=15)
    await desk.later(minutes=10)
    assert "第 1 步（停止，oa3）已结束" in (await desk.bot(ROOM))[-1].text
    assert (await run(desk)).state is State.UNKNOWN
    assert estate.apps.calls(OA3) == ["stop-domain"]


async def test_another_host_key_between_two_steps(
    desk: Desk, estate: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault F63: the step is refused, the leads hear of it as of an attack, and nothing is tried again."""
    send, swapped = runner(desk.app).remote.run, ""

    async def run_then_swap(target: Target, argv: tuple[str, ...], **options: Any) -> Result:
        nonlocal swapped
        result = await send(target, argv, **options)
        if argv[-1] == "stop-domain":
            swapped = await swap_key(estate, tmp_path)
        return result

    monkeypatch.setattr(runner(desk.app).remote, "run", run_then_swap)
    await say(desk, "zhou", "/restart oa3")
    said = await desk.says("wen", "/confirm R1", chat=ROOM)
    (failed,) = [m for m in said if "R1 未完成" in m.text]
    down, first, *_ = failed.text.splitlines()
    assert down == "注意：oa3 停下后没有完全起来。"
    assert first.startswith("R1 未完成：第 2 步 确认已停（oa3）时主机密钥与登记的不一致，已拒绝连接")
    alarms = [m for m in said if m.text.startswith("安全提醒：oa3 的 SSH 主机密钥与登记的不一致")]
    assert {m.chat for m in alarms} == {"dm-hemu", "dm-fang"}
    await desk.later(minutes=10)
    assert ((await run(desk)).state, (await run(desk)).code) == (State.FAILED, "host_key")
    assert [(e.entry.outcome, e.entry.code) for e in await desk.audit() if e.entry.action == "run.end"] == [
        ("failed", "host_key")
    ]
    assert estate.apps.calls(OA3) == ["stop-domain"]
    assert "Accepted" not in await logged(estate, swapped)


async def test_another_host_key_after_a_step_was_cut(desk: Desk, estate: Estate, tmp_path: Path) -> None:
    """Fault F63: whoever answers now is not asked what became of the step; the leads hear of it once."""
    await begin_stop(desk)
    with estate.apps.held(OA3):
        working = await working_on(desk, estate)
        before = await swap_key(estate, tmp_path)
        await working
    await desk.settle()
    await desk.later(minutes=5)
    assert "oa3 的主机密钥与登记的不一致，已拒绝连接" in (await desk.bot(ROOM))[-1].text
    for lead in ("dm-hemu", "dm-fang"):
        assert [m.text[:8] for m in await desk.bot(lead)] == ["安全提醒：oa3"]
    assert (await run(desk)).state is State.UNKNOWN
    assert "Accepted" not in await logged(estate, before)


async def test_a_refused_login_is_not_tried_until_the_account_is_locked(desk: Desk, estate: Estate) -> None:
    """Fault F65: of a run whose step was cut, the host is asked again and again; a host that refuses us, once. Sshd's own log."""
    await begin_stop(desk)
    with estate.apps.held(OA3):
        working = await working_on(desk, estate)
        before = await configure(estate, "AuthorizedKeysFile", "none")
        estate.servers["oa3"].cut()
        await working
    await desk.settle()
    await desk.later(minutes=10)
    assert "oa3 拒绝登录，不再自动尝试" in (await desk.bot(ROOM))[-1].text
    refused = re.findall(r"authenticating user \S+ .*\[preauth\]", await logged(estate, before))
    assert len(refused) == 1
    assert (await run(desk)).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("key", "时值守服务自己的 SSH 密钥读不出来"),
        ("known_hosts", "没有执行，还没有 oa3 的主机密钥，请管理员运行 zhiban hosts scan"),
        ("no_curl", "时负载均衡上没有 curl"),
    ],
)
async def test_what_is_wrong_on_our_side_is_not_told_as_a_host_that_is_down(
    desk: Desk, estate: Estate, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    send = runner(desk.app).remote.run

    async def run_or_refuse(target: Target, argv: tuple[str, ...], **options: Any) -> Result:
        if argv[-1] == "stop-domain":
            raise NotStarted(code, "lb1")
        return await send(target, argv, **options)

    monkeypatch.setattr(runner(desk.app).remote, "run", run_or_refuse)
    await say(desk, "zhou", "/restart oa3")
    failed = await say(desk, "wen", "/confirm R1")
    assert failed.text.startswith(f"R1 未完成：第 1 步 停止（oa3）{words}")
    assert ((await run(desk)).state, (await run(desk)).code) == (State.FAILED, code)
    assert estate.apps.calls(OA3) == []


async def test_one_run_is_one_attempt_to_log_in(desk: Desk, estate: Estate) -> None:
    """Fault F65: the step is told as refused, by name, after a single attempt."""
    await say(desk, "zhou", "/restart oa3")
    before = await configure(estate, "AuthorizedKeysFile", "none")
    failed = await say(desk, "wen", "/confirm R1")
    assert failed.text.startswith("R1 未完成：第 1 步 停止（oa3）时主机拒绝登录")
    assert len(re.findall(r"authenticating user \S+ .*\[preauth\]", await logged(estate, before))) == 1
    assert estate.apps.calls(OA3) == []


@pytest.mark.parametrize("chat", [ROOM, "shifuban"])
async def test_what_a_killed_command_leaves_behind_is_named(desk: Desk, tmp_path: Path, chat: str) -> None:
    """Faults F66, F67: it ignores SIGTERM and forks a daemon: its processes are killed, the daemon is told and left to people."""
    await desk.later(seconds=os.getpid() % 1800)  # a mark that no R1 of another test has: all "hosts" are this machine
    await say(desk, "zhou", "/fork", chat=chat)
    await desk.says("wen", "/confirm R1", chat=ROOM)  # where the plan stands, also when reporters' group asked for it
    failed = next(m for m in await desk.bot(chat) if m.text.startswith("R1 未完成"))
    named = failed if chat == ROOM else (await desk.bot("dm-zhou"))[-1]  # what servers say is not for reporters
    daemon = int((tmp_path / "daemon").read_text())
    try:
        assert alive(daemon)
        assert "第 1 步 试（lb1）超时，已终止" in failed.text
        assert f"lb1 上还有这一步留下的进程：{daemon} sh -c echo $$ >" in named.text
        assert "没有去终止，请人工查看" in named.text
        assert "CANARY" not in named.text
        assert (str(daemon) in failed.text) is (chat == ROOM)
        for name in ("pid", "child"):
            pid = int((tmp_path / name).read_text())
            await until(partial(gone, pid))
            assert f"{pid} " not in named.text
    finally:
        os.kill(daemon, signal.SIGKILL)


@pytest.mark.parametrize("chat", [ROOM, "shifuban"])
async def test_8_9_a_step_that_failed_and_may_is_not_ticked_and_its_words_stand_beside_what_failed_behind_it(
    desk: Desk, chat: str
) -> None:
    await say(desk, "zhou", "/stumble", chat=chat)
    await desk.says("wen", "/confirm R1", chat=ROOM)
    failed = next(m for m in await desk.bot(chat) if m.text.startswith("R1 未完成"))
    assert "第 2 步 查看（lb1）报错（返回码 1）" in failed.text
    assert "它前面的 找文件 没有成功（返回码 2）" in failed.text
    private = failed if chat == ROOM else (await desk.bot("dm-zhou"))[-1]
    assert "/no/such/file" in private.text
    assert ("/no/such/file" in failed.text) is (chat == ROOM)
    (card,) = [m.text for m in await desk.bot(ROOM) if "找文件（" in m.text]
    assert "△ lb1 找文件（没有成功，由后面的步骤判断）" in card
    assert "✗ lb1 查看" in card


async def begin_stop(desk: Desk) -> None:
    await say(desk, "zhou", "/restart oa3")
    await approve_without_runner(desk)


async def working_on(desk: Desk, estate: Estate) -> "asyncio.Task[int]":
    """The runner at work; ``asadmin`` has noted its call and is held there."""
    working = asyncio.create_task(runner(desk.app).step())
    await until(lambda: estate.apps.calls(OA3) == ["stop-domain"])
    return working


def log(estate: Estate) -> str:
    return (estate.known_hosts.parent / "oa3" / "sshd.log").read_text()


async def logged(estate: Estate, before: str) -> str:
    """What oa3's sshd has logged since ``before``, once whoever served a connection has ended: each writes its last line then."""
    await until(lambda: not estate.servers["oa3"].children())
    return log(estate).removeprefix(before)


async def configure(estate: Estate, name: str, value: str) -> str:
    """Change a line of oa3's sshd and let it read that anew; its log until then."""
    server, folder = estate.servers["oa3"], estate.known_hosts.parent / "oa3"
    config = folder / "sshd_config"
    before, seen = log(estate), log(estate).count("Received SIGHUP")
    config.write_text(re.sub(rf"(?m)^{name} .*$", f"{name} {value}", config.read_text()))
    server.process.send_signal(signal.SIGHUP)
    await until(lambda: log(estate).count("Received SIGHUP") > seen)
    await asyncio.to_thread(sshd.wait, server.address, server.port, server.process)
    return before


async def swap_key(estate: Estate, folder: Path) -> str:
    """oa3 is another machine from now on; the connections to the old one are gone. Its log until then."""
    before = await configure(estate, "HostKey", str(sshd.make_key(folder / "another")))
    estate.servers["oa3"].cut()
    return before
