"""From a definition and its checked arguments to a plan; rolls and runbooks within are written out step by step."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.core.errors import UserError
from bot.core.people import Role
from data.model import HostGroup
from data.site import Site
from data.times import Window
from runbooks.language import placeholders
from runbooks.language.arguments import Given, narrowed, read_arguments
from runbooks.language.definition import Catalogue, Definition
from runbooks.language.selectors import Place, selected
from runbooks.language.steps import AnyStep, NestedRunbook, Roll
from runbooks.language.vocabulary import Confirm, Effect, Kind, Where
from runbooks.planning.compose import Scene, compose_step
from runbooks.planning.plan import Node, Plan, PlannedPrecheck, Service, Step, needed, target_of

NOTHING = Catalogue({})


def plan_run(
    definition: Definition,
    typed: tuple[str, ...],
    site: Site,
    *,
    catalogue: Catalogue = NOTHING,
    at: datetime | None = None,
    first: int = 1,
    done: Collection[int] = (),
) -> Plan:
    """The plan of ``/verb words``. Raises ``UserError`` naming the word that is wrong (see :func:`read_arguments`).

    ``catalogue`` has the runbooks within; ``at`` is when it was asked for, on the site's clock. ``first``: the steps before
    that place are left out, for a run that goes on where another stopped (an edit and what verifies it stay together), and so
    are the looks that they ended: a backup that this run has made is no reason to refuse its rest. ``done``: places behind it
    that are left out as well, of hosts that did it together with one that did not.
    """
    given = read_arguments(definition, typed, site, at and at.date())
    draft = _PlanDraft(site, catalogue, at)
    top = draft.scene(definition, given)
    draft.write(definition, top)
    confirm = draft.confirm
    reads = confirm is Confirm.NONE  # within what changes something, hosts take turns unless it says otherwise itself
    wave = {number: number if reads or number in draft.changing else 0 for number in range(draft.waves + 1)}
    whole = tuple(replace(s, index=place, wave=wave[s.wave]) for place, s in enumerate(draft.steps, 1))
    begins = _block_start(whole, first)
    behind = {place for place in range(1, len(whole) + 1) if place < begins or place in done}
    steps = tuple(step for step in whole if step.index not in behind)
    ended = _ended(tuple(step for step in whole if step.index in behind), steps)
    begun = {section for section, name, _ in ended if name == "window"}
    group = top.place.group
    where = top.place.default
    return Plan(
        verb=definition.verb,
        line=" ".join((f"/{definition.name}", *given.typed)),
        title=definition.title,
        confirm=confirm,
        roles=tuple(role for role in given.roles if role in draft.roles),
        confirmers=draft.confirmers,
        breakglass=draft.breakglass,
        effect=definition.effect,
        report=definition.report,
        undo=placeholders.fill(definition.undo, top.values(where)),
        what=given.what or (where.id if definition.placeless and definition.where is Where.BALANCER else group.id),
        target=given.target.id if given.target else where.id,
        address=given.target.upstream or "" if given.target else "",
        locks=() if confirm is Confirm.NONE else _locks(steps, given),
        items=tuple(dict.fromkeys(step.item for step in steps if step.item)),
        window=_common([hours for hours in draft.windows if hours.section not in begun]),
        looks=tuple(look for look in draft.looks if (look.section, look.name, look.target.id) not in ended),
        facts=(),
        steps=steps,
        service=_service(steps, group, site),
        seen=None,
        dry_run=given.dry_run,
    )


@dataclass(frozen=True, slots=True)
class _Hours:
    """The change window that one definition asks for."""

    section: int
    name: str
    window: Window


@dataclass(slots=True)
class _PlanDraft:
    """What has been written out so far; ``roles``: who may run everything in it, ``confirmers``: who may say yes to it all.

    ``named``: whether a definition named these confirmers, rather than leave it to who may run it. ``waves``: how many steps
    go together on several hosts, ``changing``: those of them that belong to what changes something.
    """

    site: Site
    catalogue: Catalogue
    at: datetime | None
    steps: list[Step] = field(default_factory=list)
    looks: list[PlannedPrecheck] = field(default_factory=list)
    windows: list[_Hours] = field(default_factory=list)
    confirm: Confirm = Confirm.NONE
    roles: frozenset[Role] = frozenset(Role)
    confirmers: tuple[Role, ...] = ()
    named: bool = False
    breakglass: bool = True
    sections: int = -1
    waves: int = 0
    changing: set[int] = field(default_factory=set)

    def scene(self, definition: Definition, given: Given, item: str = "") -> Scene:
        """Where a definition's steps run when they do not say so."""
        target = given.target
        name = target.group if target else (given.group or definition.group)
        group = self.site.host_groups.get(name)
        first = next(iter(self.site.group_hosts(name)), None)
        if group is None or first is None:
            raise UserError("no_such_group", verb=definition.verb, group=name)
        if definition.where is Where.HOST or (group.balancer is None and not definition.placeless):
            default = target or first
        elif group.balancer is None:
            raise UserError("no_balancer", verb=definition.verb, group=group.id)
        else:
            default = self.site.hosts[group.balancer.host]
        place = Place(self.site, given, group, default)
        return Scene(definition, given, place, self.at, item)

    def write(self, definition: Definition, scene: Scene) -> None:
        """A definition's looks and steps, those of the runbooks within it too."""
        self.sections += 1
        section = self.sections
        self._stricter(definition, scene.given)
        for look in definition.prechecks:
            if look.window:
                window = scene.place.group.change_window
                self.windows += [_Hours(section, definition.name, window)] if window else []
                continue
            for host in selected(scene.place, look.on):
                self.looks.append(replace(scene.precheck(look, host), section=section))
        begins = len(self.steps)
        for item in definition.steps:
            self._item(item, scene, section)
        if definition.effect is not Effect.NONE and scene.given.target and len(self.steps) > begins:
            address = scene.given.target.upstream or ""
            self.steps[begins] = replace(self.steps[begins], effect=definition.effect, node=address)

    def _stricter(self, definition: Definition, given: Given) -> None:
        """Take over what this definition with these words asks for; the plan is as strict as the strictest of them."""
        self.confirm = self.confirm.stricter(given.confirm)
        self.roles &= frozenset(given.roles)
        self.breakglass = self.breakglass and definition.breakglass
        if not self.confirmers or given.confirm is not Confirm.NONE:  # what asks nobody has no say in who is asked
            self._asked(definition, given)

    def _asked(self, definition: Definition, given: Given) -> None:
        """Who may say yes to both; where nobody may, those that a file names before its mere roles, then the outer's."""
        named = set(given.confirmers) != set(definition.roles)
        both = set(self.confirmers) & set(given.confirmers)
        if both or not self.confirmers or (named and not self.named):
            self.confirmers = narrowed(self.confirmers, given.confirmers)
            self.named = self.named or named

    def _item(self, item: AnyStep, scene: Scene, section: int) -> None:
        if isinstance(item, Roll):
            self._roll(item, scene, section)
        elif not scene.wanted(item.when):
            return
        elif isinstance(item, NestedRunbook):
            self._inner(item, scene)
        else:
            steps = [compose_step(item, scene, host, section) for host in scene.hosts(item)]
            together = item.at_once > 1 and len(steps) > 1
            self.waves += together
            if together and scene.definition.confirm is not Confirm.NONE:
                self.changing.add(self.waves)
            self.steps += [replace(step, wave=self.waves) for step in steps] if together else steps

    def _inner(self, inner: NestedRunbook, scene: Scene) -> None:
        definition = self.catalogue.definitions.get(inner.runbook)
        if definition is None:
            raise UserError("unknown_command", verb=inner.runbook, nearest=None)
        values = scene.values(scene.place.here or scene.place.default)
        words = tuple(placeholders.fill(w, values) for w in inner.words)
        given = read_arguments(definition, words, self.site, self.at and self.at.date())
        self.write(definition, self.scene(definition, given, scene.item))

    def _roll(self, roll: Roll, scene: Scene, section: int) -> None:
        hosts = selected(scene.place, roll.over)
        size = max(1, int(placeholders.fill(roll.batch, scene.values(scene.place.default))))
        for start in range(0, len(hosts), size):
            for item in roll.steps:
                for host in hosts[start : start + size]:
                    self._item(item, scene.at(host), section)


