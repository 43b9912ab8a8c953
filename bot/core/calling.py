"""How a line calls the bot: in front, at its end, between others who are called too; with or without a blank or a sign behind.

Adapters write ``@bot`` for the bot's mention; where it is typed by hand its name stands in the text, and a name may be the
beginning of somebody else's (``@值班员``).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

NAMES = ("bot", "值班")
BLANKS = "\t \u3000\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
SIGNS = ":：,，、;；"  # behind a name that is called
# What phones and platforms leave around a mention, and nobody sees: zero width, direction, the form of a sign.
UNSEEN = (
    "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
)
_AROUND = BLANKS + "\r\n\u2028\u2029"
_CLOSE_SIGNS = "!！?？。…~～—–|"  # right behind a name; further on they belong to what is said
_OPENING, _CLOSING = "【[（(「『《〈*_`“‘\"'", "】]）)」』》〉*_`”’\"'"
_APART = frozenset(_AROUND + UNSEEN + SIGNS + _CLOSE_SIGNS + "/／@＠")
_BEGINS = frozenset("@＠</／" + _OPENING)
_END_SIGNS = _AROUND + UNSEEN + SIGNS + _CLOSE_SIGNS + "."
EMOJI = (
    r":(?!(?!100:|1234:)[0-9]+:)[a-z0-9_+'-]{1,40}:"  # as Slack and Mattermost write one; its colon sets nothing apart
)
_SET_APART = rf"(?:(?!{EMOJI})[\s{re.escape(SIGNS + UNSEEN)}])"
_BEHIND = re.compile(
    rf"(?:[{re.escape(_CLOSE_SIGNS + UNSEEN)}]|[.-]+(?=\s|\Z))*{_SET_APART}*(?:[-–—]+\s+)?"
    # The same behind a blank, where something follows: "@值班 。ping x"; a lone "？" is what is said, and "~/log" a path.
    rf"(?:(?:[{re.escape(_CLOSE_SIGNS.replace('~', ''))}]|~(?!/)|\.+(?=\s))++{_SET_APART}*+(?=\S))?"
)
_ENDS_IN_EMOJI = re.compile(rf"{EMOJI}\Z")
_IN_NAME = "\u202f"  # for the blanks of a name that an adapter writes behind @, so that it is seen where the name ends
_SLACK = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")
_COLON = "(?<=[A-Za-z0-9]):(?=[A-Za-z0-9])"  # within an id: @wen:example.org
_OTHER = re.compile(
    rf"[@＠](?:[^\s@＠/／!！?？。{SIGNS}]|{_COLON}|{_IN_NAME}){{1,40}}(?:(?:{_SET_APART}|[!！?？。])+|\Z|(?=[@＠]))"
)
# Slack's and Mattermost's umbrella command, wherever it is typed.
_UMBRELLA = re.compile(r"[/／]zhiban(?=[\s:：,，]|\Z)", re.IGNORECASE)
# Somebody's name with blanks, before a command or another who is called.
_LATIN_NAME = re.compile(r"[@＠][A-Za-z.'-]{1,20}(?: [A-Za-z.'-]{1,20}){1,3}\s+(?=[/／@＠]|<@)")
_SPACED_NAME = re.compile(
    r"[@＠](?:欧阳|上官|司马|诸葛|[一-鿿]) [一-鿿]{1,2}\s+(?=[/／@＠A-Za-z]|<@)"
)  # "@李 晓 @值班 ping x"
_THANKS = re.compile(
    r"(?<=\s)(?:谢谢|多谢|感谢|辛苦|麻烦|拜托|thanks|thank you|please)(?:了|您|你|啦|大家)?[\W_]*\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Call:
    """``words``: what is left without the mentions around it; ``bot``, ``others``: who is called."""

    words: str
    bot: bool
    others: bool


def heard(text: str, names: tuple[str, ...] = NAMES) -> Call:
    """Whom a line calls, and its words. Of a line that does not call the bot nothing is taken away but blanks around it."""
    whole = text.removeprefix("\ufeff").strip(_AROUND)
    rest, bot, others = _seen(whole), False, False
    while rest[:1] in _BEGINS:
        if own := _own(rest, names, apart=False):
            rest, bot = behind(rest[own:]), True
        elif other := _spaced(rest) or _OTHER.match(rest):
            rest, others = rest[other.end() :].lstrip(_AROUND), True
        else:
            break
    if (end := _at_end(rest if bot else whole, names, thanks=True)) is not None:
        return Call(end, True, others and bot)
    return Call(rest, True, others) if bot else Call(whole, False, others=False)


def said(text: str, names: tuple[str, ...] = NAMES) -> str:
    """The words without the bot's own name in front or at the end; whoever else is called in them stays, if there are any."""
    return _apart(text, names)[1]


