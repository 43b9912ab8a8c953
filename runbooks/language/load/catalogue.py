"""The runbooks there are, read from the catalogue's YAML files; every fault of all of them in one report."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from bot.core.errors import ConfigError
from bot.core.problems import Problems, Told
from data.load.read import as_written, read_file
from data.load.yaml_file import Spot, YamlFile
from runbooks.language import placeholders
from runbooks.language.definition import Catalogue, Definition
from runbooks.language.load.arguments import argument_names, load_argument
from runbooks.language.load.prechecks import facts_of, load_prechecks
from runbooks.language.load.runbook_file import RunbookFile
from runbooks.language.load.shared_keys import NAMELESS, KnownNames
from runbooks.language.load.steps import load_steps
from runbooks.language.steps import NestedRunbook, StepDefinition, flattened
from runbooks.language.vocabulary import Confirm, Effect, Text, Where

SHIPPED = Path(__file__).parents[2] / "catalog"


@dataclass(slots=True)
class _Shelf:
    """What was read so far: by name, with where it came from, and which file took which word."""

    found: dict[str, Definition] = field(default_factory=dict)
    spots: dict[str, Spot] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Runbook:
    """One file as it was read."""

    file: YamlFile
    definition: Definition
    overrides: bool

    def within(self, problems: Problems) -> "_Runbook":
        """The same, where what is found wrong from here on belongs to another report."""
        return replace(self, file=replace(self.file, problems=problems))


def load_commands(folder: Path, locale: str = "zh") -> Catalogue:
    """For a start: where a file of the site is wrong, the shipped commands are known and none of them runs (fault F83)."""
    try:
        return load_catalogue(folder, locale=locale)
    except ConfigError as error:
        return replace(load_catalogue(), faults=tuple(error.faults))


def load_catalogue(*more: Path, locale: str = "zh") -> Catalogue:
    """The shipped definitions and those of a site's own folders. Raises ``ConfigError`` with every fault.

    A file of a site replaces a shipped one only when it says ``overrides: true``.
    """
    problems, shelf = Problems(locale), _Shelf()
    shipped, of_shipped = _shipped()
    problems.found += of_shipped.found
    for one in shipped:
        _put(shelf, one.within(problems), shipped=True)
    for folder in more:
        for one in _read(folder, problems):
            _put(shelf, replace(one, definition=replace(one.definition, path=one.file.path)), shipped=False)
    for name, definition in shelf.found.items():
        _linked(shelf.spots[name], definition, shelf.found)
    if problems.found:
        raise ConfigError(problems.lines())
    return Catalogue(shelf.found)


@cache
def _shipped() -> tuple[tuple[_Runbook, ...], Problems]:
    """Read once a process: its files do not change, and a site's are read again with every change."""
    problems = Problems()
    return tuple(_read(SHIPPED, problems)), problems


def _read(folder: Path, problems: Problems) -> Iterator[_Runbook]:
    for path in sorted(folder.glob("*.yaml")):
        file = None if path.name.endswith(".test.yaml") else read_file(path, problems)
        if file is not None:
            written = as_written(file, RunbookFile)
            yield _Runbook(file, _definition(written, file.top), written.overrides)


def _put(shelf: _Shelf, runbook: _Runbook, *, shipped: bool) -> None:
    """Take a definition in, unless a word of it is another's."""
    at, definition, overrides = runbook.file.top, runbook.definition, runbook.overrides
    name = definition.name
    old = shelf.found.get(name)
    _same_twins(at, definition, [d for d in shelf.found.values() if d.verb == definition.verb and d is not old])
    if overrides:
        if shipped or old is None:
            at.report(Told("runbooks/nothing_to_replace", name=name), "overrides")
        for word in [word for word, path in shelf.taken.items() if old and path == shelf.spots[name].file.path.name]:
            del shelf.taken[word]
    siblings = {d.verb: d for d in shelf.found.values() if d.word and definition.word and d.verb == definition.verb}
    for word, key in ((name, "verb"), (definition.verb, "verb"), (definition.alias, "alias")):
        sibling = siblings.get(definition.verb)
        if sibling and (word == definition.verb or (word == definition.alias == sibling.alias)):
            continue
        if word in shelf.taken and shelf.taken[word] != at.file.path.name:
            at.report(Told("runbooks/taken", key=key, given=word, file=shelf.taken[word]), key)
        elif word:
            shelf.taken[word] = at.file.path.name
    if old is None or overrides:
        shelf.found[name], shelf.spots[name] = definition, at


def _same_twins(at: Spot, definition: Definition, others: Iterable[Definition]) -> None:
    """A Chinese word means the same one behind the same verb, whichever runbook it leads to."""
    known = {twin: word for other in others for twin, word in other.twins.items()}
    for twin, word in definition.twins.items():
        if known.get(twin, word) != word:
            verb, there = definition.verb, known[twin]
            at.report(Told("runbooks/twin_twice", twin=twin, verb=verb, there=there, here=word))


