"""Why a word or a file of a roster cannot stand, as a stable code and the facts of a sentence of ``messages``."""

from pathlib import Path

from bot.core.lazy import SENTENCES, imported
from bot.core.problems import Problems
from data.roster import limits


def sentence(locale: str, name: str, /, **facts: object) -> str:
    """The sentence ``roster/NAME`` in a language; what renders it is loaded only where there is something to say."""
    text: str = imported(SENTENCES, "sentence")(f"roster/{name}", locale, facts)
    return text


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
        return sentence(locale, self.name, **self.facts)


class Faults:
    """The faults of one file, told in one language, each at its line and where there is one at its cell."""

    def __init__(self, path: Path, problems: Problems, locale: str, unjudged: frozenset[str] = frozenset()) -> None:
        """``unjudged``: codes that are not told."""
        self.path = path
        self.problems = problems
        self.locale = locale
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
        said = error.text(self.locale)
        self.problems.add(self.path, line, f"{cell}: {said}" if cell else said, error.code)
