"""A host that has a list of its own does what stands on it and nothing else. Real sshd with the key's forced command."""

import importlib.util
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from bot.core.commands import words
from data.load.site import load_site
from runbooks.language.load.catalogue import load_catalogue
from runbooks.language.probes import connection, http_status
from runbooks.language.vocabulary import Kind
from runbooks.planning.plan import Change, Edit, copies, restore_commands
from runbooks.planning.planner import plan_run
from runbooks.planning.target import Target
from runbooks.remote.command import RECORDER, command_line
from runbooks.remote.journal import READER, Ending, remembered
from runbooks.remote.ssh import Ssh
from tests.support import sshd
from tests.support.paths import EXAMPLE, ROOT

DEPLOY = ROOT / "deploy"
SCRIPT = DEPLOY / "forced-command" / "zhiban-allow"
RUN = "R17-1763820000"
LIST = r"""# one command a line
echo fine
echo '~\d'
printf '%s' '~[0-9]{1,3}'
touch '~/.*/allowed'
as:daemon id -un
"""


def script() -> ModuleType:
    loader = SourceFileLoader("zhiban_allow", str(SCRIPT))
    spec = importlib.util.spec_from_loader("zhiban_allow", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path_factory.mktemp("allow") / "host") as running:
        allowed = running.key_file.with_name("allowed")
        allowed.write_text(LIST)
        public = running.key_file.with_name("user_key.pub")
        forced = f'restrict,command="{sys.executable} -IS {SCRIPT} {allowed}"'
        public.write_text(f"{forced} {public.read_text()}")
        yield running


@pytest.fixture
async def ssh(server: sshd.Sshd, tmp_path: Path) -> AsyncIterator[Ssh]:
    (tmp_path / "known_hosts").write_text(server.known_hosts)
    client = Ssh(tmp_path / "known_hosts", server.key_file)
    yield client
    await client.close()


@pytest.fixture
def host(server: sshd.Sshd) -> Target:
    return Target("oa1", server.address, server.port, server.user)


def plain_ssh(server: sshd.Sshd, folder: Path, *asked: str) -> subprocess.CompletedProcess[str]:
    """What somebody gets who has the key and ssh."""
    known = folder / "known_hosts"
    known.write_text(server.known_hosts)
    options = ["-F", "none", "-i", str(server.key_file), "-p", str(server.port), "-o", f"UserKnownHostsFile={known}"]
    line = ["ssh", *options, "-o", "BatchMode=yes", *asked]
    return subprocess.run(line, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=30)


@pytest.mark.servers
async def test_what_is_listed_runs(ssh: Ssh, host: Target) -> None:
    assert (await ssh.run(host, ("echo", "fine"))).stdout == b"fine\n"
    assert (await ssh.run(host, ("printf", "%s", "42"))).stdout == b"42"


@pytest.mark.servers
async def test_a_record_is_kept_and_read_back(ssh: Ssh, host: Target) -> None:
    assert (await ssh.run(host, ("echo", "fine"), mark=f"{RUN}/3.1")).stdout == b"fine\n"
    found = await remembered(ssh, host, RUN, 3)
    assert found is not None
    assert (found.ending, found.exit) == (Ending.ENDED, 0)


@pytest.mark.servers
@pytest.mark.parametrize(
    "argv",
    [
        ("id",),
        ("echo", "fine", "more"),
        ("echo",),
        ("printf", "%s", "4a"),
        ("printf", "%s", "1\n"),
        ("printf", "%s", "１"),
        ("echo", "１"),
        ("sh", "-c", "echo fine"),
        ("echo fine",),
    ],
)
async def test_what_is_not_listed_is_refused(ssh: Ssh, host: Target, argv: tuple[str, ...]) -> None:
    result = await ssh.run(host, argv)
    assert (result.exit, result.stdout) == (126, b"")
    assert b"list does not have it" in result.stderr