def _definition(written: RunbookFile, at: Spot) -> Definition:
    fixed = _fixed(written, at)
    arguments = tuple(
        load_argument(entry, at.child("arguments", place), fixed) for place, entry in enumerate(written.arguments)
    )
    known = fixed | placeholders.HERE_NAMES | argument_names(arguments)
    prechecks = load_prechecks(written.look, at, KnownNames(arguments, known))
    facts = facts_of(prechecks)
    called = frozenset(check.name for check in prechecks if check.name)
    named = any(argument.type.places for argument in arguments)
    definition = Definition(
        verb=written.verb,
        word=written.word,
        word_alias=written.word_alias,
        alias=written.alias,
        title=Text(written.title.zh, written.title.en),
        source=written.source,
        roles=written.roles,
        confirm=written.confirm,
        confirmers=written.confirmers or written.roles,
        breakglass=written.breakglass,
        group=written.group,
        where=written.where or (Where.HOST if named else Where.BALANCER),
        effect=written.effect,
        report=written.report,
        undo=written.undo,
        values=written.values,
        arguments=arguments,
        prechecks=prechecks,
        steps=load_steps(written.steps, at, KnownNames(arguments, known | facts, facts, called, written.effect)),
        line=at.at("group"),
    )
    placeholders.check(at, "undo", definition.undo, known)
    _sound(at, definition)
    return definition


def _fixed(written: RunbookFile, at: Spot) -> frozenset[str]:
    """What may stand in braces whatever the arguments are: the site's names and the runbook's own values."""
    for name in sorted(NAMELESS & written.values.keys()):
        at.report(Told("runbooks/name_of_look", key="values", given=name), "values")
    for value in written.values.values():
        placeholders.check(at, "values", value, placeholders.SITE_NAMES)
    return placeholders.SITE_NAMES | frozenset(written.values)


def _sound(at: Spot, definition: Definition) -> None:
    """What no single field shows."""
    if not definition.roles:
        at.report(Told("runbooks/no_roles"))
    if not definition.steps:
        at.report(Told("runbooks/no_steps"))
    if definition.confirm is Confirm.NONE and definition.effect is not Effect.NONE:
        at.report(Told("runbooks/reads_with_effect", effect=definition.effect), "confirm")
    changes, edits = definition.confirm is not Confirm.NONE, definition.effect in {Effect.OUT, Effect.IN}
    if changes and any(step.at_once > 1 for step in _plain(definition)) and edits:
        at.report(Told("runbooks/at_once_balancer", effect=definition.effect))
    elif changes and any(step.at_once > 1 and not step.may_go_together for step in _plain(definition)):
        at.report(Told("runbooks/at_once_undo"))
    if definition.confirm is Confirm.NONE and any(step.kind.writes for step in _plain(definition)):
        at.report(Told("runbooks/reads_with_write"), "confirm")
    named = [a for a in definition.arguments if a.type.places]
    needing = definition.placeless
    if definition.where is Where.HOST and not named and needing:
        at.report(Told("runbooks/where_host"), "where")
    if definition.where is Where.BALANCER and not definition.group and not named and needing:
        at.report(Told("runbooks/whose_balancer"), "where")
    if definition.word_alias and len(definition.word_alias.split()) != len(definition.word.split()):
        told = Told("runbooks/uneven_alias", given=definition.word_alias, word=definition.word)
        at.report(told, "word_alias")
    optional = False
    for argument in definition.arguments:
        if optional and argument.default is None:
            at.report(Told("runbooks/after_default", given=argument.name), "arguments")
        optional = optional or argument.default is not None
    names = [argument.name for argument in definition.arguments]
    for name in sorted({name for name in names if names.count(name) > 1}):
        at.report(Told("runbooks/argument_twice", given=name), "arguments")


def _plain(definition: Definition) -> list[StepDefinition]:
    return [item for item in flattened(definition.steps) if isinstance(item, StepDefinition)]


def _inner(definition: Definition) -> list[NestedRunbook]:
    return [item for item in flattened(definition.steps) if isinstance(item, NestedRunbook)]


def _linked(at: Spot, definition: Definition, others: dict[str, Definition]) -> None:
    """Every runbook within exists, takes that many words, and does not come back to this one."""
    for inner in _inner(definition):
        other = others.get(inner.runbook)
        if other is None:
            at.report(Told("runbooks/no_runbook", given=inner.runbook), "steps")
            continue
        least = sum(argument.default is None for argument in other.arguments)
        most, given = len(other.arguments), len(inner.words)
        if not least <= given <= most:
            told = Told("runbooks/word_count", runbook=inner.runbook, least=least, most=most, given=given)
            at.report(told, "steps")
        if _reaches(other, definition.name, others, frozenset()):
            at.report(Told("runbooks/circle", runbook=inner.runbook, name=definition.name), "steps")


def _reaches(start: Definition, goal: str, others: dict[str, Definition], seen: frozenset[str]) -> bool:
    if start.name == goal:
        return True
    following = [others[i.runbook] for i in _inner(start) if i.runbook in others and i.runbook not in seen]
    return any(_reaches(other, goal, others, seen | {start.name}) for other in following)
