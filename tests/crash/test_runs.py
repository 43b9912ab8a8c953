"""Killed in the middle of a run and started again: nothing is done twice, a half-done edit is taken back (faults F13 to F20).

The witnesses stand outside the service: the recorder's record, what ``asadmin`` wrote down on the node, nginx's file, and the
process ids of its workers. A run that was under way is never carried on: people hear of it once, with its exact step.
"""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.crash.witness import assert_repeats, killed_and_restarted
from tests.support.estate import ADDRESSES, Estate
from tests.support.long_connections import LongConnections
from tests.support.process import Platform, Service, service
from tests.support.scale import chosen
from tests.support.until import eventually, until

pytestmark = [pytest.mark.crash, pytest.mark.servers, pytest.mark.soak]

ROOM = "duty-room"
NODE = ADDRESSES["oa1"]
STEPS = {  # the shipped catalogue's, as the plan shows them before anybody confirms
    "/restart oa1": ["停止，oa1", "确认已停，oa1", "启动，oa1", "确认可访问，oa1"],
    "/drain oa1": [
        "备份并修改配置，lb1",
        "检查配置 nginx -t，lb1",
        "重载 nginx，lb1",
        "核对新配置生效，lb1",
        "等旧连接结束，lb1",
    ],
}
CALLS = {1: ["stop-domain"], 3: ["stop-domain", "start-domain"]}  # what asadmin is called with, by step
EDIT, RELOAD = 1, 3  # the steps of a drain
UNKNOWN, FOUND, DONE = "R1 状态不明", "R1 核对结果", "R1 完成：从"
READS = {
    ("/restart oa1", 2),
    ("/restart oa1", 4),
    ("/drain oa1", 4),
}  # steps that change nothing: the host keeps no record


@dataclass(frozen=True, slots=True)
class State:
    """What the servers themselves say."""

    calls: tuple[str, ...]
    process: int | None
    conf: bytes
    workers: frozenset[int]


def state(estate: Estate) -> State:
    apps, nginx = estate.apps, estate.nginx
    return State(tuple(apps.calls(NODE)), apps.pid(NODE), nginx.conf.read_bytes(), frozenset(nginx.workers()))


POINTS = [
    ("/restart oa1", "run.before_step", 3),  # stopped, not yet started
    ("/restart oa1", "run.after_step", 1),
    ("/restart oa1", "run.before_finish", 4),
    ("/drain oa1", "run.before_step", 2),  # edited, not yet tested
    ("/drain oa1", "run.after_edit", 1),
    ("/drain oa1", "run.after_step", 3),  # reloaded, not yet verified
    ("/drain oa1", "run.before_finish", 5),
]
ONE_EACH = {
    ("/restart oa1", "run.before_step"),
    ("/restart oa1", "run.before_finish"),
    ("/drain oa1", "run.after_edit"),
}
TRIED = chosen(POINTS, lambda case: (case[0], case[1]) in ONE_EACH)


@pytest.mark.parametrize(("line", "point", "first"), TRIED)
async def test_a_run_cut_short(
    tmp_path: Path, platform: Platform, estate: Estate, line: str, point: str, first: int, round_: int
) -> None:
    """The rounds kill at each step in turn."""
    stepwise = point.endswith("_step")
    place = (first - 1 + round_) % 4 + 1 if stepwise else first
    begun = place - (point == "run.before_step")  # the steps whose commands were sent
    drain, intact = line.startswith("/drain"), state(estate)
    put_back = drain and (place < RELOAD or begun < RELOAD)
    with on_servers(tmp_path, platform, estate) as zhiban:
        zhiban.start(keys(estate) | {"ZHIBAN_CRASH_AT": f"{point}:{place if stepwise else 1}"})
        await zhiban.ready()
        await platform.aim(zhiban.url)
        await platform.say("request", "zhou", ROOM, text=line)
        await confirm(platform, await question(platform))
        await platform.say("ping", "lixiao", "shifuban", text="/ping 还在")
        await died(zhiban)
        left = await settled(estate, intact, reloaded=drain and begun >= RELOAD)
        assert_left(drain, begun, intact, left)
        assert_intended(zhiban, begun)
        tested = estate.nginx.calls()

        zhiban.start(keys(estate))
        await zhiban.ready()
        told = await said(platform, UNKNOWN)
        step = f"第 {place} 步（{STEPS[line][place - 1]}）"
        finished = point == "run.before_finish"
        assert (f"执行完{step}之后中断" if finished else f"执行到{step}时中断") in told
        found = await said(platform, DONE if finished else FOUND)
        assert (f"{step}已正常结束" if finished else ending(line, place, begun, step)) in found
        assert put_back == ("已按备份恢复原样" in found or "还没有被改动" in found)
        assert "已按备份恢复原样" not in found or begun >= EDIT
        assert estate.nginx.calls() == [*tested, *(["-t"] if "已按备份恢复原样" in found else [])]
        expected = replace(left, conf=intact.conf) if put_back else left
        assert state(estate) == expected
        await insist(platform, line, held=not finished)
        await said(platform, "pong 还在")
        await zhiban.quiet()
        assert state(estate) == expected
        posts = await platform.posts()
        assert (len(new(posts, UNKNOWN)), len(new(posts, FOUND)), len(new(posts, DONE))) == (1, not finished, finished)
        assert all(event["acked_at"] for event in await platform.events())
        assert_repeats(posts, client_keys=True)


