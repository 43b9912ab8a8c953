"""A YAML file read as what its model says may be written; what is not so is told with file and line, all of it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.core.problems import Problems, Told, nearest_of
from data.load.written import WRONG, Unknown, Written
from data.load.yaml_file import Loc, YamlFile, read_yaml

M = TypeVar("M", bound=Written)
_TOLD: Mapping[str, str] = {
    "missing": "data/missing",
    "one_value": "data/one_value",
    "string_type": "data/one_value",
    "plain_values": "data/plain_values",
    "tuple_type": "data/no_list",
}
_DEEPEST = 8  # what was reported may hide something below it; so deep nobody writes
_OPTION = re.compile("'([^']*)'")


def read_file(path: Path, problems: Problems) -> YamlFile | None:
    """The file's values; None where it cannot be read at all, which is told."""
    return read_yaml(path, problems)


def as_written(file: YamlFile, model: type[M]) -> M:
    """The file as ``model``. What was told as wrong reads as if it were left out, or as something harmless.

    So what refers to it can still be judged, and all that is wrong stands in one report.
    """
    tree: object = file.tree
    for _ in range(_DEEPEST):
        try:
            return model.model_validate(tree)
        except ValidationError as error:
            details = error.errors(include_url=False)
        misspelt = {place for detail in details if (place := _meant(detail))}
        file.told |= misspelt
        for detail in details:
            if detail["type"] != "missing" or _plain(detail["loc"]) not in misspelt:
                _tell(file, detail)
            file.told.add(_plain(detail["loc"]))
            tree = _without(tree, _plain(detail["loc"]), unknown=detail["type"] == "extra_forbidden")
    return model.model_validate(WRONG)


def tag(name: str) -> str:
    """How a form of a value that has several is marked in pydantic's locations, so that it is told from a key."""
    return f"‹{name}›"


def _plain(loc: Loc) -> Loc:
    return tuple(part for part in loc if not (isinstance(part, str) and part.startswith("‹")))


def _tell(file: YamlFile, detail: ErrorDetails) -> None:
    loc = _plain(detail["loc"])
    if detail["type"] in {"model_type", "dict_type"}:
        shown = None if isinstance(detail["input"], list) else repr(detail["input"])
        file.problems.add(file.path, file.lines.get(loc, 1), Told("data/no_map", given=shown))
        return
    while isinstance(loc[-1], int):
        loc = loc[:-1]  # an item of a list of words is told at the list's key
    file.top.child(*loc[:-1]).report(_sentence(str(loc[-1]), detail), str(loc[-1]))


def _meant(detail: ErrorDetails) -> Loc | None:
    """Where the key stands that an unknown one is told to be: who misspelt it is not told, too, that it is missing."""
    given = detail["input"]
    return (*_plain(detail["loc"])[:-1], given.meant) if isinstance(given, Unknown) and given.meant else None


def _sentence(key: str, detail: ErrorDetails) -> Told:
    given = detail["input"]
    match detail["type"]:
        case "extra_forbidden" if isinstance(given, Unknown):
            return given.told
        case "enum" if isinstance(given, str):
            options = _OPTION.findall(detail["ctx"]["expected"])
            return Told("data/unknown_word", key=key, given=given, near=nearest_of(given, options))
        case "enum":
            return Told("data/one_value", key=key)
        case "string_type" if given is None:
            return Told("data/missing", key=key)
        case kind if kind in _TOLD:
            return Told(_TOLD[kind], key=key)
        case "told":
            return Told(detail["ctx"]["name"], key=key, **detail["ctx"]["facts"])
        case _:
            return Told("data/bad_value", key=key)


def _without(tree: object, loc: Loc, *, unknown: bool) -> object:
    """``tree`` with the value at ``loc`` marked as reported; a key that nobody knows is taken out."""
    if not loc:
        return WRONG
    key, rest = loc[0], loc[1:]
    if isinstance(key, int):
        if not isinstance(tree, list):
            return WRONG  # one alone, where a list may stand
        return [_without(item, rest, unknown=unknown) if n == key else item for n, item in enumerate(tree)]
    given = tree if isinstance(tree, dict) else {}
    if unknown and not rest:
        return {name: item for name, item in given.items() if name != key}
    return {**given, key: _without(given.get(key), rest, unknown=unknown)}
