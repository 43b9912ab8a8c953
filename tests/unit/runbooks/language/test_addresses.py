"""An address of ``hosts.yaml`` means its host wherever a host is named, and no address is ever offered for another."""

from dataclasses import replace

import pytest

from bot.core.errors import UserError
from data.site import Site
from runbooks.language.definition import Catalogue
from runbooks.planning.from_line import plan_line
from runbooks.planning.plan import Plan
from tests.support.desk import WORKDAY, Desk
from tests.support.once import catalogue as shipped
from tests.support.once import example_site


@pytest.fixture(scope="module")
def site() -> Site:
    return example_site()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped()


def plan(catalogue: Catalogue, site: Site, line: str) -> Plan:
    return plan_line(catalogue, line, site, WORKDAY)


@pytest.mark.parametrize(
    ("typed", "line", "hosts"),
    [
        ("/restart 10.154.54.58", "/restart oa10", {"10.154.54.58"}),
        ("/start 10.154.0.179", "/start oa1", {"10.154.0.179"}),
        ("/disk 10.154.0.170", "/disk lb1", {"10.154.0.170"}),
        ("/logs 10.154.0.201 db", "/logs dm1 db 50", {"10.154.0.201"}),
        ("/drain 10.154.54.58", "/drain 10.154.54.58", {"10.154.0.170"}),
        ("/drain 10.154.54.58:6888", "/drain 10.154.54.58", {"10.154.0.170"}),
        ("/restart 10.154.54.58:6888", "/restart oa10", {"10.154.54.58"}),
        ("/probe-port oa 10.154.0.201 22", "/probe-port oa dm1 22", None),
        ("/backup app 10.154.54.58", "/backup app oa10", {"10.154.54.58"}),
        ("/licence show app 10.154.0.164", "/licence show app oa3", {"10.154.0.164"}),
        ("/bandwidth 10.154.0.164 10.154.0.201", "/bandwidth oa3 dm1 5", None),
    ],
)
def test_8_16_an_address_means_its_host_in_every_command(
    catalogue: Catalogue, site: Site, typed: str, line: str, hosts: set[str] | None
) -> None:
    found = plan(catalogue, site, typed)
    assert found.line == line
    assert hosts is None or {step.target.address for step in found.steps} == hosts
    assert plan(catalogue, site, found.line) == found


def test_8_16_the_ssh_address_of_a_node_is_it_too(catalogue: Catalogue, site: Site) -> None:
    """Its entry in the load balancer is another address there, and a host name."""
    other = site.with_hosts(
        {
            "oa3": replace(site.hosts["oa3"], address="192.168.7.3"),
            "oa4": replace(site.hosts["oa4"], address="oa4.example.internal"),
        }
    )
    assert plan(catalogue, other, "/drain 192.168.7.3").line == "/drain 10.154.0.164"
    assert plan(catalogue, other, "/restart 10.154.0.164").line == "/restart oa3"
    assert plan(catalogue, other, "/restart OA4.example.internal").line == "/restart oa4"


@pytest.mark.parametrize("line", ["/drain 10.154.0.164", "/restart 10.154.0.164"])
def test_8_16_an_address_of_two_hosts_is_refused_with_both(catalogue: Catalogue, site: Site, line: str) -> None:
    """Two nodes on one machine, told apart by their ports alone: nobody guesses which one is restarted."""
    twin = replace(site.hosts["oa4"], address="10.154.0.164", upstream="10.154.0.164:6889")
    other = site.with_hosts({"oa4": twin})
    with pytest.raises(UserError) as refused:
        plan(catalogue, other, line)
    assert (refused.value.code, refused.value.facts["hosts"]) == ("address_of_several", ["oa3", "oa4"])
    assert plan(catalogue, other, f"{line}:6889").line.endswith("oa4"), "its port tells it"
    by_name = plan(catalogue, other, "/drain oa4")
    assert (by_name.line, by_name.locks, by_name.address) == ("/drain oa4", ("lb1", "oa4"), "10.154.0.164:6889")
    assert plan(catalogue, other, by_name.line) == by_name


def test_8_16_another_hosts_balancer_entry_is_refused_too(catalogue: Catalogue, site: Site) -> None:
    other = site.with_hosts({"oa5": replace(site.hosts["oa5"], address="10.154.0.164")})
    with pytest.raises(UserError) as refused:
        plan(catalogue, other, "/restart 10.154.0.164")
    assert refused.value.code == "address_of_several"


@pytest.mark.parametrize("verb", ["drain", "undrain", "restart", "disk", "logs"])
@pytest.mark.parametrize("address", ["10.154.54.59", "10.154.54.5", "10.154.54.158", "110.154.54.58"])
async def test_8_16_no_address_is_ever_the_nearest(desk: Desk, verb: str, address: str) -> None:
    (answer,) = await desk.says("zhou", f"/{verb} {address}", chat="duty-room")
    assert (await desk.audit())[-1].entry.code == "unknown_target"
    assert address in answer.text
    offered = answer.text.replace(address, "")
    assert not any(host.address in offered for host in desk.site.hosts.values())
    assert "是不是" not in answer.text


@pytest.mark.parametrize("typed", ["10.154.54.058", "10.154.54.0/24", "10.154.54", "10.154.54.57:6889"])
async def test_8_16_what_is_no_address_is_told_so_without_another_one(desk: Desk, typed: str) -> None:
    (answer,) = await desk.says("zhou", f"/drain {typed}", chat="duty-room")
    assert (await desk.audit())[-1].entry.code == "bad_ip"
    offered = answer.text.replace(typed, "")
    assert not any(host.address in offered for host in desk.site.hosts.values())
    assert "/drain oa1" in offered


async def test_8_16_a_name_is_offered_for_a_name(desk: Desk) -> None:
    (answer,) = await desk.says("zhou", "/drain oa33", chat="duty-room")
    assert "/drain oa3" in answer.text


@pytest.mark.parametrize("typed", ["lb1", "10.154.0.170"])
async def test_8_16_a_host_that_the_command_is_not_for_is_called_by_its_name(desk: Desk, typed: str) -> None:
    (answer,) = await desk.says("zhou", f"/restart {typed}", chat="duty-room")
    assert "lb1" in answer.text
    assert "没有叫" not in answer.text


@pytest.mark.parametrize(
    "line", ["/bandwidth oa3 oa3", "/bandwidth oa3 10.154.0.164 5", "/bandwidth 10.154.0.164:6888 OA3"]
)
def test_8_22_two_hosts_of_a_line_are_two(catalogue: Catalogue, site: Site, line: str) -> None:
    """What a host reaches on itself is no bandwidth between two."""
    with pytest.raises(UserError) as refused:
        plan(catalogue, site, line)
    assert (refused.value.code, refused.value.facts["value"]) == ("same_host", "oa3")
    assert refused.value.facts["example"] != "oa3"
