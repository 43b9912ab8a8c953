"""Who we are to the hosts, whom we trust, and which way we go: keys, agents, certificates, jump hosts; real sshd."""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from runbooks.planning.target import Target
from runbooks.remote import ssh_pool
from runbooks.remote.command import Lost, NotStarted
from runbooks.remote.ssh import Ssh
from tests.support import sshd
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.sshd import Sshd
from tests.support.until import until

pytestmark = pytest.mark.servers


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    with sshd.running(tmp_path / "host") as running:
        (tmp_path / "known_hosts").write_text(running.known_hosts)
        yield running


@pytest.fixture
def host(server: Sshd) -> Target:
    return Target("oa1", server.address, server.port, server.user)


def keygen(*words: str) -> str:
    return subprocess.run(["ssh-keygen", "-q", *words], check=True, capture_output=True, text=True).stdout


async def says(ssh: Ssh, target: Target) -> bytes:
    try:
        return (await ssh.run(target, ("echo", "in"))).stdout
    finally:
        await ssh.close()


async def refusal(ssh: Ssh, target: Target) -> tuple[str, str]:
    with pytest.raises(NotStarted) as caught:
        await says(ssh, target)
    return caught.value.code, caught.value.host


@pytest.fixture
def agent(server: Sshd, tmp_path: Path) -> Iterator[Path]:
    """The socket of an agent with seven other keys before ours."""
    sshd.needs("ssh-agent", "openssh-client")
    path = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    try:
        while not path.exists():
            assert process.poll() is None
        for key in [*(sshd.make_key(tmp_path / f"other{n}") for n in range(7)), server.key_file]:
            subprocess.run(["ssh-add", "-q", str(key)], env={**os.environ, "SSH_AUTH_SOCK": str(path)}, check=True)
        yield path
    finally:
        process.kill()
        process.wait()


async def test_of_an_agent_the_one_named_key_is_offered(
    server: Sshd, host: Target, tmp_path: Path, agent: Path
) -> None:
    """Sshd gives up after six."""
    public = server.key_file.with_suffix(".pub")
    assert await says(Ssh(tmp_path / "known_hosts", public, agent=agent), host) == b"in\n"
    other = tmp_path / "other3.pub"
    assert await refusal(Ssh(tmp_path / "known_hosts", other, agent=agent), host) == ("login", "oa1")
    agent.unlink()
    assert await refusal(Ssh(tmp_path / "known_hosts", public, agent=agent), host) == ("login", "oa1")


async def test_a_certificate_lets_in_until_it_ends(server: Sshd, host: Target, tmp_path: Path) -> None:
    authority, key = sshd.make_key(tmp_path / "authority"), sshd.make_key(tmp_path / "mine")
    public = server.key_file.with_suffix(".pub")
    public.write_text(f"cert-authority {authority.with_suffix('.pub').read_text()}")
    certificate = tmp_path / "mine-cert.pub"

    def certify(valid: str) -> None:
        keygen("-s", str(authority), "-I", "zhiban", "-n", server.user, "-V", valid, str(key.with_suffix(".pub")))

    assert await refusal(Ssh(tmp_path / "known_hosts", key), host) == ("login", "oa1")
    certify("-2h:-1h")
    ssh = Ssh(tmp_path / "known_hosts", key, certificate_file=certificate)
    assert await refusal(ssh, host) == ("login", "oa1")
    certify("-1h:+1h")  # written anew: taken up without a start
    assert await says(ssh, host) == b"in\n"


