"""The bytes of a roster file, within bounds, and the text that they are: UTF-8, UTF-16 or GB 18030."""

import codecs
from pathlib import Path

from data.roster import limits
from data.roster.sentences import RosterError

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0"  # .xls, and a workbook that has a password
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def file_bytes(path: Path) -> bytes:
    """The whole file. Raises ``TooLarge`` before reading more than is allowed."""
    with path.open("rb") as file:
        content = file.read(limits.FILE + 1)
    limits.hold("file", len(content), limits.FILE)
    return content


def text_of(content: bytes) -> str:
    """By its byte order mark; else UTF-8, UTF-16 as Windows writes it, or GB 18030 as Chinese Excel saves csv.

    Raises ``RosterError`` ``bad_file`` for what is no text.
    """
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RosterError("bad_file", "no_text")


def _encodings(content: bytes) -> tuple[str, ...]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return (encoding,)
    if b"\0" in content:  # what is ASCII has its NUL behind it or in front
        little = content[1::2].count(0) >= content[::2].count(0)
        return ("utf-16-le", "utf-16-be") if little else ("utf-16-be", "utf-16-le")
    return "utf-8", "gb18030"
