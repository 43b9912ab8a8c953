"""Whether a site's own runbooks fit its inventory: a group, host or tag that ``hosts.yaml`` does not have is a fault.

Only files of the site are compared: a shipped runbook for a group that a site does without is simply never run there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import UserError
from bot.core.problems import Problems, Told, nearest_of
from data.site import Site
from runbooks.language import argument_types, placeholders
from runbooks.language.definition import Argument, Catalogue, Definition
from runbooks.language.steps import AnyStep, NestedRunbook, Roll, Selector, flattened
from runbooks.language.vocabulary import ArgumentType, Effect, Where

_READ = {
    ArgumentType.HOST: argument_types.host,
    ArgumentType.NODE: argument_types.node,
    ArgumentType.GROUP: argument_types.group,
}
_HOSTS = frozenset({ArgumentType.HOST, ArgumentType.NODE})


def unfit(catalogue: Catalogue, site: Site, only: Definition | None = None) -> tuple[str, ...]:
    """One line ``path:line: what is wrong; what to write instead`` for every fault; none while there is no inventory.

    ``only``: of this runbook and of those that run within it.
    """
    faults = Problems()
    for definition in catalogue.definitions.values() if only is None else _with_those_within(only, catalogue):
        if definition.path is not None and not site.faults:
            _Comparison(catalogue, site, definition, definition.path, faults).whole()
    return tuple(faults.lines())


def unmanned(catalogue: Catalogue, site: Site) -> dict[str, list[str]]:
    """The shipped runbooks that cannot run on this site, by the host group that has no host here."""
    missing: dict[str, list[str]] = {}
    for definition in catalogue.definitions.values():
        groups = sorted(group for group in _groups(definition) if group and not site.group_hosts(group))
        if definition.path is None and groups:
            missing.setdefault(groups[0], []).append(definition.name)
    return missing


def unbalanced(catalogue: Catalogue, site: Site) -> dict[str, tuple[list[str], list[str]]]:
    """By host group without a load balancer: the shipped runbooks that need one, and those whose floors nobody looks after."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for definition in catalogue.definitions.values():
        group = site.host_groups.get(definition.group)
        if definition.path is not None or group is None or group.balancer or not site.group_hosts(group.id):
            continue
        needs, blind = found.setdefault(group.id, ([], []))
        if _needs_balancer(definition):
            needs.append(definition.name)
        elif definition.effect in {Effect.OUT, Effect.BRIEF}:
            blind.append(definition.name)
    return {group: names for group, names in found.items() if any(names)}


def _needs_balancer(definition: Definition) -> bool:
    asked = any(argument.balanced or argument.type is ArgumentType.NODE for argument in definition.arguments)
    return asked or (definition.where is Where.BALANCER and bool(definition.placeless))


