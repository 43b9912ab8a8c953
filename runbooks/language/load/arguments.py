"""Reads one typed argument of a definition."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import PurePosixPath

from bot.core.problems import Told, nearest_of
from data.load.references import checked
from data.load.yaml_file import Spot
from runbooks.language import placeholders
from runbooks.language.definition import Argument, StricterPolicy
from runbooks.language.load.runbook_file import ArgumentEntry, StricterEntry
from runbooks.language.load.shared_keys import NAMELESS, pattern
from runbooks.language.sizes import size
from runbooks.language.vocabulary import ArgumentType

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}", re.ASCII)
_DATE_FORMAT = re.compile(r"(?:%[Ymdy]|[-._/])+", re.ASCII)
_PLAIN = re.compile(r"0|[1-9][0-9]*", re.ASCII)
_MOST = 1_000_000
_NUMBERS = {ArgumentType.INT, ArgumentType.SIZE}


def argument_names(arguments: Iterable[Argument]) -> frozenset[str]:
    """The placeholders that come with these arguments."""
    names: set[str] = set()
    for argument in arguments:
        if argument.many:
            continue  # its values come one by one, through each
        places = argument.type in {ArgumentType.HOST, ArgumentType.NODE}
        names |= placeholders.host_names(argument.name) if places else {argument.name}
    return frozenset(names)


def load_argument(entry: ArgumentEntry, at: Spot, fixed: frozenset[str]) -> Argument:
    """One argument, whose choices may use the placeholders ``fixed``; what is wrong is reported."""
    if entry.name and not _NAME.fullmatch(entry.name):
        at.report(Told("runbooks/bad_name", given=entry.name), "name")
    if entry.name in NAMELESS:
        at.report(Told("runbooks/name_of_look", key="name", given=entry.name), "name")
    least, most = _bounds(entry, at)
    argument = Argument(
        name=entry.name,
        type=entry.type,
        example=entry.example,
        default=entry.default or None,
        choices=entry.choices,
        twins=entry.twins,
        least=least,
        most=most,
        group=entry.group,
        balanced=entry.balanced,
        format=entry.format,
        root=entry.root.rstrip("/") if entry.type is ArgumentType.PATH else entry.root,
        match=entry.match,
        suffix=entry.suffix,
        many=entry.many,
        roles=entry.roles,
        values={value: _stricter(stricter, at.child("values", value)) for value, stricter in entry.values.items()},
        line=at.line,
    )
    _sound(at, argument, fixed)
    return argument


def _stricter(entry: StricterEntry, at: Spot) -> StricterPolicy:
    return StricterPolicy(entry.confirm, entry.roles, entry.confirmers, at.line)


def _bounds(entry: ArgumentEntry, at: Spot) -> tuple[int, int]:
    for key, text in (("least", entry.least), ("most", entry.most)):
        if text and entry.type not in _NUMBERS:
            at.report(Told("runbooks/for_numbers", key=key, kind=entry.type), key)
    if entry.type not in _NUMBERS or not entry.most:
        return 0, 0
    if entry.type is ArgumentType.INT:
        return _whole(at, "least", entry.least), _whole(at, "most", entry.most)
    least, most = size(entry.least or "1K"), size(entry.most)
    if least is None or most is None:
        at.report(Told("runbooks/bad_sizes"), "most")
    return least or 0, most or 0


def _whole(at: Spot, key: str, text: str) -> int:
    if not text:
        at.report(Told("data/missing", key=key))
        return 0
    if not (text.isascii() and text.isdigit() and int(text) <= _MOST):
        at.report(Told("data/no_number", key=key, given=text, least=0, most=_MOST), key)
        return 0
    return int(text)


def _sound(at: Spot, argument: Argument, fixed: frozenset[str]) -> None:
    kind, choices = argument.type, argument.choices
    if kind is ArgumentType.CHOICE and not choices:
        at.report(Told("runbooks/no_choices"))
    if kind in _NUMBERS and not argument.most:
        at.report(Told("runbooks/no_limits"))
    if argument.default is not None and choices and argument.default not in choices:
        near = nearest_of(argument.default, choices)
        at.report(Told("runbooks/bad_default", given=argument.default, near=near), "default")
    if kind is ArgumentType.PATH and not argument.root:
        at.report(Told("data/missing", key="root"))
    if kind is ArgumentType.PATH and argument.root and not _plain_root(argument.root):
        at.report(Told("runbooks/bad_root", given=argument.root), "root")
    if kind is ArgumentType.DATE and not _DATE_FORMAT.fullmatch(argument.format):
        at.report(Told("runbooks/bad_format", given=argument.format), "format")
    if argument.many and kind not in {ArgumentType.PORT, ArgumentType.INT, ArgumentType.PATH}:
        at.report(Told("runbooks/for_many", kind=kind), "many")
    pattern(at, "match", argument.match)
    if argument.match and kind not in {ArgumentType.PATH, ArgumentType.FILE}:
        at.report(Told("runbooks/for_files", kind=kind), "match")
    if argument.suffix and kind is not ArgumentType.PATH:
        at.report(Told("runbooks/for_paths", kind=kind), "suffix")
    for value in choices.values():
        placeholders.check(at, "choices", value, fixed)
    for word in argument.twins.values():
        checked(at, "twins", word, choices, "choice")
    for value in argument.values:
        _sound_value(at, argument, value)


def _sound_value(at: Spot, argument: Argument, value: str) -> None:
    """A value that is never typed so would make nothing stricter, and nobody would know."""
    match argument.type:
        case ArgumentType.CHOICE:
            checked(at, "values", value, argument.choices, "choice")
        case ArgumentType.SIZE:
            at.report(Told("runbooks/value_size"), "values")
        case ArgumentType.INT | ArgumentType.PORT if not _PLAIN.fullmatch(value):
            at.report(Told("runbooks/value_number", given=value), "values")
        case ArgumentType.DATE if (day := day_of(value, None)) is None or day.isoformat() != value:
            at.report(Told("runbooks/value_date", given=value), "values")


def _plain_root(root: str) -> bool:
    return root.startswith("/") and root != "/" and str(PurePosixPath(root)) == root and ".." not in root


def day_of(text: str, today: date | None) -> date | None:
    """``2026-11-22``, ``20261122``, ``today``, ``yesterday``; None when it is none of these."""
    if text in {"today", "yesterday"} and today is not None:
        return today if text == "today" else date.fromordinal(today.toordinal() - 1)
    if not re.fullmatch(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
