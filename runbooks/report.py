"""What do a reading runbook's words mean? Listings parsed here, in Python, never by a shell pipeline."""

from collections import Counter
from dataclasses import dataclass

from data.site import Site
from runbooks import nginx


@dataclass(frozen=True, slots=True)
class NodeLine:
    """One entry of the upstream; ``state`` is ``in``, ``out`` (commented) or ``down`` (marked so, or a backup)."""

    host: str
    address: str
    state: str


@dataclass(frozen=True, slots=True)
class Connections:
    host: str
    address: str
    count: int


@dataclass(frozen=True, slots=True)
class Disk:
    """One file system of ``df -P``; ``lvm``: it lies on the device mapper, so it can grow (SOP 5.5)."""

    mount: str
    device: str
    used: int
    size_gib: float
    free_gib: float
    lvm: bool


def node_lines(conf: str, upstream: str, site: Site) -> list[NodeLine]:
    """The upstream's entries in file order."""
    names = _names(site)
    return [
        NodeLine(names.get(e.address, ""), e.address, "out" if e.commented else "in" if e.serving else "down")
        for e in nginx.entries(conf, upstream)
    ]


def connections(listing: str, group: str, site: Site) -> list[Connections]:
    """Established connections per node, by the foreign address in ``netstat -nat`` (SOP 5.3, line 43); none is 0."""
    rows = [line.split() for line in listing.splitlines()]
    counted = Counter(row[4].removeprefix("::ffff:") for row in rows if len(row) >= 6 and row[5] == "ESTABLISHED")
    nodes = [host for host in site.group_hosts(group) if host.upstream]
    return [Connections(host.id, host.upstream or "", counted[host.upstream or ""]) for host in nodes]


def disks(listing: str) -> list[Disk]:
    """The file systems on real devices in ``df -P``, the fullest first."""
    found = []
    for line in listing.splitlines():
        row = line.split(maxsplit=5)
        if len(row) == 6 and row[0].startswith("/dev/") and row[4].endswith("%") and row[4][:-1].isdigit():
            lvm = row[0].startswith(("/dev/mapper/", "/dev/dm-"))
            found.append(Disk(row[5], row[0], int(row[4][:-1]), int(row[1]) / 2**20, int(row[3]) / 2**20, lvm))
    return sorted(found, key=lambda disk: -disk.used)


def _names(site: Site) -> dict[str, str]:
    return {host.upstream: host.id for host in site.hosts.values() if host.upstream}
