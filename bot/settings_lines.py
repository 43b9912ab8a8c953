"""Where in a TOML file a value is written: tomllib keeps no places."""

import re
from collections.abc import Mapping

Place = tuple[str, ...]
_WORD = r"(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')"
_DOTTED = rf"{_WORD}(?:\s*\.\s*{_WORD})*"
_TABLE = re.compile(rf"\s*\[\[?\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_PART = re.compile(_WORD)


def lines_of(text: str) -> dict[Place, int]:
    """The line of every table and key that has one of its own; what stands in an inline table has its table's."""
    found: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), 1):
        if head := _TABLE.match(line):
            table = _parts(head[1])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, *_parts(key[1])), number)
    return found


def line_at(lines: Mapping[Place, int], place: Place) -> int | None:
    """The line of what stands at ``place``, of something in it, or of the nearest table around it; None where there is none."""
    within = (line for written, line in lines.items() if place and written[: len(place)] == place)
    around = (lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines)
    return next(within, None) or next(around, None)


def _parts(dotted: str) -> Place:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
