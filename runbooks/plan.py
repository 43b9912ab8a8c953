"""What exactly would run, host by host and command by command? A plan is frozen; its hash is what people confirm."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.core.errors import UserError
from bot.core.people import Role
from data.model import Balancer, Host, HostGroup
from data.site import Site
from runbooks.arguments import Given, read_arguments
from runbooks.definition import Confirm, Definition, Effect, Kind, Report, StepDefinition, Text, Where
from runbooks.load import fill
from runbooks.remote import Target

APP_HOME = "/data/WEAVER/ApusicAS"  # SOP 5.1


@dataclass(frozen=True, slots=True)
class Step:
    """One step on one host: ``commands`` in order, exactly as sent (each under a time limit of ``limit`` seconds)."""

    kind: Kind
    title: Text
    target: Target
    commands: tuple[tuple[str, ...], ...]
    limit: float
    may_fail: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a balanced group: its host and its upstream entry."""

    host: str
    address: str


@dataclass(frozen=True, slots=True)
class Service:
    """What has to be looked at before asking: the balancer's file, who is in service, and the floors."""

    group: str
    balancer: Target
    conf: str
    nginx: str
    upstream: str
    nodes: tuple[Node, ...]
    min_in_service: int
    max_unavailable: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What the look found: the file's hash now and after the edit, the changed lines, nodes in service then and now."""

    conf: str
    sha256: str
    new_sha256: str
    diff: tuple[str, ...]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Plan:
    """``line`` is the normalised command, ``what`` its target as typed, ``target`` that host's id.

    ``locks`` are the targets held meanwhile; ``seen`` is None until looked at.
    """

    verb: str
    line: str
    title: Text
    confirm: Confirm
    roles: tuple[Role, ...]
    confirmers: tuple[Role, ...]
    effect: Effect
    report: Report
    undo: str
    what: str
    target: str
    address: str
    locks: tuple[str, ...]
    steps: tuple[Step, ...]
    service: Service | None
    seen: Seen | None
    dry_run: bool

    @property
    def edits(self) -> bool:
        """Whether it changes the balancer's file."""
        return any(step.kind is Kind.EDIT for step in self.steps)

    @property
    def looks_first(self) -> bool:
        return self.service is not None

    def with_seen(self, seen: Seen) -> "Plan":
        """The plan as it is shown: with the look's findings, and the edit's commands now that the hash is known."""
        steps = tuple(
            replace(step, commands=edit_commands(seen.conf, seen.sha256)) if step.kind is Kind.EDIT else step
            for step in self.steps
        )
        return replace(self, seen=seen, steps=steps)

    def hash(self, requester: str, chat: str) -> str:
        """SHA-256 over everything that will happen, who asked and where; a confirmation is bound to it."""
        text = json.dumps([asdict(self), requester, chat], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def plan_run(definition: Definition, words: tuple[str, ...], site: Site) -> Plan:
    """The plan of ``/verb words``. Raises ``UserError`` naming the word that is wrong (see :func:`read_arguments`)."""
    given = read_arguments(definition, words, site)
    group = _group(definition, given, site)
    service = _service(definition, group, site)
    values = given.values | _site_values(given, group)
    where = _where(definition, given, group, site)
    return Plan(
        verb=definition.verb,
        line=" ".join((f"/{definition.verb}", *given.typed)),
        title=definition.title,
        confirm=definition.confirm,
        roles=definition.roles,
        confirmers=definition.confirmers,
        effect=definition.effect,
        report=definition.report,
        undo=fill(definition.undo, values),
        what=given.typed[0] if given.target else where.id,
        target=given.target.id if given.target else where.id,
        address=given.target.upstream or "" if given.target else "",
        locks=_locks(definition, given, where),
        steps=tuple(_step(step, where, values) for step in definition.steps),
        service=service,
        seen=None,
        dry_run=given.dry_run,
    )


def backup_path(conf: str, sha256: str) -> str:
    """Named by its content, so that no copy is ever overwritten by another."""
    return f"{conf}.zhiban-{sha256[:12]}"


def edit_commands(conf: str, sha256: str) -> tuple[tuple[str, ...], ...]:
    """Back up, write beside the file with its mode and owner (``cp -p``), put in place in one move."""
    fresh = f"{conf}.zhiban-new"
    return (
        ("cp", "-p", conf, backup_path(conf, sha256)),
        ("cp", "-p", conf, fresh),
        ("tee", fresh),
        ("mv", "-f", fresh, conf),
    )


def target_of(host: Host) -> Target:
    return Target(host.id, host.address, host.port, host.user, host.become)


def _group(definition: Definition, given: Given, site: Site) -> HostGroup:
    name = given.target.group if given.target else definition.group
    try:
        return site.host_groups[name]
    except KeyError:
        raise UserError("no_such_group", verb=definition.verb, group=name) from None


def _balancer(definition: Definition, group: HostGroup) -> Balancer:
    if group.balancer is None:
        raise UserError("no_balancer", verb=definition.verb, group=group.id)
    return group.balancer


def _where(definition: Definition, given: Given, group: HostGroup, site: Site) -> Target:
    if definition.where is Where.HOST and given.target is not None:
        return target_of(given.target)
    return target_of(site.hosts[_balancer(definition, group).host])


def _service(definition: Definition, group: HostGroup, site: Site) -> Service | None:
    """Needed for what takes a node out of service, and for every edit of the balancer's file."""
    edits = any(step.kind is Kind.EDIT for step in definition.steps)
    if not edits and (definition.effect not in {Effect.OUT, Effect.BRIEF} or group.balancer is None):
        return None
    balancer = _balancer(definition, group)
    return Service(
        group=group.id,
        balancer=target_of(site.hosts[balancer.host]),
        conf=balancer.conf,
        nginx=balancer.binary,
        upstream=balancer.upstream,
        nodes=tuple(Node(h.id, h.upstream) for h in site.group_hosts(group.id) if h.upstream),
        min_in_service=group.min_in_service,
        max_unavailable=group.max_unavailable,
    )


def _site_values(given: Given, group: HostGroup) -> dict[str, str]:
    upstream = (given.target.upstream or "") if given.target else ""
    port = upstream.partition(":")[2] or str(group.app_port or "")
    return {
        "app_home": group.app_home or APP_HOME,
        "app_port": port,
        "node_address": upstream.partition(":")[0] or "127.0.0.1",
        "nginx": group.balancer.binary if group.balancer else "",
        "conf": group.balancer.conf if group.balancer else "",
    }


def _locks(definition: Definition, given: Given, where: Target) -> tuple[str, ...]:
    """Reading holds nothing; the rest holds its node, and the balancer when its file is edited."""
    if definition.confirm is Confirm.NONE:
        return ()
    return tuple(sorted({where.id, given.target.id if given.target else where.id}))


def _step(step: StepDefinition, target: Target, values: dict[str, str]) -> Step:
    first = {name: fill(value, values) for name, value in values.items()}
    argv = tuple(fill(word, first) for word in step.argv)
    commands: tuple[tuple[str, ...], ...] = (argv,) if argv else ()
    if step.kind is Kind.EDIT:
        commands = edit_commands(values["conf"], "HASH")  # the file's own, once it was looked at
    return Step(step.kind, step.title, target, commands, step.limit, step.may_fail)


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain data, for the database and for ``zhiban runbooks plan --json``."""
    return asdict(plan)


def seen_of(data: dict[str, Any]) -> Seen | None:
    """What the look of a stored plan found."""
    seen = data["seen"]
    return Seen(**{**seen, "diff": tuple(seen["diff"])}) if seen else None


def service_of(data: dict[str, Any]) -> Service | None:
    """The balancer of a stored plan."""
    service = data["service"]
    if not service:
        return None
    nodes = tuple(Node(**node) for node in service["nodes"])
    return Service(**{**service, "balancer": Target(**service["balancer"]), "nodes": nodes})