@pytest.mark.servers
@pytest.mark.parametrize(
    "asked",
    [
        "touch HERE/ran",
        "timeout -s KILL 5 touch HERE/ran",
        "timeout -s KILL 5 echo fine; touch HERE/ran",
        "timeout -s KILL 5 echo fine && touch HERE/ran",
        "timeout -s KILL 5 echo fine\ntouch HERE/ran",
        "timeout -s KILL 5 echo $(touch HERE/ran)",
        "timeout -s KILL 5 echo fine > HERE/ran",
        "timeout -s KILL 5 -k 5 touch HERE/ran",
        "timeout -s KILL touch HERE/ran",
        "echo fine",
        "touch HERE/ran HERE/x HERE/y echo fine",
        "timeout -s KILL --help echo fine",
        "timeout -s KILL 5 sh -c 'touch HERE/ran' zhiban R1-1 1",
        f"timeout -s KILL 5 sh -c {shlex.quote(READER)} zhiban ../../HERE 1",
        f"timeout -s KILL 5 sh -c {shlex.quote(READER)} zhiban R1-1 '*/1'",
        f"su - daemon -c {shlex.quote(f'timeout -s KILL 5 sh -c {shlex.quote(READER)} zhiban R1-1 1')}",
        "sh -c 'touch HERE/ran' zhiban R1-1/1.1 timeout -s KILL 5 echo fine",
        f"sh -c {shlex.quote(RECORDER + '; touch HERE/ran')} zhiban R1-1/1.1 timeout -s KILL 5 echo fine",
        f"sh -c {shlex.quote(RECORDER)} zhiban ../../../HERE/ran timeout -s KILL 5 echo fine",
        f"sh -c {shlex.quote(RECORDER)} zhiban R1-1/1.1 touch HERE/ran",
        "su - root -c 'timeout -s KILL 5 echo fine'",
        "su - daemon -c 'touch HERE/ran; timeout -s KILL 5 id -un'",
        "sudo -n -u root timeout -s KILL 5 echo fine",
        "timeout -s KILL 5 'echo fine",
        "-s sftp",
        "-N",
    ],
)
def test_whoever_has_the_key_gets_no_more(server: sshd.Sshd, tmp_path: Path, asked: str) -> None:
    login = f"{server.user}@{server.address}"
    given = {"-s sftp": ["-s", login, "sftp"], "-N": [login]}.get(asked, [login, asked.replace("HERE", str(tmp_path))])
    answer = plain_ssh(server, tmp_path, *given)
    assert (answer.returncode, answer.stdout) in {(126, ""), (255, "")}  # 255: sshd itself refuses
    assert not (tmp_path / "ran").exists()


