"""From what a phone keyboard produces to a command: full-width signs, mentions, quoting; strict where it must be.

The mapping is a small table, not NFKC, which makes live shell characters out of ``；＆｜＄`` (fact 15).
"""

import re
import unicodedata
from dataclasses import dataclass

from bot.core.errors import UserError

LIMIT = 512  # characters in one command line
_BLANKS = dict.fromkeys(map(ord, "\u3000\u00a0\u2005\t"), " ")
_FULLWIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f")
_SLACK_MENTION = re.compile(r"<@[A-Z0-9]+(\|[^>]*)?>")
_SLACK_LINK = re.compile(r"<(?:https?|mailto):(?://)?([A-Za-z0-9.:-]+)/?\|([A-Za-z0-9.:-]+)>", re.ASCII)
_STOP_IN_NUMBER = re.compile(r"(?<=[0-9])。(?=[0-9])")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+%=,-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """One typed command. ``verb`` is as typed, lower-cased; ``rest`` keeps the words after it as typed."""

    verb: str
    rest: str
    slash: bool


def read(text: str, bot_names: tuple[str, ...] = ("bot", "值班")) -> CommandLine | None:
    """The command that a message is, or None for ordinary talk.

    A message is a command when it starts with ``/`` or ``／``, after at most one BOM and one mention of this bot; a
    mention without a slash gives a line with ``slash=False``, which the caller takes only for an exact verb or alias.
    Raises ``UserError`` for a command that hides something: several lines, control or invisible characters, too long.
    """
    trimmed = text.removeprefix("\ufeff").strip(" \t\r\n\u3000\u00a0\u2005")
    body, mentioned = _without_mention(trimmed, bot_names)
    slash = body[:1] in {"/", "／"}
    if not slash and not mentioned:
        return None
    if not slash and len(body) > LIMIT:
        return None
    if slash:
        _refuse_hidden(body)
        body = body[1:]
    verb, _, rest = body.translate(_BLANKS).lstrip(" ").partition(" ")
    return CommandLine(verb.translate(_FULLWIDTH).lower(), rest.strip(" "), slash)


def spoken(text: str, bot_names: tuple[str, ...] = ("bot", "值班")) -> str:
    """What is said to the bot, without how it was called at the beginning."""
    body, _ = _without_mention(text.strip(" \t\r\n\u3000\u00a0\u2005"), bot_names)
    return body or text


def _without_mention(text: str, names: tuple[str, ...]) -> tuple[str, bool]:
    match = _SLACK_MENTION.match(text)
    if match:
        return text[match.end() :].lstrip(" \t\u3000\u00a0\u2005"), True
    for name in names:
        rest = text[len(name) + 1 :]
        if (
            text[:1] in {"@", "＠"}
            and text[1 : len(name) + 1].lower() == name
            and rest[:1] in set(" \t\u3000\u00a0\u2005/／")
        ):
            return rest.lstrip(" \t\u3000\u00a0\u2005"), True
    return text, False


def _refuse_hidden(line: str) -> None:
    if "\n" in line or "\r" in line or "\u2028" in line or "\u2029" in line:
        raise UserError("multiple_lines")
    for place, char in enumerate(line, 1):
        category = unicodedata.category(char)
        if category == "Cc" and char != "\t":
            raise UserError("control_character", code_point=_name(char), place=place)
        if category == "Cf" or char in _INVISIBLE or _is_variation_selector(char):
            raise UserError("invisible_character", code_point=_name(char), place=place)
    if len(line) > LIMIT:
        raise UserError("too_long", limit=LIMIT, length=len(line))


def _is_variation_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _name(char: str) -> str:
    return f"U+{ord(char):04X}"


def plain(text: str) -> str:
    """Full-width signs and blanks to ASCII, ``。`` between digits to a dot, linked hosts to their text, blanks collapsed."""
    mapped = text.translate(_BLANKS).translate(_FULLWIDTH)
    mapped = _STOP_IN_NUMBER.sub(".", mapped)
    mapped = _SLACK_LINK.sub(lambda m: m[2] if m[1] == m[2] else m[0], mapped)
    return re.sub(" +", " ", mapped).strip(" ")


def check_verb(verb: str, known: frozenset[str]) -> None:
    """Refuse an unknown verb: a look-alike letter is named with its place, else the nearest verb is the caller's to offer."""
    if verb in known:
        return
    letters = [c for c in verb if c.isalpha()]
    ascii_letters = [c for c in letters if c.isascii()]
    for place, char in enumerate(verb, 2):
        if ascii_letters and not char.isascii() and not "\u4e00" <= char <= "\u9fff":
            raise UserError("non_ascii_command", code_point=_name(char), place=place)
    raise UserError("unknown_command", verb=verb, nearest=None)


def words(rest: str) -> tuple[str, ...]:
    """The words after a verb, mapped to ASCII where the table allows; nothing is refused here."""
    return tuple(w for w in plain(rest).split(" ") if w)


def strict(args: tuple[str, ...]) -> None:
    """Refuse anything that is not a plain ASCII word: for commands whose words reach a server.

    Raises ``UserError`` ``non_ascii_argument`` for letters and signs outside ASCII, else ``bad_argument`` (both name the
    character); a leading dash, quotes, globs and shell characters are all ``bad_argument``.
    """
    for arg in args:
        if _WORD.fullmatch(arg) and ".." not in arg:
            continue
        odd = next((c for c in arg if not c.isascii()), None)
        if odd is not None and unicodedata.category(odd)[0] in "LMS":
            raise UserError("non_ascii_argument", argument=arg, character=odd, code_point=_name(odd))
        bad = next((c for c in arg if not _WORD.fullmatch("a" + c)), arg[:1])
        raise UserError("bad_argument", character=bad)
