"""Scratch hosts: a real SSH server on loopback answers for every host of the site, each on an address of its own."""

import shutil
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.core.errors import ConfigError
from bot.core.problems import Line, Told
from bot.demo.keys import kept_key, write_known_hosts
from bot.demo.server import MachineServer
from bot.demo.tree import Tree
from bot.trial.host import Answer, ScratchHost, Script
from data.site import Site

MOST = 250  # hosts of a site that fit into 127.0.1.x


@dataclass(slots=True)
class Scratch:
    """``site`` has its hosts here; ``script`` is what they answer and what they were sent."""

    site: Site
    folder: Path
    script: Script = field(default_factory=Script)

    @property
    def key_file(self) -> Path:
        return self.folder / "user_key"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    def prepare(self, files: Mapping[str, Mapping[str, str]], answers: list[Answer]) -> None:
        """Empty the record, put these files on the hosts, and tell them what to answer."""
        shutil.rmtree(self.folder / "files", ignore_errors=True)
        for host in self.site.hosts:
            self.tree(host).root.mkdir(parents=True)
            self.tree(host).seed(dict(files.get(host, {})))
        self.script = Script(answers)

    def tree(self, host: str) -> Tree:
        """The disk of a host."""
        return Tree(self.folder / "files" / host, makes_folders=True)

    def file(self, host: str, path: str) -> str | None:
        """The content of a file on a host, None when it is not there."""
        found = self.tree(host).at(path)
        return found.read_text("utf-8") if found.is_file() else None


@asynccontextmanager
async def scratch_hosts(site: Site, folder: Path) -> AsyncIterator[Scratch]:
    """The site on scratch hosts, until the block ends. Raises ``ConfigError`` when it has too many hosts."""
    if len(site.hosts) > MOST:
        told = Told("runbooks/too_many_hosts", count=len(site.hosts), most=MOST)
        raise ConfigError([Line("hosts.yaml: ", told, "zh")])
    scratch = Scratch(site, folder)
    client, host_key = kept_key(scratch.key_file), kept_key(folder / "host_key")
    wanted = _free_port()
    async with AsyncExitStack() as stack:
        places: dict[str, tuple[str, int]] = {}
        for number, name in enumerate(site.hosts, 1):
            address = f"127.0.1.{number}"
            host = ScratchHost(name, scratch.tree(name), lambda: scratch.script)
            server = MachineServer(host.files, host.shell, 1.0, lambda _: None, address)
            stack.push_async_callback(server.close)
            places[name] = (address, await server.open(wanted, host_key, client))
        write_known_hosts(scratch.known_hosts, {name: (*place, host_key) for name, place in places.items()})
        scratch.site = site.with_hosts(
            {name: replace(site.hosts[name], address=at, port=port, jump=None) for name, (at, port) in places.items()}
        )
        yield scratch


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
