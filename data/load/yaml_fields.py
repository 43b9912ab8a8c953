"""A YAML file as fields that know their line: each is asked for once, and whatever is wrong or left over is a fault.

Scalars are taken as they are written, so ``phone: 13800000012`` and ``from: 08:30`` need no quotes.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import yaml

from bot.core.problems import Problems, nearest
from data.times import Window, span, window

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = "tag:yaml.org,2002:null"


class Fields:
    """One mapping of a file. A fault is recorded in ``faults`` and the reader gets a harmless stand-in."""

    def __init__(
        self, path: Path, line: int, nodes: dict[str, yaml.Node], lines: dict[str, int], faults: Problems
    ) -> None:
        self.path = path
        self.line = line
        self.faults = faults
        self._nodes = nodes
        self._lines = lines
        self._asked: set[str] = set()

    def fault(self, text: str, key: str | None = None) -> None:
        """Record what is wrong here, at the line of ``key`` when one is given."""
        self.faults.add(self.path, self.at(key) if key else self.line, text)

    def at(self, key: str) -> int:
        """The line of ``key``, or where all this begins when it is not there."""
        return self._lines.get(key, self.line)

    def has(self, key: str) -> bool:
        node = self._nodes.get(key)
        return node is not None and node.tag != _NULL

    def is_map(self, key: str) -> bool:
        """Whether a mapping stands there, where a plain word would do too."""
        return isinstance(self._nodes.get(key), yaml.MappingNode)

    def text(self, key: str, default: str | None = None) -> str:
        """A scalar as written; a missing one without ``default`` is a fault."""
        node = self._take(key)
        if node is None:
            if default is None:
                self.fault(f"{key} is missing; write {key}: …")
            return default or ""
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.fault(f"{key} is a list or a map; write one value", key)
        return default or ""

    def maybe(self, key: str) -> str | None:
        """A scalar, or None when it is not there."""
        return self.text(key, "") or None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of scalars, or one alone; empty when it is not there."""
        node = self._take(key)
        if node is None:
            return ()
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if all(isinstance(item, yaml.ScalarNode) for item in items):
            return tuple(str(item.value) for item in items)
        self.fault(f"{key} holds something else than plain values; write {key}: [one, two]", key)
        return ()

    def number(self, key: str, default: int | None = None, least: int = 0, most: int = 1_000_000) -> int:
        """A whole number within its limits."""
        text = self.text(key, None if default is None else str(default))
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        if text:
            self.fault(f"{key}: {text} is no number from {least} to {most}", key)
        return default or least

    def flag(self, key: str) -> bool:
        """``true`` or ``false``; false when it is not there."""
        text = self.text(key, "false").lower()
        if text not in {"true", "false"}:
            self.fault(f"{key}: {text} is neither; write true or false", key)
        return text == "true"

    def span(self, key: str, default: timedelta | None = None) -> timedelta:
        """A duration such as ``30s``, ``5m``, ``3h``."""
        stand_in = timedelta() if default is None else default
        return self._parsed(key, span, stand_in, default is None, "a duration such as 30s, 5m or 3h")

    def window(self, key: str) -> Window:
        """A part of the day such as ``08:30-18:00``."""
        return self._parsed(key, window, Window(0, 1), True, "a time of day such as 08:30-18:00 or 18:00-24:00")

    def windows(self, key: str) -> tuple[Window, ...]:
        """A list of parts of the day."""
        read = [(text, window(text)) for text in self.texts(key)]
        for text, found in read:
            if found is None:
                self.fault(f"{key}: {text} is no time of day; write 08:30-18:00 or 18:00-24:00", key)
        return tuple(found for _, found in read if found)

    def choice(self, key: str, kind: type[E], default: E | None = None) -> E:
        """One word of an enum."""
        text = self.text(key, default.value if default else None)
        return self._one(key, text, kind) or default or next(iter(kind))

    def choices(self, key: str, kind: type[E]) -> tuple[E, ...]:
        """A list of words of an enum."""
        found = [self._one(key, text, kind) for text in self.texts(key)]
        return tuple(word for word in found if word is not None)

    def known(self, key: str, names: Iterable[str], what: str) -> str | None:
        """The id of something defined elsewhere, or None when the field is not there or names nothing."""
        text = self.maybe(key)
        return self.check(key, text, names, what) if text else None

    def check(self, key: str, text: str, names: Iterable[str], what: str) -> str | None:
        """``text`` when it names one of ``names``; else the fault, and None."""
        options = list(names)
        if text in options:
            return text
        self.fault(f"{key}: no {what} has the id {text}; {nearest(text, options)}", key)
        return None

    def child(self, key: str) -> "Fields":
        """A mapping within; an empty one when it is not there."""
        node = self._take(key)
        return (
            fields_of(self.path, node, self.line, self.faults)
            if node
            else Fields(self.path, self.line, {}, {}, self.faults)
        )

    def children(self, key: str) -> tuple["Fields", ...]:
        """A list of mappings."""
        node = self._take(key)
        if node is None:
            return ()
        if isinstance(node, yaml.SequenceNode):
            return tuple(fields_of(self.path, item, self.line, self.faults) for item in node.value)
        self.fault(f"{key} is no list; write each entry after a dash", key)
        return ()

    def items(self) -> Iterator[tuple[str, "Fields"]]:
        """Every key with its mapping; for ``people:`` and the like, where the keys are ids."""
        for key in self._nodes:
            yield key, self.child(key)

    def scalars(self) -> dict[str, str]:
        """Every key with its scalar."""
        return {key: self.text(key) for key in self._nodes}

    def lists(self) -> dict[str, tuple[str, ...]]:
        """Every key with its scalar, or its list of them."""
        return {key: self.texts(key) for key in self._nodes}

    def done(self) -> None:
        """Nothing else is expected: what was not asked for is unknown."""
        for key in self._nodes.keys() - self._asked:
            self.fault(f"unknown key {key}; {nearest(key, self._asked)}", key)

    def _take(self, key: str) -> yaml.Node | None:
        self._asked.add(key)
        return self._nodes[key] if self.has(key) else None

    def _parsed(self, key: str, parse: Callable[[str], T | None], stand_in: T, needed: bool, shape: str) -> T:
        if not needed and not self.has(key):
            self._asked.add(key)
            return stand_in
        text = self.text(key)
        found = parse(text)
        if found is None and text:
            self.fault(f"{key}: {text} is not {shape}", key)
        return stand_in if found is None else found

    def _one(self, key: str, text: str, kind: type[E]) -> E | None:
        if text in {member.value for member in kind}:
            return kind(text)
        if text:
            self.fault(f"{key}: unknown word {text}; {nearest(text, [member.value for member in kind])}", key)
        return None


