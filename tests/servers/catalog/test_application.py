"""Backup, upgrade, rollback and the copy to the test environment leave on the disks what SOP 2.1, 2.2, 3.3 and 6.1 want."""

import hashlib
import io
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.errors import UserError
from runbooks.engine.step import Execution
from runbooks.planning.outcome import StepFault, Undone
from tests.servers.catalog.house import DAY, EVENING, House, house
from tests.support import trees
from tests.support.sshd import needs
from tests.support.until import until

pytestmark = pytest.mark.servers
WEAVER = "/data/WEAVER"
BACKUP = f"{WEAVER}/bakecology-20261122-0930.tar.gz"
SHARED = f"{WEAVER}/sharedata-20261122-0930.tar.gz"
FIRST, SECOND = "YTSRMZFecology20230224-99.zip", "YTSRMZFecology20230224-224.zip"
BOTH = f"{SECOND},{FIRST}"  # as somebody may type them


@pytest.fixture
async def oa(tmp_path: Path) -> AsyncIterator[House]:
    needs("/usr/bin/unzip", "unzip")
    for name in ("oa1", "oa2"):
        trees.app(tmp_path / name)
    trees.app(tmp_path / "test1", "test")
    trees.fill(tmp_path / "test1" / WEAVER.lstrip("/") / "ecology/WEB-INF/prop", {"weaver.properties": "host=test"})
    async with house(tmp_path, "oa1", "oa2", "test1") as found:
        trees.trust(found.machines, found["oa1"])
        await found.start("oa1", "oa2", "test1")
        yield found


