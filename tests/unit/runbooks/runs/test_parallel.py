"""Steps that only read reach many hosts at once, no more than they may, on one card. Real sshd; the oracle is its own log."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from runbooks.planning.target import Target
from runbooks.remote.command import NotStarted, Result
from runbooks.remote.settings import SshSettings
from runbooks.runs import parallel
from runbooks.runs import steps as store_steps
from runbooks.runs.run import State
from tests.bench.hosts import GROUP, Hundred, hundred
from tests.support import sshd
from tests.support.desk import Desk, make_settings, open_desk
from tests.support.once import example_site
from tests.support.runner import runner
from tests.support.until import until
from tests.unit.handlers.runs.rooms import ROOM, run

pytestmark = pytest.mark.servers
HOSTS, AT_ONCE = 12, 4
RUNBOOK = """
verb: many
alias: 多台
title: {zh: 多台, en: many}
source: test
roles: [engineer]
confirm: none
where: host
group: hundred
steps:
  - title: {zh: 看, en: look}
    on: {group: hundred}
    at_once: 4
    run: [sh, -c, "echo + >> @/log; sleep 0.3; test ! -e @/cut-{here} || kill -9 $(ps -o ppid= -p $PPID);
      test ! -e @/kill-{here} || kill -9 $$;
      while test -e @/hold; do sleep 0.05; done; echo - >> @/log; test ! -e @/{here} && echo I am {here}"]
  - title: {zh: 再看, en: look again}
    on: {group: hundred}
    at_once: 4
    run: [sh, -c, "echo = >> @/log; echo again"]
  - title: {zh: 最后看, en: look once more}
    on: {group: hundred, first: true}
    run: [sh, -c, "echo last >> @/log"]
"""


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hundred]:
    with hundred(tmp_path / "hosts", HOSTS) as running:
        yield running


@pytest.fixture
async def desk(hosts: Hundred, tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    data = tmp_path / "data"
    (data / "runbooks").mkdir(parents=True)
    (data / "runbooks" / "many.yaml").write_text(RUNBOOK.replace("@", str(tmp_path)), "utf-8")
    example = example_site()
    groups = {**example.host_groups, GROUP.id: GROUP}
    site = dataclasses.replace(example, host_groups=groups, hosts={**example.hosts, **hosts.hosts})
    ssh = SshSettings(key_file=hosts.key_file, known_hosts=hosts.known_hosts)
    settings = make_settings(tmp_path / "state", data_dir=data, capabilities={"ssh": ssh})
    async with open_desk(tmp_path / "state", empty_db, site=site, settings=settings) as opened:
        opened.work.append(runner(opened.app).step)
        yield opened


def at_once(log: list[str]) -> int:
    """The most that ran at the same time, as the hosts' own log says."""
    running = most = 0
    for mark in log:
        running += {"+": 1, "-": -1}.get(mark, 0)
        most = max(most, running)
    return most


async def test_all_are_read_some_at_a_time(desk: Desk, tmp_path: Path) -> None:
    said = await desk.says("zhou", "/many", chat=ROOM)
    log = (tmp_path / "log").read_text().split()
    assert (log.count("+"), log.count("-"), log.count("=")) == (HOSTS, HOSTS, HOSTS)
    assert log[-1] == "last"
    assert 1 < at_once(log) <= AT_ONCE
    assert log.index("=") == 2 * HOSTS  # the step behind them waits for all
    assert (await run(desk)).state is State.DONE
    records = await desk.app.store.read(lambda s: store_steps.steps(s, 1))
    assert [r.output.strip() for r in records[:HOSTS]] == [f"I am h{n}" for n in range(1, HOSTS + 1)]
    cards = [m for m in said if "R1" in m.text and m.id == said[0].id]
    assert "已完成" in cards[-1].text


async def test_one_that_fails_does_not_keep_the_others_from_being_read(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "h5").touch()
    said = await desk.says("zhou", "/many", chat=ROOM)
    log = (tmp_path / "log").read_text().split()
    assert (log.count("-"), log.count("=")) == (HOSTS, 0)
    assert (await run(desk)).state is State.FAILED
    records = await desk.app.store.read(lambda s: store_steps.steps(s, 1))
    assert [r.host for r in records if r.state != "done"] == ["h5"]
    assert "h5" in said[-1].text
    (tmp_path / "h5").unlink()
    await desk.says("zhou", "/resume R1", chat=ROOM)
    log = (tmp_path / "log").read_text().split()
    assert (log.count("-"), log.count("="), log[-1]) == (HOSTS + 8, HOSTS, "last")  # from h5 on
    assert (await run(desk, 2)).state is State.DONE


async def test_another_host_key_is_an_alarm_whichever_failed_first(desk: Desk, hosts: Hundred, tmp_path: Path) -> None:
    """Fault F63: h2 just fails; behind it h9 is not the machine that it was, and the leads hear of that, too."""
    (tmp_path / "h2").touch()
    other = sshd.make_key(tmp_path / "other").with_suffix(".pub").read_text().split()
    h9 = desk.site.hosts["h9"]
    place = f"[{h9.address}]:{h9.port} "
    kept = [line for line in hosts.known_hosts.read_text().splitlines() if not line.startswith(place)]
    hosts.known_hosts.write_text("\n".join([*kept, f"{place}{other[0]} {other[1]}", ""]))
    said = await desk.says("zhou", "/many", chat=ROOM)
    assert (tmp_path / "log").read_text().split().count("+") == HOSTS - 1
    assert {m.chat for m in said if m.text.startswith("安全提醒：h9 的 SSH 主机密钥")} == {"dm-hemu", "dm-fang"}
    assert (await run(desk)).state is State.FAILED


async def test_a_jump_host_that_many_lie_behind_is_one_alarm(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """In however many notes its hosts end: the later ones wait here until the first are on record."""
    monkeypatch.setattr(parallel, "NOTED_EVERY", 0.05)
    noted: list[int] = []

    async def refused(target: Target, argv: tuple[str, ...], **options: Any) -> Result:
        if int(target.id[1:]) > AT_ONCE:
            await until_noted(int(target.id[1:]) - AT_ONCE)
        raise NotStarted("host_key", "jump")

    async def until_noted(count: int) -> None:
        async with asyncio.timeout(20):
            while not noted or noted[-1] < count:
                records = await desk.app.store.read(lambda s: store_steps.steps(s, 1))
                noted.append(sum(record.ended_at is not None for record in records))

    monkeypatch.setattr(runner(desk.app).remote, "run", refused)
    await desk.says("zhou", "/many", chat=ROOM)
    assert any(AT_ONCE <= count < HOSTS for count in noted)
    for lead in ("dm-hemu", "dm-fang"):
        assert [m.text[:10] for m in await desk.bot(lead)] == ["安全提醒：jump "]
    assert (await run(desk)).code == "host_key"


async def test_a_cancel_lets_what_began_end_and_begins_nothing_more(desk: Desk, tmp_path: Path) -> None:
    log, hold = tmp_path / "log", tmp_path / "hold"
    step = desk.work.pop()
    await desk.says("zhou", "/many", chat=ROOM)
    hold.touch()
    working = asyncio.create_task(runner(desk.app).step())
    await until(log.exists)
    await desk.says("zhou", "/cancel R1", chat=ROOM)
    hold.unlink()
    await working
    desk.work.append(step)
    await desk.settle()
    marks = log.read_text().split()
    assert (marks.count("+"), marks.count("-"), marks.count("=")) == (HOSTS, HOSTS, 0)
    assert (await run(desk)).state is State.CANCELLED


async def test_8_20_one_that_gives_no_answer_is_a_failed_look_and_holds_nothing(desk: Desk, tmp_path: Path) -> None:
    """It only read, so that nobody has to look what it did: the others are read, and nothing behind them begins."""
    (tmp_path / "cut-h5").touch()
    await desk.says("zhou", "/many", chat=ROOM)
    log = (tmp_path / "log").read_text().split()
    assert (log.count("+"), log.count("="), log.count("last")) == (HOSTS, 0, 0)
    ended = await run(desk)
    assert (ended.state, ended.code) == (State.FAILED, "no_answer")
    records = await desk.app.store.read(lambda s: store_steps.steps(s, 1))
    assert [r.host for r in records if r.state != "done"] == ["h5"]
    assert any("没有等到回答" in m.text for m in await desk.bot(ROOM))


async def test_8_9_one_that_is_killed_is_told_as_killed_and_not_as_late(desk: Desk, tmp_path: Path) -> None:
    """Somebody, or a host without memory, ends one command of many: by SIGKILL, long before its 30 seconds are over."""
    (tmp_path / "kill-h5").touch()
    await desk.says("zhou", "/many", chat=ROOM)
    ended = await run(desk)
    assert (ended.state, ended.code) == (State.FAILED, "signal")
    records = await desk.app.store.read(lambda s: store_steps.steps(s, 1))
    assert [(r.host, r.state, r.exit) for r in records if r.state not in {"done"}] == [("h5", "signal", 137)]
    (told,) = [m.text for m in await desk.bot(ROOM) if "未完成" in m.text and "步" in m.text]
    assert "信号 9，不是超时" in told
    assert "超时，已终止" not in told
