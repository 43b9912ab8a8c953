"""Anchors of the audit log: rows noted outside the database, a line each, so that a cut end of the chain is found (fact 20).

A line is ``SEQUENCE HASH TIME``. Lines are only added: an older one still finds what was cut before a newer one was made.
"""

import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.core.errors import ConfigError

FILE_NAME = "zhiban-audit-anchors.txt"
SHORTEST = 32  # hexadecimal digits, 128 bits: what the operators' chat has of a hash
_LINE = re.compile(r"([1-9][0-9]{0,17})[ :]([0-9a-f]{32,64})(?: (\S{1,40}))?")


@dataclass(frozen=True, slots=True)
class Anchor:
    """Row ``sequence`` had a hash that begins with ``hash``; ``where`` and ``at`` (None where unknown) say who vouches for it."""

    sequence: int
    hash: str
    at: datetime | None = None
    where: str = ""


def file_at(place: Path) -> Path:
    """The file of a configured place, which is a file or a folder that is there."""
    return place / FILE_NAME if place.is_dir() else place


def read(path: Path) -> list[Anchor]:
    """The anchors of a file, oldest first. Raises ``OSError``, and ``ConfigError`` where a line is no anchor."""
    found = []
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
        if line.strip() and not line.startswith("0 "):  # an empty log was noted so
            found.append(parsed(line.strip(), str(path), f"{path}:{number}"))
    return found


def parsed(line: str, where: str, named: str) -> Anchor:
    """One anchor as it is written in a file or as the chat says it. Raises ``ConfigError``, by the name ``named``."""
    parts = _LINE.fullmatch(line)
    if parts is None:
        raise ConfigError([f"{named}: not an anchor; it holds a row number and a hash"])
    try:
        at = datetime.fromisoformat(parts[3]) if parts[3] else None
    except ValueError:
        raise ConfigError([f"{named}: not an anchor; {parts[3]} is no time"]) from None
    return Anchor(int(parts[1]), parts[2], at, where)


def add(path: Path, anchor: Anchor) -> None:
    """Write an anchor behind the others, and have it on the disk. Raises ``OSError``; makes no folder.

    The folder of a mount that is not there must not be filled in its place.
    """
    at = anchor.at.isoformat(timespec="seconds") if anchor.at else ""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{anchor.sequence} {anchor.hash} {at}".rstrip().encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
