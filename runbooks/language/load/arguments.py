"""Reads one typed argument of a definition."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import PurePosixPath

from bot.core.people import Role
from bot.core.problems import nearest
from data.load.yaml_fields import Fields
from runbooks.language import placeholders
from runbooks.language.definition import Argument, Stricter
from runbooks.language.load.step_words import LOOK_KEYS
from runbooks.language.sizes import size
from runbooks.language.vocabulary import ArgumentType, Confirm

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}", re.ASCII)
_DATE_FORMAT = re.compile(r"(?:%[Ymdy]|[-._/])+", re.ASCII)
_PLAIN = re.compile(r"0|[1-9][0-9]*", re.ASCII)
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


def load_argument(fields: Fields, fixed: frozenset[str]) -> Argument:
    """One argument, whose choices may use the placeholders ``fixed``; faults are recorded."""
    name = fields.text("name")
    if name and not _NAME.fullmatch(name):
        fields.fault(f"name: {name}: write small letters, digits and _", "name")
    if name in LOOK_KEYS:
        fields.fault(f"name: {name} is the name of a look; choose another", "name")
    kind = fields.choice("type", ArgumentType)
    least, most = _bounds(fields, kind)
    choices = fields.child("choices").scalars() if fields.has("choices") else {}
    argument = Argument(
        name=name,
        type=kind,
        example=fields.text("example", ""),
        default=fields.maybe("default"),
        choices=choices,
        least=least,
        most=most,
        group=fields.text("group", ""),
        balanced=fields.flag("balanced"),
        format=fields.text("format", "%Y-%m-%d"),
        root=fields.text("root", "") if kind is not ArgumentType.PATH else fields.text("root").rstrip("/"),
        match=fields.text("match", ""),
        many=fields.flag("many"),
        roles=fields.choices("roles", Role),
        values=_values(fields),
        line=fields.line,
    )
    _sound(fields, argument, fixed)
    fields.done()
    return argument


def _bounds(fields: Fields, kind: ArgumentType) -> tuple[int, int]:
    if kind not in _NUMBERS or not fields.has("most"):
        return 0, 0
    if kind is ArgumentType.INT:
        return fields.number("least"), fields.number("most")
    bounds = [size(fields.text(key, "1K")) for key in ("least", "most")]
    if None in bounds:
        fields.fault("least, most: write sizes such as 1G", "most")
    return bounds[0] or 0, bounds[1] or 0


def _values(fields: Fields) -> dict[str, Stricter]:
    if not fields.has("values"):
        return {}
    found = {}
    for value, child in fields.child("values").items():
        confirm = child.choice("confirm", Confirm) if child.has("confirm") else None
        found[value] = Stricter(confirm, child.choices("roles", Role), child.choices("confirmers", Role), child.line)
        child.done()
    return found


def _sound(fields: Fields, argument: Argument, fixed: frozenset[str]) -> None:
    kind, choices = argument.type, argument.choices
    if kind is ArgumentType.CHOICE and not choices:
        fields.fault("choices: there are none; write choices: {word: value}")
    if kind in _NUMBERS and not argument.most:
        fields.fault("most is missing; a number needs its limits, write least: 1 and most: 500")
    if argument.default is not None and choices and argument.default not in choices:
        fields.fault(f"default: {argument.default} is no choice; {nearest(argument.default, choices)}", "default")
    if kind is ArgumentType.PATH and not _plain_root(argument.root):
        fields.fault(f"root: {argument.root or '(empty)'} is no absolute folder; write root: /data/WEAVER", "root")
    if kind is ArgumentType.DATE and not _DATE_FORMAT.fullmatch(argument.format):
        fields.fault(f"format: {argument.format}: write %Y, %m, %d, %y and - . _ /, as in %Y%m%d", "format")
    if argument.many and kind not in {ArgumentType.PORT, ArgumentType.INT, ArgumentType.PATH}:
        fields.fault(f"many: is for ports, numbers and paths, not for {kind}", "many")
    try:
        re.compile(argument.match, re.ASCII)
    except re.error as error:
        fields.fault(f"match: {argument.match} is no regular expression ({error})", "match")
    if argument.match and kind not in {ArgumentType.PATH, ArgumentType.FILE}:
        fields.fault(f"match: is for paths and files, not for {kind}", "match")
    for value in choices.values():
        placeholders.check(fields, "choices", value, fixed)
    for value in argument.values:
        _sound_value(fields, argument, value)


def _sound_value(fields: Fields, argument: Argument, value: str) -> None:
    """A value that is never typed so would make nothing stricter, and nobody would know."""
    match argument.type:
        case ArgumentType.CHOICE:
            fields.check("values", value, argument.choices, "choice")
        case ArgumentType.SIZE:
            fields.fault("values: a size can be written in many ways; use least and most", "values")
        case ArgumentType.INT | ArgumentType.PORT if not _PLAIN.fullmatch(value):
            fields.fault(f"values: {value}: write the number plainly, as in 22", "values")
        case ArgumentType.DATE if (day := day_of(value, None)) is None or day.isoformat() != value:
            fields.fault(f"values: {value}: write the date as 2026-11-22", "values")


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
