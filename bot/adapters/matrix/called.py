"""Whether a line calls the bot: by a mention, which clients write as the shown name alone, by its id, or by its name and a sign."""

import re

from bot.core import calling

_COLONS = ":：,，"
_BREAKS = f" \t\n\u3000{_COLONS}"  # after the name that calls the bot
_WHOLE_ID = re.compile(r"@([^\s:@]{1,200}:(?:localhost|[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+)(?::[0-9]{1,5})?)")


def called(text: str, names: tuple[str, ...], *, mentioned: bool = False) -> tuple[bool, str]:
    """Whether the text calls one of the names in front or last, and the rest of it.

    Clients write a mention as the shown name without its @. So a name alone calls where the message tells of a mention
    (``mentioned``), or where a sign or what may be a command stands behind it; else it is a word: ``值班 电话多少``.
    """
    bare = sorted((name.removeprefix("@") for name in names if name), key=len, reverse=True)
    rest, bot = text.lstrip(calling.BLANKS + calling.UNSEEN + "\r\n"), False
    while end := next((end for name in bare if (end := _in_front(rest, name, bare, mentioned=mentioned))), 0):
        rest, bot = calling.behind(rest[end:]), True
    rest = calling.ahead(rest) if bot else rest
    if _of_another(rest, bare):
        return bot, rest if bot else text
    words = calling.called(rest, tuple(bare))
    if words is None and mentioned:
        words = next((found for name in bare if (found := _without_last(rest, name)) is not None), None)
    return bot or words is not None, rest if words is None else words


def _in_front(text: str, name: str, names: list[str], *, mentioned: bool) -> int:
    """How long the name is with which a text begins; 0 where it begins with none, or with somebody else's."""
    at = text.startswith("@")
    rest = text[at + len(name) :]
    begins = text[at:].lower().startswith(name.lower()) and (not rest or rest[0] in _BREAKS)
    command = not name.isascii() and rest.lstrip()[:1].isascii()  # "值班 bind": typed by hand, as the documents have it
    apart = at or mentioned or command or not rest.strip() or rest[0] in _COLONS
    return at + len(name) if begins and apart and not _of_another(text, names) else 0


def _of_another(text: str, names: list[str]) -> bool:
    """Whether a text begins with a whole Matrix id that is none of the names: somebody of another homeserver, called alike."""
    found = _WHOLE_ID.match(text)
    return found is not None and found[1].lower() not in {name.lower() for name in names}


def _without_last(text: str, name: str) -> str | None:
    """The words before the name at the end of a text."""
    found = re.search(rf"(?:^|\s){re.escape(name)}[\s:：,，。.!！?？]*\Z", text, re.IGNORECASE)
    return text[: found.start()].rstrip() if found else None
