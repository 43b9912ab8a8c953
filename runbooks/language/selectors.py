"""The hosts that a step runs on, and what the placeholders of a host and its site stand for."""

from dataclasses import dataclass

from bot.core.errors import UserError
from data.model import Host, HostGroup
from data.site import Site
from runbooks.language.arguments import Given
from runbooks.language.definition import Definition
from runbooks.language.placeholders import fill
from runbooks.language.steps import Selector

APP_HOME = "/data/WEAVER/ApusicAS"  # SOP 5.1


@dataclass(frozen=True, slots=True)
class Place:
    """What a selection is made from. ``default``: the host of steps that do not say; ``here``: the roll's own host."""

    site: Site
    given: Given
    group: HostGroup
    default: Host
    here: Host | None = None


def selected(place: Place, selector: Selector | None) -> tuple[Host, ...]:
    """The hosts, in the order of the inventory. Raises ``UserError`` when there are none.

    ``without`` means the others of a group, of which there may be none: a database without a standby has but its primary.
    """
    if selector is None:
        return (place.here or place.default,)
    if selector.balancer:
        return (balancer_of(place),)
    if selector.here:
        return (place.here or place.default,)
    if selector.argument:
        return place.given.selections[selector.argument]
    hosts = tuple(
        host
        for host in place.site.group_hosts(selector.group)
        if (not selector.tag or selector.tag in host.tags)
        and (not selector.without or selector.without not in host.tags)
    )
    alone = selector.without and any(selector.without in host.tags for host in place.site.group_hosts(selector.group))
    if not hosts and not alone:
        raise UserError("no_such_group", verb="", group=" ".join(filter(None, (selector.group, selector.tag))))
    return hosts[:1] if selector.first else hosts


def balancer_of(place: Place) -> Host:
    if place.group.balancer is None:
        raise UserError("no_balancer", verb="", group=place.group.id)
    return place.site.hosts[place.group.balancer.host]


def host_values(name: str, host: Host) -> dict[str, str]:
    """The placeholders of one host under ``name``."""
    ip, _, port = (host.upstream or "").rpartition(":")
    return {
        name: host.id,
        f"{name}.host": host.id,
        f"{name}.address": host.address,
        f"{name}.ip": ip,
        f"{name}.port": port,
        f"{name}.web": host.web or ip or host.address,
    }


def subject_values(definition: Definition, site: Site, subject: Host, group: HostGroup) -> dict[str, str]:
    """What the site fills in for the host that a step is about; ``group``: whose balancer is meant."""
    own = site.host_groups[subject.group]
    ip, _, port = (subject.upstream or "").rpartition(":")
    values = {
        "app_home": own.app_home or group.app_home or APP_HOME,
        "app_port": port or str(own.app_port or group.app_port or ""),
        "node_address": ip or "127.0.0.1",
        "nginx": group.balancer.binary if group.balancer else "",
        "conf": group.balancer.conf if group.balancer else "",
        "health_path": own.health.path,
    }
    mine = {name: own.values.get(name, group.values.get(name, word)) for name, word in definition.values.items()}
    return values | {name: fill(word, values | {"today": "", "month": ""}) for name, word in mine.items()}
