"""A word that names something defined elsewhere: it must be there."""

from collections.abc import Collection, Iterable
from typing import TypeVar

from bot.core.problems import Told, nearest_of
from data.load.yaml_file import Spot

T = TypeVar("T")


class Unread(dict[str, T]):
    """What stands in a file that cannot be read: nobody knows, so nothing that names it is judged, and it holds nothing."""


def checked(
    at: Spot, key: str, text: str, names: Collection[str], what: str, *, beside: Collection[str] = (), same: str = ""
) -> str | None:
    """``text`` when it names one of ``names``; else that is reported at ``key``, and None.

    ``beside``: what is named with it, which it was not meant for. ``same``: what the report calls this mistake wherever it is.
    """
    if isinstance(names, Unread):
        return None
    options = list(names)
    if text in options:
        return text
    at.report(
        Told("data/no_such", key=key, what=what, given=text, near=nearest_of(text, set(options).difference(beside))),
        key,
        same=same,
    )
    return None


def known(at: Spot, key: str, text: str, names: Collection[str], what: str) -> str | None:
    """The same where nothing need be named; None for the empty text."""
    return checked(at, key, text, names, what, same=f"{what} {text}") if text else None


def several(at: Spot, key: str, words: Iterable[str], names: Collection[str], what: str) -> tuple[str, ...]:
    """Those of ``words`` that name one of ``names``; each other is reported."""
    given = list(words)
    found = [checked(at, key, word, names, what, beside=given, same=f"{what} {word}") for word in given]
    return tuple(word for word in found if word is not None)
