"""What the demo's runbooks did is to be seen on its machines afterwards, also after a restart; and its window is always open."""

from datetime import datetime
from pathlib import Path

import pytest

from bot.core.errors import UserError
from bot.demo.fleet import Fleet, start_fleet
from bot.demo.packages import PACKAGE
from bot.demo.window import ANY_HOUR, any_hour
from runbooks.engine.facts import check_window
from runbooks.planning.planner import plan_run
from runbooks.remote.ssh import Ssh
from tests.support.once import catalogue, example_site
from tests.unit.bot.demo.client import ask
from tests.unit.bot.demo.test_catalogue import faults

EXTEND = "/extend-disk oa3 sdb 10G"
UPGRADE = f"/upgrade {PACKAGE.rpartition('/')[2]}"


async def blocks(fleet: Fleet, host: str) -> int:
    """KiB of the data disk, as ``df`` has it."""
    said = (await ask(fleet, host, "df -P /data")).out.splitlines()[-1]
    return int(said.split()[1])


async def test_8_23_a_disk_grows_by_what_was_asked_and_keeps_it(tmp_path: Path) -> None:
    async with start_fleet(tmp_path, pace=0.05) as fleet:
        ssh = Ssh(fleet.known_hosts, fleet.key_file)
        before = {host: await blocks(fleet, host) for host in ("oa3", "oa4")}
        assert await faults(fleet, ssh, example_site(), EXTEND) == set()
        assert await blocks(fleet, "oa3") - before["oa3"] == 10 * 1024 * 1024
        assert await blocks(fleet, "oa4") == before["oa4"]
        with pytest.raises(UserError) as refused:
            await faults(fleet, ssh, example_site(), EXTEND)
        assert refused.value.code == "precondition"  # the disk is not blank any more
        await ssh.close()
    async with start_fleet(tmp_path, pace=0.05) as again:
        assert await blocks(again, "oa3") - before["oa3"] == 10 * 1024 * 1024
        assert "sdb1" in (await ask(again, "oa3", "lsblk -l")).out


async def test_8_23_an_upgrade_is_there_and_a_rollback_takes_it_back(fleet: Fleet) -> None:
    ssh, new = Ssh(fleet.known_hosts, fleet.key_file), "/data/WEAVER/ecology/update/20230224-224.txt"
    files = fleet.estate.machines["oa7"].files
    assert not files.at(new).exists()
    assert await faults(fleet, ssh, example_site(), UPGRADE) == set()
    assert files.at(new).exists()
    assert await faults(fleet, ssh, example_site(), "/rollback") == set()
    assert not files.at(new).exists()
    assert files.at("/data/WEAVER/ecology/WEB-INF/prop/weaver.properties").exists()
    await ssh.close()


async def test_8_23_the_test_machine_has_the_application_of_the_node_and_its_own_settings(fleet: Fleet) -> None:
    ssh, test = Ssh(fleet.known_hosts, fleet.key_file), fleet.estate.machines["test1"].files
    fleet.estate.machines["oa1"].files.write("/data/WEAVER/ecology/new.jsp", b"new")
    settings = test.read("/data/WEAVER/ecology/WEB-INF/prop/weaver.properties")
    assert await faults(fleet, ssh, example_site(), "/sync-test oa1") == set()
    assert test.read("/data/WEAVER/ecology/new.jsp") == b"new"
    assert test.read("/data/WEAVER/ecology/WEB-INF/prop/weaver.properties") == settings
    await ssh.close()


@pytest.mark.parametrize("hour", [3, 10, 23])
def test_8_23_the_demos_window_is_open_at_any_hour_and_the_plan_says_which_it_is(hour: int) -> None:
    now, runbook = datetime(2026, 10, 14, hour, tzinfo=example_site().tz), catalogue().pick("upgrade", ("a.zip",))[0]
    plans = [
        plan_run(runbook, ("a.zip",), site, catalogue=catalogue(), at=now)
        for site in (example_site(), any_hour(example_site()))
    ]
    assert [plan.window for plan in plans] == ["18:00-24:00", str(ANY_HOUR)]
    check_window(plans[1], now)
    if hour < 18:
        with pytest.raises(UserError, match="outside_window"):
            check_window(plans[0], now)
