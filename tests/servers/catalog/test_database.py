"""The database is stopped and started in the order of SOP 5.1, by the machines' own record and processes."""

import dataclasses
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.errors import UserError
from runbooks.planning.outcome import StepFault
from tests.servers.catalog.house import House, house
from tests.support import trees

pytestmark = pytest.mark.servers
BIN = "/data/dmdba/dmdbms/bin"
BOTH = {"dmserver", "dmwatcher"}


@pytest.fixture
async def dm(tmp_path: Path) -> AsyncIterator[House]:
    for name in ("dm1", "dm2"):
        trees.database(tmp_path / name)
    async with house(tmp_path, "dm1", "dm2") as found:
        yield found


def up(dm: House) -> None:
    for host in ("dm1", "dm2"):
        dm.db(host, "DmServiceDMSERVER", "start")
        dm.db(host, "DmWatcherServiceDMSERVER", "start")


def services(dm: House) -> list[tuple[str, str]]:
    """What was done to which service, in the machines' own order; as ``dmdba`` or not at all."""
    rows = [(host, user, line) for host, user, line in dm.told() if line.startswith(BIN)]
    assert {user for _, user, _ in rows} <= {"dmdba"}
    return [(host, line.removeprefix(f"{BIN}/")) for host, _, line in rows]


STOPPED = [
    ("dm1", "DmWatcherServiceDMSERVER stop"),
    ("dm2", "DmWatcherServiceDMSERVER stop"),
    ("dm1", "DmServiceDMSERVER stop"),
    ("dm2", "DmServiceDMSERVER stop"),
]
STARTED = [
    ("dm1", "DmServiceDMSERVER start"),
    ("dm2", "DmServiceDMSERVER start"),
    ("dm1", "DmWatcherServiceDMSERVER start"),
    ("dm2", "DmWatcherServiceDMSERVER start"),
]


async def test_stop_is_watchers_then_primary_then_standby(dm: House) -> None:
    up(dm)
    outcome = await dm.run("/db stop")
    assert outcome.fine, outcome.output
    assert services(dm) == STOPPED
    assert (dm.running("dm1"), dm.running("dm2")) == (set(), set())


async def test_the_primary_is_the_one_that_is_tagged(dm: House) -> None:
    up(dm)
    tags = {"dm1": ("standby",), "dm2": ("primary",)}
    hosts = {name: dataclasses.replace(host, tags=tags[name]) for name, host in dm.site.hosts.items()}
    dm.site = dataclasses.replace(dm.site, hosts=hosts)
    assert (await dm.run("/数据库 停止")).fine
    assert services(dm)[2:] == [("dm2", "DmServiceDMSERVER stop"), ("dm1", "DmServiceDMSERVER stop")]


async def test_start_is_the_services_of_all_nodes_then_their_watchers(dm: House) -> None:
    outcome = await dm.run("/db start")
    assert outcome.fine, outcome.output
    assert services(dm) == STARTED
    assert (dm.running("dm1"), dm.running("dm2")) == (BOTH, BOTH)


async def test_restart_is_the_one_and_then_the_other(dm: House) -> None:
    up(dm)
    outcome = await dm.run("/db restart")
    assert outcome.fine, outcome.output
    assert services(dm) == STOPPED + STARTED
    assert (dm.running("dm1"), dm.running("dm2")) == (BOTH, BOTH)


async def test_a_start_under_a_watcher_that_runs_is_refused_before_anybody_is_asked(dm: House) -> None:
    dm.db("dm2", "DmWatcherServiceDMSERVER", "start")
    with pytest.raises(UserError) as refused:
        await dm.run("/db start")
    assert "dm2" in str(refused.value.facts)
    assert services(dm) == []
    assert dm.running("dm1") == set()


async def test_a_start_that_a_watcher_cut_short_can_go_on(dm: House) -> None:
    """The watcher that this run has started is no wrong order; one that somebody else has started meanwhile is."""
    steps = dm.plan("/db start").steps
    place = next(n for n, s in enumerate(steps, 1) if s.target.id == "dm2" and "DmWatcherService" in s.commands[0][0])
    for host in ("dm1", "dm2"):
        dm.db(host, "DmServiceDMSERVER", "start")
    dm.db("dm1", "DmWatcherServiceDMSERVER", "start")
    outcome = await dm.run("/db start", first=place)
    assert outcome.fine, outcome.output
    assert services(dm) == [("dm2", "DmWatcherServiceDMSERVER start")]
    with pytest.raises(UserError):
        await dm.run("/db start", first=place)


async def test_a_watcher_that_will_not_stop_keeps_the_primary_up(dm: House) -> None:
    up(dm)
    dm["dm2"].at(f"{BIN}/stuck.dmwatcher").touch()
    outcome = await dm.run("/db stop")
    assert outcome.fault is StepFault.EXIT
    assert services(dm) == STOPPED[:2]
    assert "dmserver" in dm.running("dm1")


async def test_status_tells_what_runs_and_changes_nothing(dm: House) -> None:
    up(dm)
    dm.db("dm2", "DmWatcherServiceDMSERVER", "stop")
    outcome = await dm.run("/db status")
    assert outcome.fine, outcome.output
    assert outcome.output.count("is running.") == 3
    assert "DmWatcherServiceDMSERVER is stopped." in outcome.output
    assert f"{BIN}/dmserver /data/dmdba/dmdbms/data/DMDB/dm.ini -noconsole" in outcome.output
    assert (dm.running("dm1"), dm.running("dm2")) == (BOTH, {"dmserver"})


