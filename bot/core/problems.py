"""What is wrong in the data folder: all faults are collected with file and line, then told in one report."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from bot.core.errors import ConfigError
from bot.core.lazy import SENTENCES, imported


class Told:
    """A sentence of ``messages`` about something that is wrong, said in whichever language it is read in.

    A fact may be such a sentence itself, or a line with one. What renders it is loaded only where there is something to say.
    """

    __slots__ = ("facts", "name")

    def __init__(self, name: str, /, **facts: object) -> None:
        self.name = name
        self.facts = facts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Told) and (self.name, self.facts) == (other.name, other.facts)

    def __hash__(self) -> int:
        return hash(self.name)

    def text(self, locale: str) -> str:
        facts = {key: _within(fact, locale) for key, fact in self.facts.items()}
        said: str = imported(SENTENCES, "sentence")(self.name, locale, facts)
        return said


def _within(fact: object, locale: str) -> object:
    if isinstance(fact, Told):
        return fact.text(locale)
    return fact.within(locale) if isinstance(fact, Line) else fact


class Line(str):
    """A line about something that is wrong, in one language; :meth:`within` says the same in another."""

    __slots__ = ("_told", "_where")
    _where: str
    _told: str | Told

    def __new__(cls, where: str, told: str | Told, locale: str) -> "Line":
        """``where``: what stands in front, in every language."""
        line = super().__new__(cls, where + (told.text(locale) if isinstance(told, Told) else told))
        line._where, line._told = where, told
        return line

    def within(self, locale: str) -> "Line":
        return Line(self._where, self._told, locale)


def line_of(name: str, /, **facts: object) -> Line:
    """A line that stands by itself: a sentence of ``messages``, to be said in whichever language is asked for."""
    return Line("", Told(name, **facts), "zh")


def unusable(file: Path, told: Told) -> ConfigError:
    """The error of a file or folder that cannot be used, with what says why."""
    return ConfigError([Line(f"{file}: ", told, "en")])


def in_locale(line: str, locale: str) -> str:
    """The line in a language, where it can be said in more than one."""
    return line.within(locale) if isinstance(line, Line) else line


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong. ``code`` is stable where scripts rely on it (roster), else empty; ``cell`` is within the line.

    ``text`` is in the language of the report; ``told`` what says it in any. ``same``: what else stands elsewhere because of
    one mistake, as a name that is gone; empty for what is a mistake by itself.
    """

    path: str
    line: int
    text: str
    told: Told = field(compare=False)
    code: str = ""
    cell: str = ""
    same: str = field(default="", compare=False)

    @property
    def where(self) -> str:
        """What stands in front of the sentence."""
        return "".join(f"{part}: " for part in (f"{self.path}:{self.line}", self.code, self.cell) if part)

    def __str__(self) -> str:
        return self.where + self.text


@dataclass(slots=True)
class Problems:
    """The report in the making, in one language; nothing is raised until everything was read."""

    locale: str = "zh"
    found: list[Problem] = field(default_factory=list)

    def add(self, path: Path, line: int, told: Told, code: str = "", cell: str = "", *, same: str = "") -> None:
        self.found.append(Problem(shown(path), line, told.text(self.locale), told, code, cell, same))

    def lines(self) -> list[str]:
        """The report: one line a fault, by file and line, no line twice; what one mistake does in many places is one line."""
        told: dict[object, list[Problem]] = {}
        for fault in sorted(set(self.found)):
            told.setdefault(fault.same or fault, []).append(fault)
        return [Line(faults[0].where, _with_places(faults), self.locale) for faults in told.values()]


def _with_places(faults: list[Problem]) -> Told:
    """What is wrong at the first place, and the other lines where the same is, file by file."""
    first, *more = faults
    if not more:
        return first.told
    files = {fault.path: [other.line for other in more if other.path == fault.path] for fault in more}
    places = {Path(path).name: sorted(set(lines)) for path, lines in files.items()}
    return Told("data/elsewhere", said=first.told, files=places)


def shown(path: Path) -> str:
    """A path as people would type it: from the working folder when it lies there."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def nearest_of(word: str, known: Iterable[str]) -> Told:
    """The ``write …`` half of a fault about an unknown word: the nearest known one, or all of them."""
    options = sorted(known)
    close = get_close_matches(word, options, n=1)
    return Told("data/near", near=close[0] if close else None, known=options)
