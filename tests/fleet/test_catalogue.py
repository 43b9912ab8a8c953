"""Does the fleet know every command that the shipped runbooks send, and have the example organisation's hosts?"""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.fleet.fleet import Fleet
from bot.fleet.inventory import BALANCER, BALANCER_ADDRESS, NODES
from data.load import load_site
from data.site import Site
from runbooks import nginx
from runbooks.definition import Kind
from runbooks.load import load_catalogue
from runbooks.plan import Seen, plan_run
from runbooks.ssh import Ssh

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
async def test_every_runbook_runs(fleet: Fleet, ssh: Ssh, site: Site, verb: str) -> None:
    words = {"drain": ("10.154.54.58",), "undrain": ("10.154.54.58",), "nodes": (), "conns": ()}.get(verb, ("oa3",))
    before = fleet.estate.machines["lb1"].files.read(CONF)
    after = nginx.encode(nginx.drain(nginx.decode(before), "ecologycluster", "10.154.54.58:6888"))
    plan = plan_run(load_catalogue().definitions[verb], words, fleet.place(site))
    if plan.edits:
        plan = plan.with_seen(Seen(CONF, "0" * 64, "1" * 64, (), 10, 9))
    if verb == "start":
        await ssh.run(plan.steps[0].target, ("/data/WEAVER/ApusicAS/bin/asadmin", "stop-domain"))
    for step in plan.steps:
        for argv in step.commands:
            done = await ssh.run(step.target, argv, limit=step.limit, stdin=after if argv[0] == "tee" else b"")
            assert done.exit == (7 if step.kind is Kind.DOWN else 0), done.stderr
    if verb in {"drain", "undrain"}:
        assert fleet.estate.machines["lb1"].files.read(CONF) == after