def package(oa: House, name: str, files: dict[str, str], only: str = "") -> None:
    """An upgrade package on every node, or one, as people put it there by FTP."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    for host in (only,) if only else ("oa1", "oa2"):
        oa[host].at(f"{WEAVER}/{name}").write_bytes(packed.getvalue())


def packages(oa: House) -> None:
    package(oa, FIRST, {"ecology/version": "first", "ecology/first.txt": "1"})
    package(oa, SECOND, {"ecology/version": "second", "ecology/sqlupgrade/DM/1.sql": "select 1;"})


def members(path: Path) -> set[str]:
    with tarfile.open(path) as archive:
        return {member.name for member in archive.getmembers() if not member.isdir()}


async def test_backup_app_packs_all_but_what_the_sop_leaves_out(oa: House) -> None:
    outcome = await oa.run("/backup app oa1")
    assert outcome.fine, outcome.output
    found = members(oa["oa1"].at(BACKUP))
    assert found == {*trees.PACKED, "ecology/filesystem"}
    assert hashlib.sha256(oa["oa1"].at(BACKUP).read_bytes()).hexdigest() in outcome.output
    assert oa.told() == outcome.commands()
    assert oa.page("oa1") == "before"


def test_the_line_as_the_sop_prints_it_packs_the_logs_and_fails(tmp_path: Path) -> None:
    """Why ours has another order: ``--exclude`` behind the name excludes nothing."""
    trees.app(tmp_path)
    line = "tar zcf x.tar.gz ecology --exclude=ecology/log"
    printed = subprocess.run(line.split(), cwd=tmp_path / "data" / "WEAVER", capture_output=True, check=False)
    assert printed.returncode == 2
    assert "ecology/log/ecology" in members(tmp_path / "data" / "WEAVER" / "x.tar.gz")


async def test_backup_files_leaves_the_documents_out(oa: House) -> None:
    outcome = await oa.run("/备份 文件 oa1")
    assert outcome.fine, outcome.output
    assert members(oa["oa1"].at(SHARED)) == {"data/sharedata/a/file.txt"}
    assert hashlib.sha256(oa["oa1"].at(SHARED).read_bytes()).hexdigest() in outcome.output


async def test_a_backup_of_today_is_never_written_over(oa: House) -> None:
    oa["oa1"].at(BACKUP).write_text("mine")
    with pytest.raises(UserError) as refused:
        await oa.run("/backup app oa1")
    assert "bakecology-20261122-0930.tar.gz" in str(refused.value.facts)
    assert oa["oa1"].at(BACKUP).read_text() == "mine"


async def test_a_disk_too_full_for_the_backup_is_refused_before(oa: House) -> None:
    script = oa["oa1"].root / "bin" / "df"
    script.write_text("#!/bin/sh\nprintf 'Avail\\n3\\n'\n")
    script.chmod(0o755)
    with pytest.raises(UserError) as refused:
        await oa.run("/backup app oa1")
    assert "KiB" in str(refused.value.facts)
    assert not oa["oa1"].at(BACKUP).exists()


async def test_an_upgrade_and_the_way_back(oa: House) -> None:
    packages(oa)
    outcome = await oa.run(f"/upgrade {BOTH}")
    assert outcome.fine, outcome.output
    assert oa.told() == outcome.commands()
    assert "ecology/sqlupgrade/DM/1.sql" in outcome.output
    assert len(outcome.asked) == 1
    for host in ("oa1", "oa2"):
        assert oa.page(host) == "second"  # the larger number was unpacked last
        assert oa[host].at(f"{WEAVER}/ecology/first.txt").exists()
        assert members(oa[host].at(BACKUP)) == {*trees.PACKED, "ecology/filesystem"}
        assert members(oa[host].at(SHARED)) == {"data/sharedata/a/file.txt"}
    first_start = next(n for n, (_, _, line) in enumerate(oa.told()) if line.endswith("start-domain"))
    last_stop = max(n for n, (_, _, line) in enumerate(oa.told()) if line.endswith("stop-domain"))
    assert last_stop < first_start

    back = await oa.run("/rollback")
    assert back.fine, back.output
    assert oa.told() == back.commands()
    for host in ("oa1", "oa2"):
        assert oa.page(host) == "before"
        assert not oa[host].at(f"{WEAVER}/ecology/first.txt").exists()
        assert oa[host].at(f"{WEAVER}/ecology_bak20261122-0930/version").read_text() == "second"


async def test_the_sql_is_a_persons_word_and_without_it_nothing_stops(oa: House) -> None:
    packages(oa)
    outcome = await oa.run(f"/upgrade {BOTH}", yes=lambda step: False)
    assert outcome.fault is StepFault.NOT_CONFIRMED
    assert (oa.page("oa1"), oa.page("oa2")) == ("before", "before")
    assert not oa["oa1"].at(BACKUP).exists()


async def test_a_package_that_is_cut_short_stops_the_upgrade_before_the_nodes(oa: House) -> None:
    packages(oa)
    path = oa["oa2"].at(f"{WEAVER}/{SECOND}")
    path.write_bytes(path.read_bytes()[:-30])
    outcome = await oa.run(f"/upgrade {BOTH}")
    assert (outcome.fault, outcome.failed) == (StepFault.EXIT, "the package is whole")
    assert (oa.page("oa1"), oa.page("oa2")) == ("before", "before")


async def test_a_package_that_still_holds_keyupgrade_is_refused(oa: House) -> None:
    package(oa, FIRST, {"ecology/version": "first", "ecology/keyupgrade/x": "x"})
    outcome = await oa.run(f"/upgrade {FIRST}")
    assert outcome.failed == "no keyupgrade in the package"
    assert oa.page("oa1") == "before"


async def test_a_backup_of_the_shared_files_is_never_written_over_either(oa: House) -> None:
    packages(oa)
    oa["oa2"].at(SHARED).write_text("mine")
    with pytest.raises(UserError) as refused:
        await oa.run(f"/upgrade {BOTH}")
    assert "sharedata-20261122-0930.tar.gz" in str(refused.value.facts)
    assert oa["oa2"].at(SHARED).read_text() == "mine"


async def test_an_upgrade_that_stopped_half_way_goes_on_behind_its_own_backups_and_past_the_window(oa: House) -> None:
    packages(oa)
    oa["oa2"].at("/data/WEAVER/ApusicAS/broken").touch()
    outcome = await oa.run(f"/upgrade {BOTH}")
    assert outcome.failed == "start the application"
    await until(lambda: oa.page("oa1") == "second")
    oa["oa2"].at("/data/WEAVER/ApusicAS/broken").unlink()
    at = len(outcome.results)
    with pytest.raises(UserError):  # not before the nodes were stopped: people are working again
        await oa.run(f"/upgrade {BOTH}", now=EVENING.replace(hour=10))
    rest = await oa.run(f"/upgrade {BOTH}", now=EVENING.replace(hour=1), first=at)
    assert rest.fine, rest.output
    assert (oa.page("oa1"), oa.page("oa2")) == ("second", "second")


async def test_a_node_whose_backup_was_cut_short_is_not_gone_on_with(oa: House) -> None:
    """The archive that lies there is not whole, and nothing is written over."""
    packages(oa)
    steps = oa.plan(f"/upgrade {BOTH}").steps
    place = next(n for n, s in enumerate(steps, 1) if s.target.id == "oa2" and s.title.en == "back up the application")
    for host in ("oa1", "oa2"):
        oa[host].at(BACKUP).write_text("half")
    with pytest.raises(UserError) as refused:
        await oa.run(f"/upgrade {BOTH}", first=place)
    assert refused.value.facts["host"] == "oa2"


async def test_outside_the_window_there_is_no_upgrade(oa: House) -> None:
    packages(oa)
    with pytest.raises(UserError):
        await oa.run(f"/upgrade {FIRST}", now=EVENING.replace(hour=10))
    assert not oa.machines.told() or all("stop-domain" not in line for _, line in oa.machines.told())


async def test_without_a_record_of_an_upgrade_there_is_no_rollback(oa: House) -> None:
    with pytest.raises(UserError):
        await oa.run("/rollback")
    assert oa.page("oa1") == "before"


async def test_8_22_a_rollback_that_would_find_no_room_stops_no_node(oa: House) -> None:
    package(oa, FIRST, {"ecology/version": "first"})
    assert (await oa.run(f"/upgrade {FIRST}")).fine
    script = oa["oa1"].root / "bin" / "df"
    script.write_text("#!/bin/sh\nprintf 'Avail\\n3\\n'\n")
    script.chmod(0o755)
    with pytest.raises(UserError) as refused:
        await oa.run("/rollback")
    assert refused.value.facts["host"] == "oa1"
    assert (oa.page("oa1"), oa.page("oa2")) == ("first", "first")


async def test_a_broken_link_keeps_the_rolled_back_application_down(oa: House) -> None:
    package(oa, FIRST, {"ecology/version": "first"})
    assert (await oa.run(f"/upgrade {FIRST}")).fine
    oa["oa2"].at("/data/sharedata/filesystem").rename(oa["oa2"].at("/data/sharedata/elsewhere"))
    back = await oa.run("/rollback")
    assert (back.fault, back.failed) == (StepFault.FORBIDDEN, "no broken links")
    assert "ecology/filesystem" in back.results[-1].output


async def test_a_link_that_the_backup_left_out_keeps_the_rolled_back_application_down(oa: House) -> None:
    """The SOP looks at the links (line 21): one in a folder that no backup packs is lost, and nobody would see it."""
    package(oa, FIRST, {"ecology/version": "first"})
    folder = oa["oa1"].at(f"{WEAVER}/ecology/doctempfile")
    shutil.rmtree(folder, ignore_errors=True)
    folder.symlink_to("/data/sharedata")
    assert (await oa.run(f"/upgrade {FIRST}")).fine
    back = await oa.run("/rollback")
    assert (back.fault, back.failed) == (StepFault.FORBIDDEN, "no link is missing")
    assert "./doctempfile" in back.results[-1].output
    oa["oa1"].at(f"{WEAVER}/ecology/doctempfile").symlink_to("/data/sharedata")
    rest = await oa.run("/rollback", first=len(back.results))
    assert rest.fine, rest.output
    assert (oa.page("oa1"), oa.page("oa2")) == ("before", "before")


async def test_the_test_environment_gets_the_application_and_keeps_its_own_settings(oa: House) -> None:
    outcome = await oa.run("/sync-test oa1")
    assert outcome.fine, outcome.output
    assert oa.told() == outcome.commands()
    assert ("test1", "scp -t /data/WEAVER/") in oa.machines.told()  # the other end of the copy
    assert (oa.page("oa1"), oa.page("test1")) == ("before", "before")
    home = oa["test1"].at(WEAVER)
    assert (home / "ecology/WEB-INF/prop/weaver.properties").read_text() == "host=test"
    assert (home / "ecology_bak20261122-0930/version").read_text() == "test"


async def test_a_production_node_that_will_not_stop_is_left_as_it_is(oa: House) -> None:
    script = oa["oa1"].at("/data/WEAVER/ApusicAS/bin/asadmin")
    script.write_text("#!/bin/sh\nexit 1\n")
    looked = await oa.look("/sync-test oa1")
    steps = tuple(replace(step, limit=min(step.limit, 2.0)) for step in looked.plan.steps)
    execution = Execution(oa.remote, replace(looked, plan=replace(looked.plan, steps=steps)))
    faults = [(await execution.step(step)).fault for step in steps[:2]]
    assert faults == [None, StepFault.STILL_UP]
    assert (oa.page("oa1"), oa["oa1"].at(BACKUP).exists()) == ("before", False)


async def test_8_22_production_is_up_again_when_its_backup_fails_and_nothing_is_copied(oa: House) -> None:
    """A tar that packed half of it leaves an archive that can be read; it must not become the test environment."""
    script = oa["oa1"].root / "bin" / "tar"
    script.write_text('#!/bin/sh\n/bin/tar -C /data/WEAVER -zcf "$0.gz" ecology/version\nexit 2\n')
    script.chmod(0o755)
    outcome = await oa.run("/sync-test oa1")
    assert (outcome.fault, outcome.failed) == (StepFault.EXIT, "back it up")
    assert outcome.undone is Undone.RESTORED
    await until(lambda: oa.page("oa1") == "before")
    assert oa.page("test1") == "test"
    assert not [line for _, line in oa.machines.told() if line.startswith("scp")]


async def test_8_22_what_fails_after_the_node_is_up_again_does_not_start_it_twice(oa: House) -> None:
    oa["test1"].at(f"{WEAVER}/ApusicAS/bin/asadmin").write_text("#!/bin/sh\nexit 1\n")
    place = next(
        n for n, s in enumerate(oa.plan("/sync-test oa1").steps) if s.title.en == "the test environment is down"
    )
    outcome = await oa.run("/sync-test oa1", short={place: 2.0})
    assert outcome.failed == "the test environment is down"
    assert outcome.undone is Undone.RESTORED
    starts = [line for host, _, line in oa.told() if host == "oa1" and line.endswith("asadmin start-domain")]
    assert len(starts) == 1
    assert oa.page("oa1") == "before"


async def test_8_22_a_package_that_differs_on_one_node_stops_the_upgrade_before_the_nodes(oa: House) -> None:
    packages(oa)
    package(oa, FIRST, {"ecology/version": "older", "ecology/first.txt": "1"}, only="oa2")
    outcome = await oa.run(f"/upgrade {BOTH}")
    assert (outcome.fault, outcome.failed) == (StepFault.DIFFERS, "the package is the same on every node")
    assert "oa1:" in outcome.results[-1].output
    assert "oa2:" in outcome.results[-1].output
    assert (oa.page("oa1"), oa.page("oa2")) == ("before", "before")


async def test_8_22_a_package_may_be_named_without_its_ending(oa: House) -> None:
    packages(oa)
    plan = oa.plan(f"/upgrade {BOTH.replace('.zip', '')}")
    assert plan.line == f"/upgrade {FIRST},{SECOND}"
    assert plan.hash("zhou", "duty-room") == oa.plan(f"/upgrade {BOTH}").hash("zhou", "duty-room")


async def test_8_22_backup_upgrade_and_rollback_may_come_twice_a_day(oa: House) -> None:
    """Each has its own minute in the name; the way back leads to before the last upgrade, whatever was packed since."""
    for minute in (30, 31):
        oa.at = DAY.replace(minute=minute)
        assert (await oa.run("/backup app oa1")).fine
    package(oa, FIRST, {"ecology/version": "first"})
    package(oa, SECOND, {"ecology/version": "second"})
    for minute, name in ((40, FIRST), (50, SECOND)):
        oa.at = DAY.replace(minute=minute)
        outcome = await oa.run(f"/upgrade {name}")
        assert outcome.fine, outcome.output
    oa.at = DAY.replace(minute=55)
    assert (await oa.run("/backup app oa1")).fine
    assert len(list(oa["oa1"].at(WEAVER).glob("bakecology-20261122-09??.tar.gz"))) == 5
    oa.at = DAY.replace(minute=58)
    assert (await oa.run("/rollback")).fine
    assert (oa.page("oa1"), oa.page("oa2")) == ("first", "first")
    (oa["oa1"].at(f"{WEAVER}/.zhiban-upgrade")).write_text("bakecology-20261122-0940.tar.gz\n")
    (oa["oa2"].at(f"{WEAVER}/.zhiban-upgrade")).write_text("bakecology-20261122-0940.tar.gz\n")
    oa.at = DAY.replace(minute=59)
    assert (await oa.run("/rollback")).fine
    assert (oa.page("oa1"), oa.page("oa2")) == ("before", "before")


async def test_8_22_the_sql_of_a_package_is_shown_before_anybody_says_that_it_was_run(oa: House) -> None:
    package(oa, FIRST, {"ecology/version": "first", "ecology/sqlupgrade/DM/1.sql": "alter table t add c int;"})
    outcome = await oa.run(f"/upgrade {FIRST}", yes=lambda step: False)
    assert "alter table t add c int;" in outcome.output