def untagged(catalogue: Catalogue, site: Site) -> dict[tuple[str, str], tuple[int, list[str]]]:
    """By group and tag that shipped runbooks look for: how many hosts have it and which runbooks those are, where it is not one.

    Several are told only of a tag whose others count too, as the standbys of a primary do.
    """
    found: dict[tuple[str, str], list[str]] = {}
    apart = set()
    for definition in catalogue.definitions.values():
        for selector in _selectors(definition) if definition.path is None else ():
            if selector.tag:
                found.setdefault((selector.group, selector.tag), []).append(definition.name)
            if selector.without:
                apart.add((selector.group, selector.without))
    counts = {
        (group, tag): sum(tag in host.tags for host in site.group_hosts(group))
        for group, tag in found
        if site.group_hosts(group)
    }
    odd = (place for place, count in counts.items() if not count or (count > 1 and place in apart))
    return {place: (counts[place], list(dict.fromkeys(found[place]))) for place in odd}


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One definition against the inventory."""

    catalogue: Catalogue
    site: Site
    definition: Definition
    path: Path
    faults: Problems

    def whole(self) -> None:
        definition = self.definition
        self._group(definition.line, "group", definition.group)
        for argument in definition.arguments:
            self._group(argument.line, "group", argument.group)
            if argument.type.places and self._peopled(_group_of(definition, argument)):
                self._argument(argument)
        for look in definition.prechecks:
            self._selector("on", look.on)
        self._items(definition.steps)

    def _argument(self, argument: Argument) -> None:
        """A host that is never typed so would make nothing stricter, and nobody would know."""
        known = argument_types.named(self.definition, argument, self.site)
        for value, stricter in argument.values.items():
            if value not in known:
                self._fault(stricter.line, _no_such("values", argument.type, value, known))
        if argument.default is not None:
            self._word(argument.line, "default", self.definition, argument, argument.default)

    def _items(self, items: tuple[AnyStep, ...], here: str = "") -> None:
        """``here``: the group of the roll that they stand in."""
        for item in items:
            if isinstance(item, Roll):
                self._selector("roll", item.over)
                self._items(item.steps, item.over.group)
            elif isinstance(item, NestedRunbook):
                self._inner(item, here)
            else:
                self._selector("on", item.on)
                self._selector("each", item.each.of if item.each else None)

    def _selector(self, key: str, selector: Selector | None) -> None:
        if selector is None or not selector.group or not self._group(selector.line, key, selector.group):
            return
        tags = {tag for host in self.site.group_hosts(selector.group) for tag in host.tags}
        for word, tag in (("tag", selector.tag), ("without", selector.without)):
            if tag and tag not in tags:
                told = Told("runbooks/no_tag", key=word, group=selector.group, given=tag, near=nearest_of(tag, tags))
                self._fault(selector.line, told)

    def _inner(self, inner: NestedRunbook, here: str) -> None:
        """A runbook within can stand on this site, and takes the hosts that it is given."""
        other = self.catalogue.definitions[inner.runbook]
        missing = sorted(group for group in _groups(other) if not self._peopled(group))
        for group in missing if other.path is None else ():  # a file of the site has faults of its own
            self._fault(inner.line, Told("runbooks/not_here", runbook=inner.runbook, group=group))
        if missing:
            return
        mine = {a.name: _group_of(self.definition, a) for a in self.definition.arguments if a.type in _HOSTS}
        mine["here"] = here
        for argument, word in zip(other.arguments, inner.words, strict=False):
            theirs, names = _group_of(other, argument), placeholders.placeholders(word)
            if not names and argument.type.places:
                self._word(inner.line, "with", other, argument, placeholders.fill(word, {}))
            elif argument.type in _HOSTS and len(names) == 1:
                group = mine.get(names[0].partition(".")[0], "")
                if group and theirs not in {"", group} and self._peopled(group):
                    told = Told("runbooks/other_group", given=word, group=group, runbook=inner.runbook, theirs=theirs)
                    self._fault(inner.line, told)

    def _word(self, line: int, key: str, definition: Definition, argument: Argument, word: str) -> None:
        """A place that is written in the file is one that could be typed."""
        try:
            _READ[argument.type](definition, argument, word, self.site)
        except UserError:
            known = argument_types.named(definition, argument, self.site)
            self._fault(line, _no_such(key, argument.type, word, known))

    def _group(self, line: int, key: str, group: str) -> bool:
        """Whether a step could run on it; else the fault."""
        if self._peopled(group):
            return True
        known = [name for name in self.site.host_groups if self._peopled(name)]
        if group in self.site.host_groups:
            self._fault(line, Told("runbooks/empty_group", key=key, given=group, near=nearest_of(group, known)))
        else:
            self._fault(line, _no_such(key, "host group", group, known))
        return False

    def _peopled(self, group: str) -> bool:
        return not group or bool(self.site.group_hosts(group))

    def _fault(self, line: int, told: Told) -> None:
        self.faults.add(self.path, line, told)


def _no_such(key: str, what: str, given: str, known: Iterable[str]) -> Told:
    return Told("data/no_such", key=key, what=what, given=given, near=nearest_of(given, known))


def _with_those_within(definition: Definition, catalogue: Catalogue) -> list[Definition]:
    """The definition and every one that its steps run; the loader has made sure that none runs itself."""
    within = [
        catalogue.definitions[item.runbook] for item in flattened(definition.steps) if isinstance(item, NestedRunbook)
    ]
    return [definition, *(one for inner in within for one in _with_those_within(inner, catalogue))]


def _group_of(definition: Definition, argument: Argument) -> str:
    return argument.group or definition.group


def _groups(definition: Definition) -> set[str]:
    """Every host group that a definition names itself."""
    named = {definition.group, *(a.group for a in definition.arguments)}
    return named | {selector.group for selector in _selectors(definition)}


def _selectors(definition: Definition) -> list[Selector]:
    """Every selection of hosts that a definition makes itself."""
    selectors = [look.on for look in definition.prechecks]
    for item in flattened(definition.steps):
        if isinstance(item, Roll):
            selectors.append(item.over)
        elif not isinstance(item, NestedRunbook):
            selectors += [item.on, item.each.of if item.each else None]
    return [selector for selector in selectors if selector]
