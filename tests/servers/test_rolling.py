"""A rolling restart keeps everybody served, and stops where it must.

nginx, ten nodes and their sshd are real; the oracle is theirs.
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import UserError
from bot.trial.trial import Carried
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.outcome import StepFault
from runbooks.planning.target import Target
from runbooks.remote.command import Result
from runbooks.remote.ssh import Ssh
from tests.support import estate as estates
from tests.support.carry import carry
from tests.support.estate import TEN, Estate
from tests.support.traffic import Traffic

pytestmark = pytest.mark.servers
NODES = tuple(name for name in TEN if name != "lb1")


@pytest.fixture
def ten(tmp_path: Path) -> Iterator[Estate]:
    with estates.running(tmp_path / "estate", TEN, (5, 2)) as running:
        yield running


@pytest.fixture
async def ssh(ten: Estate) -> AsyncIterator[Ssh]:
    opened = Ssh(ten.known_hosts, ten.key_file)
    yield opened
    await opened.close()


@asynccontextmanager
async def steady(ten: Estate) -> AsyncIterator[Traffic]:
    """Four clients that ask the balancer without a pause while the block runs."""
    traffic, stop = Traffic(ten.nginx.port), threading.Event()
    clients = [asyncio.create_task(asyncio.to_thread(traffic.ask, stop)) for _ in range(4)]
    try:
        yield traffic
    finally:
        stop.set()
        await asyncio.gather(*clients)


def pids(ten: Estate) -> dict[str, int | None]:
    return {name: ten.apps.pid(TEN[name]) for name in NODES}


def out(ten: Estate) -> list[str]:
    """The nodes that are commented out in nginx's file."""
    text = ten.nginx.conf.read_text()
    return [name for name in NODES if f"#server {ten.address(name)};" in text]


async def roll(ten: Estate, ssh: Ssh, group: str = "oa") -> Carried:
    return await carry(load_catalogue(), ten, ssh, f"/rolling-restart {group}")


@pytest.mark.waits
@pytest.mark.timeout(300)
async def test_ten_nodes_restart_and_nobody_notices(ten: Estate, ssh: Ssh) -> None:
    original, before = ten.nginx.conf.read_bytes(), pids(ten)
    async with steady(ten) as traffic:
        carried = await roll(ten, ssh)
    assert carried.failed is None
    after = pids(ten)
    assert traffic.failures == []
    assert traffic.answered > 100
    assert None not in after.values()
    assert [name for name in NODES if before[name] == after[name]] == []
    assert all(ten.apps.calls(TEN[name]) == ["stop-domain", "start-domain"] for name in NODES)
    assert ten.nginx.conf.read_bytes() == original
    assert carried.plan.items == NODES


async def test_a_node_that_does_not_start_stops_the_roll_and_stays_out(ten: Estate, ssh: Ssh) -> None:
    (ten.apps.home / f"{TEN['oa3']}.broken").touch()
    before = pids(ten)
    async with steady(ten) as traffic:
        carried = await roll(ten, ssh)
    assert carried.failed is not None
    step, result = carried.failed
    assert (step.item, step.target.id, step.title.en, result.fault) == ("oa3", "oa3", "start", StepFault.EXIT)
    after = pids(ten)
    assert traffic.failures == []
    assert out(ten) == ["oa3"]
    assert after["oa3"] is None
    assert [name for name in NODES if before[name] == after[name]] == list(NODES[3:])
    assert [ten.apps.calls(TEN[name]) for name in NODES[3:]] == [[]] * 7
    assert [name for name in NODES if after[name] is None] == ["oa3"]


