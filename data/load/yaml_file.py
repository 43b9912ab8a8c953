"""A YAML file as plain values and a map of its lines: path of a value within the file → line.

Scalars are taken as they are written, so ``phone: 13800000012`` and ``from: 08:30`` need no quotes.
"""

from dataclasses import dataclass, field
from errno import EINVAL
from pathlib import Path

import yaml

from bot.core.problems import Problems, Told

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = "tag:yaml.org,2002:null"
_MOST = 100_000  # values of one file, what its anchors repeat included
_LARGEST = 4 << 20  # characters
_DEEPEST = 32  # the parser goes as deep as the file: beyond its stack the process would end
Value = str | list["Value"] | dict[str, "Value"] | None
Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file, for what is reported about it."""

    file: "YamlFile"
    loc: Loc = ()

    @property
    def line(self) -> int:
        """Where the mapping here begins; where nothing is written here, its key or the nearest mapping around it."""
        starts, lines = self.file.starts, self.file.lines
        around = (self.loc[:n] for n in range(len(self.loc), -1, -1))
        return next((line for loc in around if (line := starts.get(loc) or lines.get(loc))), 1)

    def at(self, key: str) -> int:
        """The line of ``key``, or where the mapping begins when it is not there."""
        return self.file.lines.get((*self.loc, key)) or self.line

    def report(self, text: Told, key: str | None = None, *, same: str = "") -> None:
        """Record what is wrong here, at the line of ``key`` when one is given; ``same`` as in ``Problem``."""
        self.file.problems.add(self.file.path, self.at(key) if key else self.line, text, same=same)

    def lacks(self, key: str, text: Told) -> None:
        """Record that there is no ``key`` that counts, unless it was said already what is wrong with the one that stands here."""
        if not self.told(key):
            self.report(text, key)

    def told(self, *keys: str) -> bool:
        """Whether the reading of the file found something wrong with one of these keys, or within it."""
        return any(loc[: len(self.loc) + 1] == (*self.loc, key) for key in keys for loc in self.file.told)

    def up(self) -> "Spot":
        return Spot(self.file, self.loc[:-1])

    def child(self, *keys: str | int) -> "Spot":
        return Spot(self.file, (*self.loc, *keys))


@dataclass(slots=True)
class YamlFile:
    """``tree``: the values, scalars as text; ``lines``: where each is written (its key, or the item of a list);
    ``starts``: where each mapping begins; ``told``: what was said to be wrong by itself, so that nothing is said of what follows.
    """

    path: Path
    problems: Problems
    tree: Value = field(default_factory=dict)
    lines: dict[Loc, int] = field(default_factory=dict)
    starts: dict[Loc, int] = field(default_factory=dict)
    told: set[Loc] = field(default_factory=set)

    @property
    def top(self) -> Spot:
        return Spot(self)


def read_yaml(path: Path, problems: Problems) -> YamlFile | None:
    """A file's values; one that cannot be read at all is a problem and None."""
    file = YamlFile(path, problems)
    try:
        text = _text(path)
        if not _is_bounded(text):
            problems.add(path, 1, Told("data/file_too_large"))
            return None
        node = yaml.compose(text, Loader=_LOADER)
    except FileNotFoundError:
        problems.add(path, 1, Told("data/file_missing"))
        return None
    except OSError as error:
        problems.add(path, 1, Told("data/file_unreadable", reason=error.strerror))
        return None
    except UnicodeDecodeError:
        problems.add(path, 1, Told("data/file_not_utf8"))
        return None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        line, told = _typed(text, line, error.problem or "") or (line, Told("data/bad_yaml", problem=error.problem))
        problems.add(path, line, told)
        return None
    except yaml.YAMLError:
        problems.add(path, 1, Told("data/yaml_control"))
        return None
    if node is not None:
        file.tree = _Reader(file).value(node, ())
    return file


def _typed(text: str, line: int, problem: str) -> tuple[int, Told] | None:
    """Where the parser stumbled, or on the line before: what an input method or an editor typed for a sign of YAML."""
    written = text.splitlines()
    for number in (line, line - 1):
        words = written[number - 1] if 0 < number <= len(written) else ""
        margin = words[: len(words) - len(words.lstrip())]
        if "\t" in margin:
            return number, Told("data/yaml_tab")
        if set(margin) - {" "}:
            return number, Told("data/yaml_wide_blank")
        before, wide, _ = words.partition("#")[0].partition("：")
        if wide and ": " not in before:
            return number, Told("data/yaml_wide_colon")
        if "，" in words and "',' or" in problem:
            return number, Told("data/yaml_wide_comma")
    return None


def _text(path: Path) -> str:
    """What is written in a plain file, up to one character more than is allowed; a pipe would keep its reader for ever."""
    if path.exists() and not path.is_file():
        raise OSError(EINVAL, "no plain file")
    with path.open(encoding="utf-8-sig") as opened:
        return opened.read(_LARGEST + 1)


def _is_bounded(text: str) -> bool:
    """Whether a text can be read to its end: neither too large nor too many values nor too deep."""
    if len(text) > _LARGEST:
        return False
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST or count > 2 * _MOST:
            return False
    return True


class _Reader:
    """Turns the nodes of one file into values; keys that stand twice, and anchors without end, are problems."""

    def __init__(self, file: YamlFile) -> None:
        self._file = file
        self._around: set[int] = set()
        self._count = 0

    def value(self, node: yaml.Node, loc: Loc) -> Value:
        self._count += 1
        if isinstance(node, yaml.ScalarNode):
            return None if node.tag == _NULL else str(node.value)
        if id(node) in self._around or self._count > _MOST:
            self._told(node, Told("data/yaml_endless"))
            return None
        self._around.add(id(node))
        found = self._list(node, loc) if isinstance(node, yaml.SequenceNode) else self._mapping(node, loc)
        self._around.discard(id(node))
        return found

    def _list(self, node: yaml.Node, loc: Loc) -> Value:
        lines, found = self._file.lines, []
        for number, item in enumerate(node.value):
            here = (*loc, number)
            lines[here] = item.start_mark.line + 1
            found.append(self.value(item, here))
        return found

    def _mapping(self, node: yaml.Node, loc: Loc) -> Value:
        lines = self._file.lines
        found: dict[str, Value] = {}
        start = node.start_mark.line + 1
        self._file.starts[loc] = start
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._told(key, Told("data/yaml_key"))
                continue
            here = (*loc, key.value)
            if key.value in found:
                self._told(key, Told("data/yaml_twice", key=key.value, first=lines[here]))
                continue
            lines[here] = key.start_mark.line + 1
            found[key.value] = self.value(value, here)
        return found

    def _told(self, node: yaml.Node, text: Told) -> None:
        self._file.problems.add(self._file.path, node.start_mark.line + 1, text)
