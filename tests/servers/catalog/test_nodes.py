"""The commands for application nodes and their load balancer do on real sshd and nginx what they say."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.errors import UserError
from runbooks.planning.outcome import StepFault
from tests.servers.catalog.house import House, house
from tests.support import trees
from tests.support.ports import address

pytestmark = pytest.mark.servers
CONF = "/data/nginx/conf/nginx.conf"
NAMES = ("oa1", "oa2", "lb1")


@pytest.fixture
async def oa(tmp_path: Path) -> AsyncIterator[House]:
    port = trees.free()
    for name in NAMES[:2]:
        trees.app(tmp_path / name)
    trees.balancer(tmp_path / "lb1", [f"{address(1)}:6888", f"{address(2)}:6888"], port)
    async with house(tmp_path, *NAMES, nginx_port=port) as found:
        await found.start("oa1", "oa2")
        found["lb1"].inside("/data/nginx/sbin/nginx")
        yield found


def front(oa: House) -> str | None:
    """What users get through the load balancer."""
    port = int(oa.site.host_groups["oa"].values["nginx_port"])
    return oa.fetch("127.0.0.1", port)


async def test_stop_and_start(oa: House) -> None:
    stopped = await oa.run("/stop oa1")
    assert stopped.fine, stopped.output
    assert (oa.page("oa1"), oa.page("oa2")) == (None, "before")
    assert oa.told() == stopped.commands()
    started = await oa.run("/启动 oa1")
    assert started.fine, started.output
    assert oa.page("oa1") == "before"


async def test_restart(oa: House) -> None:
    pid = oa["oa2"].at("/data/WEAVER/ApusicAS/domains/mydomain/config/pid")
    before = pid.read_text()
    outcome = await oa.run("/restart oa2")
    assert outcome.fine, outcome.output
    assert pid.read_text() != before
    assert oa.told() == outcome.commands()


async def test_drain_and_undrain(oa: House) -> None:
    original = oa["lb1"].at(CONF).read_text()
    node = oa["oa2"].address
    assert (await oa.run(f"/drain {node}")).fine
    assert oa["lb1"].at(CONF).read_text() == original.replace(f"server {node}:", f"#server {node}:")
    assert (await oa.run(f"/恢复 {node}")).fine
    assert oa["lb1"].at(CONF).read_text() == original


async def test_a_rolling_restart_takes_one_after_the_other(oa: House) -> None:
    original = oa["lb1"].at(CONF).read_text()
    outcome = await oa.run("/rolling-restart oa")
    assert outcome.fine, outcome.output
    told = [(host, line) for host, _, line in oa.told()]
    moves = [
        (host, line.rpartition(" ")[2] if "asadmin" in line else "reload")
        for host, line in told
        if "asadmin" in line or line.endswith("-s reload")
    ]
    assert moves == [
        ("lb1", "reload"),
        ("oa1", "stop-domain"),
        ("oa1", "start-domain"),
        ("lb1", "reload"),
        ("lb1", "reload"),
        ("oa2", "stop-domain"),
        ("oa2", "start-domain"),
        ("lb1", "reload"),
    ]
    assert oa["lb1"].at(CONF).read_text() == original


async def test_a_node_that_does_not_start_stops_the_roll_and_stays_out(oa: House) -> None:
    oa["oa1"].at("/data/WEAVER/ApusicAS/broken").touch()
    outcome = await oa.run("/rolling-restart oa")
    assert (outcome.fault, outcome.failed) == (StepFault.EXIT, "start")
    conf = oa["lb1"].at(CONF).read_text()
    assert f"#server {oa['oa1'].address}:6888;" in conf
    assert f"#server {oa['oa2'].address}:6888;" not in conf
    assert "oa2" not in {host for host, _, line in oa.told() if "asadmin" in line}
    assert (oa.page("oa1"), oa.page("oa2"), front(oa)) == (None, "before", "before")


async def test_nginx_stop_start_reload(oa: House) -> None:
    assert front(oa) == "before"
    stopped = await oa.run("/nginx stop")
    assert stopped.fine, stopped.output
    assert front(oa) is None
    assert oa.told() == stopped.commands()
    started = await oa.run("/负载 启动")
    assert started.fine, started.output
    assert front(oa) == "before"
    reloaded = await oa.run("/nginx reload")
    assert reloaded.fine, reloaded.output
    assert oa.told() == reloaded.commands()


async def test_a_broken_configuration_is_neither_reloaded_nor_started(oa: House) -> None:
    oa["lb1"].at(CONF).write_text(oa["lb1"].at(CONF).read_text().replace("http {", "http {\n nonsense on;"))
    outcome = await oa.run("/nginx reload")
    assert (outcome.fault, len(outcome.results)) == (StepFault.EXIT, 1)
    assert "nonsense" in outcome.output
    assert front(oa) == "before"


async def test_reading_reads(oa: House) -> None:
    assert f"server {oa['oa1'].address}:6888;" in (await oa.run("/nodes")).output
    assert "Mounted on" in (await oa.run("/disk oa1")).output
    logs = await oa.run("/logs oa1 app 3")
    assert logs.output.split("\n")[:3] == ["line 98", "line 99", "line 100"]
    assert [line for _, _, line in oa.told()] == ["tail -n 3 -- /data/WEAVER/ApusicAS/domains/mydomain/logs/server.log"]
    assert "line 100" not in (await oa.run("/日志 oa1 ecology")).output


async def test_the_lines_of_a_day_and_of_an_hour(oa: House) -> None:
    log = "2026-11-21 09:00:00 old\n2026-11-22 09:59:59,1 nine\n2026/11/22 10:00:00 ten\n2026-11-22 19:09:00 evening\n"
    oa["oa1"].at("/data/WEAVER/ecology/log/ecology").write_text(log)
    day = (await oa.run("/logs-at oa1 ecology today")).output
    assert [line.split()[-1] for line in day.split("\n") if line] == ["nine", "ten", "evening"]
    hour = (await oa.run("/时段日志 oa1 ecology 2026-11-22 9")).output
    assert [line.split()[-1] for line in hour.split("\n") if line] == ["nine"]
    nothing = await oa.run("/logs-at oa1 ecology 2026-11-22 3")
    assert (nothing.fine, nothing.output.strip()) == (True, "")


async def test_connections_are_read_with_netstat(oa: House) -> None:
    (oa["lb1"].root / "bin").mkdir(exist_ok=True)
    script = oa["lb1"].root / "bin" / "netstat"
    script.write_text("#!/bin/sh\necho tcp 0 0 10.0.0.1:1 10.0.0.2:6888 ESTABLISHED\n")
    script.chmod(0o755)
    outcome = await oa.run("/conns")
    assert outcome.fine
    assert oa.told() == [("lb1", "", "netstat -nat")]


async def test_the_licence_file_is_replaced_and_the_node_restarted(oa: House) -> None:
    folder = oa["oa1"].at("/data/WEAVER/ecology/license")
    (oa.files / "new.license").write_text("new licence")
    outcome = await oa.run("/licence replace app oa1 new.license")
    assert outcome.fine, outcome.output
    assert (folder / trees.LICENCE).read_text() == "new licence"
    assert (folder / f"{trees.LICENCE}_bak20261122").read_text() == "old licence"
    assert [line.rpartition(" ")[2] for _, _, line in oa.told() if "asadmin" in line] == ["stop-domain", "start-domain"]
    assert f"{trees.LICENCE}_bak20261122" in (await oa.run("/授权 查看 应用 oa1")).output


async def test_8_22_one_licence_goes_to_all_nodes_in_one_run(oa: House) -> None:
    (oa.files / "new.license").write_text("new licence")
    outcome = await oa.run("/授权 更换 全部 oa new.license")
    assert outcome.fine, outcome.output
    for host in ("oa1", "oa2"):
        folder = oa[host].at("/data/WEAVER/ecology/license")
        assert (folder / trees.LICENCE).read_text() == "new licence"
        assert (folder / f"{trees.LICENCE}_bak20261122").read_text() == "old licence"
    touched = [host for host, _, line in oa.told() if line.endswith("stop-domain")]
    assert touched == ["oa1", "oa2"]
    assert front(oa) == "before"


async def test_8_22_the_licence_page_is_the_sops_and_one_that_is_not_there_is_told_before_anything_is_done(
    oa: House,
) -> None:
    (oa.files / "new.license").write_text("new licence")
    reached = dataclasses.replace(oa.site.hosts["oa1"], web="19.160.4.22")
    oa.site = dataclasses.replace(oa.site, hosts={**oa.site.hosts, "oa1": reached})
    shown = (await oa.run("/licence show app oa1")).looked.plan.steps[-1]
    assert "http://19.160.4.22:6888/zqfwxtbg/system/licenseInfo.jsp" in shown.title.zh  # as SOP 5.7 prints it
    assert f"http://{oa['oa1'].address}:6888/zqfwxtbg/system/licenseInfo.jsp" in shown.commands[0]
    group = oa.site.host_groups["oa"]
    elsewhere = dataclasses.replace(group, values={**group.values, "licence_page": "/oa/system/licenseInfo.jsp"})
    oa.site = dataclasses.replace(oa.site, host_groups={**oa.site.host_groups, "oa": elsewhere})
    for line in (
        "/licence show app oa1",
        "/licence replace app oa1 new.license",
        "/licence replace all oa new.license",
    ):
        with pytest.raises(UserError) as refused:
            await oa.run(line)
        assert "http://19.160.4.22:6888/oa/system/licenseInfo.jsp" in refused.value.facts["zh"]
        assert "hosts.yaml" in refused.value.facts["zh"]
    await oa.run("/stop oa1")
    assert (await oa.run("/licence replace app oa1 new.license")).fine  # a node that is down is no reason to refuse


async def test_8_22_a_node_without_a_licence_gets_its_first(oa: House) -> None:
    old = oa["oa1"].at("/data/WEAVER/ecology/license") / trees.LICENCE
    old.unlink()
    (oa.files / "new.license").write_text("first licence")
    outcome = await oa.run("/licence replace app oa1 new.license")
    assert outcome.fine, outcome.output
    assert old.read_text() == "first licence"


async def test_a_licence_that_nobody_handed_in_is_refused(oa: House) -> None:
    with pytest.raises(UserError):
        await oa.run("/licence replace app oa1 other.license")


async def test_the_middleware_takes_its_licence_from_a_person(oa: House) -> None:
    assert (await oa.run("/licence show middleware oa1")).fine
    outcome = await oa.run("/licence replace middleware oa1")
    assert outcome.fine, outcome.output
    assert len(outcome.asked) == 1
    assert f"http://{oa['oa1'].address}:6848" in outcome.asked[0]
    refused = await oa.run("/licence replace middleware oa1", yes=lambda step: False)
    assert refused.fault is StepFault.NOT_CONFIRMED
