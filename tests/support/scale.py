"""How much a test tries that could go on for hours: a bounded part in ``make test``, all of it in ``make soak``.

``make soak`` sets ``ZHIBAN_FULL=1`` and runs the tests with the marker ``soak``: those that ask here, or whose size is an option.
"""

import os
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
FULL = bool(os.environ.get("ZHIBAN_FULL"))


def cases(bounded: int, full: int) -> int:
    """``bounded``, or ``full`` in a soak."""
    return full if FULL else bounded


def chosen(every: Iterable[T], usual: Callable[[T], bool]) -> list[T]:
    """Those that are ``usual``, or every one in a soak."""
    return [one for one in every if FULL or usual(one)]