async def test_the_floor_holds_when_nodes_die_on_the_way(ten: Estate, ssh: Ssh) -> None:
    """StepFault F81: the plan was right when it was shown; nodes die after that, and the next node is not taken out."""
    catalogue = load_catalogue()
    killed: list[int] = []

    class Dying(Ssh):
        async def run(self, target: Target, argv: tuple[str, ...], **options: Any) -> Result:
            if target.id == "oa2" and argv[-1] == "start-domain" and not killed:
                for name in ("oa8", "oa9", "oa10"):
                    pid = ten.apps.pid(TEN[name])
                    assert pid is not None
                    os.kill(pid, 9)
                    killed.append(pid)
            return await super().run(target, argv, **options)

    remote = Dying(ten.known_hosts, ten.key_file)
    carried = await carry(catalogue, ten, remote, "/rolling-restart oa")
    await remote.close()
    assert carried.failed is not None
    step, result = carried.failed
    assert (step.item, result.fault) == ("oa3", StepFault.FLOOR)
    assert ten.apps.calls(TEN["oa3"]) == []
    assert out(ten) == []


async def test_a_node_that_was_out_already_is_restarted_and_left_out(ten: Estate, ssh: Ssh) -> None:
    text = ten.nginx.conf.read_text()
    entry = f"server {ten.address('oa10')};"
    ten.nginx.conf.write_text(text.replace(entry, f"#{entry}"))
    carried = await carry(load_catalogue(), ten, ssh, "/rolling-restart oa", first=105)  # from oa9 on
    assert carried.failed is None
    assert carried.plan.items == ("oa9", "oa10")
    assert out(ten) == ["oa10"]
    assert ten.apps.calls(TEN["oa10"]) == ["stop-domain", "start-domain"]


async def test_too_few_in_service_is_refused_before_anything_is_touched(ten: Estate, ssh: Ssh) -> None:
    for name in ("oa9", "oa10"):
        pid = ten.apps.pid(TEN[name])
        assert pid is not None
        os.kill(pid, 9)
    original = ten.nginx.conf.read_bytes()
    with pytest.raises(UserError) as caught:
        await roll(ten, ssh)
    assert caught.value.code == "floor"
    assert ten.nginx.conf.read_bytes() == original


@pytest.mark.waits
async def test_going_on_where_it_stopped_leaves_the_done_alone(ten: Estate, ssh: Ssh) -> None:
    """oa9 does not start; somebody mends it; the run goes on at that very step."""
    broken = ten.apps.home / f"{TEN['oa9']}.broken"
    broken.touch()
    stopped = await carry(load_catalogue(), ten, ssh, "/rolling-restart oa", first=92)  # from oa8 on
    assert stopped.failed is not None
    assert (stopped.failed[0].item, stopped.plan.items) == ("oa9", ("oa8", "oa9", "oa10"))
    broken.unlink()
    went_on = await carry(load_catalogue(), ten, ssh, "/rolling-restart oa", first=stopped.failed[0].index)
    assert went_on.failed is None
    assert out(ten) == []
    assert ten.apps.calls(TEN["oa9"]) == ["stop-domain", "start-domain", "start-domain"]
    assert [ten.apps.calls(TEN[name]) for name in ("oa1", "oa8")] == [[], ["stop-domain", "start-domain"]]


async def test_a_file_changed_by_hand_on_the_way_stops_the_roll(estate: Estate, remote: Ssh) -> None:
    """StepFault F74, in the middle: the file is not ours any more, so it stays as somebody made it."""
    conf = estate.nginx.conf

    class Meddled(Ssh):
        async def run(self, target: Target, argv: tuple[str, ...], **options: Any) -> Result:
            if target.id == "oa2" and argv[-1] == "start-domain":
                conf.write_text(conf.read_text() + "# by hand\n")
            return await super().run(target, argv, **options)

    meddled = Meddled(estate.known_hosts, estate.key_file)
    carried = await carry(load_catalogue(), estate, meddled, "/rolling-restart oa")
    await meddled.close()
    assert carried.failed is not None
    step, result = carried.failed
    assert (step.item, step.kind.value, result.fault) == ("oa2", "edit", StepFault.CHANGED)
    assert conf.read_text().endswith("# by hand\n")
    assert f"#server {estate.address('oa2')};" in conf.read_text()
    assert estate.apps.calls(estate.addresses["oa3"]) == []
