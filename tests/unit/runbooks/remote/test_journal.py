"""The host itself knows what became of a command. The oracle is the host: its files and processes (faults F15 to F17)."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from runbooks.planning.target import Target
from runbooks.remote.command import NotStarted
from runbooks.remote.journal import Ending, Journal, Remembered, parse, remembered
from runbooks.remote.ssh import Ssh
from tests.support import sshd
from tests.support.until import until

RECORD = "R1-1763820000"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path / "host") as running:
        yield running


@pytest.fixture
async def remote(server: sshd.Sshd, tmp_path: Path) -> AsyncIterator[Ssh]:
    known_hosts = tmp_path / "known_hosts"
    known_hosts.write_text(server.known_hosts)
    ssh = Ssh(known_hosts, server.key_file)
    yield ssh
    await ssh.close()


def target(server: sshd.Sshd) -> Target:
    return Target("host", server.address, server.port, server.user)


@pytest.mark.servers
async def test_start_end_and_exit_are_written_by_the_host(server: sshd.Sshd, remote: Ssh, tmp_path: Path) -> None:
    result = await remote.run(target(server), ("sh", "-c", "cat; exit 3"), stdin=b"in", mark=f"{RECORD}/2.1")
    assert (result.exit, result.stdout) == (3, b"in")
    lines = (server.home / ".zhiban/runs" / RECORD / "2.1").read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["start", "end"]
    assert lines[1].endswith(" 3")
    assert await remembered(remote, target(server), RECORD, 2) == Remembered(Ending.ENDED, 1, 3)
    assert await remembered(remote, target(server), RECORD, 1) == Remembered(Ending.NOT_BEGUN)


@pytest.mark.servers
async def test_the_recorder_changes_nothing_for_the_command(server: sshd.Sshd, remote: Ssh) -> None:
    """Its limits, mask, environment (but for the mark) and open files are those of a command without a mark."""
    argv = (
        "sh",
        "-c",
        "umask; ulimit -a; env | grep -Ev '^(SSH_|_=|ZHIBAN_RUN=)' | sort; set -- /proc/$$/fd/*; echo $#; trap; cat",
    )
    plain, marked = [await remote.run(target(server), argv, stdin=b"in", mark=mark) for mark in (None, f"{RECORD}/1.1")]
    assert marked.stdout.splitlines() == plain.stdout.splitlines()
    assert (marked.stderr, marked.exit) == (plain.stderr, plain.exit)


@pytest.mark.servers
async def test_the_host_runs_a_mark_once(server: sshd.Sshd, remote: Ssh, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    argv = ("sh", "-c", f"echo x >> {seen}")
    outcomes = await asyncio.gather(
        *(remote.run(target(server), argv, mark=f"{RECORD}/1.1") for _ in range(8)), return_exceptions=True
    )
    assert seen.read_text() == "x\n"
    assert sorted(getattr(o, "code", "ran") for o in outcomes) == ["ran", *["repeated"] * 7]


@pytest.mark.servers
async def test_a_command_may_use_the_recorders_exits(server: sshd.Sshd, remote: Ssh) -> None:
    for status in (97, 98):
        result = await remote.run(target(server), ("sh", "-c", f"exit {status}"), mark=f"{RECORD}/1.{status}")
        assert result.exit == status


@pytest.mark.servers
async def test_no_record_no_command(server: sshd.Sshd, remote: Ssh, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    (server.home / ".zhiban/runs").mkdir(parents=True)
    (server.home / ".zhiban/runs" / RECORD).write_text("in the way")
    shm = Path(f"/dev/shm/zhiban-{os.getuid()}")
    shm.mkdir(exist_ok=True)
    (shm / RECORD).write_text("in the way")
    try:
        with pytest.raises(NotStarted) as refused:
            await remote.run(target(server), ("touch", str(seen)), mark=f"{RECORD}/1.1")
    finally:
        (shm / RECORD).unlink()
    assert (refused.value.code, seen.exists()) == ("no_record", False)


@pytest.mark.servers
async def test_running_then_cut(server: sshd.Sshd, remote: Ssh, tmp_path: Path) -> None:
    """The connection is gone and the command goes on; then the host loses it: first ``running``, then ``cut``."""
    working = asyncio.create_task(remote.run(target(server), ("sleep", "30"), mark=f"{RECORD}/1.1"))
    record = server.home / ".zhiban/runs" / RECORD / "1.1"
    await until(lambda: record.exists() and record.read_text().startswith("start"))
    server.cut()
    await asyncio.gather(working, return_exceptions=True)
    running = await remembered(remote, target(server), RECORD, 1)
    os.kill(int(record.read_text().split()[2]), signal.SIGKILL)
    cut = await remembered(remote, target(server), RECORD, 1)
    assert [found and found.ending for found in (running, cut)] == [Ending.RUNNING, Ending.CUT]
    assert cut is not None
    (left,) = [words.split()[0] for words in cut.left if words.endswith(" sleep 30") and "timeout" not in words]
    assert Path(f"/proc/{left}/cmdline").read_bytes() == b"sleep\0" + b"30\0"
    os.kill(int(left), signal.SIGKILL)
    shutil.rmtree(record.parent)


@pytest.mark.servers
async def test_only_what_changes_something_is_marked(server: sshd.Sshd, remote: Ssh, tmp_path: Path) -> None:
    journal = Journal(remote, RECORD)
    journal.begin(1)
    await journal.run(target(server), ("true",))
    await journal.run(target(server), ("true",), stop_flood=False)
    await journal.run(target(server), ("true",), stop_flood=False)
    journal.begin(2)
    await journal.run(target(server), ("true",), stop_flood=False)
    assert sorted(p.name for p in (server.home / ".zhiban/runs" / RECORD).iterdir()) == ["1.1", "1.2", "2.1"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], Remembered(Ending.NOT_BEGUN)),
        (["mark 3.1"], Remembered(Ending.CUT)),
        (["mark 3.1", "start 5 77"], Remembered(Ending.CUT)),
        (["mark 3.1", "start 5 77", "alive"], Remembered(Ending.RUNNING)),
        (["mark 3.1", "start 5 77", "end 6 0"], Remembered(Ending.ENDED, 1, 0)),
        (["mark 3.2", "start 6 78", "end 7 1", "mark 3.1", "start 5 77", "end 6 0"], Remembered(Ending.ENDED, 2, 1)),
        (["mark 3.1", "start 5 77", "end 6 0", "mark 3.2", "start 6 78"], Remembered(Ending.CUT, 1)),
    ],
)
def test_reading_the_record(lines: list[str], expected: Remembered) -> None:
    assert parse(lines) == expected


@pytest.mark.servers
async def test_an_end_is_written_though_nobody_listens_any_more(server: sshd.Sshd, remote: Ssh, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    line = f"echo $$ > {pid}; exec sleep 60"
    working = asyncio.create_task(remote.run(target(server), ("sh", "-c", line), mark=f"{RECORD}/1.1"))
    await until(lambda: pid.exists() and bool(pid.read_text().strip()))
    server.cut()
    await asyncio.gather(working, return_exceptions=True)
    os.kill(int(pid.read_text()), signal.SIGKILL)
    record = server.home / ".zhiban/runs" / RECORD / "1.1"
    await until(lambda: record.read_text().rstrip().endswith(" 137"))
    assert await remembered(remote, target(server), RECORD, 1) == Remembered(Ending.ENDED, 1, 137)
