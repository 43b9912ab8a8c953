"""Does the fleet know every command that the shipped runbooks send, and have the example organisation's hosts?"""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.errors import UserError
from bot.fleet.fleet import Fleet
from bot.fleet.inventory import BALANCER, BALANCER_ADDRESS, NODES
from data.load import load_site
from data.site import Site
from runbooks.execute import Execution, Fault
from runbooks.load import load_catalogue
from runbooks.look import look
from runbooks.planner import plan_run
from runbooks.ssh import Ssh
from tests.fleet.client import ask

EXAMPLE = Path(__file__).parents[2] / "data" / "example"
CONF = "/data/nginx/conf/nginx.conf"


@pytest.fixture
def site() -> Site:
    return load_site(EXAMPLE)


@pytest.fixture
async def ssh(fleet: Fleet) -> AsyncIterator[Ssh]:
    client = Ssh(fleet.known_hosts, fleet.key_file)
    yield client
    await client.close()


def test_the_example_organisation_has_the_same_hosts(site: Site) -> None:
    assert {host.id: host.address for host in site.hosts.values()} == {**NODES, BALANCER: BALANCER_ADDRESS}


async def test_only_the_way_to_a_host_changes(fleet: Fleet, site: Site) -> None:
    here = fleet.place(site)
    for name, host in here.hosts.items():
        assert (host.address, host.port) == fleet.hosts[name]
        assert host == replace(site.hosts[name], address=host.address, port=host.port)


@pytest.mark.parametrize("verb", sorted(load_catalogue().definitions))
async def test_every_runbook_goes_through(fleet: Fleet, ssh: Ssh, site: Site, verb: str) -> None:
    if verb == "start":
        await ask(fleet, "oa3", "/data/WEAVER/ApusicAS/bin/asadmin stop-domain")
    if verb == "undrain":
        assert await faults(fleet, ssh, site, "drain", "10.154.54.58") == set()
    words = {"drain": ("10.154.54.58",), "undrain": ("10.154.54.58",), "nodes": (), "conns": ()}.get(verb, ("oa3",))
    assert await faults(fleet, ssh, site, verb, *words) == set()


async def faults(fleet: Fleet, ssh: Ssh, site: Site, verb: str, *words: str) -> set[Fault]:
    """What went wrong when the runbook was carried out step by step."""
    looked = await look(ssh, plan_run(load_catalogue().definitions[verb], words, fleet.place(site)))
    execution = Execution(ssh, looked)
    results = [await execution.step(step) for step in looked.plan.steps]
    return {result.fault for result in results if result.fault}


async def test_a_drained_node_is_out_and_back_byte_for_byte(fleet: Fleet, ssh: Ssh, site: Site) -> None:
    files, address = fleet.estate.machines["lb1"].files, "10.154.54.58:6888"
    original = files.read(CONF)
    assert await faults(fleet, ssh, site, "drain", "10.154.54.58") == set()
    assert files.read(CONF) == original.replace(b"server 10.154.54.58", b"#server 10.154.54.58")
    assert address not in fleet.estate.balancer.serving
    assert await faults(fleet, ssh, site, "undrain", "10.154.54.58") == set()
    assert files.read(CONF) == original
    assert address in fleet.estate.balancer.serving


async def test_a_restart_touches_one_node(fleet: Fleet, ssh: Ssh, site: Site) -> None:
    before = {name: machine.processes.rows() for name, machine in fleet.estate.machines.items()}
    assert await faults(fleet, ssh, site, "restart", "oa3") == set()
    after = {name: machine.processes.rows() for name, machine in fleet.estate.machines.items()}
    assert {name for name in before if before[name] != after[name]} == {"oa3"}


async def test_the_floor_holds_for_a_node_that_stopped(fleet: Fleet, ssh: Ssh, site: Site) -> None:
    for name in ("oa1", "oa2"):
        await ask(fleet, name, "/data/WEAVER/ApusicAS/bin/asadmin stop-domain")
    with pytest.raises(UserError) as refused:
        await faults(fleet, ssh, site, "drain", "10.154.54.58")
    assert refused.value.code == "floor"
