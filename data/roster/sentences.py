"""Why a word or a file of a roster cannot stand, as a stable code and the facts of a sentence of ``messages``."""

from pathlib import Path

from bot.core.problems import Problems, Told
from data.roster import limits


def sentence(locale: str, name: str, /, **facts: object) -> str:
    """The sentence ``roster/NAME`` in a language."""
    return Told(f"roster/{name}", **facts).text(locale)


class RosterError(Exception):
    """A word of a roster that cannot stand; ``code`` is stable, ``name`` the sentence that says what to write instead."""

    def __init__(self, code: str, name: str = "", /, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.name = name or code
        self.facts = facts
        self.line, self.column = 1, 0  # where the error knows them better than whoever caught it

    def at(self, line: int, column: int = 0) -> "RosterError":
        """The same error, of a cell."""
        self.line, self.column = line, column
        return self

    def text(self, locale: str) -> str:
        return self.told.text(locale)

    def seen_as(self, kept: str, text: str) -> "RosterError":
        """The same error, where it shows the word that the file keeps (``kept``) with that which its reader sees."""
        if self.facts.get("given") == kept:
            self.facts["given"] = text
        return self

    @property
    def told(self) -> Told:
        """The sentence that says what to write instead."""
        return Told(f"roster/{self.name}", **self.facts)


class Faults:
    """The faults of one file, each at its line and where there is one at its cell."""

    def __init__(self, path: Path, problems: Problems, unjudged: frozenset[str] = frozenset()) -> None:
        """``unjudged``: codes that are not told."""
        self.path = path
        self.problems = problems
        self._unjudged = unjudged
        self._count = 0

    @property
    def full(self) -> bool:
        """Whether nothing more will be told."""
        return self._count >= limits.FAULTS

    def add(self, line: int, error: RosterError, cell: str = "") -> None:
        if error.code in self._unjudged:
            return
        self._count += 1
        if self._count > limits.FAULTS:
            return
        if self._count == limits.FAULTS:
            error, cell = RosterError("too_many", limit=limits.FAULTS), ""
        self.problems.add(self.path, line, error.told, error.code, cell)
