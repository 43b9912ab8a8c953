"""Accounts as they are: noisy at login, csh and tcsh, variables in the login profile alone, GBK; against real sshd and shells."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from data.model import AccountTraits
from runbooks.planning.target import Target
from runbooks.remote.command import UNNAMED, Lost, NotStarted
from runbooks.remote.journal import Ending, Journal, remembered
from runbooks.remote.login import LOOK
from runbooks.remote.ssh import Ssh
from tests.support import sshd
from tests.support.until import until

pytestmark = pytest.mark.servers
NOISE = 'echo "######## 内部系统，未经授权禁止登录 ########"; echo careful >&2; printf "no end of line"\n'
ODD = ("a b", "it's", "!!", "wow!", "$HOME", "`id`", "x\ny", "*", "\\", "甲", "%s", "")


@contextmanager
def server(folder: Path, *, shell: str = "", **files: str) -> Iterator[sshd.Sshd]:
    """With these startup files in the account's home: ``bashrc`` is ``.bashrc``."""
    with sshd.running(folder / "one", shell=shell, startup=True) as running:
        for name, content in files.items():
            (running.home / f".{name}").write_text(content)
        yield running


@asynccontextmanager
async def reached(running: sshd.Sshd, folder: Path, **traits: object) -> AsyncIterator[tuple[Ssh, Target]]:
    (folder / "known_hosts").write_text(running.known_hosts)
    ssh = Ssh(folder / "known_hosts", running.key_file)
    account = AccountTraits(**traits)  # type: ignore[arg-type]  # the fields' own types
    try:
        yield ssh, Target("oa1", running.address, running.port, running.user, account=account)
    finally:
        await ssh.close()


async def test_8_20_what_an_account_prints_at_login_is_not_the_command_s(tmp_path: Path) -> None:
    with server(tmp_path, bashrc=NOISE) as running:
        async with reached(running, tmp_path) as (ssh, host):
            result = await ssh.run(host, ("sh", "-c", "echo out; echo err >&2; exit 3"))
            assert (result.exit, result.stdout, result.stderr) == (3, b"out\n", b"err\n")
            silent = await ssh.run(host, ("true",))
            assert (silent.exit, silent.stdout, silent.stderr) == (0, b"", b"")
            given = await ssh.run(host, ("cat",), stdin=b"\x00\xffbytes")
            assert given.stdout == b"\x00\xffbytes"


@pytest.mark.parametrize("shell", ["", "/usr/bin/tcsh", "/usr/bin/bsd-csh", "/bin/dash"])
async def test_8_20_words_arrive_as_they_are_whatever_the_shell(tmp_path: Path, shell: str) -> None:
    if shell:
        sshd.needs(shell, "tcsh csh")
    with server(tmp_path, shell=shell, cshrc="echo welcome\n", bashrc=NOISE) as running:
        async with reached(running, tmp_path) as (ssh, host):
            result = await ssh.run(host, ("printf", "%s|", *ODD))
            assert result.stdout.decode() == "".join(f"{word}|" for word in ODD)
            assert (await ssh.run(host, ("sh", "-c", "exit 7"))).exit == 7


@pytest.mark.parametrize("shell", ["/usr/bin/tcsh", "/usr/bin/bsd-csh"])
async def test_8_20_the_host_s_own_record_is_kept_from_csh_too(tmp_path: Path, shell: str) -> None:
    sshd.needs(shell, "tcsh csh")
    with server(tmp_path, shell=shell, cshrc="echo welcome\n") as running:
        async with reached(running, tmp_path) as (ssh, host):
            journal = Journal(ssh, "R1-1")
            journal.begin(1)
            mark = tmp_path / "ran"
            done = await journal.run(host, ("sh", "-c", f"echo x >> {mark}; exit 4"), stop_flood=False)
            assert done.exit == 4
            found = await remembered(ssh, host, "R1-1", 1)
            assert found is not None
            assert (found.ending, found.commands, found.exit) == (Ending.ENDED, 1, 4)
            with pytest.raises(NotStarted) as caught:
                await ssh.run(host, ("sh", "-c", f"echo x >> {mark}"), stop_flood=False, mark="R1-1/1.1")
            assert caught.value.code == "repeated", "told through all the noise"
            assert mark.read_text() == "x\n"


