"""Four application nodes and a load balancer on real sshd and real nginx, and the example organisation placed on them."""

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from data.load import load_site
from data.model import Balancer, Host, HostGroup
from data.site import Site
from tests.support import apps, nginx, sshd
from tests.support.desk import EXAMPLE

ADDRESSES = {"oa1": "127.0.0.11", "oa2": "127.0.0.12", "oa3": "127.0.0.13", "oa4": "127.0.0.14", "lb1": "127.0.0.10"}


@dataclasses.dataclass(frozen=True, slots=True)
class Estate:
    """``site`` allows one node of the four out, and needs two in service."""

    site: Site
    apps: apps.Apps
    nginx: nginx.Nginx
    servers: dict[str, sshd.Sshd]
    known_hosts: Path
    key_file: Path

    def address(self, host: str) -> str:
        return f"{ADDRESSES[host]}:{self.apps.port}"

    def write_hosts(self, data: Path) -> None:
        """The same as ``hosts.yaml`` in a data folder, for a service in a process of its own."""
        groups = {name: _filled(group) for name, group in self.site.host_groups.items()}
        hosts = {name: _filled(host) for name, host in self.site.hosts.items()}
        text = yaml.safe_dump({"groups": groups, "hosts": hosts}, allow_unicode=True)
        (data / "hosts.yaml").write_text(text, "utf-8")


@contextmanager
def running(folder: Path) -> Iterator[Estate]:
    """Everything up, all four nodes in service."""
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(sshd.running(folder / name, address)) for name, address in ADDRESSES.items()
        }
        port = sshd.free_port()
        nodes = {name: f"{address}:{port}" for name, address in ADDRESSES.items() if name != "lb1"}
        farm = stack.enter_context(apps.running(folder / "weaver", port, tuple(ADDRESSES[n] for n in nodes)))
        front = stack.enter_context(nginx.running(folder / "nginx", sshd.free_port(), list(nodes.values())))
        known_hosts = folder / "known_hosts"
        known_hosts.write_text("".join(server.known_hosts for server in servers.values()))
        site = _site(servers, nodes, farm, front)
        yield Estate(site, farm, front, servers, known_hosts, folder / "user_key")


def _filled(thing: HostGroup | Host) -> dict[str, Any]:
    return {key: value for key, value in dataclasses.asdict(thing).items() if key != "id" and value not in (None, "")}


def _site(servers: dict[str, sshd.Sshd], nodes: dict[str, str], farm: apps.Apps, front: nginx.Nginx) -> Site:
    site = load_site(EXAMPLE)
    hosts = {
        name: Host(name, "lb" if name == "lb1" else "oa", s.address, s.port, s.user, nodes.get(name))
        for name, s in servers.items()
    }
    group = dataclasses.replace(
        site.host_groups["oa"],
        min_in_service=2,
        max_unavailable=1,
        app_port=farm.port,
        app_home=str(farm.home),
        balancer=Balancer("lb1", str(front.conf), str(front.binary), "ecologycluster"),
    )
    return dataclasses.replace(site, hosts=hosts, host_groups={**site.host_groups, "oa": group})
