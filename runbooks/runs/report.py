"""What a reading runbook's words mean; listings are parsed here, in Python, never by a shell pipeline."""

import math
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.core.errors import UserError
from data.model import Balancer
from data.site import Site
from runbooks.engine import nginx
from runbooks.engine.connections import established
from runbooks.engine.nginx_addresses import canonical
from runbooks.engine.nginx_files import is_dump, loaded
from runbooks.language.vocabulary import Kind, Text
from runbooks.planning.plan import Step

MOST_SHOWN = 12  # lines of one step in an answer
LONGEST = 200  # characters of such a line
WIDTH = 34  # characters of a line that a phone does not break
_OF_NGINX = re.compile(r"^nginx: .*\n?", re.MULTILINE)
_ENDED = re.compile(r"^= (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class NodeLine:
    """One entry of the upstream; ``state`` is ``in``, ``out`` (commented), ``down`` (marked so) or ``backup``: asked only when no
    other answers."""

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


@dataclass(frozen=True, slots=True)
class Shown:
    """What one step said that belongs into the answer; without ``lines`` it went well and there is nothing to say."""

    host: str
    title: Text
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """Steps of one title that follow one another; ``lines``: the commands, where it is one host alone.

    ``together``: how many of the hosts do it at the same time, 0 where each waits for the one before.
    """

    title: Text
    hosts: tuple[str, ...]
    lines: tuple[str, ...]
    together: int = 0


@dataclass(frozen=True, slots=True)
class Ports:
    """Which ports of ``to`` answer. ``table``: hosts down, ports across, in as many parts as a phone's width asks for.

    ``closed`` and ``unsure``: (host, its ports); a port is unsure when the probe itself did not work there.
    """

    tried: int
    table: tuple[str, ...]
    closed: tuple[tuple[str, tuple[str, ...]], ...]
    unsure: tuple[tuple[str, tuple[str, ...]], ...]


def shown(said: Iterable[tuple[Step, str]]) -> list[Shown]:
    """Of steps and their outputs, in order, what their ``show`` asks for: every match, or its groups.

    A step that may fail and says nothing of the kind is shown as it ends: it must not read as if it went well.
    """
    found = []
    for step, output in said:
        lines = _matches(step.show, output) if step.show else ()
        if step.show and step.may_fail and not lines:
            lines = _matches("^.+$", output)[-2:] or ("?",)
        found += [Shown(step.target.id, step.title, lines)] if step.show else []
    return found


def _matches(pattern: str, output: str) -> tuple[str, ...]:
    found = re.finditer(pattern, output, re.ASCII | re.MULTILINE)
    lines = [line for m in found for line in " ".join(m.groups(default="") or (m[0],)).split("\n")]
    lines = [_cut(line.rstrip()) for line in lines if line.strip()]
    return tuple(lines if len(lines) <= MOST_SHOWN else [*lines[: MOST_SHOWN - 1], f"…（{len(lines)}）"])


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def since_asked(steps: Sequence[Step], place: int) -> int:
    """The place of the first step after the question before ``place``: what people have not been shown yet."""
    asked = [n for n in range(1, place) if steps[n - 1].kind is Kind.ASK]
    return max(asked, default=0) + 1


def coming(steps: Sequence[Step]) -> list[Coming]:
    """What goes on after a yes: up to the next question or to the end."""
    ends = next((n for n, step in enumerate(steps) if step.kind is Kind.ASK), len(steps))
    found = []
    for (title, wave), group in groupby(steps[:ends], key=lambda step: (step.title, step.wave)):
        same = tuple(group)
        hosts = tuple(dict.fromkeys(step.target.id for step in same))
        lines = tuple(shlex.join(argv) for step in same for argv in step.commands) if len(hosts) == 1 else ()
        found.append(Coming(title, hosts, lines, min(same[0].at_once, len(hosts)) if wave and len(hosts) > 1 else 0))
    return found


def probed(said: Iterable[tuple[Step, int | None, str]]) -> Ports:
    """The steps of a port check with exit and output: ``nc`` ends with 0 where the port is open, with 1 where it is not."""
    rows: dict[str, dict[str, str]] = {}
    for step, code, output in said:
        codes = _ENDED.findall(output) if len(step.commands) > 1 else ["?" if code is None else str(code)]
        for argv, ended in zip(step.commands, [*codes, *("?" for _ in step.commands)], strict=False):
            rows.setdefault(step.target.id, {})[argv[-1]] = {"0": "✓", "1": "✗"}.get(ended, "?")
    return Ports(sum(len(row) for row in rows.values()), _table(rows), _marked(rows, "✗"), _marked(rows, "?"))


def _marked(rows: dict[str, dict[str, str]], mark: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = [(host, tuple(port for port, state in row.items() if state == mark)) for host, row in rows.items()]
    return tuple((host, ports) for host, ports in found if ports)


def _table(rows: dict[str, dict[str, str]]) -> tuple[str, ...]:
    ports = list(next(iter(rows.values()), {}))
    first = max((len(host) for host in rows), default=0)
    wide = max((len(port) for port in ports), default=0) + 1
    parts = math.ceil(len(ports) / max(1, (WIDTH - first) // wide))
    many = math.ceil(len(ports) / max(1, parts))
    lines: list[str] = []
    for start in range(0, len(ports), max(1, many)):
        part = ports[start : start + many]
        lines += [" " * first + "".join(port.rjust(wide) for port in part)]
        lines += [
            host.ljust(first) + "".join(row.get(port, "?").rjust(wide) for port in part) for host, row in rows.items()
        ]
    return tuple(lines)


def node_lines(conf: str, upstream: str, site: Site) -> list[NodeLine]:
    """The upstream's entries in file order. ``conf``: one file, or what ``nginx -T`` printed with its own remarks."""
    names = _names(site)
    return [
        NodeLine(names.get(e.address, ""), e.address, _state(e))
        for e in nginx.listed(_OF_NGINX.sub("", conf), upstream)
    ]


def _state(entry: nginx.Entry) -> str:
    if entry.commented:
        return "out"
    if not entry.live:
        return "down"
    return "in" if entry.serving else "backup"


def nodes_of(dump: str, balancer: Balancer | None, site: Site) -> list[NodeLine]:
    """The entries of a group's upstream in what ``nginx -T`` printed.

    Raises ``UserError``: ``nginx_other_file`` where nginx does not load the ``conf`` of ``hosts.yaml`` and has no such upstream
    for that, else the codes of :func:`runbooks.engine.nginx.listed`.
    """
    try:
        return node_lines(dump, balancer.upstream if balancer else "", site)
    except UserError as error:
        if balancer is None or error.code != "upstream_not_found" or not is_dump(dump):
            raise
        files = loaded(dump)
        if balancer.conf in files.texts:
            raise
        raise UserError("nginx_other_file", host=balancer.host, conf=balancer.conf, main=files.main) from error


def connections(listing: str, group: str, site: Site) -> list[Connections]:
    """Established connections per node, by the foreign address in ``netstat -nat`` (SOP 5.3, line 43); none is 0."""
    counted = established(listing)
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
    return {canonical(host.upstream): host.id for host in site.hosts.values() if host.upstream}