async def test_the_request_and_the_yes_survive_and_count_once(
    tmp_path: Path, platform: Platform, estate: Estate
) -> None:
    """Killed before the question, before the yes counts, and before the start: one question, one execution (faults F13 to F15)."""
    intact = state(estate)
    with on_servers(tmp_path, platform, estate) as zhiban:
        ssh = keys(estate)
        zhiban.start(ssh | {"ZHIBAN_CRASH_AT": "dispatch.after_commit:2"})
        await zhiban.ready()
        await platform.aim(zhiban.url)
        await platform.say("request", "zhou", ROOM, text="/restart oa1")
        await killed_and_restarted(zhiban, ssh | {"ZHIBAN_CRASH_AT": "dispatch.before_commit:2"})
        await confirm(platform, await question(platform))
        await died(zhiban)
        assert state(estate) == intact
        zhiban.start(ssh | {"ZHIBAN_CRASH_AT": "dispatch.after_commit:1"})
        await died(zhiban)
        assert state(estate) == intact
        zhiban.start(ssh)
        await said(platform, "R1 完成")
        await zhiban.quiet()
        posts = await platform.posts()
        assert estate.apps.calls(NODE) == CALLS[3]
        assert estate.apps.pid(NODE) not in {intact.process, None}
        assert [post["buttons"][0] for post in new(posts, "需另一人确认")] == ["confirm:R1"]
        assert not new(posts, "R2") + new(posts, UNKNOWN)
        assert_repeats(posts, client_keys=True)


@contextmanager
def on_servers(folder: Path, platform: Platform, estate: Estate) -> Iterator[Service]:
    """A service whose hosts are the estate's."""
    with service(folder, platform, client_keys=True) as zhiban:
        estate.write_hosts(folder / "data")
        yield zhiban


def ending(line: str, place: int, begun: int, step: str) -> str:
    """What the host knows of the step that the crash was in: its command ended there, or nothing of it came."""
    if begun < place or (line, place) in READS:
        return f"{step}没有在主机上做改动"
    return f"{step}已结束（返回码 0）"


async def insist(platform: Platform, line: str, *, held: bool) -> None:
    """A second yes and a second request, as people send them when nothing seems to happen: both are refused."""
    await platform.say("again", "hemu", ROOM, text="/confirm R1")
    await said(platform, "R1 已由 温若川 确认，不用再确认")
    if held:
        await platform.say("another", "zhou", ROOM, text=line)
        await said(platform, "它的状态不明")


def keys(estate: Estate) -> dict[str, str]:
    return {"ZHIBAN_SSH__KEY_FILE": str(estate.key_file), "ZHIBAN_SSH__KNOWN_HOSTS": str(estate.known_hosts)}


def new(posts: list[dict[str, Any]], words: str) -> list[dict[str, Any]]:
    """The new messages with these words."""
    return [post for post in posts if post["op"] == "post" and words in post["text"]]


async def said(platform: Platform, words: str) -> str:
    """Wait for a new message with these words; its text."""
    await eventually(lambda: heard(platform, words))
    return str(new(await platform.posts(), words)[0]["text"])


async def heard(platform: Platform, words: str) -> bool:
    return bool(new(await platform.posts(), words))


async def question(platform: Platform) -> str:
    """Wait for the question of R1; its message id."""
    await said(platform, "需另一人确认")
    return str(new(await platform.posts(), "需另一人确认")[0]["id"])


async def confirm(platform: Platform, message: str) -> None:
    """A second person's yes, by the button."""
    await platform.say("yes", "wen", ROOM, action="confirm:R1", message=message)


async def died(zhiban: Service) -> None:
    assert await zhiban.ended() == -signal.SIGKILL, zhiban.log()


