"""A real OpenSSH server on a loopback address, with its own configuration and keys, in a temp folder."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.support.children import children
from tests.support.ports import free_port

SSHD = "/usr/sbin/sshd"
ONLY_KEYS = """PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
MaxStartups 200
PrintMotd no
PrintLastLog no"""


def needs(binary: str, package: str) -> None:
    """Skip here, fail in CI, when a server is not installed."""
    if shutil.which(binary) is None:
        text = f"{binary} is missing; apt-get install {package}"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)


@dataclass(slots=True)
class Sshd:
    """One running server; ``known_hosts`` is the line that pins it, ``home`` where its commands are at home."""

    address: str
    port: int
    user: str
    key_file: Path
    known_hosts: str
    process: subprocess.Popen[bytes]
    home: Path

    def children(self) -> list[int]:
        """The processes that serve its connections."""
        return children(self.process.pid)

    def cut(self) -> None:
        """Kill what serves its connections, whichever of them are still there; commands under way go on."""
        for child in self.children():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def make_key(path: Path) -> Path:
    """An ed25519 key and, beside it, its public half, as ``ssh-keygen`` writes them; one that is there already stays."""
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        path.touch(0o600)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        path.with_name(f"{path.name}.pub").write_bytes(public + b" test\n")
    return path


@contextmanager
def running(folder: Path, address: str = "127.0.0.1", *, shell: str = "", startup: bool = False) -> Iterator[Sshd]:
    """A server on a free port of ``address``; servers of one folder's parent share the user key ``user_key`` there.

    Commands run with ``HOME`` in the server's folder, so that a test leaves nothing in the tester's own.
    ``SHLVL`` keeps bash from reading a ``.bashrc`` before every command, ``startup`` lets it read the one in ``home``.
    ``shell``: what gets each command line in the place of the tester's own shell.
    """
    needs(SSHD, "openssh-server")
    folder.mkdir(parents=True, exist_ok=True)
    Path("/run/sshd").mkdir(exist_ok=True)
    user_key = make_key(folder.parent / "user_key")
    host_key = make_key(folder / "host_key")
    port = free_port(address)
    home = folder / "home"
    home.mkdir(exist_ok=True)
    public = host_key.with_suffix(".pub").read_text().split()
    (folder / "sshd_config").write_text(
        f"""ListenAddress {address}:{port}
HostKey {host_key}
AuthorizedKeysFile {user_key}.pub
PidFile {folder}/sshd.pid
{ONLY_KEYS}
SetEnv {"" if startup else "SHLVL=5 "}HOME={home}
{f'ForceCommand exec {shell} -c "$SSH_ORIGINAL_COMMAND"' if shell else ""}
"""
    )
    log = (folder / "sshd.log").open("wb")
    process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=log)
    try:
        _listening(folder / "sshd.log", process)
        yield Sshd(
            address, port, getpass.getuser(), user_key, f"[{address}]:{port} {public[0]} {public[1]}\n", process, home
        )
    finally:
        process.kill()
        process.wait()
        log.close()


def _listening(log: Path, process: subprocess.Popen[bytes]) -> None:
    """Until it says that it takes connections: one made to try it would count among those of a test."""
    end = time.monotonic() + 60
    while "Server listening on" not in log.read_text("utf-8", "replace"):
        assert process.poll() is None, "the server ended at once; see its log"
        if time.monotonic() > end:
            pytest.fail("the server does not listen; see its log")
        time.sleep(0.005)


def gone(address: str, port: int) -> None:
    """Until nothing answers there any more: who starts another at once would take the dying one for it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            socket.create_connection((address, port), 1).close()
        except ConnectionRefusedError:
            return
        except OSError:
            pass
        time.sleep(0.005)
    pytest.fail(f"{address}:{port} does not end")


def wait(address: str, port: int, process: subprocess.Popen[bytes]) -> None:
    """Until it answers; a server takes a hundredth of a second, on a busy machine much longer."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            socket.create_connection((address, port), 1).close()
        except OSError:
            assert process.poll() is None, "the server ended at once; see its log"
            time.sleep(0.005)
        else:
            return
    pytest.fail(f"nothing answers on {address}:{port}")
