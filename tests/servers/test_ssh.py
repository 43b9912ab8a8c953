"""SSH does what the fault catalogue asks (faults F59 to F70), against a real sshd and a few sockets that are none."""

import asyncio
import hashlib
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest

from runbooks.planning.target import Target
from runbooks.remote import ssh_pool
from runbooks.remote.command import Lost, NotStarted, command_line
from runbooks.remote.ssh import Ssh
from tests.support import sshd
from tests.support.apps import alive, gone
from tests.support.ports import free_port
from tests.support.until import until

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path_factory.mktemp("ssh") / "one") as running:
        yield running


@pytest.fixture
async def ssh(server: sshd.Sshd, tmp_path: Path) -> AsyncIterator[Ssh]:
    (tmp_path / "known_hosts").write_text(server.known_hosts)
    client = Ssh(tmp_path / "known_hosts", server.key_file, connect_timeout=8)
    yield client
    await client.close()


@pytest.fixture
def host(server: sshd.Sshd) -> Target:
    return Target("oa1", server.address, server.port, server.user)


async def test_words_arrive_as_they_are(ssh: Ssh, host: Target) -> None:
    words = ("$(id)", "a b", "'", '"', "*", ";", "\\", "甲")
    result = await ssh.run(host, ("printf", "%s\\n", *words))
    assert result.stdout.decode().splitlines() == list(words)
    assert result.ok


async def test_exit_status_and_both_streams(ssh: Ssh, host: Target) -> None:
    result = await ssh.run(host, ("sh", "-c", "echo out; echo err >&2; exit 3"))
    assert (result.exit, result.stdout, result.stderr) == (3, b"out\n", b"err\n")


async def test_stdin_is_written_whole(ssh: Ssh, host: Target) -> None:
    data = os.urandom(300_000)
    result = await ssh.run(host, ("sha256sum",), stdin=data)
    assert result.stdout.decode().split()[0] == hashlib.sha256(data).hexdigest()


async def test_bytes_that_are_no_text_hurt_nothing(ssh: Ssh, host: Target) -> None:
    result = await ssh.run(host, ("printf", "\\377\\376ok"))
    assert (result.exit, result.stdout) == (0, b"\xff\xfeok")
    assert (await ssh.run(host, ("true",))).ok


async def test_a_flood_is_stopped_and_costs_no_memory(ssh: Ssh, host: Target, tmp_path: Path) -> None:
    """``yes`` never ends by itself: it is ended on the host, too (fault F68)."""
    await ssh.run(host, ("true",))
    before = _forget_peak()
    result = await ssh.run(host, ("sh", "-c", f"echo $$ > {tmp_path}/pid; exec yes"), limit=60)
    assert (len(result.stdout), result.truncated) == (65536, True)
    assert _peak_mib() - before < 16
    pid = int((tmp_path / "pid").read_text())
    await until(lambda: not alive(pid))
    assert (await ssh.run(host, ("echo", "still"))).stdout == b"still\n"


async def test_a_change_is_not_stopped_for_talking(ssh: Ssh, host: Target, tmp_path: Path) -> None:
    before = _forget_peak()
    mark = tmp_path / "done"
    script = f"head -c 200000000 /dev/zero; touch {mark}; exit 4"
    result = await ssh.run(host, ("sh", "-c", script), stop_flood=False, limit=60)
    assert (result.exit, len(result.stdout), result.truncated, mark.exists()) == (4, 65536, True, True)
    assert _peak_mib() - before < 16


async def test_time_limit_kills_on_the_other_side(ssh: Ssh, host: Target, tmp_path: Path) -> None:
    """And with it whatever it started that did not go its own way (fault F66)."""
    script = f"trap '' TERM; sleep 777 & echo $! > {tmp_path}/child; echo $$ > {tmp_path}/pid; wait"
    result = await ssh.run(host, ("sh", "-c", script), limit=1)
    assert result.killed
    assert not result.ok
    for name in ("pid", "child"):
        pid = int((tmp_path / name).read_text())
        await until(partial(gone, pid))


async def test_a_daemon_that_holds_the_pipe_does_not_hold_us(ssh: Ssh, host: Target) -> None:
    began = time.monotonic()
    result = await ssh.run(host, ("sh", "-c", "sleep 60 & echo started"), limit=90)
    assert (result.ok, result.stdout) == (True, b"started\n")
    assert time.monotonic() - began < 50


async def test_sessions_stay_under_the_servers_limit(ssh: Ssh, host: Target) -> None:
    results = await asyncio.gather(*(ssh.run(host, ("sleep", "0.2")) for _ in range(30)))
    assert all(result.ok for result in results)


async def test_another_host_key_is_refused(server: sshd.Sshd, host: Target, tmp_path: Path) -> None:
    other = sshd.make_key(tmp_path / "other").with_suffix(".pub").read_text().split()
    (tmp_path / "known_hosts").write_text(f"[{server.address}]:{server.port} {other[0]} {other[1]}\n")
    mark = tmp_path / "ran"
    with pytest.raises(NotStarted) as caught:
        await Ssh(tmp_path / "known_hosts", server.key_file).run(host, ("touch", str(mark)))
    assert (caught.value.code, mark.exists()) == ("host_key", False)