async def settled(estate: Estate, intact: State, *, reloaded: bool) -> State:
    """The servers' state once nginx has finished its reload, if it was told to."""
    if reloaded:
        await until(lambda: (now := estate.nginx.workers()).isdisjoint(intact.workers) and len(now) == 2)
    return state(estate)


def assert_left(drain: bool, begun: int, intact: State, left: State) -> None:
    """The crash came where it was meant to: the commands up to that step were sent, none after."""
    if drain:
        assert (left.conf != intact.conf) == (begun >= EDIT)
        assert (left.workers != intact.workers) == (begun >= RELOAD)
    else:
        assert list(left.calls) == CALLS.get(begun, CALLS.get(begun - 1, []))
        assert (left.process == intact.process) == (begun == 0)


def assert_intended(zhiban: Service, begun: int) -> None:
    """By the dead service's own database: the start was on record, and each step, before the host was sent it (fault F20)."""
    with closing(sqlite3.connect(zhiban.state / "zhiban.db")) as database:
        starts = database.execute("SELECT count(*) FROM audit WHERE action = 'run.start' AND outcome = 'ok'").fetchone()
        places = [place for (place,) in database.execute("SELECT place FROM run_step ORDER BY place")]
    assert starts == (1,)
    assert places[:begun] == list(range(1, begun + 1))
    assert len(places) <= begun + 1


@pytest.mark.waits
async def test_killed_while_the_host_works_on_it(tmp_path: Path, platform: Platform, estate: Estate) -> None:
    """The command goes on without us and is attached to again: as running, then with its end; sent once (faults F16, F17, F20)."""
    go = tmp_path / "go"
    asadmin = estate.apps.home / "bin" / "asadmin"
    slow = f"stop-domain)\n  while [ ! -e {go} ]; do sleep 0.05; done\n"
    asadmin.write_text(asadmin.read_text().replace("stop-domain)\n", slow))
    with on_servers(tmp_path, platform, estate) as zhiban:
        zhiban.start(keys(estate))
        await zhiban.ready()
        await platform.aim(zhiban.url)
        await platform.say("request", "zhou", ROOM, text="/restart oa1")
        await confirm(platform, await question(platform))
        await until(lambda: estate.apps.calls(NODE) == ["stop-domain"])
        zhiban.kill()
        assert intents(zhiban) == [("run.start", 1)]

        zhiban.start(keys(estate))
        await zhiban.ready()
        assert f"第 1 步（{STEPS['/restart oa1'][0]}）仍在主机上执行" in await said(platform, "仍在主机上执行")
        go.touch()
        assert "已结束（返回码 0）" in await said(platform, "已结束")
        await insist(platform, "/restart oa1", held=True)
        await zhiban.quiet()
        posts = await platform.posts()
        assert (len(new(posts, UNKNOWN)), len(new(posts, FOUND))) == (1, 2)
        assert estate.apps.calls(NODE) == ["stop-domain"]
        assert_repeats(posts, client_keys=True)


def intents(zhiban: Service) -> list[tuple[str, int]]:
    """What the dead service had put on record before the host began: the start, and the step that was under way."""
    with closing(sqlite3.connect(zhiban.state / "zhiban.db")) as database:
        starts = database.execute("SELECT action FROM audit WHERE action = 'run.start' AND outcome = 'ok'").fetchall()
        steps = database.execute("SELECT place FROM run_step WHERE state = 'running'").fetchall()
    return [(str(start[0]), int(step[0])) for start, step in zip(starts, steps, strict=True)]


async def test_killed_while_a_step_waits_for_a_person(tmp_path: Path, platform: Platform, estate: Estate) -> None:
    """Who waits hears nothing of it; the yes to the question of the life before is taken, and the rest runs once."""
    note, noted = tmp_path / "note", tmp_path / "noted"
    note.write_text(f'#!/bin/sh\necho "$1" >> {noted}\n')
    note.chmod(0o755)
    with on_servers(tmp_path, platform, estate) as zhiban:
        book = zhiban.folder / "data" / "runbooks" / "ask-me.yaml"
        book.parent.mkdir(exist_ok=True)
        book.write_text(ASKS.format(note=note))
        zhiban.start(keys(estate))
        await zhiban.ready()
        await platform.aim(zhiban.url)
        await platform.say("request", "zhou", ROOM, text="/ask-me")
        await confirm(platform, await question(platform))
        await said(platform, "停在第 2 步")
        zhiban.kill()
        assert noted.read_text().split() == ["before"]

        zhiban.start(keys(estate))
        await zhiban.ready()
        await zhiban.quiet()
        (asked,) = new(await platform.posts(), "停在第 2 步")
        assert noted.read_text().split() == ["before"]
        await platform.say("go on", "wen", ROOM, action="continue:R1.2", message=asked["id"])
        await said(platform, "R1 完成")
        await zhiban.quiet()
        posts = await platform.posts()
        assert noted.read_text().split() == ["before", "behind"]
        assert not new(posts, UNKNOWN) + new(posts, FOUND)
        assert_repeats(posts, client_keys=True)


