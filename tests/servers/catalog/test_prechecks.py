"""The DEP pre-checks measure and compare on real machines: ports, packages, disks, bandwidth."""

import dataclasses
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runbooks.planning.outcome import StepFault
from runbooks.runs.report import Ports, probed, shown
from tests.servers.catalog.house import House, Outcome, house
from tests.support import trees
from tests.support.machines import PORT
from tests.support.sshd import needs

pytestmark = pytest.mark.servers


@pytest.fixture
async def oa(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, "oa1", "oa2", "dm1") as found:
        yield found


async def test_every_port_is_tried_from_every_host(oa: House) -> None:
    needs("/usr/bin/nc", "netcat-openbsd")
    outcome = await oa.run(f"/probe-port oa dm1 {PORT},1")
    assert outcome.fine, outcome.output
    assert oa.told() == outcome.commands()
    at = oa["dm1"].address
    assert outcome.output.count(f"Connection to {at} {PORT} port [tcp/*] succeeded!") == 2
    assert len(re.findall(rf"connect to {at} port 1 \(tcp\) failed: Connection refused", outcome.output)) == 2
    assert matrix(outcome).table == ("    2022    1", "oa1    ✓    ✗", "oa2    ✓    ✗")
    assert matrix(outcome).closed == (("oa1", ("1",)), ("oa2", ("1",)))


async def test_a_host_that_is_down_is_a_row_of_the_matrix_and_hides_no_other(oa: House) -> None:
    needs("/usr/bin/nc", "netcat-openbsd")
    hosts = {**oa.site.hosts, "oa1": dataclasses.replace(oa.site.hosts["oa1"], port=1)}
    oa.site = dataclasses.replace(oa.site, hosts=hosts)
    outcome = await oa.run(f"/端口检测 oa dm1 {PORT}")
    assert outcome.fine, outcome.output
    assert (matrix(outcome).unsure, matrix(outcome).closed) == ((("oa1", (str(PORT),)),), ())


def answer(outcome: Outcome) -> dict[str, tuple[str, ...]]:
    """What people read, by step."""
    said = ((step, r.output) for step, r in zip(outcome.looked.plan.steps, outcome.results, strict=True))
    return {row.title.en: row.lines for row in shown(said)}


def matrix(outcome: Outcome) -> Ports:
    """What the answer shows."""
    steps = outcome.looked.plan.steps
    return probed((step, r.exit, r.output) for step, r in zip(steps, outcome.results, strict=True))


def package(oa: House, files: dict[str, str]) -> Path:
    folder = oa["oa1"].at("/data/packages/oa-20261122")
    trees.fill(folder, files)
    sums = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in files.items()]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


async def test_a_whole_package_is_whole(oa: House) -> None:
    package(oa, {"app/ecology.zip": "zip", "db/dm_e9.dmp": "dump"})
    outcome = await oa.run("/check-package oa1 oa-20261122")
    assert outcome.fine, outcome.output


async def test_a_file_cut_short_or_missing_is_named(oa: House) -> None:
    folder = package(oa, {"app/ecology.zip": "zip", "app/more.zip": "more", "db/dm_e9.dmp": "dump"})
    (folder / "app/ecology.zip").write_text("zi")
    (folder / "app/more.zip").unlink()
    outcome = await oa.run("/检查部署包 oa1 oa-20261122")
    assert (outcome.fault, outcome.failed) == (StepFault.EXIT, "check the checksums")
    assert "app/ecology.zip: FAILED" in outcome.output
    assert "app/more.zip: No such file or directory" in outcome.output


async def test_a_package_without_a_database_backup_is_not_complete(oa: House) -> None:
    package(oa, {"app/ecology.zip": "zip"})
    outcome = await oa.run("/check-package oa1 oa-20261122")
    assert outcome.failed == "is a database backup in it"


async def test_disk_speed_measures_and_leaves_nothing_behind(oa: House) -> None:
    needs("/usr/bin/sysbench", "sysbench")
    outcome = await oa.run("/disk-speed oa1 64M 1")
    assert outcome.fine, outcome.output
    assert re.search(r"reads/s: +[0-9.]+", outcome.output)
    assert [line.rpartition(" ")[0] for line in answer(outcome)["random reads and writes"]] == [
        "reads/s",
        "writes/s",
        "read, MiB/s",
        "written, MiB/s",
    ]
    assert not oa["oa1"].at("/data/.zhiban-speed").exists()


async def test_a_measurement_that_fails_leaves_nothing_behind_either(oa: House) -> None:
    script = oa["oa1"].root / "bin" / "sysbench"
    script.parent.mkdir(exist_ok=True)
    script.write_text("#!/bin/sh\ntouch test_file.0\nexit 1\n")
    script.chmod(0o755)
    outcome = await oa.run("/disk-speed oa1 64M 1")
    assert outcome.failed == "prepare the test files"
    assert not oa["oa1"].at("/data/.zhiban-speed").exists()


async def test_bandwidth_is_measured_between_two_hosts(oa: House) -> None:
    needs("/usr/bin/iperf3", "iperf3")
    outcome = await oa.run("/带宽 oa1 dm1 1")
    assert outcome.fine, outcome.output
    assert re.search(r"[0-9.]+ Mbits/sec +receiver", outcome.output)
    assert len(answer(outcome)["measure"]) == 1
    assert [(host, line.split()[0]) for host, _, line in oa.told()] == [("dm1", "iperf3"), ("oa1", "iperf3")]
