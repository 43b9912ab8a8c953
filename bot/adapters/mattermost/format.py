"""Plain text as Mattermost's markdown shows it unchanged, with exactly the mentions that are meant.

Mattermost finds mentions in words split at blanks and most signs, so what stands directly beside a name undoes it; and a text
that people typed must reach nobody (``@all``, ``@channel``, ``@here``, in webhooks ``<!channel>`` too).
"""

import re
from collections.abc import Iterable, Mapping

_URL = re.compile(r"(https?://[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]+)")
_AT = re.compile(r"(?<![A-Za-z0-9_])@")
_MARKS = re.compile(r"[\\`*\[\]~|]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^#", re.MULTILINE)


def escape(text: str) -> str:
    """The text with markup and mentions made inert; addresses stay whole, so that they can be followed."""
    parts = _URL.split(text)
    return "".join(_AT.sub("%40", part) if number % 2 else _plain(part) for number, part in enumerate(parts))


def _plain(text: str) -> str:
    """``＠`` and ``＜`` instead of an invisible sign: what is copied from the chat must not hide anything."""
    return _MARKS.sub(r"\\\g<0>", _AT.sub("＠", text).replace("<", "＜"))


def formatted(text: str, usernames: Mapping[str, str]) -> str:
    """The escaped text; the first "@name" of each of ``usernames`` (name → username) becomes the mention."""
    done, begin = "", 0
    for at, name in sorted(_spots(text, usernames)):
        done += escape(text[begin:at])
        begin = at + len(name) + 1
        done += _gap(done, last=True) + f"@{usernames[name]}" + _gap(text[begin:], last=False)
    return done + escape(text[begin:])


def _spots(text: str, names: Iterable[str]) -> list[tuple[int, str]]:
    """Where each name stands first; a name that another begins with (李晓, 李晓明) is not found inside that one."""
    found: list[tuple[int, str]] = []
    for name in sorted(names, key=len, reverse=True):
        taken = {at for at, _ in found}
        places = (match.start() for match in re.finditer(re.escape(f"@{name}"), text))
        at = next((place for place in places if place not in taken), None)
        if at is not None:
            found.append((at, name))
    return found


def _gap(beside: str, *, last: bool) -> str:
    """A blank where a name would otherwise stand against other words."""
    return " " if beside and not (beside[-1] if last else beside[0]).isspace() else ""


def measured(text: str) -> int:
    """Characters of the escaped text: what Mattermost's limit counts."""
    return len(escape(text))
