"""``true`` on a hundred hosts: through the whole runner, by bare asyncssh, and by ``ssh`` processes, all in this run.

Ours is everything from the line in the chat to the answer in it: request, plan, look, records, card, commands, end. The bare
way runs the same line on as many hosts at a time over connections that it keeps by itself. The two take turns.
"""

import asyncio
import dataclasses
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
from sqlalchemy import select
from sqlmodel import Session

from bot.app import App
from bot.cli.platforms import PLATFORMS
from bot.core.events import Envelope, Message
from bot.core.people import Account
from bot.settings import Settings
from bot.storage.tables import table_of
from runbooks.planning.target import Target
from runbooks.remote.command import KEPT
from runbooks.remote.settings import SshSettings
from runbooks.remote.ssh import Ssh
from runbooks.runs import steps as store_steps
from runbooks.runs.run import OPEN, State
from runbooks.runs.tables import RunRow
from tests.bench.hosts import GROUP, Hundred, hundred
from tests.support.desk import make_settings
from tests.support.once import example_site
from tests.support.ports import free_port
from tests.support.runner import runner

_runs = table_of(RunRow)
AT_ONCE = 20
ROUNDS = 5
KEPT_PASSES = 4  # of a round, over the connections of its first
LINE = "timeout -s KILL 30 true"  # what the runner sends for ``true``: never without a limit on the other side
FLOOD = 1_000_000_000  # bytes
RUNBOOK = f"""
verb: hundred
alias: 百台
title: {{zh: 百台, en: a hundred}}
source: the benchmark
roles: [engineer]
confirm: none
where: host
group: {GROUP.id}
steps:
  - title: {{zh: 真, en: "true"}}
    on: {{group: {GROUP.id}}}
    at_once: {AT_ONCE}
    run: ["true"]
"""


@dataclasses.dataclass(frozen=True)
class Spent:
    """One pass over all hosts: seconds, and seconds of this process's CPU."""

    wall: float
    cpu: float


class Bare:
    """asyncssh as anybody would use it: the same checks, a semaphore, connections kept in a dictionary."""

    def __init__(self, hosts: Hundred, line: str) -> None:
        self._hosts = hosts
        self._line = line
        self._kept: dict[str, asyncssh.SSHClientConnection] = {}

    async def all(self) -> None:
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(name: str) -> None:
            async with turns:
                connection = self._kept.get(name) or await self._connect(name)
                ended = await connection.run(self._line, encoding=None)
                assert ended.exit_status == 0

        await asyncio.gather(*(one(name) for name in self._hosts.hosts))

    async def _connect(self, name: str) -> asyncssh.SSHClientConnection:
        host, keys = self._hosts.hosts[name], [str(self._hosts.key_file)]
        self._kept[name] = connection = await asyncssh.connect(
            host.address,
            host.port,
            username=host.user,
            client_keys=keys,
            known_hosts=str(self._hosts.known_hosts),
            config=None,
        )
        return connection

    async def close(self) -> None:
        for connection in self._kept.values():
            connection.close()
            await connection.wait_closed()
        self._kept.clear()


