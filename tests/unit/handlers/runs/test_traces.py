"""A thousand runs of every kind leave nothing behind. The oracle is the kernel: descriptors, sockets, processes."""

import asyncio
import os
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.storage.clock import SystemClock
from bot.storage.store import READERS, Store
from bot.work.runtime import Runtime
from bot.work.work import Transactions, Work
from messages.render import Renderer
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.from_line import plan_line
from runbooks.remote.ssh import Ssh
from runbooks.runs import store
from runbooks.runs.lifecycle import Request, begin
from runbooks.runs.run import State
from runbooks.runs.worker import Runner
from tests.support import sshd
from tests.support.desk import make_settings
from tests.support.once import example_site
from tests.support.scale import cases
from tests.support.until import until

pytestmark = pytest.mark.servers
RUNS = cases(50, 1_000)
AT_ONCE = 16
KINDS = {  # what each run does; the last one talks for ever and is stopped at its cap
    "well": "echo fine",
    "fails": "echo wrong; exit 3",
    "hangs": "exec sleep 60",
    "floods": "exec yes",
    "forks": "sleep 0.2 & echo parent",
}
RUNBOOK = """
verb: {verb}
alias: {alias}
title: {{zh: 试, en: try}}
source: a test of traces
roles: [engineer]
confirm: none
where: balancer
group: oa
steps:
  - title: {{zh: 试, en: try}}
    run: [sh, -c, "{line}"]
    limit: 1
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path / "host") as running:
        yield running


def descriptors() -> list[str]:
    """What this process holds open, by what it leads to, but for the database, whose readers open it when they please."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            found.append(os.readlink(f"/proc/self/fd/{name}").partition(":[")[0])
    return sorted(name for name in found if "zhiban.db" not in name)


def descendants(root: int) -> list[int]:
    """Every process below ``root``, by the kernel's own list."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found[1:]


@pytest.mark.timeout(1800)
@pytest.mark.soak
async def test_nothing_is_left(server: sshd.Sshd, quick_state: Path, tmp_path: Path) -> None:
    books = tmp_path / "runbooks"
    books.mkdir()
    for number, (verb, line) in enumerate(KINDS.items()):
        (books / f"{verb}.yaml").write_text(RUNBOOK.format(verb=verb, alias=f"试{number}", line=line))
    catalogue = load_catalogue(books)
    (tmp_path / "known_hosts").write_text(server.known_hosts)
    site = example_site()
    hosts = dict(site.hosts)
    hosts["lb1"] = type(hosts["lb1"])("lb1", "lb", server.address, server.port, server.user)
    site = site.with_hosts(hosts)
    settings, clock = make_settings(quick_state), SystemClock()
    opened = Store(settings.database)
    opened.open()
    transactions = Transactions(opened, Runtime(settings, clock, Renderer(site.tz), lambda: site))
    before = (descriptors(), threading.active_count(), len(asyncio.all_tasks()))

    ssh = Ssh(tmp_path / "known_hosts", server.key_file)
    runner = Runner(transactions, ssh, catalogue)
    for start in range(0, RUNS, AT_ONCE):

        def some(work: Work, start: int = start) -> None:
            for number in range(start, min(RUNS, start + AT_ONCE)):
                verb = list(KINDS)[number % len(KINDS)]
                plan = plan_line(catalogue, f"/{verb}", site, clock.real())
                begin(work, plan, Request("zhou", "duty-room", "m"), State.APPROVED)

        await transactions.do(f"add{start}", some)
        await runner.step()
    ended = await opened.read(lambda s: store.in_state(s, *State))
    by_kind = {verb: {run.state for run in ended if run.verb == verb} for verb in KINDS}
    assert by_kind == {verb: {State.FAILED if verb in {"fails", "hangs"} else State.DONE} for verb in KINDS}
    assert len(ended) == RUNS
    await runner.stop()
    await ssh.close()
    await until(lambda: descendants(server.process.pid) == [])
    await until(lambda: len(asyncio.all_tasks()) == before[2])
    assert Counter(descriptors()) - Counter(before[0]) == Counter()
    assert len(asyncio.all_tasks()) == before[2]
    assert threading.active_count() <= before[1] + READERS + (os.cpu_count() or 1) + 4  # pools of a fixed size
    await opened.close()
    shutil.rmtree(books)