async def test_a_key_that_cannot_be_read_is_ours_to_mend(server: Sshd, host: Target, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    keygen("-t", "ed25519", "-N", "a secret", "-f", str(locked))
    for key in (locked, tmp_path / "missing", tmp_path / "known_hosts"):
        assert await refusal(Ssh(tmp_path / "known_hosts", key), host) == ("key", "oa1")


async def test_an_accepted_key_counts_at_once(server: Sshd, host: Target, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text("# nothing yet\n")
    ssh = Ssh(known, server.key_file)
    assert await refusal(ssh, host) == ("host_key", "oa1")
    known.write_text(server.known_hosts)
    assert await says(ssh, host) == b"in\n"


async def test_a_changed_key_of_another_kind_is_an_alarm_too(server: Sshd, host: Target, tmp_path: Path) -> None:
    keygen("-t", "rsa", "-N", "", "-f", str(tmp_path / "rsa"))
    public = (tmp_path / "rsa.pub").read_text().split()
    (tmp_path / "known_hosts").write_text(f"{server.known_hosts.split()[0]} {public[0]} {public[1]}\n")
    assert await refusal(Ssh(tmp_path / "known_hosts", server.key_file), host) == ("host_key", "oa1")


async def test_a_host_may_be_known_by_its_authority(server: Sshd, host: Target, tmp_path: Path) -> None:
    authority = sshd.make_key(tmp_path / "authority")
    public = authority.with_suffix(".pub").read_text().split()
    known = tmp_path / "known_hosts"
    known.write_text(f"@cert-authority {server.known_hosts.split()[0]} {public[0]} {public[1]}\n")
    ssh = Ssh(known, server.key_file)
    assert ssh.pinned([host]) == {"oa1": [keygen("-lf", f"{authority}.pub").split()[1]]}
    assert await refusal(ssh, host) == ("host_key", "oa1")  # it shows a key without a certificate
    folder = tmp_path / "host"
    keygen("-s", str(authority), "-h", "-I", "oa1", "-n", server.address, f"{folder}/host_key.pub")
    config = folder / "sshd_config"
    config.write_text(f"{config.read_text()}HostCertificate {folder}/host_key-cert.pub\n")
    server.process.send_signal(signal.SIGHUP)
    await until(lambda: "Received SIGHUP" in (folder / "sshd.log").read_text())
    sshd.wait(server.address, server.port, server.process)
    assert await says(ssh, host) == b"in\n"


def test_the_check_of_host_keys_is_nowhere_switched_off() -> None:
    """``known_hosts=None`` would trust everybody (fault F64)."""
    written = [*ROOT.glob("runbooks/*.py"), *ROOT.glob("bot/**/*.py"), *ROOT.glob("handlers/**/*.py")]
    assert len(written) > 100
    assert [path for path in written if re.search(r"known_hosts[\"']?\s*[=:]\s*None\s*[,)}]", path.read_text())] == []


class Gate:
    """A host behind a jump host."""

    def __init__(self, folder: Path, gate: Sshd, behind: Sshd) -> None:
        self.gate, self.behind = gate, behind
        self.known = folder / "known_hosts"
        self.known.write_text(gate.known_hosts + behind.known_hosts)
        self.jump = Target("gate1", gate.address, gate.port, gate.user)
        self.target = Target("oa1", behind.address, behind.port, behind.user, jump=self.jump)

    def ssh(self) -> Ssh:
        return Ssh(self.known, self.gate.key_file, connect_timeout=4)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with sshd.running(tmp_path / "gate") as one, sshd.running(tmp_path / "behind", "127.0.0.2") as two:
        yield Gate(tmp_path, one, two)


async def test_through_a_jump_host(gate: Gate) -> None:
    """The gate serves one connection for all commands behind it, and none when it is over."""
    ssh = gate.ssh()
    assert gate.gate.children() == []
    results = await asyncio.gather(*(ssh.run(gate.target, ("echo", str(n))) for n in range(5)))
    assert [r.stdout for r in results] == [b"%d\n" % n for n in range(5)]
    assert (len(gate.gate.children()), len(gate.behind.children())) == (1, 1)
    await ssh.close()
    await until(lambda: gate.gate.children() == gate.behind.children() == [])


@pytest.mark.parametrize(("swapped", "named"), [("gate", "gate1"), ("behind", "oa1")])
async def test_both_host_keys_are_checked(gate: Gate, tmp_path: Path, swapped: str, named: str) -> None:
    other = sshd.make_key(tmp_path / "other").with_suffix(".pub").read_text().split()
    wrong: Sshd = getattr(gate, swapped)
    good = gate.behind if swapped == "gate" else gate.gate
    gate.known.write_text(f"[{wrong.address}]:{wrong.port} {other[0]} {other[1]}\n{good.known_hosts}")
    assert await refusal(gate.ssh(), gate.target) == ("host_key", named)
    assert set(gate.ssh().pinned([gate.target])) == {"gate1", "oa1"}


async def test_without_its_jump_host_it_is_not_reached(gate: Gate) -> None:
    gate.gate.process.kill()
    gate.gate.process.wait()
    assert await refusal(gate.ssh(), gate.target) == ("unreachable", "gate1")


async def test_a_jump_host_that_forwards_nothing(gate: Gate) -> None:
    public = gate.gate.key_file.with_suffix(".pub")
    public.write_text(f"restrict {public.read_text()}")
    assert await refusal(gate.ssh(), gate.target) == ("unreachable", "oa1")


async def test_an_idle_connection_ends_and_the_gate_with_it(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_pool, "IDLE", 0.2)
    ssh = gate.ssh()
    await ssh.run(gate.target, ("true",))
    await until(lambda: gate.gate.children() == gate.behind.children() == [])
    assert (await ssh.run(gate.target, ("echo", "again"))).stdout == b"again\n"
    await ssh.close()


async def test_users_that_commands_become_share_a_connection(server: Sshd, host: Target, tmp_path: Path) -> None:
    ssh = Ssh(tmp_path / "known_hosts", server.key_file)
    for target in (host, replace(host, id="oa2"), replace(host, become="nobody")):
        await ssh.run(target, ("true",))
    assert len(server.children()) == 1
    await ssh.close()


async def test_a_kept_connection_that_died_is_made_anew(server: Sshd, host: Target, tmp_path: Path) -> None:
    """Killed, or frozen before the next channel opens (fault F62): nothing has run yet, so it is tried on a new one."""
    ssh = Ssh(tmp_path / "known_hosts", server.key_file, connect_timeout=2)
    for kill in (signal.SIGKILL, signal.SIGSTOP):
        await ssh.run(host, ("true",))
        old = server.children()
        for child in old:
            os.kill(child, kill)
        began = time.monotonic()
        assert (await ssh.run(host, ("echo", "anew"))).stdout == b"anew\n"
        assert time.monotonic() - began < 30
        for child in old if kill is signal.SIGSTOP else []:
            os.kill(child, signal.SIGKILL)
    await ssh.close()


async def test_one_login_that_fails_is_one_attempt(server: Sshd, host: Target, tmp_path: Path) -> None:
    """Sshd's own log: two commands, two refused keys, no more (fault F65)."""
    stranger = sshd.make_key(tmp_path / "stranger")
    log = tmp_path / "host" / "sshd.log"
    for _ in range(2):
        assert (await refusal(Ssh(tmp_path / "known_hosts", stranger), host))[0] == "login"
    await until(lambda: log.read_text().count("[preauth]") >= 2)
    assert (
        len(re.findall(r"(?:Failed|Connection (?:closed|reset) by authenticating user).*\[preauth\]", log.read_text()))
        == 2
    )


async def test_nothing_stays_open_of_what_failed(server: Sshd, host: Target, tmp_path: Path) -> None:
    """Refused, silent, cut, timed out, twenty times over: as many descriptors and tasks as before."""
    quiet = socket.create_server(("127.0.0.1", 0))
    port = quiet.getsockname()[1]
    stranger = sshd.make_key(tmp_path / "stranger")

    async def fails(key: Path, target: Target) -> None:
        ssh = Ssh(tmp_path / "known_hosts", key, connect_timeout=0.5 if target.port == port else 8)
        with pytest.raises((NotStarted, Lost)):
            await ssh.run(target, ("sh", "-c", "kill -9 $(ps -o ppid= -p $PPID); sleep 9"))
        await ssh.close()

    targets: list[Callable[[], tuple[Path, Target]]] = [
        lambda: (server.key_file, replace(host, port=port)),
        lambda: (stranger, host),
        lambda: (server.key_file, replace(host, port=free_port())),
        lambda: (server.key_file, host),
    ]
    for target in targets:
        await fails(*target())
    before = (len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks()))
    for _ in range(5):
        for target in targets:
            await fails(*target())
    await until(lambda: (len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())) <= before)
    quiet.close()


async def test_sudo_says_no_and_nothing_runs(server: Sshd, host: Target, tmp_path: Path) -> None:
    """An account without the rule: the real sudo refuses at once, without asking for a password (fault F65)."""
    sshd.needs("sudo", "sudo")
    if os.getuid() or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv")
    ssh = Ssh(tmp_path / "known_hosts", server.key_file)
    tmp_path.chmod(0o777)
    bare = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    result = await ssh.run(host, (*bare, "sudo", "-n", "-u", "root", "touch", str(tmp_path / "ran")), limit=10)
    await ssh.close()
    assert result.exit == 1
    assert b"password is required" in result.stderr
    assert not (tmp_path / "ran").exists()
