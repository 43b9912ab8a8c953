"""A hundred hosts on loopback: each an address of its own with its pinned key, behind a few real sshd processes."""

import getpass
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from data.model import Host, HostGroup
from tests.support.ports import free_port
from tests.support.sshd import ONLY_KEYS, SSHD, make_key, needs, wait

LISTENERS = 15  # addresses a process; sshd takes at most 16
GROUP = HostGroup(id="hundred", name="百台")


@dataclass(frozen=True)
class Hundred:
    """Where they are, and what a client needs to reach them."""

    hosts: dict[str, Host]
    key_file: Path
    known_hosts: Path


@contextmanager
def hundred(folder: Path, count: int = 100) -> Iterator[Hundred]:
    """Hosts ``h1`` … until the block ends."""
    needs(SSHD, "openssh-server")
    folder.mkdir(parents=True, exist_ok=True)
    Path("/run/sshd").mkdir(exist_ok=True)
    user_key, host_key = make_key(folder / "user_key"), make_key(folder / "host_key")
    port, user = free_port(), getpass.getuser()
    places = {f"h{n}": f"127.0.9.{n}" for n in range(1, count + 1)}
    public = " ".join(host_key.with_suffix(".pub").read_text().split()[:2])
    known_hosts = folder / "known_hosts"
    known_hosts.write_text("".join(f"[{address}]:{port} {public}\n" for address in places.values()))
    hosts = {name: Host(name, GROUP.id, address, port, user) for name, address in places.items()}
    with ExitStack() as stack:
        addresses = list(places.values())
        for first in range(0, count, LISTENERS):
            some = addresses[first : first + LISTENERS]
            process = stack.enter_context(_sshd(folder, first, some, port, user_key, host_key))
            wait(some[0], port, process)
        yield Hundred(hosts, user_key, known_hosts)


@contextmanager
def _sshd(
    folder: Path, number: int, addresses: list[str], port: int, user_key: Path, host_key: Path
) -> Iterator[subprocess.Popen[bytes]]:
    listen = "\n".join(f"ListenAddress {address}:{port}" for address in addresses)
    config = folder / f"sshd_config{number}"
    config.write_text(
        f"""{listen}
HostKey {host_key}
AuthorizedKeysFile {user_key}.pub
PidFile none
{ONLY_KEYS}
SetEnv SHLVL=5
"""
    )
    with (folder / f"sshd{number}.log").open("wb") as log:
        process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
