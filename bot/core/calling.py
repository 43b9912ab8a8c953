"""How a line calls the bot: in front, at its end, between others who are called too; with or without a blank or a sign behind.

Adapters write ``@bot`` for the bot's mention; where it is typed by hand its name stands in the text, and a name may be the
beginning of somebody else's (``@值班员``).
"""

import re
from dataclasses import dataclass

NAMES = ("bot", "值班")
BLANKS = "\t \u3000\u00a0\u2005"
SIGNS = ":：,，、;；"  # behind a name that is called
_AROUND = BLANKS + "\r\n"
_APART = frozenset(_AROUND + SIGNS + "/／@＠")
_BEGINS = frozenset("@＠</／")
_END_SIGNS = _AROUND + SIGNS + "。.!！?？~～"
_SLACK = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")
_OTHER = re.compile(r"[@＠][^\s@＠/／]{1,40}(?:\s+|$)")
# Slack's and Mattermost's umbrella command, wherever it is typed.
_UMBRELLA = re.compile(r"[/／]zhiban(?=[\s:：,，]|\Z)", re.IGNORECASE)
# Somebody's name with blanks, before a command.
_LATIN_NAME = re.compile(r"[@＠][A-Za-z.'-]{1,20}(?: [A-Za-z.'-]{1,20}){1,3}\s+(?=[/／])")


@dataclass(frozen=True, slots=True)
class Call:
    """``words``: what is left without the mentions around it; ``bot``, ``others``: who is called."""

    words: str
    bot: bool
    others: bool


def heard(text: str, names: tuple[str, ...] = NAMES) -> Call:
    """Whom a line calls, and its words. Of a line that does not call the bot nothing is taken away but blanks around it."""
    whole = text.removeprefix("\ufeff").strip(_AROUND)
    rest, bot, others = whole, False, False
    while rest[:1] in _BEGINS:
        if own := _own(rest, names, apart=False):
            rest, bot = rest[own:].lstrip(_AROUND + SIGNS), True
        elif other := _LATIN_NAME.match(rest) or _OTHER.match(rest):
            rest, others = rest[other.end() :].lstrip(_AROUND), True
        else:
            break
    if (end := _at_end(rest if bot else whole, names)) is not None:
        return Call(end, True, others and bot)
    return Call(rest, True, others) if bot else Call(whole, False, others=False)


def said(text: str, names: tuple[str, ...] = NAMES) -> str:
    """The words without the bot's own name in front or at the end; whoever else is called in them stays, if there are any."""
    return _apart(text, names)[1]


def called(text: str, names: tuple[str, ...]) -> str | None:
    """The words of a line that calls the bot by one of its names, in front or at the end; None for any other line."""
    bot, words = _apart(text, names)
    return words if bot else None


def _apart(text: str, names: tuple[str, ...]) -> tuple[bool, str]:
    rest, kept, bot = text.strip(_AROUND), "", False
    while rest[:1] in _BEGINS:
        if own := _own(rest, names, apart=True):
            rest, bot = rest[own:].lstrip(_AROUND + SIGNS), True
        elif other := _OTHER.match(rest):
            kept, rest = kept + other[0], rest[other.end() :]
        else:
            break
    end = _at_end(rest, names)
    bot, words = bot or end is not None, rest if end is None else end
    return bot, "" if bot and not words else (kept + words).strip(_AROUND)


def _own(text: str, names: tuple[str, ...], *, apart: bool) -> int:
    """How long the bot's name in front is, 0 without one; by its usual names also a mention as Slack writes it, and the umbrella.

    ``apart``: something must separate it from what follows. Else ``@值班重启`` may be meant for the bot, for the caller to see
    whether the rest is a verb; a name in letters is never the beginning of a longer one.
    """
    if names is NAMES and (written := _SLACK.match(text) or _UMBRELLA.match(text)):
        return written.end()
    for name in names:
        end = len(name) + 1
        after = text[end : end + 1]
        if text[:1] not in {"@", "＠"} or text[1:end].lower() != name.lower():
            continue
        if not after or after in _APART:
            return end
        if not apart and not (name.isascii() and after.isascii()):
            return end
    return 0


def _at_end(text: str, names: tuple[str, ...]) -> str | None:
    """The words before the bot's name at the end of a line; ``x@bot`` with no blank is an address, not a call."""
    shown = text.rstrip(_END_SIGNS)
    for name in names:
        at = len(shown) - len(name) - 1
        if at < 0 or shown[at] not in {"@", "＠"} or shown[at + 1 :].lower() != name.lower():
            continue
        before = shown[:at]
        if not (name.isascii() and before[-1:].isascii() and before[-1:].isalnum()):
            return before.rstrip(_AROUND + SIGNS)
    return None
