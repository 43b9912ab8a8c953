"""Machines of their own: real sshd, each with its own root folder, processes and devices, in namespaces of this kernel.

Absolute paths are the SOP's own (``/data/WEAVER/…``), because every machine sees its own ``/data``, ``/tmp`` and ``/dev``;
programs and libraries are this machine's. ``dmdba`` exists there and nowhere else. What a machine was told, and in which
order, stands in one file that its sshd writes (``ForceCommand``): the oracle of what ran.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runbooks.remote.login import LOOK
from tests.support.paths import ROOT
from tests.support.ports import address
from tests.support.sshd import ONLY_KEYS, SSHD, gone, make_key, needs, wait

STANDINS = Path(__file__).parent / "standins"
PORT = 2022
_PATH = f"{Path(sys.executable).parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_GROUP = "dinstall:x:4861:dmdba\n"
_USER = "dmdba:x:4861:4861::/data/dmdba:/bin/sh\n"
_SHADOW = "dmdba:*:19000:0:99999:7:::\n"


@dataclass(slots=True)
class Machine:
    """One machine: ``root`` is its ``/`` as far as it has one of its own (``/data``, ``/tmp``)."""

    name: str
    address: str
    root: Path
    known_hosts: str
    process: subprocess.Popen[bytes]

    def at(self, path: str) -> Path:
        """Where the machine's ``path`` lies for us."""
        return self.root / path.lstrip("/")

    def inside(self, *argv: str) -> str:
        """What ``argv`` prints when it runs on the machine, past SSH and past its record."""
        child = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0]
        line = ["nsenter", "-t", child, "-m", "-p", "-r", "-w", *argv]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{self.name}: {argv}: {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout


@dataclass(slots=True)
class Machines:
    """Everything that runs, and where it was told what."""

    folder: Path
    key_file: Path
    known_hosts: Path
    all: dict[str, Machine] = field(default_factory=dict)

    def told(self) -> list[tuple[str, str]]:
        """Every command line that reached a machine, in order: (machine, line)."""
        path = self.folder / "told"
        lines = path.read_text().splitlines() if path.exists() else []
        told = [(line.partition("\t")[0], line.partition("\t")[2]) for line in lines]
        return [(machine, line) for machine, line in told if LOOK not in line]  # how the account is, asked once

    def forget(self) -> None:
        """Begin the record anew."""
        (self.folder / "told").unlink(missing_ok=True)


def able() -> None:
    """Skip where namespaces are not allowed; fail in CI."""
    needs(SSHD, "openssh-server")
    tried = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False)
    if tried.returncode:
        text = "mount namespaces are not allowed here; run as root"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)


@contextmanager
def running(folder: Path, names: tuple[str, ...]) -> Iterator[Machines]:
    """Machines of these names, their roots below ``folder`` filled by the caller beforehand or while they run."""
    able()
    folder.mkdir(parents=True, exist_ok=True)
    Path("/run/sshd").mkdir(exist_ok=True)
    machines = Machines(folder, make_key(folder / "user_key"), folder / "known_hosts")
    try:
        for number, name in enumerate(names, 1):
            machines.all[name] = _start(machines, name, address(number))
        machines.known_hosts.write_text("".join(machine.known_hosts for machine in machines.all.values()))
        for machine in machines.all.values():
            wait(machine.address, PORT, machine.process)
        yield machines
    finally:
        for machine in machines.all.values():
            machine.process.kill()
            machine.process.wait()
        for machine in machines.all.values():
            gone(machine.address, PORT)


def _start(machines: Machines, name: str, at: str) -> Machine:
    root = machines.folder / name
    for part in ("data", "tmp", "etc", "new", "devices"):
        (root / part).mkdir(parents=True, exist_ok=True)
    for file, more in (("passwd", _USER), ("group", _GROUP), ("shadow", _SHADOW)):
        (root / "etc" / file).write_text(Path("/etc", file).read_text() + more)
    (root / "etc" / "shadow").chmod(0o640)
    host_key = make_key(root / "host_key")
    (root / "sshd_config").write_text(
        f"""ListenAddress {at}:{PORT}
HostKey {host_key}
AuthorizedKeysFile {machines.key_file}.pub
PidFile none
{ONLY_KEYS}
SetEnv SHLVL=5 MACHINE={name} ADDRESS={at} TOLD={machines.folder}/told DISKS={root}/devices PATH={root}/bin:{_PATH}
ForceCommand {STANDINS}/told
"""
    )
    line = ["unshare", "--mount", "--pid", "--fork", "--kill-child", str(STANDINS / "machine")]
    log = (root / "sshd.log").open("wb")
    process = subprocess.Popen([*line, str(root), str(machines.folder), str(ROOT)], stderr=log)
    log.close()
    public = host_key.with_suffix(".pub").read_text().split()
    return Machine(name, at, root, f"[{at}]:{PORT} {public[0]} {public[1]}\n", process)


def copy_standin(name: str, place: Path) -> None:
    """A stand-in where the machine's own program stands."""
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(STANDINS / name, place)
    place.chmod(0o755)
