"""``hosts.yaml``: the servers, their groups and the floors that no run may go below."""

import ipaddress
import re
from dataclasses import replace

from data.load.people import good_id
from data.load.yaml_fields import Fields
from data.model import Balancer, Host, HostGroup

_HOSTNAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*", re.ASCII)
_ENTRY = re.compile(r"([^:]+):([0-9]{1,5})", re.ASCII)


def load_fleet(file: Fields) -> tuple[dict[str, HostGroup], dict[str, Host]]:
    """The host groups and the hosts, by id."""
    entries, hosts_file = dict(file.child("groups").items()), file.child("hosts")
    defaults = file.child("ssh")
    user, port = defaults.text("user", "zhiban"), defaults.number("port", 22, least=1, most=65535)
    defaults.done()
    groups = {key: _group(good_id(fields, key), fields) for key, fields in entries.items()}
    hosts: dict[str, Host] = {}
    servers = dict(hosts_file.items())
    for key, fields in servers.items():
        host = _host(good_id(fields, key), fields, groups, user, port)
        _no_address_twice(fields, host, hosts)
        hosts[key] = host
    hosts = _with_jumps(servers, hosts)
    for key, fields in entries.items():
        _group_is_sound(fields, groups[key], hosts)
    file.done()
    return groups, hosts


def _group(key: str, fields: Fields) -> HostGroup:
    group = HostGroup(
        id=key,
        name=fields.text("name"),
        min_in_service=fields.number("min_in_service", 0),
        max_unavailable=fields.number("max_unavailable", 0),
        app_port=fields.number("app_port", least=1, most=65535) if fields.has("app_port") else None,
        app_home=fields.text("app_home", ""),
        balancer=_balancer(fields.child("balancer")) if fields.has("balancer") else None,
        values=fields.child("values").scalars() if fields.has("values") else {},
        change_window=fields.window("change_window") if fields.has("change_window") else None,
    )
    fields.done()
    return group


def _balancer(fields: Fields) -> Balancer:
    balancer = Balancer(fields.text("host"), fields.text("conf"), fields.text("binary"), fields.text("upstream"))
    for key, path in (("conf", balancer.conf), ("binary", balancer.binary)):
        if path and not path.startswith("/"):
            fields.fault(f"{key}: {path} is no absolute path; start it with /", key)
    fields.done()
    return balancer


def _host(key: str, fields: Fields, groups: dict[str, HostGroup], user: str, port: int) -> Host:
    group = fields.text("group")
    host = Host(
        id=key,
        group=(fields.check("group", group, groups, "host group") or "") if group else "",
        address=fields.text("address"),
        port=fields.number("port", port, least=1, most=65535),
        user=fields.text("user", user),
        upstream=fields.maybe("upstream"),
        become=fields.maybe("become"),
        tags=fields.texts("tags"),
    )
    fields.maybe("jump")  # looked at when every host is known
    if host.address and not _is_address(host.address):
        fields.fault(f"address: {host.address} is neither an IP address nor a host name; write 10.154.0.179", "address")
    entry = _ENTRY.fullmatch(host.upstream) if host.upstream else None
    if host.upstream and not (entry and _is_address(entry[1]) and 0 < int(entry[2]) < 65536):
        fields.fault(f"upstream: {host.upstream} is no address with a port; write 10.154.0.179:6888", "upstream")
    fields.done()
    return host


def _with_jumps(entries: dict[str, Fields], hosts: dict[str, Host]) -> dict[str, Host]:
    """Every host with the one it is reached through (``jump: gate1``), which may have a jump host of its own."""
    jumps = {}
    for key, fields in entries.items():
        name = fields.maybe("jump")
        if name and fields.check("jump", name, hosts, "host"):
            jumps[key] = name
    for key, fields in entries.items():
        way = [key]
        while (jump := jumps.get(way[-1])) is not None:
            if jump in way:
                fields.fault(f"jump: {' → '.join([*way, jump])} goes in a circle; leave one of them out", "jump")
                return hosts
            way.append(jump)
    return {key: _through(host, hosts, jumps) for key, host in hosts.items()}


def _through(host: Host, hosts: dict[str, Host], jumps: dict[str, str]) -> Host:
    jump = jumps.get(host.id)
    return replace(host, jump=_through(hosts[jump], hosts, jumps)) if jump else host


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(_HOSTNAME.fullmatch(text))
    return True


def _no_address_twice(fields: Fields, host: Host, others: dict[str, Host]) -> None:
    for other in others.values():
        if host.address and (host.address, host.port) == (other.address, other.port):
            fields.fault(f"address: {host.address} is {other.id} already; every host has its own", "address")
        if host.upstream and host.upstream == other.upstream:
            fields.fault(f"upstream: {host.upstream} is {other.id} already; every host has its own", "upstream")


def _group_is_sound(fields: Fields, group: HostGroup, hosts: dict[str, Host]) -> None:
    members = sum(host.group == group.id for host in hosts.values())
    if group.min_in_service + group.max_unavailable > members:
        fields.fault(
            f"min_in_service {group.min_in_service} and max_unavailable {group.max_unavailable} are more than "
            f"the {members} hosts of {group.id}; lower one of them"
        )
    if group.balancer and group.balancer.host not in hosts:
        fields.fault(f"balancer: no host has the id {group.balancer.host}; name one of the hosts below", "balancer")
