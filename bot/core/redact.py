"""What of a command's output people may see: text without control characters and without secrets."""

import re
import unicodedata

from bot.core.secret_shapes import SHAPES, folded

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])")
_CONTROLS = dict.fromkeys((*range(0x20), 0x7F)) | {code: code for code in (0x09, 0x0A)}
_NARROW = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
"""Full-width letters and numerals, as a Chinese keyboard may write them."""


def clean(raw: bytes, encoding: str = "") -> str:
    """``raw`` as text for people: bad UTF-8 replaced, ANSI and invisible characters removed, secrets masked.

    ``encoding``: of lines that are not UTF-8; one program may say both.
    """
    text = _decoded(raw, encoding).replace("\r\n", "\n")
    text = _ANSI.sub("", text).replace("\r", "\n")
    return mask(_visible(text))


def _visible(text: str) -> str:
    if text.isascii():
        return text.translate(_CONTROLS)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"})


def _decoded(raw: bytes, encoding: str) -> str:
    if not encoding:
        return raw.decode("utf-8", "replace")
    return "\n".join(_line(line, encoding) for line in raw.split(b"\n"))


def _line(line: bytes, encoding: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode(encoding, "replace")


def mask(text: str) -> str:
    """``text`` with what looks like a password, token or private key replaced, also in full-width letters."""
    narrow = text if text.isascii() else text.translate(_NARROW)
    masked = _masked(narrow)
    return masked if narrow == text or masked != narrow else text


def _masked(text: str) -> str:
    said = folded(text)
    for shape in SHAPES:
        if shape.may_stand_in(said):
            text = shape.pattern.sub(shape.instead, text)
    return text


def masked(data: bytes) -> bytes:
    """A downloaded file with its secrets masked; one that is no text is left as it is."""
    try:
        return mask(data.decode("utf-8")).encode()
    except UnicodeDecodeError:
        return data


def tail(text: str, lines: int = 12, characters: int = 1200) -> str:
    """The end of ``text`` that fits on a phone."""
    cut = "\n".join(text.rstrip("\n").split("\n")[-lines:])
    return cut if len(cut) <= characters else "…" + cut[1 - characters :]
