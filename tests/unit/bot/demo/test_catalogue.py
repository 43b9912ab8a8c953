"""The fleet knows every command that the shipped runbooks send, and has the example organisation's hosts."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bot.core.errors import UserError
from bot.demo.fleet import Fleet
from bot.demo.inventory import BALANCER, BALANCER_ADDRESS, DATABASES, NODES, TEST, TEST_ADDRESS
from data.site import Site
from runbooks.engine.prechecks import precheck
from runbooks.engine.step import Execution
from runbooks.language.definition import Definition
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.outcome import StepFault
from runbooks.planning.plan import Step, target_of
from runbooks.planning.planner import plan_run
from runbooks.remote.command import NotStarted
from runbooks.remote.journal import Ending, Remembered, remembered
from runbooks.remote.ssh import Ssh
from tests.support.once import example_site
from tests.unit.bot.demo.client import ask

CATALOGUE = load_catalogue()
CONF = "/data/nginx/conf/nginx.conf"


@pytest.fixture
def site() -> Site:
    return example_site()


@pytest.fixture
async def ssh(fleet: Fleet) -> AsyncIterator[Ssh]:
    client = Ssh(fleet.known_hosts, fleet.key_file)
    yield client
    await client.close()


def test_the_example_organisation_has_the_same_hosts(site: Site) -> None:
    own = {**NODES, BALANCER: BALANCER_ADDRESS, **DATABASES, TEST: TEST_ADDRESS}
    assert {host.id: host.address for host in site.hosts.values()} == own


async def test_only_the_way_to_a_host_changes(fleet: Fleet, site: Site) -> None:
    here = fleet.place(site)
    for name, host in here.hosts.items():
        assert (host.address, host.port) == fleet.hosts[name]
        assert host == replace(site.hosts[name], address=host.address, port=host.port)


LINES = (
    "/restart oa3",
    "/stop oa3",
    "/drain 10.154.54.58",
    "/rolling-restart oa",
    "/nodes",
    "/conns",
    "/disk oa3",
    "/logs oa3",
    "/logs-at oa3 app today",
    "/logs lb1 nginx",
    "/logs dm1 db",
    "/nginx reload",
    "/db status",
    "/db restart",
    "/backup app oa3",
    "/backup files oa3",
    "/backup db",
    "/licence show app oa3",
    "/licence show middleware oa3",
    "/licence show db",
    "/licence replace app oa3 new.license",
    "/licence replace all oa new.license",
    "/licence replace middleware oa3",
    "/licence replace db dm1 new.license",
    "/probe-port oa dm1 5236,22,99",
    "/check-package oa3 oa-20261122",
    "/disk-speed oa3 64M 1",
    "/bandwidth oa3 dm1 1",
    "/extend-disk oa3 sdb 10G",
    "/sync-test oa1",
    "/upgrade YTSRMZFecology20230224-224.zip",
)
AFTER = {
    "/start oa3": "/stop oa3",
    "/undrain oa3": "/drain oa3",
    "/nginx start": "/nginx stop",
    "/db start": "/db stop",
    "/rollback": "/upgrade YTSRMZFecology20230224-224.zip",
}


def test_8_23_the_demo_plays_the_whole_catalogue() -> None:
    shown = {definition(line)[0].name for line in (*LINES, *AFTER, *AFTER.values())}
    assert shown == set(CATALOGUE.definitions)


@pytest.mark.parametrize("line", LINES)
async def test_every_runbook_goes_through(fleet: Fleet, ssh: Ssh, site: Site, tmp_path: Path, line: str) -> None:
    (tmp_path / "new.license").write_text("2027-12-31")
    assert await faults(fleet, ssh, site, line, files=tmp_path) == set()


@pytest.mark.parametrize("line", AFTER)
async def test_what_was_ended_is_begun_again(fleet: Fleet, ssh: Ssh, site: Site, line: str) -> None:
    assert await faults(fleet, ssh, site, AFTER[line]) == set()
    assert await faults(fleet, ssh, site, line) == set()


async def test_a_recorded_command_runs_once_and_is_remembered(fleet: Fleet, ssh: Ssh, site: Site) -> None:
    target = target_of(fleet.place(site).hosts["oa3"])
    mark = "R17-1763820000/3.1"
    first = await ssh.run(target, ("sha256sum", "/data/WEAVER/ecology/log/ecology"), mark=mark, stop_flood=False)
    assert first.ok
    with pytest.raises(NotStarted):
        await ssh.run(target, ("sha256sum", "/data/WEAVER/ecology/log/ecology"), mark=mark, stop_flood=False)
    found = await remembered(ssh, target, "R17-1763820000", 3)
    assert found == Remembered(Ending.ENDED, 1, 0)
    other = await remembered(ssh, target, "R17-1763820000", 4)
    assert other == Remembered(Ending.NOT_BEGUN)


def definition(line: str) -> tuple[Definition, tuple[str, ...]]:
    verb, *words = line.removeprefix("/").split()
    return CATALOGUE.pick(verb, tuple(words))


async def faults(fleet: Fleet, ssh: Ssh, site: Site, line: str, files: Path | None = None) -> set[StepFault]:
    """What went wrong when the line was carried out step by step, every question answered with yes."""
    runbook, words = definition(line)
    plan = plan_run(runbook, words, fleet.place(site), catalogue=CATALOGUE, at=datetime.now(site.tz))
    looked = await precheck(ssh, plan, files=files)
    execution = Execution(ssh, looked, ask=_yes)
    results = [await execution.step(step) for step in looked.plan.steps]
    return {result.fault for result in results if result.fault}


async def _yes(step: Step) -> bool:
    return True


async def test_a_drained_node_is_out_and_back_byte_for_byte(fleet: Fleet, ssh: Ssh, site: Site) -> None:
    files, address = fleet.estate.machines["lb1"].files, "10.154.54.58:6888"
    original = files.read(CONF)
    assert await faults(fleet, ssh, site, "/drain 10.154.54.58") == set()
    assert files.read(CONF) == original.replace(b"server 10.154.54.58", b"#server 10.154.54.58")
    assert address not in fleet.estate.balancer.serving
    assert await faults(fleet, ssh, site, "/undrain 10.154.54.58") == set()
    assert files.read(CONF) == original
    assert address in fleet.estate.balancer.serving


async def test_a_restart_touches_one_node(fleet: Fleet, ssh: Ssh, site: Site) -> None:
    before = {name: machine.processes.rows() for name, machine in fleet.estate.machines.items()}
    assert await faults(fleet, ssh, site, "/restart oa3") == set()
    after = {name: machine.processes.rows() for name, machine in fleet.estate.machines.items()}
    assert {name for name in before if before[name] != after[name]} == {"oa3"}


async def test_the_floor_holds_for_a_node_that_stopped(fleet: Fleet, ssh: Ssh, site: Site) -> None:
    for name in ("oa1", "oa2"):
        await ask(fleet, name, "/data/WEAVER/ApusicAS/bin/asadmin stop-domain")
    with pytest.raises(UserError) as refused:
        await faults(fleet, ssh, site, "/drain 10.154.54.58")
    assert refused.value.code == "floor"
