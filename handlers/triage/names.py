"""What a line calls its system, found by the tables of its language."""

import re
from collections.abc import Iterable

from handlers.triage.labels import System


def parts_in(text: str, finders: Iterable[re.Pattern[str]], whole: re.Pattern[str]) -> frozenset[str]:
    """Every word of a cleaned text that one of the tables of systems knows, but those that fit all of a system (``whole``)."""
    found = {match[0] for finder in finders for match in finder.finditer(text)}
    return frozenset(word for word in found if not whole.fullmatch(word))


def names_in(
    text: str,
    system: System,
    finder: re.Pattern[str],
    no_names: re.Pattern[str] | None,
    ours: re.Pattern[str],
    others: re.Pattern[str],
) -> frozenset[str]:
    """The names of a system in a cleaned text: each part of ``System.OA`` has its own beside that of the whole, others have one.

    ``finder`` has every word for the system, ``no_names`` those that are no names, ``ours`` the names of the whole. What no
    table knows is called as the text calls it: ``others`` finds the name before "system" or the like in its first group.
    """
    found = [match[0] for match in finder.finditer(text) if no_names is None or not no_names.fullmatch(match[0])]
    if not found:
        return frozenset(match[1] for match in others.finditer(text))
    if system is not System.OA:
        return frozenset({system.value})
    return frozenset(system.value if ours.fullmatch(word) else word for word in found)
