"""``hosts.yaml``: the servers, their groups and the floors that no run may go below."""

import codecs
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import replace

from bot.core.problems import Told
from data.load.files import BalancerEntry, GroupEntry, HealthEntry, HostEntry, HostsFile, SshEntry
from data.load.people import good_id
from data.load.references import known
from data.load.yaml_file import Spot
from data.model import LOGINS, AccountTraits, Balancer, Health, Host, HostGroup

_HOSTNAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_ENTRY = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:]+)):([0-9]{1,5})", re.ASCII)
_CODES = re.compile(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?", re.ASCII)
_PATH = re.compile(r"/[A-Za-z0-9._~/?&=%+,:@-]*", re.ASCII)


def load_fleet(file: HostsFile, at: Spot) -> tuple[dict[str, HostGroup], dict[str, Host]]:
    """The host groups and the hosts, by id."""
    group_spots = {key: at.child("groups", key) for key in file.groups}
    groups = {key: _group(key, entry, group_spots[key]) for key, entry in file.groups.items()}
    spots = {key: at.child("hosts", key) for key in file.hosts}
    hosts: dict[str, Host] = {}
    for key, entry in file.hosts.items():
        host = _host(key, entry, spots[key], groups, file.ssh)
        _no_address_twice(spots[key], host, hosts)
        hosts[key] = host
    hosts = _with_jumps(file.hosts, spots, hosts)
    for key, spot in group_spots.items():
        _group_is_sound(spot, groups[key], hosts)
    return groups, hosts


def _group(key: str, entry: GroupEntry, at: Spot) -> HostGroup:
    return HostGroup(
        id=good_id(at, key),
        name=entry.name,
        min_in_service=entry.min_in_service,
        max_unavailable=entry.max_unavailable,
        app_port=entry.app_port,
        app_home=entry.app_home,
        balancer=_balancer(entry.balancer, at.child("balancer")) if entry.balancer else None,
        values=entry.values,
        change_window=entry.change_window,
        health=_health(entry.health, at.child("health")),
    )


def _health(entry: HealthEntry, at: Spot) -> Health:
    if not _PATH.fullmatch(entry.path):
        at.report(Told("data/bad_page", given=entry.path), "path")
    codes = []
    for word in entry.codes:
        match = _CODES.fullmatch(word)
        if match is None or int(match[2] or match[1]) < int(match[1]):
            at.report(Told("data/bad_status", given=word), "codes")
        else:
            codes.append((int(match[1]), int(match[2] or match[1])))
    if not entry.codes:
        at.lacks("codes", Told("data/no_status"))
    return Health(entry.path, tuple(codes))


def _balancer(entry: BalancerEntry, at: Spot) -> Balancer:
    for key, path in (("conf", entry.conf), ("binary", entry.binary)):
        if path and not path.startswith("/"):
            at.report(Told("data/relative_path", key=key, given=path), key)
    return Balancer(entry.host, entry.conf, entry.binary, entry.upstream)


def _host(key: str, entry: HostEntry, at: Spot, groups: Mapping[str, HostGroup], ssh: SshEntry) -> Host:
    host = Host(
        id=good_id(at, key),
        group=known(at, "group", entry.group, groups, "host group") or "",
        address=entry.address,
        port=entry.port or ssh.port,
        user=entry.user or ssh.user,
        upstream=entry.upstream or None,
        web=entry.web,
        become=entry.become or None,
        tags=entry.tags,
        account=_account(entry, at),
    )
    if host.address and not _is_address(host.address):
        at.report(Told("data/bad_address", given=host.address), "address")
    if host.web and not _is_address(host.web):
        at.report(Told("data/bad_web", given=host.web), "web")
    upstream = _ENTRY.fullmatch(host.upstream) if host.upstream else None
    if host.upstream and not (upstream and _is_address(upstream[1] or upstream[2]) and 0 < int(upstream[3]) < 65536):
        at.report(Told("data/bad_upstream", given=host.upstream), "upstream")
    return host


def _account(entry: HostEntry, at: Spot) -> AccountTraits:
    """What is peculiar to the account there."""
    for word in entry.login:
        if word not in LOGINS:
            at.report(Told("data/bad_login", given=word, known=list(LOGINS)), "login")
    for word in entry.environment:
        if not _VARIABLE.fullmatch(word):
            at.report(Told("data/bad_variable", given=word), "environment")
    if entry.encoding and not _is_encoding(entry.encoding):
        at.report(Told("data/bad_encoding", given=entry.encoding), "encoding")
    return AccountTraits(tuple(entry.login), tuple(entry.environment), entry.encoding)


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except LookupError:
        return False


def _with_jumps(entries: Mapping[str, HostEntry], spots: Mapping[str, Spot], hosts: dict[str, Host]) -> dict[str, Host]:
    """Every host with the one it is reached through (``jump: gate1``), which may have a jump host of its own."""
    found = {key: known(spots[key], "jump", entry.jump, hosts, "host") for key, entry in entries.items()}
    jumps = {key: jump for key, jump in found.items() if jump}
    for key, spot in spots.items():
        way = [key]
        while (jump := jumps.get(way[-1])) is not None:
            if jump in way:
                spot.report(Told("data/jump_circle", way=" → ".join([*way, jump])), "jump")
                return hosts
            way.append(jump)
    return {key: _through(host, hosts, jumps) for key, host in hosts.items()}


def _through(host: Host, hosts: Mapping[str, Host], jumps: Mapping[str, str]) -> Host:
    jump = jumps.get(host.id)
    return replace(host, jump=_through(hosts[jump], hosts, jumps)) if jump else host


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(_HOSTNAME.fullmatch(text))
    return True


def _no_address_twice(at: Spot, host: Host, others: Mapping[str, Host]) -> None:
    for other in others.values():
        if host.address and (host.address, host.port) == (other.address, other.port):
            at.report(Told("data/address_twice", key="address", given=host.address, host=other.id), "address")
        if host.upstream and host.upstream == other.upstream:
            at.report(Told("data/address_twice", key="upstream", given=host.upstream, host=other.id), "upstream")


def _group_is_sound(at: Spot, group: HostGroup, hosts: Mapping[str, Host]) -> None:
    members = sum(host.group == group.id for host in hosts.values())
    placed = all(host.group for host in hosts.values())  # one whose group is misspelt may be of this one
    if placed and group.min_in_service + group.max_unavailable > members:
        floors = {"least": group.min_in_service, "most": group.max_unavailable}
        at.report(Told("data/floors_too_high", hosts=members, group=group.id, **floors))
    if group.balancer and group.balancer.host not in hosts and not at.told("balancer"):
        at.report(Told("data/no_balancer", given=group.balancer.host), "balancer")
