"""What is wrong in the data folder: all faults are collected with file and line, then told in one report."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong. ``code`` is stable where scripts rely on it (roster), else empty."""

    path: str
    line: int
    text: str
    code: str = ""

    def __str__(self) -> str:
        return (
            f"{self.path}:{self.line}: {self.code}: {self.text}"
            if self.code
            else f"{self.path}:{self.line}: {self.text}"
        )


@dataclass(slots=True)
class Problems:
    """The report in the making; nothing is raised until everything was read."""

    found: list[Problem] = field(default_factory=list)

    def add(self, path: Path, line: int, text: str, code: str = "") -> None:
        self.found.append(Problem(shown(path), line, text, code))

    def lines(self) -> list[str]:
        """The report: one line a fault, by file and line, no line twice."""
        return [str(fault) for fault in sorted(set(self.found))]


def shown(path: Path) -> str:
    """A path as people would type it: from the working folder when it lies there."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def nearest(word: str, known: Iterable[str]) -> str:
    """The ``write …`` half of a fault about an unknown word: the nearest known ones, or all of them."""
    options = sorted(known)
    close = get_close_matches(word, options, n=1)
    if close:
        return f"did you mean {close[0]}?"
    if not options:
        return "none is defined yet"
    return f"write one of {', '.join(options[:12])}" + (", …" if len(options) > 12 else "")
