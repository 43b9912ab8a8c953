"""Scratch hosts: a real sshd on loopback answers for every host of the site, each on an address of its own."""

import getpass
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.core.errors import ConfigError
from bot.trial import host as stand_in
from data.site import Site

MOST = 250  # hosts of a site that fit into 127.0.1.x
LISTENS = 15  # addresses of one sshd; it takes 16 at most
_CONFIG = """{listen}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
MaxStartups 200
PermitRootLogin prohibit-password
ForceCommand {python} -I -S {script} {folder}
"""


@dataclass(frozen=True, slots=True)
class Scratch:
    """``site`` has its hosts here; ``record`` is what they were sent, in order."""

    site: Site
    folder: Path

    @property
    def key_file(self) -> Path:
        return self.folder / "user_key"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    def prepare(self, files: Mapping[str, Mapping[str, str]], answers: list[dict[str, Any]]) -> None:
        """Empty the record, put these files on the hosts, and tell them what to answer."""
        shutil.rmtree(self.folder / "files", ignore_errors=True)
        for host, tree in files.items():
            for path, content in tree.items():
                target = self.folder / "files" / host / path.lstrip("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content, "utf-8")
        (self.folder / stand_in.RECORD).write_text("")
        (self.folder / stand_in.ANSWERS).write_text(json.dumps(answers), "utf-8")

    def record(self) -> list[dict[str, Any]]:
        """What the hosts were sent: host, become, argv."""
        return [json.loads(line) for line in (self.folder / stand_in.RECORD).read_text().splitlines()]

    def file(self, host: str, path: str) -> str | None:
        """The content of a file on a host, None when it is not there."""
        found = self.folder / "files" / host / path.lstrip("/")
        return found.read_text("utf-8") if found.is_file() else None


@contextmanager
def scratch_hosts(site: Site, folder: Path) -> Iterator[Scratch]:
    """The site on scratch hosts, until the block ends. Raises ``ConfigError`` when openssh-server is missing."""
    sshd = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
    keygen = shutil.which("ssh-keygen")
    if sshd is None or keygen is None:
        raise ConfigError(["sshd is missing; install openssh-server"])
    if len(site.hosts) > MOST:
        raise ConfigError([f"hosts.yaml: {len(site.hosts)} hosts; a test takes at most {MOST}"])
    for name in ("host_key", "user_key"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)  # noqa: S603  our own
    if getpass.getuser() == "root":
        Path("/run/sshd").mkdir(exist_ok=True)
    port = _free_port()
    places = {f"127.0.1.{n}": name for n, name in enumerate(site.hosts, 1)}
    (folder / "hosts.json").write_text(json.dumps(places), "utf-8")
    key = " ".join((folder / "host_key.pub").read_text().split()[:2])
    (folder / "known_hosts").write_text("".join(f"[{address}]:{port} {key}\n" for address in places))
    moved = {
        name: replace(site.hosts[name], address=address, port=port, user=getpass.getuser(), jump=None)
        for address, name in places.items()
    }
    addresses = list(places)
    with ExitStack() as servers:
        for start in range(0, len(addresses), LISTENS):
            servers.enter_context(_server(sshd, folder, port, addresses[start : start + LISTENS]))
        yield Scratch(site.with_hosts(moved), folder)


@contextmanager
def _server(sshd: str, folder: Path, port: int, addresses: list[str]) -> Iterator[None]:
    """One sshd on these addresses."""
    listen = "\n".join(f"ListenAddress {address}:{port}" for address in addresses)
    config = folder / f"sshd_config-{addresses[0]}"
    config.write_text(_CONFIG.format(listen=listen, folder=folder, python=sys.executable, script=stand_in.__file__))
    with (folder / "sshd.log").open("ab") as log:
        process = subprocess.Popen([sshd, "-D", "-e", "-f", str(config)], stderr=log)  # noqa: S603  our own
        try:
            _wait(process, addresses[0], port, folder)
            yield
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], address: str, port: int, folder: Path) -> None:
    for _ in range(250):
        try:
            socket.create_connection((address, port), 1).close()
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.02)
        else:
            return
    raise ConfigError([f"sshd did not start: {(folder / 'sshd.log').read_text().strip()[-300:]}"])
