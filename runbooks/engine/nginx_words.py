"""A configuration as nginx reads it: words, quotes, comments and blocks, by the lexical rules of its own reader."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.errors import UserError

_BLANK = " \t\r\n"
_ESCAPED = {"t": "\t", "r": "\r", "n": "\n", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Word:
    """One token of ``line`` (from 1): a plain word without its quotes, or ``sign`` (``;``, ``{``, ``}``, ``#`` for a comment)."""

    text: str
    line: int
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Directive:
    """``words`` up to its ``;`` or ``{``; ``block`` what stands between its braces, None where it has none.

    A comment is a directive whose one word is the comment with its ``#``, and ``comment`` says so.
    """

    file: str
    line: int
    words: tuple[str, ...]
    last: int
    block: "tuple[Directive, ...] | None" = None
    comment: bool = False

    @property
    def name(self) -> str:
        return "" if self.comment else self.words[0]


def directives(file: str, text: str) -> tuple[Directive, ...]:
    """What stands in one file. Raises ``UserError`` ``nginx_not_understood`` where our reading parts from nginx's."""
    words = _words(file, text)
    found = tuple(_block(file, words))
    if next(words, None) is not None:
        raise _lost(file, text.count("\n") + 1)
    return found


def _block(file: str, words: Iterator[Word], within: int = 0) -> Iterator[Directive]:
    """The directives up to the ``}`` of the block that began on line ``within`` (0: up to the end of the file)."""
    held: list[Word] = []
    for word in words:
        if word.sign == "#":
            yield Directive(file, word.line, (word.text,), word.line, comment=True)
        elif not word.sign:
            held.append(word)
        elif word.sign == "}":
            if held or not within:
                raise _lost(file, word.line)
            return
        elif not held:
            raise _lost(file, word.line)
        else:
            said, line = tuple(one.text for one in held), held[0].line
            held = []
            if word.sign == "{" and said[0].endswith("_by_lua_block"):
                raise _lost(file, line)  # what follows is another language
            inner = tuple(_block(file, words, word.line)) if word.sign == "{" else None
            yield Directive(file, line, said, word.line, inner)
    if held or within:
        raise _lost(file, held[0].line if held else within)


def _words(file: str, text: str) -> Iterator[Word]:
    at, line, end = 0, 1, len(text)
    while at < end:
        char = text[at]
        if char in _BLANK:
            line += char == "\n"
            at += 1
        elif char in ";{}":
            yield Word(char, line, char)
            at += 1
        elif char == "#":
            stop = text.find("\n", at)
            stop = end if stop < 0 else stop
            yield Word(text[at:stop], line, "#")
            at = stop
        else:
            stop = _quoted(text, at) if char in "\"'" else _plain(text, at)
            if stop < 0:
                raise _lost(file, line)
            inner = text[at + 1 : stop - 1] if char in "\"'" else text[at:stop]
            yield Word(_unescaped(inner), line)
            line += text.count("\n", at, stop)
            at = stop


def _quoted(text: str, at: int) -> int:
    """Where the quoted word ends; -1 when it does not, or something is glued to it."""
    quote, place = text[at], at + 1
    while place < len(text) and text[place] != quote:
        place += 2 if text[place] == "\\" else 1
    after = text[place + 1 : place + 2]
    return place + 1 if place < len(text) and (not after or after in _BLANK or after in ";{") else -1


def _plain(text: str, at: int) -> int:
    place = at
    while place < len(text) and text[place] not in _BLANK and text[place] != ";":
        if text[place] == "{" and text[place - 1 : place] != "$":
            break
        place += 2 if text[place] == "\\" else 1
    return min(place, len(text))


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    parts, at = [], 0
    while at < len(text):
        escaped = _ESCAPED.get(text[at + 1 : at + 2]) if text[at] == "\\" else None
        parts.append(escaped or text[at])
        at += 2 if escaped else 1
    return "".join(parts)


def _lost(file: str, line: int) -> UserError:
    return UserError("nginx_not_understood", file=file, line=line)
