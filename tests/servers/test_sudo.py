"""The shipped sudoers file and the shipped forced command let exactly their commands through, together.

Real sshd, real sudo and su, two accounts that the test makes and takes away. The oracle is what the stand-ins themselves
note: who they were, and with which words.
"""

import os
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from runbooks.planning.target import Target
from runbooks.remote.journal import Ending, remembered
from runbooks.remote.ssh import Ssh
from tests.support import sshd
from tests.support.paths import ROOT

pytestmark = pytest.mark.servers
DEPLOY = ROOT / "deploy"
BIN = "/data/dmdba/dmdbms/bin"
RUN = "R17-1763820000"
SERVICE, WATCHER = "DmServiceDMSERVER", "DmWatcherServiceDMSERVER"
RULES = [
    (WATCHER, "status", 30),
    (SERVICE, "status", 30),
    (WATCHER, "stop", 120),
    (SERVICE, "stop", 900),
    (SERVICE, "start", 600),
    (WATCHER, "start", 120),
]


@dataclass(frozen=True, slots=True)
class Machine:
    """A host as docs/ssh.md sets it up; ``folder`` stands for ``/data/dmdba/dmdbms/bin``."""

    folder: Path
    server: sshd.Sshd
    signs_in: str
    becomes: str

    @property
    def record(self) -> Path:
        return self.folder / "record"

    def target(self, become: str) -> Target:
        return Target("dm1", self.server.address, self.server.port, self.signs_in, become)

    def noted(self) -> list[str]:
        """What ran, as ``who: words``; read once."""
        text = self.record.read_text()
        self.record.write_text("")
        return text.splitlines()

    def ruled(self, name: str) -> str:
        """A shipped file with this machine's accounts and folder in the place of the example's."""
        text = (DEPLOY / name).read_text("utf-8").replace(BIN, str(self.folder))
        return text.replace("zhiban ALL=", f"{self.signs_in} ALL=").replace(":zhiban", f":{self.signs_in}").replace(
            "(dmdba)", f"({self.becomes})"
        ).replace("as:dmdba", f"as:{self.becomes}")  # fmt: skip


def needs_root() -> None:
    """Skip here with a line that says what is missing; fail in CI."""
    sshd.needs("sudo", "sudo")
    sshd.needs("useradd", "passwd")
    if os.getuid() != 0:
        text = "real sudo rules need root: sudo -E make test"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    needs_root()
    names = [f"zbt{os.getpid()}{letter}" for letter in "ab"]
    folder = Path(tempfile.mkdtemp(prefix="zhiban-sudo-"))
    folder.chmod(0o755)
    rules = Path("/etc/sudoers.d") / names[0]
    try:
        for name in names:  # "*": no password ever fits, and sshd does not call the account locked
            subprocess.run(["useradd", "-M", "-d", str(folder), "-s", "/bin/sh", "-p", "*", name], check=True)
        with sshd.running(folder / "host") as server:
            machine = Machine(folder, server, *names)
            _set_up(machine, rules)
            yield machine
    finally:
        rules.unlink(missing_ok=True)
        for name in names:
            _take_away(name)
        shutil.rmtree(folder)


def _set_up(machine: Machine, rules: Path) -> None:
    """The stand-ins, the forced command, the rules of sudo: each as docs/ssh.md says."""
    folder, server = machine.folder, machine.server
    machine.record.touch()
    machine.record.chmod(0o666)
    for name in (SERVICE, WATCHER, "dexp", "Other"):
        path = folder / name
        path.write_text(f"""#!/bin/sh\necho "$(id -un): {name}$(printf ' [%s]' "$@")" >> {machine.record}\n""")
        path.chmod(0o755)
    shutil.chown(server.home, machine.signs_in)
    allow = shutil.copy(DEPLOY / "forced-command" / "zhiban-allow", folder / "zhiban-allow")
    (folder / "allowed").write_text(machine.ruled("forced-command/allowed.db"), "utf-8")
    public = server.key_file.with_suffix(".pub")
    key = public.read_text()
    public.write_text(f'restrict,command="{_python()} -IS {allow} {folder}/allowed" {key}')
    fresh = folder / "rules"
    fresh.write_text(machine.ruled("sudoers/zhiban"), "utf-8")
    fresh.chmod(0o440)
    subprocess.run(["visudo", "-cf", str(fresh)], check=True, capture_output=True)
    shutil.move(fresh, rules)
    subprocess.run(["visudo", "-c"], check=True, capture_output=True)
    make_plain_key(folder)


def _python() -> str:
    """One that another account may start."""
    return shutil.which("python3", path="/usr/bin") or sys.executable


def make_plain_key(folder: Path) -> None:
    """A second key without a forced command: for sudo alone."""
    plain = sshd.make_key(folder / "plain_key")
    with (folder / "user_key.pub").open("a") as keys:
        keys.write(plain.with_suffix(".pub").read_text())
    shutil.copy(folder / "user_key", folder / "held_key")  # ssh wants no public key of another beside it


def _take_away(name: str) -> None:
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        return
    shutil.rmtree(f"/dev/shm/zhiban-{account.pw_uid}", ignore_errors=True)
    subprocess.run(["userdel", "--force", name], check=True, capture_output=True)


@pytest.fixture
async def ssh(machine: Machine, tmp_path: Path) -> AsyncIterator[Ssh]:
    """With the key that the forced command guards."""
    (tmp_path / "known_hosts").write_text(machine.server.known_hosts)
    client = Ssh(tmp_path / "known_hosts", machine.server.key_file)
    yield client
    await client.close()