@pytest.mark.parametrize(("content", "code"), [(None, "known_hosts"), ("", "host_key")])
async def test_no_pinned_key_is_refused(
    server: sshd.Sshd, host: Target, tmp_path: Path, content: str | None, code: str
) -> None:
    if content is not None:
        (tmp_path / "known_hosts").write_text(content)
    with pytest.raises(NotStarted) as caught:
        await Ssh(tmp_path / "known_hosts", server.key_file).run(host, ("true",))
    assert caught.value.code == code


async def test_a_wrong_user_key_is_named(server: sshd.Sshd, host: Target, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").write_text(server.known_hosts)
    with pytest.raises(NotStarted) as caught:
        await Ssh(tmp_path / "known_hosts", sshd.make_key(tmp_path / "stranger")).run(host, ("true",))
    assert caught.value.code == "login"


async def test_nobody_listens(ssh: Ssh) -> None:
    with pytest.raises(NotStarted) as caught:
        await ssh.run(Target("oa2", "127.0.0.1", free_port()), ("true",))
    assert caught.value.code == "unreachable"


async def test_a_filtered_port_is_given_up(server: sshd.Sshd, tmp_path: Path) -> None:
    """No answer at all, not even a refusal: a listener whose queue is full drops what comes, as a firewall does (fault F59)."""
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    address = full.getsockname()
    waiting = [socket.socket() for _ in range(4)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(address)
    (tmp_path / "known_hosts").write_text(server.known_hosts)
    ssh = Ssh(tmp_path / "known_hosts", server.key_file, connect_timeout=2)
    began = time.monotonic()
    with pytest.raises(NotStarted) as caught:
        await ssh.run(Target("oa2", *address), ("true",))
    took = time.monotonic() - began
    for one in (*waiting, full):
        one.close()
    assert caught.value.code == "unreachable"
    assert 1.9 < took < 30, "it must have been silence, and given up in time"


async def test_a_listener_that_says_nothing_is_given_up(server: sshd.Sshd, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").write_text(server.known_hosts)
    quiet = socket.create_server(("127.0.0.1", 0))
    port = quiet.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(NotStarted) as caught:
        await Ssh(tmp_path / "known_hosts", server.key_file, connect_timeout=1).run(
            Target("oa2", "127.0.0.1", port), ("true",)
        )
    assert (caught.value.code, time.monotonic() - began < 30) == ("unreachable", True)
    quiet.close()


async def test_a_dead_peer_is_known_within_20_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ping that nobody answers, ``COUNT`` times; here an eighth of the time that it takes in earnest."""
    assert ssh_pool.KEEPALIVE * (ssh_pool.COUNT + 1) < 20
    monkeypatch.setattr(ssh_pool, "KEEPALIVE", ssh_pool.KEEPALIVE / 8)
    with sshd.running(tmp_path / "frozen") as frozen:
        (tmp_path / "known_hosts").write_text(frozen.known_hosts)
        client = Ssh(tmp_path / "known_hosts", frozen.key_file)
        target = Target("oa1", frozen.address, frozen.port, frozen.user)
        await client.run(target, ("true",))
        running = asyncio.create_task(client.run(target, ("sh", "-c", f"touch {tmp_path}/begun; sleep 60"), limit=90))
        await until((tmp_path / "begun").exists)
        children = frozen.children()
        try:
            for child in children:
                os.kill(child, signal.SIGSTOP)
            began = time.monotonic()
            with pytest.raises(Lost):
                await running
            assert time.monotonic() - began < 30, "the command itself would have ended by now"
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)
            await client.close()


async def test_a_session_cut_in_the_middle_is_unknown(tmp_path: Path) -> None:
    with sshd.running(tmp_path / "cut") as server:
        (tmp_path / "known_hosts").write_text(server.known_hosts)
        client = Ssh(tmp_path / "known_hosts", server.key_file)
        target = Target("oa1", server.address, server.port, server.user)
        running = asyncio.create_task(client.run(target, ("sh", "-c", f"touch {tmp_path}/begun; sleep 60")))
        await until((tmp_path / "begun").exists)
        server.cut()
        with pytest.raises(Lost):
            await running
        assert (await client.run(target, ("true",))).ok
        await client.close()


def test_become_keeps_the_limit_inside() -> None:
    target = Target("db1", "10.0.0.1", become="dmdba")
    assert command_line(target, ("echo", "a b"), 5) == """su - dmdba -c 'timeout -s KILL 5 echo '"'"'a b'"'"''"""


def test_who_is_not_root_becomes_somebody_by_sudo() -> None:
    target = Target("db1", "10.0.0.1", user="zhiban", become="dmdba")
    assert command_line(target, ("echo", "a b"), 5) == "sudo -n -u dmdba timeout -s KILL 5 echo 'a b'"


def _forget_peak() -> float:
    """Start measuring the peak anew; MiB in use now."""
    Path("/proc/self/clear_refs").write_text("5")
    return _peak_mib()


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