async def test_the_log_is_this_months_and_a_day_is_looked_for_in_all(dm: House) -> None:
    assert (await dm.run("/logs dm1 db")).output.split()[-1] == "newer"
    assert (await dm.run("/logs-at dm1 db 2026-10-31")).output.split()[-1] == "older"


async def test_backup_is_written_by_dmdba_without_a_password(dm: House) -> None:
    up(dm)
    outcome = await dm.run("/backup db")
    assert outcome.fine, outcome.output
    dump = dm["dm1"].at("/data/dmdba_backup/oa/dm_e9_20261122-0930.dmp")
    assert dump.read_bytes().startswith(b"DM dump of E9")
    assert dump.stat().st_uid == trees.DMDBA
    assert hashlib.sha256(dump.read_bytes()).hexdigest() in outcome.output
    assert dm.told() == outcome.commands()
    assert "SYSDBA" not in str(dm.machines.told())
    with pytest.raises(UserError):  # once a day, by name
        await dm.run("/backup db")


async def test_8_22_where_dmdba_is_not_let_in_the_password_is_a_secret(dm: House) -> None:
    """By the database's own refusal: seen before anybody is asked, and the secret is in no plan and no output."""
    up(dm)
    dm["dm1"].at(f"{BIN}/no_osauth").write_text("Sys-CANARY-1")
    plan = (await dm.look("/backup db")).plan
    assert ["‹secret.dm_sysdba›" in word for step in plan.steps for argv in step.commands for word in argv].count(
        True
    ) == 1
    refused = await dm.run("/backup db", secrets={"dm_sysdba": "wrong"})
    assert refused.failed == "export (with SYSDBA's password)"
    outcome = await dm.run("/backup db", secrets={"dm_sysdba": "Sys-CANARY-1"})
    assert outcome.fine, outcome.output
    assert dm["dm1"].at("/data/dmdba_backup/oa/dm_e9_20261122-0930.dmp").read_bytes().startswith(b"DM dump of E9")
    assert "CANARY" not in outcome.output
    (dm.files / "dm.key").write_text("2027-12-31")
    replaced = await dm.run("/licence replace db dm1 dm.key", secrets={"dm_sysdba": "Sys-CANARY-1"})
    assert replaced.fine, replaced.output
    assert "2027-12-31" in replaced.output
    dm["dm2"].at(f"{BIN}/no_osauth").write_text("Sys-CANARY-1")
    shown = await dm.run("/licence show db", secrets={"dm_sysdba": "Sys-CANARY-1"})
    assert shown.fine, shown.output
    assert "2027-12-31" in shown.output
    assert "2026-12-31" in shown.output
    assert "CANARY" not in shown.output


async def test_a_database_that_is_down_is_not_backed_up(dm: House) -> None:
    with pytest.raises(UserError):
        await dm.run("/backup db")
    assert not dm["dm1"].at("/data/dmdba_backup/oa/dm_e9_20261122-0930.dmp").exists()


async def test_the_licence_is_shown_and_replaced(dm: House) -> None:
    up(dm)
    (dm.files / "dm.key").write_text("2027-12-31")
    outcome = await dm.run("/licence replace db dm1 dm.key")
    assert outcome.fine, outcome.output
    key = dm["dm1"].at(f"{BIN}/dm.key")
    assert (key.read_text(), key.stat().st_uid, key.stat().st_gid) == ("2027-12-31", trees.DMDBA, trees.DMDBA)
    assert dm["dm1"].at(f"{BIN}/dm.key_bak20261122").read_text() == "2026-12-31"
    shown = await dm.run("/licence show db")
    assert shown.fine, shown.output
    assert "2027-12-31" in shown.output
    assert "2026-12-31" in shown.output  # dm2 has its own


async def test_a_second_licence_of_the_day_does_not_write_over_the_first_copy(dm: House) -> None:
    up(dm)
    for text in ("2027-01-31", "2027-12-31"):
        (dm.files / "dm.key").write_text(text)
        assert (await dm.run("/licence replace db dm1 dm.key")).fine
    kept = dm["dm1"].at(BIN)
    assert {(kept / name).read_text() for name in ("dm.key_bak20261122", "dm.key_bak20261122.~1~")} == {
        "2026-12-31",
        "2027-01-31",
    }


async def test_a_database_on_its_trial_gets_its_first_licence(dm: House) -> None:
    up(dm)
    dm["dm1"].at(f"{BIN}/dm.key").unlink()
    (dm.files / "dm.key").write_text("2027-12-31")
    outcome = await dm.run("/licence replace db dm1 dm.key")
    assert outcome.fine, outcome.output
    assert dm["dm1"].at(f"{BIN}/dm.key").read_text() == "2027-12-31"


async def test_one_database_that_is_down_does_not_hide_the_other(dm: House) -> None:
    up(dm)
    hosts = {**dm.site.hosts, "dm1": dataclasses.replace(dm.site.hosts["dm1"], port=1)}
    dm.site = dataclasses.replace(dm.site, hosts=hosts)
    outcome = await dm.run("/db status")
    assert outcome.fine, outcome.output
    assert "dm1: unreachable" in outcome.output
    assert outcome.output.count("is running.") == 2
