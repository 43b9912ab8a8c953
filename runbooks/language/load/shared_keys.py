"""The words that several keys of a step share: its hosts, its argv, its conditions, with what may stand in braces there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.core.problems import Told
from data.load.references import checked
from data.load.yaml_file import Spot
from runbooks.language import placeholders
from runbooks.language.definition import Argument
from runbooks.language.load.step_forms import GroupOfHosts
from runbooks.language.steps import Selector
from runbooks.language.vocabulary import ArgumentType, Effect

NAMELESS = frozenset({"window", "disk_free"})  # prechecks without a name go by their key in ``ends``; they find no fact


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What may stand in braces here (``known``), which of it a precheck has yet to find (``facts``), and every precheck's name."""

    arguments: tuple[Argument, ...]
    known: frozenset[str]
    facts: frozenset[str] = frozenset()
    prechecks: frozenset[str] = frozenset()
    effect: Effect = Effect.NONE

    def plus(self, *names: frozenset[str]) -> "KnownNames":
        return replace(self, known=self.known.union(*names))


def selector(at: Spot, key: str, written: str | GroupOfHosts, names: KnownNames) -> Selector:
    """``host`` (an argument), ``balancer``, ``here``, or {group, tag, without, first}."""
    if isinstance(written, GroupOfHosts):
        return Selector(
            group=written.group,
            tag=written.tag,
            without=written.without,
            first=written.first,
            line=at.child(key).line,
        )
    if written in {"balancer", "here"}:
        return Selector(balancer=written == "balancer", here=written == "here")
    known = [a.name for a in names.arguments if a.type.places or a.many]
    checked(at, key, written, [*known, "balancer", "here"], "argument of type host, node or group")
    return Selector(argument=written)


def maybe_selector(at: Spot, key: str, written: str | GroupOfHosts | None, names: KnownNames) -> Selector | None:
    """The same; None where the key is not there."""
    return None if written is None else selector(at, key, written, names)


def when(at: Spot, written: Mapping[str, tuple[str, ...]], names: KnownNames) -> Mapping[str, tuple[str, ...]]:
    """Conditions on choices and on facts found before."""
    known = [*names.facts, *(a.name for a in names.arguments if a.type is ArgumentType.CHOICE)]
    for name in written:
        checked(at, "when", name, known, "choice or fact")
    return written


def ends(at: Spot, written: tuple[str, ...], names: KnownNames) -> tuple[str, ...]:
    """Prechecks of this runbook, by name; what checks the free disk or the window is called by its key."""
    for name in written:
        checked(at, "ends", name, sorted(names.prechecks), "look")
    return written


def argv(at: Spot, key: str, written: tuple[str, ...], names: KnownNames) -> tuple[str, ...]:
    """The words of a command; secrets may stand in them."""
    for one in written:
        placeholders.check(at, key, one, names.known, secrets=True)
    return written


def word(at: Spot, key: str, written: str, names: KnownNames, *, secrets: bool = False) -> str:
    """One word with placeholders."""
    placeholders.check(at, key, written, names.known, secrets=secrets)
    return written


def codes(at: Spot, written: tuple[str, ...]) -> tuple[int, ...]:
    """The exit codes that are fine; 0 where none are written."""
    if all(code.isascii() and code.isdigit() and int(code) < 256 for code in written):
        return tuple(int(code) for code in written) or (0,)
    at.report(Told("runbooks/bad_codes"), "ok")
    return (0,)


def pattern(at: Spot, key: str, text: str) -> str:
    """A regular expression; empty where it is none, which is reported."""
    try:
        re.compile(text, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        place = error.pos if isinstance(error, re.error) else None
        at.report(Told("runbooks/bad_pattern", key=key, given=text, reason=str(error), place=place), key)
        return ""
    return text
