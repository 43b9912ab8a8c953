"""Reads the words of a step: its hosts, its argv, its conditions, and what may stand in braces in them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from data.load.yaml_fields import Fields
from runbooks.language import placeholders
from runbooks.language.definition import Argument
from runbooks.language.steps import Selector
from runbooks.language.vocabulary import ArgumentType, Effect

LOOK_KEYS = frozenset({"window", "disk_free"})  # looks without a name go by their key in ``ends``; they find no fact


@dataclass(frozen=True, slots=True)
class Names:
    """What may stand in braces here (``known``), which of it a look has yet to find (``facts``), and every look's name."""

    arguments: tuple[Argument, ...]
    known: frozenset[str]
    facts: frozenset[str] = frozenset()
    looks: frozenset[str] = frozenset()
    effect: Effect = Effect.NONE

    def plus(self, *names: frozenset[str]) -> "Names":
        return replace(self, known=self.known.union(*names))


def selector(fields: Fields, key: str, names: Names) -> Selector:
    """``host`` (an argument), ``balancer``, ``here``, or {group, tag, without, first}."""
    if fields.is_map(key):
        child = fields.child(key)
        found = Selector(
            group=child.text("group"),
            tag=child.text("tag", ""),
            without=child.text("without", ""),
            first=child.flag("first"),
            line=child.line,
        )
        child.done()
        return found
    word = fields.text(key)
    if word in {"balancer", "here"}:
        return Selector(balancer=word == "balancer", here=word == "here")
    known = [a.name for a in names.arguments if a.type.places or a.many]
    fields.check(key, word, [*known, "balancer", "here"], "argument of type host, node or group")
    return Selector(argument=word)


def when(fields: Fields, names: Names) -> Mapping[str, tuple[str, ...]]:
    if not fields.has("when"):
        return {}
    found = fields.child("when").lists()
    known = [*names.facts, *(a.name for a in names.arguments if a.type is ArgumentType.CHOICE)]
    for name in found:
        fields.check("when", name, known, "choice or fact")
    return found


def ends(fields: Fields, names: Names) -> tuple[str, ...]:
    """Looks of this runbook, by name; what checks the free disk or the window is called by its key."""
    found = fields.texts("ends")
    for name in found:
        fields.check("ends", name, sorted(names.looks), "look")
    return found


def argv(fields: Fields, key: str, names: Names) -> tuple[str, ...]:
    argv = fields.texts(key)
    for word in argv:
        placeholders.check(fields, key, word, names.known, secrets=True)
    return argv


def word(fields: Fields, key: str, names: Names, *, secrets: bool = False, needed: bool = False) -> str:
    word = fields.text(key, None if needed else "")
    placeholders.check(fields, key, word, names.known, secrets=secrets)
    return word


def codes(fields: Fields) -> tuple[int, ...]:
    codes = fields.texts("ok") or ("0",)
    if all(code.isascii() and code.isdigit() and int(code) < 256 for code in codes):
        return tuple(int(code) for code in codes)
    fields.fault("ok: write exit codes, as in ok: [0, 1]", "ok")
    return (0,)


def pattern(fields: Fields, key: str, text: str) -> str:
    try:
        re.compile(text, re.ASCII)
    except re.error as error:
        fields.fault(f"{key}: {text} is no regular expression ({error})", key)
        return ""
    return text