def _ended(done: tuple[Step, ...], left: tuple[Step, ...]) -> set[tuple[int, str, str]]:
    """Section, name and host of the looks that ``done`` ended, each those of its own section; what ``left`` uses is kept."""
    used = {(step.section, name) for step in left for name in needed((step,))}
    ended = {(step.section, name, step.target.id) for step in done for name in step.ends}
    return {(section, name, host) for section, name, host in ended if (section, name) not in used}


def _common(windows: list[_Hours]) -> str:
    """The hours that all of them have in common; none is never."""
    common: Window | None = None
    for hours in windows:
        before, window = common or hours.window, hours.window
        if max(before.start, window.start) >= min(before.end, window.end):
            raise UserError("outside_window", line=f"/{hours.name}", window=f"{before} + {window}")
        common = Window(max(before.start, window.start), min(before.end, window.end))
    return str(common or "")


def _locks(steps: tuple[Step, ...], given: Given) -> tuple[str, ...]:
    """Every host that a step touches, and the node that the run is about."""
    named = {host.id for host in given.hosts.values()}
    return tuple(sorted({step.target.id for step in steps} | {step.item for step in steps if step.item} | named))


def _service(steps: tuple[Step, ...], group: HostGroup, site: Site) -> Service | None:
    """Needed for what takes a node out of service, and for every step that is about the balancer's nginx."""
    nginx = any(step.kind.of_nginx for step in steps)
    takes = any(step.effect in {Effect.OUT, Effect.BRIEF} for step in steps)
    return service_of(group, site) if nginx or (takes and group.balancer is not None) else None


def service_of(group: HostGroup, site: Site) -> Service:
    """The group behind its load balancer. Raises ``UserError`` ``no_balancer``."""
    balancer = group.balancer
    if balancer is None:
        raise UserError("no_balancer", verb="drain", group=group.id)
    return Service(
        group=group.id,
        balancer=target_of(site.hosts[balancer.host]),
        conf=balancer.conf,
        nginx=balancer.binary,
        upstream=balancer.upstream,
        nodes=tuple(Node(h.id, h.upstream) for h in site.group_hosts(group.id) if h.upstream),
        min_in_service=group.min_in_service,
        max_unavailable=group.max_unavailable,
        health=group.health,
    )


def _block_start(steps: tuple[Step, ...], first: int) -> int:
    """The first place of the indivisible block that ``first`` is in: an edit and what follows it up to its verification.

    The wait for old connections behind it belongs to it: whoever goes on there must be sure that the node is out.
    """
    for place in range(min(first, len(steps)), 0, -1):
        step = steps[place - 1]
        if step.kind is Kind.EDIT and step.section == steps[first - 1].section:
            verified = [n for n in range(place, len(steps) + 1) if steps[n - 1].kind is Kind.WORKERS]
            waits = verified and verified[0] < len(steps) and steps[verified[0]].kind is Kind.DRAINED
            return place if verified and first <= verified[0] + bool(waits) else first
    return max(1, first)