class Ours:
    """The service in this process, all its workers running; a line goes in as from the chat."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._count = 0

    async def all(self) -> None:
        self._count += 1
        now = self.app.clock.now()
        envelope = Envelope(f"k{self._count}", Account("local", "zhou"), "zhou", "duty-room", now, now)
        await self.app.inbox.accept(Message(envelope, "/hundred"))
        for _ in range(3000):
            if (state := await self.app.store.read(self._state)) not in {None, *OPEN}:
                break
            await asyncio.sleep(0.02)
        assert state == State.DONE, state
        records = await self.app.store.read(lambda s: store_steps.steps(s, self._count))
        assert [(r.state, r.exit) for r in records] == [("done", 0)] * len(
            self.app.runtime.site().group_hosts(GROUP.id)
        )

    def _state(self, session: Session) -> str | None:
        return session.connection().execute(select(_runs.c.state).where(_runs.c.id == self._count)).scalar()

    async def close(self) -> None:
        await runner(self.app).remote.close()


@asynccontextmanager
async def service(hosts: Hundred, folder: Path) -> AsyncIterator[Ours]:
    """The example organisation with the hundred hosts and the one runbook."""
    example = example_site()
    groups = {**example.host_groups, GROUP.id: GROUP}
    site = dataclasses.replace(example, host_groups=groups, hosts={**example.hosts, **hosts.hosts})
    app = App(_settings(hosts, folder), lambda: site, platforms=PLATFORMS)
    await app.start()
    try:
        yield Ours(app)
    finally:
        await app.stop()


def _settings(hosts: Hundred, folder: Path) -> Settings:
    data = folder / "data"
    (data / "runbooks").mkdir(parents=True)
    (data / "runbooks" / "hundred.yaml").write_text(RUNBOOK, "utf-8")
    ssh = SshSettings(key_file=hosts.key_file, known_hosts=hosts.known_hosts)
    settings = make_settings(folder / "state", data_dir=data, capabilities={"ssh": ssh})
    return settings.model_copy(update={"server": settings.server.model_copy(update={"port": free_port()})})


async def timed(act: Callable[[], Awaitable[None]]) -> Spent:
    wall, cpu = time.perf_counter(), time.process_time()
    await act()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


async def processes(hosts: Hundred) -> None:
    """One ``ssh`` for each host, as many at a time."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> None:
        host = hosts.hosts[name]
        options = ["-F", "none", "-i", str(hosts.key_file), "-p", str(host.port), "-o", "BatchMode=yes"]
        options += ["-o", f"UserKnownHostsFile={hosts.known_hosts}", "-o", "StrictHostKeyChecking=yes"]
        async with turns:
            child = await asyncio.create_subprocess_exec("ssh", *options, f"{host.user}@{host.address}", LINE)
            assert await child.wait() == 0

    await asyncio.gather(*(one(name) for name in hosts.hosts))


async def flood(hosts: Hundred) -> tuple[float, float]:
    """MiB that a gigabyte adds to this process: stopped at the cap, and drained to its end."""
    ssh = Ssh(hosts.known_hosts, hosts.key_file)
    host = next(iter(hosts.hosts.values()))
    target = Target(host.id, host.address, host.port, host.user)
    await ssh.run(target, ("true",))
    added = []
    for stop in (True, False):
        before = _forget_peak()
        argv = ("head", "-c", str(FLOOD), "/dev/zero")
        result = await ssh.run(target, argv, stop_flood=stop, limit=300)
        assert len(result.stdout) == KEPT
        assert stop or result.ok
        added.append(_peak_mib() - before)
    await ssh.close()
    return added[0], added[1]


def _forget_peak() -> float:
    Path("/proc/self/clear_refs").write_text("5")
    return _peak_mib()


def _peak_mib() -> float:
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


async def runs(folder: Path) -> list[str]:
    """The lines of the table: of each way its best pass, which other work on the machine has disturbed least."""
    spent: dict[str, list[Spent]] = {}
    with hundred(folder / "hosts") as hosts:
        drained = await flood(hosts)
        bare, plain = Bare(hosts, LINE), Bare(hosts, "true")
        async with service(hosts, folder) as ours:
            for turn in range(ROUNDS + 1):
                for name, way in (("plain", plain), ("bare", bare), ("ours", ours)):
                    for kind in ("cold", *("kept",) * KEPT_PASSES):
                        took = await timed(way.all)
                        if turn:  # the first round warms everybody up
                            spent.setdefault(f"{name} {kind}", []).append(took)
                    await way.close()
        spent["ssh"] = [await timed(lambda: processes(hosts))]
    return [*(_line(name, spent) for name in spent), _flood_line(drained)]


def _line(name: str, spent: dict[str, list[Spent]]) -> str:
    wall, cpu = (min(getattr(s, kind) for s in spent[name]) for kind in ("wall", "cpu"))
    kind = name.partition(" ")[2]
    others = [other for other in (f"plain {kind}", f"bare {kind}", "ssh") if other in spent and other != name]
    ratios = ", ".join(f"{wall / min(s.wall for s in spent[o]):.2f} of {o}" for o in others)
    return f"{name:28}{wall:10.2f} s{cpu:10.2f} s CPU   {ratios}"


def _flood_line(added: tuple[float, float]) -> str:
    return f"1 GB of output adds {added[0]:.1f} MiB when it is stopped, {added[1]:.1f} MiB when it is drained"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        for line in asyncio.run(runs(Path(name))):
            print(line)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
