"""Starting and stopping the demo fleet: ``async with start_fleet(state_dir) as fleet``."""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bot.demo.estate import Estate
from bot.demo.keys import kept_key, kept_ports, private_folder, write_known_hosts
from bot.demo.server import MachineServer
from data.site import Site

_RECORDED = 1000  # command lines kept


@dataclass(frozen=True, slots=True)
class Fleet:
    """The running machines: where they listen, how to get in, and what they were told last (machine, command line)."""

    hosts: dict[str, tuple[str, int]]
    key_file: Path
    known_hosts: Path
    record: deque[tuple[str, str]]
    estate: Estate

    def heard(self, name: str, line: str) -> None:
        """Note what a machine was told."""
        self.record.append((name, line))

    def place(self, site: Site) -> Site:
        """The same organisation with its hosts here: SSH address and port; what the fleet does not have stays."""
        here = {name: self.hosts[name] for name in site.hosts if name in self.hosts}
        moved = {name: replace(site.hosts[name], address=at, port=port) for name, (at, port) in here.items()}
        return site.with_hosts(moved)


@asynccontextmanager
async def start_fleet(state_dir: Path, *, pace: float = 1.0) -> AsyncIterator[Fleet]:
    """The whole fleet on 127.0.0.1, its keys, ports and disks kept in ``<state_dir>/fleet``.

    ``pace`` multiplies the seconds that simulated work takes.
    """
    folder = private_folder(state_dir / "fleet")
    key_file, known_hosts = folder / "client_key", folder / "known_hosts"
    client = kept_key(key_file)
    fleet = Fleet({}, key_file, known_hosts, deque(maxlen=_RECORDED), Estate(folder))
    ports = kept_ports(known_hosts)
    host_keys = {name: kept_key(folder / f"{name}.host_key") for name in fleet.estate.machines}
    async with AsyncExitStack() as stack:
        stack.push_async_callback(fleet.estate.balancer.close)
        for name, machine in fleet.estate.machines.items():
            server = MachineServer(machine.files, machine.shell, pace, partial(fleet.heard, name))
            stack.push_async_callback(server.close)
            port = await server.open(ports.get(name, 0), host_keys[name], client)
            fleet.hosts[name] = ("127.0.0.1", port)
        write_known_hosts(known_hosts, {name: (*place, host_keys[name]) for name, place in fleet.hosts.items()})
        yield fleet
