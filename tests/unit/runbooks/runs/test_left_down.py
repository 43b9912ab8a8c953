"""A run that stopped something and did not bring it up again says so first; a database may have no standby."""

import dataclasses

import pytest

from bot.core.errors import UserError
from data.model import AccountTraits
from data.site import Site
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.from_line import plan_line
from runbooks.planning.plan import Plan
from runbooks.runs.left_down import left_down
from tests.support.desk import WORKDAY
from tests.support.once import example_site


def planned(line: str, site: Site | None = None) -> Plan:
    return plan_line(load_catalogue(), line, site or example_site(), WORKDAY)


@pytest.mark.parametrize(
    ("line", "done", "down"),
    [
        ("/restart oa3", 0, ()),
        ("/restart oa3", 1, ("oa3",)),  # asadmin stopped it, and what comes next failed
        ("/restart oa3", 2, ("oa3",)),  # seen to be down; the start failed
        ("/restart oa3", 3, ("oa3",)),  # started, and nothing answers
        ("/restart oa3", 4, ()),
        ("/stop oa3", 1, ()),  # nobody was to start it again
        ("/start oa3", 1, ()),
    ],
)
def test_8_20_who_was_stopped_and_is_not_up_again(line: str, done: int, down: tuple[str, ...]) -> None:
    assert left_down(planned(line), done) == down


def without_standby() -> Site:
    site = example_site()
    hosts = {key: host for key, host in site.hosts.items() if not (host.group == "db" and "primary" not in host.tags)}
    return dataclasses.replace(site, hosts=hosts)


@pytest.mark.parametrize("line", ["/db stop", "/db start", "/db restart", "/db status"])
def test_8_20_a_database_without_standby(line: str) -> None:
    """Everything that is there, in the same order; nothing on hosts that are not."""
    alone, both = planned(line, without_standby()), planned(line)
    (primary,) = {step.target.id for step in alone.steps}
    assert [s.commands for s in alone.steps] == [s.commands for s in both.steps if s.target.id == primary]


def test_8_20_without_a_primary_nothing_is_stopped() -> None:
    site = example_site()
    bare = {key: dataclasses.replace(host, tags=()) for key, host in site.hosts.items()}
    with pytest.raises(UserError):
        planned("/db stop", dataclasses.replace(site, hosts=bare))


def test_8_20_what_is_peculiar_to_an_account_is_part_of_the_plan() -> None:
    """A yes to a plan is a yes to how its commands are sent."""
    site = example_site()
    odd = dataclasses.replace(site.hosts["oa3"], account=AccountTraits(login=("profile",)))
    changed = dataclasses.replace(site, hosts={**site.hosts, "oa3": odd})
    assert planned("/restart oa3", changed).hash != planned("/restart oa3").hash