def fields_of(path: Path, node: yaml.Node, line: int, faults: Problems) -> Fields:
    """A YAML node as fields; keys that stand twice, and anything that is no mapping, are faults."""
    here = node.start_mark.line + 1 if node.start_mark else line
    nodes: dict[str, yaml.Node] = {}
    lines: dict[str, int] = {}
    if not isinstance(node, yaml.MappingNode):
        faults.add(path, here, f"expected a map here, found {node.value!r}; write key: value")
        return Fields(path, here, nodes, lines, faults)
    for key, value in node.value:
        at = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            faults.add(path, at, "a key must be one word; write key: value")
            continue
        if key.value in nodes:
            faults.add(path, at, f"{key.value} stands twice (first on line {lines[key.value]}); keep one")
            continue
        nodes[key.value], lines[key.value] = value, at
    start = min([here, *lines.values()])
    return Fields(path, start, nodes, lines, faults)


def read(path: Path, faults: Problems) -> Fields:
    """A file as fields; a missing or broken one is a fault and reads as empty."""
    empty = Fields(path, 1, {}, {}, faults)
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except FileNotFoundError:
        faults.add(path, 1, "this file is missing; data/example has one to copy")
        return empty
    except UnicodeDecodeError:
        faults.add(path, 1, "this file is not UTF-8; save it as UTF-8")
        return empty
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.add(path, line, f"not valid YAML ({error.problem}); check the indentation and quotes here")
        return empty
    except yaml.YAMLError:
        faults.add(path, 1, "not valid YAML (a control character is in it); write the file anew as plain text")
        return empty
    return fields_of(path, node, 1, faults) if node else empty
