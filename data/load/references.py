"""A word that names something defined elsewhere: it must be there."""

from collections.abc import Collection, Iterable
from typing import TypeVar

from bot.core.problems import Told, nearest_of
from data.load.yaml_file import Spot

T = TypeVar("T")


class Unread(dict[str, T]):
    """What stands in a file that cannot be read: nobody knows, so nothing that names it is judged, and it holds nothing."""


def checked(at: Spot, key: str, text: str, names: Collection[str], what: str) -> str | None:
    """``text`` when it names one of ``names``; else that is reported at ``key``, and None."""
    if isinstance(names, Unread):
        return None
    options = list(names)
    if text in options:
        return text
    at.report(Told("data/no_such", key=key, what=what, given=text, near=nearest_of(text, options)), key)
    return None


def known(at: Spot, key: str, text: str, names: Collection[str], what: str) -> str | None:
    """The same where nothing need be named; None for the empty text."""
    return checked(at, key, text, names, what) if text else None


def several(at: Spot, key: str, words: Iterable[str], names: Collection[str], what: str) -> tuple[str, ...]:
    """Those of ``words`` that name one of ``names``; each other is reported."""
    found = [checked(at, key, word, names, what) for word in words]
    return tuple(word for word in found if word is not None)
