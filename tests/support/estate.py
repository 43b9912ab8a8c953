"""Four application nodes and a load balancer on real sshd and real nginx, and the example organisation placed on them."""

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from data.model import Balancer, Host, HostGroup
from data.site import Site
from tests.support import apps, nginx, sshd
from tests.support.once import example_site
from tests.support.ports import address, free_port

TEN = {"lb1": address(10), **{f"oa{n}": address(10 + n) for n in range(1, 11)}}
ADDRESSES = {name: TEN[name] for name in ("oa1", "oa2", "oa3", "oa4", "lb1")}


@dataclasses.dataclass(frozen=True, slots=True)
class Estate:
    """``site`` allows one node out and needs two in service, unless it was made with other floors."""

    site: Site
    apps: apps.Apps
    nginx: nginx.Nginx
    servers: dict[str, sshd.Sshd]
    known_hosts: Path
    key_file: Path
    addresses: dict[str, str]

    def address(self, host: str) -> str:
        return f"{self.addresses[host]}:{self.apps.port}"

    def write_hosts(self, data: Path) -> None:
        """The same as ``hosts.yaml`` in a data folder, for a service in a process of its own."""
        used = {host.group for host in self.site.hosts.values()}
        groups = {name: _filled(group) for name, group in self.site.host_groups.items() if name in used}
        hosts = {name: _filled(host) for name, host in self.site.hosts.items()}
        text = yaml.safe_dump({"groups": groups, "hosts": hosts}, allow_unicode=True)
        (data / "hosts.yaml").write_text(text, "utf-8")


@contextmanager
def running(folder: Path, addresses: dict[str, str] = ADDRESSES, floors: tuple[int, int] = (2, 1)) -> Iterator[Estate]:
    """Everything up, all nodes in service. ``floors``: how many must be in service, how many may be out."""
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(sshd.running(folder / name, address)) for name, address in addresses.items()
        }
        port = free_port()
        nodes = {name: f"{address}:{port}" for name, address in addresses.items() if name != "lb1"}
        farm = stack.enter_context(apps.running(folder / "weaver", port, tuple(addresses[n] for n in nodes)))
        front = stack.enter_context(nginx.running(folder / "nginx", free_port(), list(nodes.values())))
        known_hosts = folder / "known_hosts"
        known_hosts.write_text("".join(server.known_hosts for server in servers.values()))
        site = _site(servers, nodes, farm, front, floors)
        yield Estate(site, farm, front, servers, known_hosts, folder / "user_key", addresses)


def _filled(thing: HostGroup | Host) -> dict[str, Any]:
    found = {
        key: value
        for key, value in dataclasses.asdict(thing).items()
        if key not in {"id", "health", "account"} and value not in (None, "", (), {})
    }
    window = getattr(thing, "change_window", None)
    return found | {"change_window": str(window)} if window else found


def _site(
    servers: dict[str, sshd.Sshd], nodes: dict[str, str], farm: apps.Apps, front: nginx.Nginx, floors: tuple[int, int]
) -> Site:
    site = example_site()
    hosts = {
        name: Host(name, "lb" if name == "lb1" else "oa", s.address, s.port, s.user, nodes.get(name))
        for name, s in servers.items()
    }
    group = dataclasses.replace(
        site.host_groups["oa"],
        min_in_service=floors[0],
        max_unavailable=floors[1],
        app_port=farm.port,
        app_home=str(farm.home),
        balancer=Balancer("lb1", str(front.conf), str(front.binary), "ecologycluster"),
    )
    return dataclasses.replace(site, hosts=hosts, host_groups={**site.host_groups, "oa": group})