@pytest.mark.waits
@pytest.mark.parametrize("passing", [1, 2])
async def test_8_21_killed_while_old_connections_are_watched(
    tmp_path: Path, platform: Platform, estate: Estate, passing: int
) -> None:
    """In the look that the run itself waits for, or in a later one beside it: the drain is done, and its end is told once."""
    long = LongConnections(estate)
    long.hold("oa1")
    old = estate.nginx.workers()
    with on_servers(tmp_path, platform, estate) as zhiban:
        zhiban.start(keys(estate) | {"ZHIBAN_CRASH_AT": f"run.watch_looked:{passing}"})
        await zhiban.ready()
        await platform.aim(zhiban.url)
        await platform.say("request", "zhou", ROOM, text="/drain oa1")
        await confirm(platform, await question(platform))
        await died(zhiban)
        assert old & estate.nginx.workers()

        zhiban.start(keys(estate))
        await zhiban.ready()
        assert "还有 1 条旧连接" in await said(platform, "R1 完成")
        long.close()
        await until(lambda: not old & estate.nginx.workers())
        await said(platform, "的旧连接已全部结束")
        await zhiban.quiet()
        posts = await platform.posts()
        assert [len(new(posts, words)) for words in ("R1 完成", "已全部结束", UNKNOWN)] == [1, 1, 0]
        assert estate.nginx.calls() == ["-t", "-s reload"]
        assert_repeats(posts, client_keys=True)


ASKS = """verb: ask-me
alias: 问我
title: {{zh: 问, en: ask}}
source: a test
roles: [engineer]
where: balancer
group: oa
steps:
  - {{title: {{zh: 前, en: before}}, run: [{note}, before]}}
  - {{ask: {{zh: 可以改了吗, en: may it be changed}}}}
  - {{title: {{zh: 后, en: behind}}, run: [{note}, behind]}}
"""


@pytest.mark.parametrize("passing", [2, 3, 5])
async def test_8_22_killed_while_several_nodes_pack_together(
    tmp_path: Path, platform: Platform, estate: Estate, passing: int
) -> None:
    """Whatever each of them was doing: every node has packed once in the end, by its own notes, and the rest follows once."""
    noted = tmp_path / "noted"
    with on_servers(tmp_path, platform, estate) as zhiban:
        book = zhiban.folder / "data" / "runbooks" / "pack-all.yaml"
        book.parent.mkdir(exist_ok=True)
        book.write_text(PACKS.format(noted=noted))
        zhiban.start(keys(estate) | {"ZHIBAN_CRASH_AT": f"run.after_step:{passing}"})
        await zhiban.ready()
        await platform.aim(zhiban.url)
        await platform.say("request", "zhou", ROOM, text="/pack-all")
        await confirm(platform, await question(platform))
        await died(zhiban)

        zhiban.start(keys(estate))
        await zhiban.ready()
        await said(platform, UNKNOWN)
        await said(platform, "状态仍不明，请查看")
        await platform.say("resume", "zhou", ROOM, text="/resume R1")
        await said(platform, "R2 ")
        (asked,) = new(await platform.posts(), "R2 ")
        await platform.say("yes again", "wen", ROOM, action="confirm:R2", message=asked["id"])
        await said(platform, "R2 完成")
        await zhiban.quiet()
        lines = noted.read_text().split()
        nodes = [f"packed-oa{n}" for n in range(1, 5)]
        assert sorted(lines) == sorted(["before", *nodes, "behind"])
        assert (lines[0], lines[-1]) == ("before", "behind")
        assert_repeats(await platform.posts(), client_keys=True)


PACKS = """verb: pack-all
alias: 全部打包
title: {{zh: 打包, en: pack}}
source: a test
roles: [engineer]
group: oa
steps:
  - {{title: {{zh: 前, en: before}}, on: {{group: oa, first: true}}, run: [sh, -c, "echo before >> {noted}"]}}
  - title: {{zh: 打包, en: pack}}
    on: {{group: oa}}
    at_once: 4
    run: [sh, -c, 'sleep 0.3; echo "packed-$0" >> {noted}', "{{here}}"]
  - {{title: {{zh: 后, en: behind}}, on: {{group: oa, first: true}}, run: [sh, -c, "echo behind >> {noted}"]}}
"""