@pytest.fixture
async def plain(machine: Machine, tmp_path: Path) -> AsyncIterator[Ssh]:
    """With a key that nothing but sudo guards."""
    (tmp_path / "known_hosts").write_text(machine.server.known_hosts)
    client = Ssh(tmp_path / "known_hosts", machine.folder / "plain_key")
    yield client
    await client.close()


@pytest.mark.parametrize(("name", "word", "limit"), RULES)
async def test_what_is_listed_runs_as_the_other_user(
    machine: Machine, ssh: Ssh, plain: Ssh, name: str, word: str, limit: int
) -> None:
    for client in (ssh, plain):
        result = await client.run(machine.target(machine.becomes), (str(machine.folder / name), word), limit=limit)
        assert (result.exit, result.stderr) == (0, b"")
        assert machine.noted() == [f"{machine.becomes}: {name} [{word}]"]


async def test_a_command_with_its_record_goes_through_both(machine: Machine, ssh: Ssh) -> None:
    target = machine.target(machine.becomes)
    result = await ssh.run(target, (str(machine.folder / SERVICE), "stop"), limit=900, mark=f"{RUN}/2.1")
    assert (result.exit, result.stderr) == (0, b"")
    assert machine.noted() == [f"{machine.becomes}: {SERVICE} [stop]"]
    found = await remembered(ssh, target, RUN, 2)
    assert found is not None
    assert (found.ending, found.exit) == (Ending.ENDED, 0)


async def test_root_becomes_the_other_user_by_su(machine: Machine, ssh: Ssh, plain: Ssh) -> None:
    """Who signs in keeps the record and reads it back, whomever the command becomes (fault F16)."""
    target = replace(machine.target(machine.becomes), user="root")
    for place, client in enumerate((ssh, plain), 3):
        result = await client.run(target, (str(machine.folder / SERVICE), "status"), limit=30, mark=f"{RUN}/{place}.1")
        assert (result.exit, result.stderr) == (0, b"")
        assert machine.noted() == [f"{machine.becomes}: {SERVICE} [status]"]
        found = await remembered(client, target, RUN, place)
        assert found is not None
        assert (found.ending, found.exit) == (Ending.ENDED, 0)


async def test_a_word_with_spaces_is_one_word_for_the_other_user(machine: Machine, ssh: Ssh, plain: Ssh) -> None:
    """Two shells stand between root's own words and what runs by ``su``; the list is the shipped one."""
    data = (
        "file=dm_e9_20261122-0930.dmp",
        "log=dm_e9_20261122-0930.log",
        "schemas=E9",
        "directory=/data/dmdba_backup/oa",
    )
    words = ("userid=/ as sysdba", *data)
    target = replace(machine.target(machine.becomes), user="root")
    for client in (ssh, plain):
        result = await client.run(target, (str(machine.folder / "dexp"), *words), limit=30)
        assert (result.exit, result.stderr) == (0, b"")
        assert machine.noted() == [f"{machine.becomes}: dexp {' '.join(f'[{word}]' for word in words)}"]


@pytest.mark.parametrize(
    ("become", "words", "limit"),
    [
        ("", (SERVICE, "restart"), 900),
        ("", (SERVICE, "stop", "now"), 900),
        ("", (SERVICE,), 900),
        ("", (SERVICE, "stop"), 901),
        ("", (SERVICE, "*"), 900),
        ("", ("Other", "stop"), 900),
        ("root", (SERVICE, "stop"), 900),
    ],
)
async def test_nothing_else_runs(machine: Machine, plain: Ssh, become: str, words: tuple[str, ...], limit: int) -> None:
    """By sudo alone, without the forced command before it."""
    target = machine.target(become or machine.becomes)
    result = await plain.run(target, (str(machine.folder / words[0]), *words[1:]), limit=limit)
    assert result.exit == 1
    assert b"password is required" in result.stderr
    assert machine.noted() == []


async def test_sudo_needs_its_own_rule_behind_the_forced_command(machine: Machine, ssh: Ssh) -> None:
    """The list knows no limits: what it lets through with another one, sudo refuses. And the other way round."""
    target = machine.target(machine.becomes)
    by_sudo = await ssh.run(target, (str(machine.folder / SERVICE), "stop"), limit=901)
    assert by_sudo.exit == 1
    assert b"password is required" in by_sudo.stderr
    by_list = await ssh.run(target, (str(machine.folder / SERVICE), "stop", "now"), limit=900)
    assert by_list.exit == 126
    assert b"list does not have it" in by_list.stderr
    assert machine.noted() == []


def test_the_key_alone_is_no_shell(machine: Machine, tmp_path: Path) -> None:
    """Somebody who has the key and plain ssh."""
    (tmp_path / "known_hosts").write_text(machine.server.known_hosts)
    server = machine.server
    options = ["-F", "none", "-i", str(machine.folder / "held_key"), "-p", str(server.port), "-o", "BatchMode=yes"]
    options += ["-o", f"UserKnownHostsFile={tmp_path}/known_hosts", f"{machine.signs_in}@{server.address}"]
    asked = (
        f"sudo -n -u {machine.becomes} timeout -s KILL 900 {machine.folder}/{SERVICE} stop; {machine.folder}/Other x"
    )
    for line in (asked, shlex.quote(asked), "sudo -n -l", "id"):
        told = subprocess.run(["ssh", *options, line], capture_output=True, text=True, check=False, timeout=30)
        assert (told.returncode, told.stdout) == (126, ""), told.stderr
    assert machine.noted() == []
