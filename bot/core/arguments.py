"""The types that a typed word may have, wherever it is typed: behind a command or behind a runbook's verb.

A value is built from what was matched in full, as ASCII; a refusal names the word and what would be right.
"""

import re
from collections.abc import Iterable

from bot.core.errors import UserError

_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)


def number(word: str, least: int, most: int) -> int:
    """A whole number from ``least`` to ``most``. Raises ``UserError`` ``bad_number``."""
    if not _NUMBER.fullmatch(word) or not least <= int(word) <= most:
        raise UserError("bad_number", value=word, least=least, most=most)
    return int(word)


def choice(word: str, choices: Iterable[str]) -> str:
    """One of ``choices``, however its letters are cased. Raises ``UserError`` ``bad_choice``."""
    known = tuple(choices)
    if word.lower() not in known:
        raise UserError("bad_choice", value=word, choices=known)
    return word.lower()
