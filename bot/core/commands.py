"""From what a phone keyboard produces to a command: full-width signs, mentions, quoting; strict where it must be.

The mapping is a small table, not NFKC, which makes live shell characters out of ``；＆｜＄`` (fact 15).
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace

from bot.core import calling
from bot.core.calling import BLANKS, NAMES
from bot.core.emoticons import is_emoticon
from bot.core.errors import UserError

LIMIT = 512  # characters in one command line
LONGEST_VERB = 24  # characters; an unknown word that is longer is a sentence
_QUOTES = "`\"'´“”‘’「」『』"  # a command that stands wholly between them was copied or shown, with the marks of code
_TO_BLANK = dict.fromkeys(map(ord, BLANKS), " ")
_FULLWIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f")
_SLACK_LINK = re.compile(r"<(?:https?|mailto):(?://)?([A-Za-z0-9.:-]+)/?\|([A-Za-z0-9.:-]+)>", re.ASCII)
_STOP_IN_NUMBER = re.compile(r"(?<=[0-9])。(?=[0-9])")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+%=,-]*", re.ASCII)
_FIRST_WORD_ENDS = re.compile(r"[ \r\n\u2028\u2029]")
_SIGN_BEHIND_VERB = re.compile("[:：,，]")
# Folders at the top of a server, as people name them: "/data 满了".
_TOP = "bin boot data dev etc home lib media mnt opt proc root run sbin srv sys tmp usr var"
_FOLDERS = frozenset(_TOP.split())


@dataclass(frozen=True, slots=True)
class CommandLine:
    """One line that may be a command. ``verb`` is its first word, lower-cased; ``rest`` keeps the words after it as typed.

    ``slash``: it begins with the sign of a command; ``others``: it calls somebody beside the bot, too. ``typed``: the whole of
    it, as it is checked for what it hides; ``body``: what stands behind the slash.
    """

    verb: str
    rest: str
    slash: bool
    others: bool = field(default=False, compare=False)
    typed: str = field(default="", compare=False)
    body: str = field(default="", compare=False)


def read(text: str, bot_names: tuple[str, ...] = NAMES) -> CommandLine | None:
    """The command that a line is, or None for talk. Raises ``UserError`` for one with a slash that hides something."""
    line = parse(text, bot_names)
    if line is not None and line.slash:
        refuse_hidden(line)
    return line


def parse(text: str, bot_names: tuple[str, ...] = NAMES) -> CommandLine | None:
    """What may be a command, or None for ordinary talk: a line that begins with ``/`` or ``／``, or one that calls this bot.

    Where it is called and there is no slash, the caller takes the line only for an exact verb or alias. Nothing is refused here
    (:func:`refuse_hidden`), for what people say may have lines and signs of any kind.
    """
    call = calling.heard(text, bot_names)
    slash = call.words[:1] in {"/", "／"}
    if not slash and not call.bot:
        return None
    body = call.words[1:] if slash else call.words
    line = body.translate(_TO_BLANK).lstrip(" ")
    end = _FIRST_WORD_ENDS.search(line)
    verb, rest = (line[: end.start()], line[end.end() :]) if end else (line, "")
    return CommandLine(_verb(verb), rest.strip(" \r\n"), slash, call.others, call.words, line)


def unquoted(text: str, bot_names: tuple[str, ...] = NAMES) -> str | None:
    """What stands between quotes or marks of code where a line is nothing else, as a command is typed; None for any other."""
    call = calling.heard(text, bot_names)
    words = call.words.strip()
    inner = words.strip(_QUOTES).strip(BLANKS + "\r\n")
    if words[:1] not in _QUOTES or words[-1:] not in _QUOTES or not inner:
        return None
    slash = inner[:1] in {"/", "／"}
    return f"/{inner[1:] if slash else inner}" if slash or call.bot else None


def spoken(text: str, bot_names: tuple[str, ...] = NAMES) -> str:
    """What is said, without how the bot was called at its beginning or end; empty where it was only called."""
    return calling.said(text, bot_names)


def until_sign(line: CommandLine) -> CommandLine:
    """The same line with a verb that ends before the first colon or comma: ``/报障：打不开``."""
    sign = _SIGN_BEHIND_VERB.search(line.body)
    if sign is None or sign.start() >= len(line.verb):
        return line
    return replace(line, verb=_verb(line.body[: sign.start()]), rest=line.body[sign.end() :].strip(" \r\n"))


def is_formed(line: CommandLine) -> bool:
    """Whether a line with a slash is a command by its form; else it is talk: a path, an emoticon, a sign, a sentence."""
    verb = "".join(char for char in line.verb if not _is_hidden(char) and unicodedata.category(char) != "Cc")
    if not verb:
        return not line.rest and line.typed.strip(BLANKS) in {"/", "／"}
    worded = all(char in "-_" or unicodedata.category(char)[0] in "LMN" for char in verb)
    return worded and len(verb) <= LONGEST_VERB and verb not in _FOLDERS and not is_emoticon(verb)


def _verb(word: str) -> str:
    return word.translate(_FULLWIDTH).lower()


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or char in _INVISIBLE or _is_variation_selector(char)


def refuse_hidden(line: CommandLine) -> None:
    """Refuse what hides something: several lines, control or invisible characters, too many of them. Raises ``UserError``."""
    typed = line.typed
    if any(sign in typed for sign in "\n\r\u2028\u2029"):
        raise UserError("multiple_lines")
    for place, char in enumerate(typed, 1):
        category = unicodedata.category(char)
        if category == "Cc" and char != "\t":
            raise UserError("control_character", code_point=_name(char), place=place)
        if _is_hidden(char):
            raise UserError("invisible_character", code_point=_name(char), place=place)
    if len(typed) > LIMIT:
        raise UserError("too_long", limit=LIMIT, length=len(typed))


def _is_variation_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _name(char: str) -> str:
    return f"U+{ord(char):04X}"


def plain(text: str) -> str:
    """Full-width signs and blanks to ASCII, ``。`` between digits to a dot, linked hosts to their text, blanks collapsed."""
    mapped = text.translate(_TO_BLANK).translate(_FULLWIDTH)
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


def strict(args: tuple[str, ...], example: str = "") -> None:
    """Refuse anything that is not a plain ASCII word: for commands whose words reach a server.

    Raises ``UserError`` ``non_ascii_argument`` for letters and signs outside ASCII, else ``bad_argument`` (both name the
    character); a leading dash, quotes, globs and shell characters are all ``bad_argument``. ``example``: a line of the command
    that would be right.
    """
    for arg in args:
        if _WORD.fullmatch(arg) and ".." not in arg:
            continue
        odd = next((c for c in arg if not c.isascii()), None)
        if odd is not None and unicodedata.category(odd)[0] in "LMS":
            raise UserError("non_ascii_argument", argument=arg, character=odd, code_point=_name(odd), example=example)
        bad = next((c for c in arg if not _WORD.fullmatch("a" + c)), arg[:1])
        raise UserError("bad_argument", character=bad, example=example)