async def test_8_20_a_quiet_account_is_told_plain_lines(tmp_path: Path) -> None:
    """Its own list of what may run and the record of what was told know these."""
    shell, told = tmp_path / "shell", tmp_path / "told"
    shell.write_text(f'#!/bin/sh\nprintf "%s\\n" "$2" >> {told}\nexec sh "$@"\n')
    shell.chmod(0o755)
    with server(tmp_path, shell=str(shell)) as running:
        async with reached(running, tmp_path) as (ssh, host):
            for _ in range(3):
                assert (await ssh.run(host, ("echo", "a b"))).stdout == b"a b\n"
    assert told.read_text().splitlines() == [LOOK, *["timeout -s KILL 30 echo 'a b'"] * 3]


async def test_8_20_variables_of_the_login_profile(tmp_path: Path) -> None:
    profile = "export JAVA_HOME=/opt/jdk8\n[[ -n $BASH_VERSION ]] && echo hello from the profile\n"
    with server(tmp_path, bash_profile=profile) as running:
        async with reached(running, tmp_path) as (ssh, host):
            assert (await ssh.run(host, ("printenv", "JAVA_HOME"))).exit == 1
        async with reached(running, tmp_path, login=("profile",)) as (ssh, host):
            assert (await ssh.run(host, ("printenv", "JAVA_HOME"))).stdout == b"/opt/jdk8\n"
            marked = await ssh.run(host, ("printenv", "JAVA_HOME"), stop_flood=False, mark="R2-1/1.1")
            assert marked.stdout == b"/opt/jdk8\n"


async def test_8_20_gbk_is_read_and_its_bytes_stay(tmp_path: Path) -> None:
    words = "服务启动成功\n"
    with server(tmp_path) as running:
        async with reached(running, tmp_path, encoding="gbk") as (ssh, host):
            result = await ssh.run(host, ("cat",), stdin=words.encode("gbk") + words.encode())
            assert result.stdout == words.encode("gbk") + words.encode()
            assert result.text(result.stdout) == words * 2, "one program may say both"


