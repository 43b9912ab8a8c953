"""How a message is cut up before it is judged: cleaned once, then clause by clause."""

import re
import unicodedata
from dataclasses import dataclass

LIMIT = 2_000
"""Characters read. People report in their first lines; what follows is forwarded paper that would hit every list."""

_HIDDEN = frozenset({"Cf", "Cn", "Co", "Cs"})
_PLACEHOLDER = re.compile(r"\[[^\[\]\n]{1,8}\]")
_MENTION = re.compile(r"@[^\s@]{1,20}\s")
_QUOTED = re.compile(r"\s{0,9}[>＞](?=[\s@一-鿿])[^\n]{0,20000}\n")  # but no ">_<"
_STOP = re.compile(r"([,。!?;~…\n]|但是?|可是|不过|\.(?![0-9a-z])|(?<=[一-鿿]) +(?=[一-鿿]))")
_SPOKEN = re.compile(r"(?<=[一-鿿])[啦咯喽噜]|阔以|口以|冇(?=好|恢复|修|弄|搞|解决)")
_AS_WRITTEN = {"阔以": "可以", "口以": "可以", "冇": "没"}  # an end in any other spelling is "了"
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}


@dataclass(frozen=True, slots=True)
class Clause:
    """Words between two stops; ``asks`` when the stop is a question mark."""

    text: str
    asks: bool = False


def clean(text: str) -> str:
    """Lower case, full-width signs to ASCII, no hidden or control characters, no ``[图片]``, no @mentions; 啦 and 咯 as 了."""
    wide = text[:LIMIT].translate(_WIDE).lower()
    seen = "".join(_visible(char) for char in wide)
    plain = _SPOKEN.sub(lambda found: _AS_WRITTEN.get(found[0], "了"), seen)
    return _MENTION.sub("", _PLACEHOLDER.sub("", plain)).strip()


def without_quoted(text: str) -> str:
    """The words below the lines that somebody quoted with ``>`` in front; the same where nothing stands below them."""
    own = text
    while (found := _QUOTED.match(own)) is not None:
        own = own[found.end() :]
    return own if own.strip() else text


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category in _HIDDEN:
        return ""
    return " " if category[0] in "CZ" and char != "\n" else char


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a cleaned text, in order; empty ones left out."""
    parts = _STOP.split(text)
    pairs = zip(parts[::2], [*parts[1::2], ""], strict=True)
    return tuple(Clause(words.strip(), stop == "?") for words, stop in pairs if words.strip())
