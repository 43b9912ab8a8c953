"""Reads the prechecks of a definition (its key ``look``): commands that read before anybody is asked, and the facts they find."""

import re
from collections.abc import Iterable

from bot.core.problems import Told
from data.load.yaml_file import Spot
from runbooks.language import placeholders
from runbooks.language.load import shared_keys as read
from runbooks.language.load.runbook_file import CommandPrecheck, DiskPrecheck, PrecheckForm, WindowPrecheck
from runbooks.language.load.texts import fits, text_of
from runbooks.language.sizes import size
from runbooks.language.steps import Precheck, Selector
from runbooks.language.vocabulary import Text

NAME = re.compile(r"[a-z][a-z0-9_]{0,30}", re.ASCII)
_FAILED = Text("检查没有通过", "the check did not pass")


def load_prechecks(written: Iterable[PrecheckForm], at: Spot, names: read.KnownNames) -> tuple[Precheck, ...]:
    """In order; each may use the facts of those before it."""
    found: list[Precheck] = []
    for place, entry in enumerate(written):
        found.append(_precheck(entry, at.child("look", place), names.plus(facts_of(found))))
    return tuple(found)


def facts_of(prechecks: Iterable[Precheck]) -> frozenset[str]:
    """The facts that these prechecks find, by name."""
    return frozenset(check.name for check in prechecks if check.name) - read.NAMELESS


def _precheck(entry: PrecheckForm, at: Spot, names: read.KnownNames) -> Precheck:
    on = read.maybe_selector(at, "on", entry.on, names)
    match entry:
        case WindowPrecheck():
            return Precheck("window", on, (), (0,), "", "", "", "", None, Text("", ""), window=True)
        case DiskPrecheck():
            return _disk_free(entry, at, names, on)
        case CommandPrecheck():
            return _command(entry, at, names, on)


def _command(entry: CommandPrecheck, at: Spot, names: read.KnownNames, on: Selector | None) -> Precheck:
    _named(entry.name, at, names)
    if not entry.run:
        at.report(Told("runbooks/no_command"))
    for word in entry.run:
        placeholders.check(at, "run", word, names.known)
    read.pattern(at, "match", entry.match)
    return Precheck(
        name=entry.name,
        on=on,
        argv=entry.run,
        ok=read.codes(at, entry.ok),
        become=entry.become,
        match=entry.match,
        least=_bound(entry.least, "least", at, names),
        most=_bound(entry.most, "most", at, names),
        days_left=entry.days_left,
        refuse=fits(at, "refuse", text_of(entry.refuse, _FAILED), names.known),
        limit=float(entry.limit),
    )


def _named(name: str, at: Spot, names: read.KnownNames) -> None:
    if name and not NAME.fullmatch(name):
        at.report(Told("runbooks/bad_name", given=name), "name")
    if name in names.known | read.NAMELESS:
        at.report(Told("runbooks/name_taken", given=name), "name")


def _bound(text: str, key: str, at: Spot, names: read.KnownNames) -> str:
    """A number, or a fact found before."""
    if text and "{" not in text and not (text.isascii() and text.isdigit()):
        at.report(Told("runbooks/bad_bound", key=key, given=text), key)
    return read.word(at, key, text, names)


def _disk_free(entry: DiskPrecheck, at: Spot, names: read.KnownNames, on: Selector | None) -> Precheck:
    text = entry.disk_free
    placeholders.check(at, "path", entry.path, names.known)
    least = size(text)
    if least is None:
        at.report(Told("runbooks/bad_size", given=text), "disk_free")
    refuse = text_of(entry.refuse, Text(f"磁盘剩余不足 {text}", f"less than {text} of disk is free"))
    argv = ("df", "-B1", "--output=avail", entry.path)
    return Precheck("disk_free", on, argv, (0,), entry.become, r"(?s).*?([0-9]+)", str(least or 0), "", None, refuse)
