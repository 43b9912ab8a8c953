"""What commands need in their environment is seen before anybody is asked, so that nothing is stopped that could not be started."""

import dataclasses
from typing import Any

import pytest

from bot.core.errors import UserError
from data.model import AccountTraits
from data.site import Site
from runbooks.engine.facts import find_facts
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.from_line import plan_line
from runbooks.planning.target import Target
from runbooks.remote.command import Result
from tests.support.desk import WORKDAY
from tests.support.once import example_site


class Hosts:
    """Hosts on which ``printenv`` ends as the test says; everything that was asked stands in ``asked``."""

    def __init__(self, exit: int) -> None:
        self.exit = exit
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    async def run(self, target: Target, argv: tuple[str, ...], **_options: Any) -> Result:
        self.asked.append((target.id, argv))
        return Result(self.exit, None, b"/opt/jdk8\n", b"", False, 0.1)


def site(**traits: Any) -> Site:
    plain = example_site()
    oa3 = dataclasses.replace(plain.hosts["oa3"], account=AccountTraits(**traits))
    return dataclasses.replace(plain, hosts={**plain.hosts, "oa3": oa3})


async def test_8_20_a_variable_that_is_not_set_refuses_before_the_stop() -> None:
    plan = plan_line(load_catalogue(), "/restart oa3", site(environment=("JAVA_HOME", "LANG")), WORKDAY)
    hosts = Hosts(exit=1)
    with pytest.raises(UserError) as caught:
        await find_facts(hosts, plan, None)
    assert (caught.value.code, caught.value.facts["host"]) == ("environment_missing", "oa3")
    assert hosts.asked == [("oa3", ("printenv", "JAVA_HOME", "LANG"))]


@pytest.mark.parametrize("traits", [{}, {"environment": ("JAVA_HOME",)}])
async def test_8_20_one_that_is_set_and_a_host_that_needs_none_go_on(traits: dict[str, Any]) -> None:
    plan = plan_line(load_catalogue(), "/restart oa3", site(**traits), WORKDAY)
    hosts = Hosts(exit=0)
    assert await find_facts(hosts, plan, None) == {}
    assert len(hosts.asked) == len(traits)