@pytest.mark.servers
def test_a_tunnel_is_refused(server: sshd.Sshd, tmp_path: Path) -> None:
    login = f"{server.user}@{server.address}"
    answer = plain_ssh(server, tmp_path, "-W", f"{server.address}:{server.port}", login)
    assert answer.returncode != 0
    assert "SSH-2.0" not in answer.stdout


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("node", ("/start oa3", "/stop oa3", "/restart oa3", "/disk oa3", "/logs oa3 app 500")),
        ("balancer", ("/drain oa4", "/undrain oa4", "/nginx reload")),
        ("db", ("/db status", "/db stop", "/db start", "/backup db")),
    ],
)
def test_the_shipped_lists_have_what_the_runbooks_send(name: str, lines: tuple[str, ...]) -> None:
    """Marked, under its limit, as its user: every command of these plans, and every look."""
    allow = script()
    entries = allow.read(str(DEPLOY / "forced-command" / f"allowed.{name}"))
    catalogue, site = load_catalogue(), load_site(EXAMPLE, with_roster=False)
    for line in lines:
        verb, *rest = line[1:].split()
        definition, typed = catalogue.pick(verb, words(" ".join(rest)))
        plan = plan_run(definition, typed, site, catalogue=catalogue, at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
        sent = [(s.target, argv, s.limit) for s in plan.steps if s.kind is not Kind.ASK for argv in s.commands]
        sent += [(look.target, look.argv, look.limit) for look in plan.looks]
        for target, argv, limit in sent:
            known = tuple(word.replace("-HASH", "-0123456789ab") for word in argv)
            for mark in (None, f"{RUN}/1.1"):
                asked = command_line(target, known, limit, mark)
                assert allow.allowed(asked, entries) == shlex.split(asked), asked
                assert allow.allowed(command_line(target, (*known, "x"), limit, mark), entries) is None


LOOKS = (
    ("/data/nginx/sbin/nginx", "-T"),
    ("/data/nginx/sbin/nginx", "-V"),
    ("cat", "/data/nginx/logs/nginx.pid"),
    ("ps", "-ww", "-o", "args=", "-p", "1234"),
    ("ps", "-ww", "-e", "-o", "args="),
    ("ps", "-o", "pid=", "--ppid", "1234"),
    ("ps", "-ww", "-o", "pid=,etime=,args=", "-p", "1234"),
    ("ps", "-ww", "-o", "pid=,etime=,args=", "-p", "1234,1235,1240"),
    ("netstat", "-nat"),
    ("cat", "/data/nginx/conf/nginx.conf"),
    ("cat", "/data/nginx/conf/.nginx.conf.zhiban-new"),
    ("cat", "/data/nginx/conf/.nginx.conf.zhiban-0123456789ab"),
    ("ls", "-lndZ", "/data/nginx/conf/nginx.conf"),
    ("ls", "-lndZ", "/data/nginx/conf/.nginx.conf.zhiban-new"),
    http_status("http://10.154.0.179:6888/"),
    connection("10.154.0.179:6888"),
)


@pytest.mark.parametrize("argv", LOOKS, ids=lambda argv: " ".join(argv[:2]))
def test_8_19_the_list_of_the_balancer_has_what_a_drain_looks_at(argv: tuple[str, ...]) -> None:
    allow = script()
    entries = allow.read(str(DEPLOY / "forced-command" / "allowed.balancer"))
    asked = command_line(Target("lb1", "10.154.0.170"), argv, 10.0)
    assert allow.allowed(asked, entries) == shlex.split(asked)


def test_8_19_the_list_of_the_balancer_has_what_takes_an_edit_back() -> None:
    allow = script()
    entries = allow.read(str(DEPLOY / "forced-command" / "allowed.balancer"))
    edit = Edit(Change.DRAIN, "/data/nginx/conf/nginx.conf", (), sha256="0" * 64)
    for argv in (*restore_commands(edit), ("rm", "-f", *copies(edit))):
        asked = command_line(Target("lb1", "10.154.0.170"), argv, 10.0)
        assert allow.allowed(asked, entries) == shlex.split(asked)


def test_the_sudoers_example_has_what_the_runbooks_send() -> None:
    """Word by word, the limits too; ``visudo`` says that it is well formed."""
    sshd.needs("visudo", "sudo")
    file = DEPLOY / "sudoers" / "zhiban"
    assert subprocess.run(["visudo", "-cf", str(file)], capture_output=True, check=False).returncode == 0
    catalogue, site = load_catalogue(), load_site(EXAMPLE, with_roster=False)
    ruled = [line.partition("NOPASSWD: ")[2] for line in file.read_text().splitlines() if "NOPASSWD" in line]
    sent = set()
    for word in ("status", "stop", "start"):
        definition, typed = catalogue.pick("db", (word,))
        for step in plan_run(
            definition, typed, site, catalogue=catalogue, at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
        ).steps:
            if step.target.become:
                line = command_line(Target("dm1", "10.0.0.1", 22, "zhiban", "dmdba"), step.commands[0], step.limit)
                sent.add(line.removeprefix("sudo -n -u dmdba ").replace("timeout", "/usr/bin/timeout", 1))
    assert sent == set(ruled)
