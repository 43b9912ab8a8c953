"""Where the languages meet: in which one a line is read. The line itself decides, never the ``locale`` of the site.

A group is not spoken to in the language in which its members write: a foreign supplier reports in a Chinese group, and a
Chinese engineer answers in an English one; a setting would make one of them unheard.
"""

import re

from bot.work.understanding import Kind
from handlers.triage.chinese import Chinese
from handlers.triage.english.tongue import English
from handlers.triage.labels import Reading
from handlers.triage.text import clean
from handlers.triage.tongue import Tongue

_CHINESE = re.compile(r"[㐀-鿿]")
_LETTER = re.compile(r"[a-z]")
_ENGLISH = re.compile(r"[a-z][a-z']{1,20}[ ,.!?-]{1,3}[a-z]")


def tongue_of(text: str) -> Tongue:
    """Reads a cleaned line in the language of its words: without a Chinese character in English, else in Chinese.

    Of a line with words of both ("大家好, fixed, please try again") the English reading counts where that alone reports, asks or
    answers something. Signs alone ("+1", "?", "502") are read as Chinese, whose tables have them.
    """
    if not _CHINESE.search(text):
        return English(text) if _LETTER.search(text) else Chinese(text)
    chinese = Chinese(text)
    if not _ENGLISH.search(text) or _reports(chinese):
        return chinese
    english = English(_CHINESE.sub(" ", text))
    return english if _reports(english) or (_replies(english) and not _replies(chinese)) else chinese


def _reports(line: Tongue) -> bool:
    return line.judge("user", frozenset()).kind is not Kind.OTHER


def _replies(line: Tongue) -> bool:
    """Whether it does something to an open ticket, by whoever it is said."""
    return (
        line.is_resolved(by_engineer=True)
        or line.is_withdrawn()
        or line.is_relapse()
        or line.is_me_too()
        or line.is_chasing()
        or line.is_response()
    )


def read(text: str, role: str = "user", open_systems: frozenset[str] = frozenset()) -> Reading:
    """Judges one message as people typed it, in its own language."""
    return tongue_of(clean(text)).judge(role, open_systems)