async def test_8_20_a_time_limit_and_a_signal_are_told_apart(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        async with reached(running, tmp_path) as (ssh, host):
            slow = await ssh.run(host, ("sleep", "60"), limit=1)
            assert (slow.killed, slow.by_signal) == (True, 9)
            for name, number in (("KILL", 9), ("SEGV", 11), ("PIPE", 13), ("TERM", 15), ("XFSZ", 25)):
                ended = await ssh.run(host, ("sh", "-c", f"kill -{name} $$"), limit=60)
                named = UNNAMED if name == "XFSZ" else number
                assert (ended.killed, ended.by_signal, ended.ok) == (False, named, False)
                inner = await ssh.run(host, ("sh", "-c", f"sh -c 'kill -{name} $$'; exit $?"), limit=60)
                assert (inner.killed, inner.by_signal) == (False, number)
            for own in (3, 128, 145, 162, 255):  # 145 would be SIGCHLD, 162 a real-time signal
                assert (await ssh.run(host, ("sh", "-c", f"exit {own}"))).by_signal == 0


async def test_8_20_a_server_that_holds_the_pipe_is_known(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        async with reached(running, tmp_path) as (ssh, host):
            began = time.monotonic()
            held = await ssh.run(host, ("sh", "-c", "sleep 60 & echo started"), limit=90)
            assert (held.ok, held.held, held.stdout) == (True, True, b"started\n")
            assert time.monotonic() - began < 50
            assert not (await ssh.run(host, ("sh", "-c", "sleep 60 >/dev/null 2>&1 & echo started"))).held


async def test_8_20_a_look_that_hangs_costs_no_other_command_its_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one on a stale mount, which not even SIGKILL ends: this host's ``timeout`` keeps no limit."""
    shell, stub = tmp_path / "shell", tmp_path / "bin" / "timeout"
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
    shell.write_text(f'#!/bin/sh\nPATH={stub.parent}:$PATH exec sh "$@"\n')
    for script in (shell, stub):
        script.chmod(0o755)
    with server(tmp_path, shell=str(shell)) as running:
        async with reached(running, tmp_path) as (ssh, host):
            waits = f"touch {tmp_path}/on; while [ ! -e {tmp_path}/end ]; do sleep 0.05; done; echo fine"
            other = asyncio.ensure_future(ssh.run(host, ("sh", "-c", waits), limit=600))
            await until((tmp_path / "on").exists)
            monkeypatch.setattr("runbooks.remote.ssh.OVER", -7.5)
            while not await given_up(ssh, host):
                pass
            (tmp_path / "end").touch()
            assert (await other).stdout == b"fine\n"


async def given_up(ssh: Ssh, host: Target) -> bool:
    """Whether a command that never ends was; on a busy machine it may not even have begun in its half second."""
    try:
        await ssh.run(host, ("sleep", "300"), limit=0.01)
    except Lost:
        return True
    except NotStarted:
        return False
    raise AssertionError("it ended")


async def test_8_20_one_odd_line_costs_no_other_host_its_key(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        known = tmp_path / "pinned"
        other = sshd.make_key(tmp_path / "other").with_suffix(".pub").read_text()
        odd = ("=======", "<<<<<<< HEAD", "oa7", "|1|xx|yy " + other, "\ufeff# a comment")
        for line in odd:
            known.write_text(f"{line}\n{running.known_hosts}\n", "utf-8")
            ssh = Ssh(known, running.key_file)
            host = Target("oa1", running.address, running.port, running.user)
            assert (await ssh.run(host, ("echo", "in"))).stdout == b"in\n", line
            await ssh.close()
        known.write_text(f"@revoked {running.known_hosts.split()[0]}\n{running.known_hosts}")
        with pytest.raises(NotStarted) as caught:
            await Ssh(known, running.key_file).run(host, ("true",))
        assert caught.value.code == "known_hosts", "a marker that cannot be read may have revoked this very key"


@pytest.mark.parametrize("startup", ["exec bash --norc\n", "exit 0\n", "exec true\n"])
async def test_8_20_an_account_that_takes_commands_and_carries_none_out_is_sent_nothing(
    tmp_path: Path, startup: str
) -> None:
    """bash would even carry out what is meant for the command's input; and its end looks like a success."""
    victim = tmp_path / "victim"
    with server(tmp_path, bashrc=startup) as running:
        async with reached(running, tmp_path) as (ssh, host):
            with pytest.raises(NotStarted) as caught:
                await ssh.run(host, ("cat",), stdin=f"touch {victim}\n".encode())
            assert caught.value.code == "account"
    assert not victim.exists()


@pytest.mark.parametrize(
    ("shell", "startup"),
    [
        ("", 'echo() { builtin echo "FN $*"; }\nsh() { builtin echo no; }\nprintf() { :; }\n'),
        ("", "echo hello\ntrap 'echo bye; echo bye >&2' EXIT\n"),
        ("/usr/bin/tcsh", 'alias rm "rm -i"\nalias printf echo\nalias sh "echo no"\n'),
    ],
    ids=["functions", "trap", "csh aliases"],
)
async def test_8_20_no_alias_function_or_trap_has_a_part_in_a_command(tmp_path: Path, shell: str, startup: str) -> None:
    if shell:
        sshd.needs(shell, "tcsh")
    with server(tmp_path, shell=shell, bashrc=startup, cshrc=startup) as running:
        async with reached(running, tmp_path) as (ssh, host):
            result = await ssh.run(host, ("sh", "-c", "echo out; echo err >&2; exit 3"))
            assert (result.exit, result.stdout, result.stderr) == (3, b"out\n", b"err\n")