def called(text: str, names: tuple[str, ...]) -> str | None:
    """The words of a line that calls the bot by one of its names, in front or at the end; None for any other line."""
    bot, words = _apart(text, names)
    return words if bot else None


def mention(name: str) -> str:
    """Somebody's mention as an adapter writes it into a text: one word, whatever blanks the name has."""
    return "@" + _IN_NAME.join(name.split())


def behind(text: str) -> str:
    """What stands behind the bot's name: the text without the signs and blanks that set the name apart."""
    return text[match.end() :] if (match := _BEHIND.match(text)) else text


def ahead(text: str) -> str:
    """What stands before the bot's name at the end: the text without the signs and blanks between."""
    rest = text.rstrip(_AROUND + UNSEEN + SIGNS)
    return f"{rest}:" if text[len(rest) :][:1] == ":" and _ENDS_IN_EMOJI.search(f"{rest}:") else rest


def _spaced(text: str) -> re.Match[str] | None:
    """Somebody's mention whose name has blanks."""
    return _LATIN_NAME.match(text) or _SPACED_NAME.match(text)


def _apart(text: str, names: tuple[str, ...]) -> tuple[bool, str]:
    whole = text.strip(_AROUND)
    rest, kept, bot = _seen(whole), "", False
    while rest[:1] in _BEGINS:
        if own := _own(rest, names, apart=True):
            rest, bot = behind(rest[own:]), True
        elif other := _spaced(rest):
            kept, rest = f"{kept}{mention(other[0][1:])} ", rest[other.end() :]
        elif other := _OTHER.match(rest):
            kept, rest = kept + (other[0] if other[0][-1] in _APART else f"{other[0]} "), rest[other.end() :]
        else:
            break
    end = _at_end(rest, names)
    if not bot and end is None:
        return False, whole
    words = rest if end is None else end
    return True, (kept + words).strip(_AROUND) if words else ""


def _seen(text: str) -> str:
    """The text without what nobody sees in front of a mention; a command that hides something stays as it is, to be refused."""
    shown = text.lstrip(_AROUND + UNSEEN)
    return shown if shown[:1] in _BEGINS and shown[:1] not in "/／" else text


def _own(text: str, names: tuple[str, ...], *, apart: bool) -> int:
    """How long the bot's name in front is, 0 without one; by its usual names also a mention as Slack writes it, and the umbrella.

    ``apart``: something must separate it from what follows. Else ``@值班重启`` may be meant for the bot, for the caller to see
    whether the rest is a verb; a name in letters is never the beginning of a longer one.
    """
    if names is NAMES and (written := _SLACK.match(text) or _UMBRELLA.match(text)):
        return written.end()
    wrapped, bare, _ = _forms(names)
    if found := wrapped.match(text):
        return found.end()
    for form in bare:
        if not (found := form.match(text)):
            continue
        after = text[found.end() : found.end() + 1]
        if not after or after in _APART or (after in ".-" and not text[found.end() + 1 : found.end() + 2].strip()):
            return found.end()
        if not apart and not (found[0][-1].isascii() and after.isascii()):
            return found.end()
    return 0


def _at_end(text: str, names: tuple[str, ...], *, thanks: bool = False) -> str | None:
    """The words before the bot's name at the end of a line; ``x@bot`` with no blank is an address, not a call.

    ``thanks``: some may stand behind it.
    """
    last = _forms(names)[2]
    for shown in (text, _THANKS.sub("", text)) if thanks else (text,):
        if found := last.search(shown.rstrip(_END_SIGNS)):
            return ahead(shown[: found.start()])
    return None


@lru_cache(maxsize=64)
def _forms(names: tuple[str, ...]) -> tuple[re.Pattern[str], tuple[re.Pattern[str], ...], re.Pattern[str]]:
    """The bot's names as they are written: in brackets; each bare in front; any of them at the end of a text."""
    spelled = [r"[^\S\r\n]+".join(map(re.escape, name.split())) for name in names if name.strip()]
    any_name = "|".join(spelled) or r"(?!)"
    at, opening, closing = r"[@＠][^\S\r\n]?", f"[{re.escape(_OPENING)}]{{1,2}}", f"[{re.escape(_CLOSING)}]{{1,2}}"
    wrapped = rf"{opening}[^\S\r\n]?{at}(?:{any_name})[^\S\r\n]?{closing}|{at}{opening}(?:{any_name}){closing}"
    ends = "|".join((r"(?<![A-Za-z0-9])" if name[:1].isascii() else "") + rf"{at}{name}" for name in spelled)
    return (
        re.compile(wrapped, re.IGNORECASE),
        tuple(re.compile(at + name, re.IGNORECASE) for name in spelled),
        re.compile(rf"(?:{wrapped}|{ends or '(?!)'})\Z", re.IGNORECASE),
    )
