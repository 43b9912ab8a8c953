"""The events of a dry run: JSON lines ``{"at","chat","user","text"}``, checked line by line."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.adapters.local import incoming
from bot.core.errors import ConfigError
from bot.storage.clock import ManualClock
from data.site import Site

KEYS = ("at", "chat", "user", "text")


@dataclass(frozen=True, slots=True)
class Line:
    """One message to replay; ``number`` is its line in the file."""

    number: int
    at: datetime
    chat: str
    user: str
    text: str


def moment(text: str, tz: ZoneInfo) -> datetime:
    """An ISO time as aware UTC; a date is its midnight, without an offset it is the organisation's own time.

    Raises ``ValueError`` for what is no time or lies outside the calendar.
    """
    found = datetime.fromisoformat(text)
    try:
        return (found if found.tzinfo else found.replace(tzinfo=tz)).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text} is outside the calendar") from None


def read_lines(path: Path, site: Site, start: datetime, end: datetime) -> list[Line]:
    """The messages of a file by time, lines of the same time in the file's order; blank lines are left out.

    Raises ``ConfigError`` with one line for every line that is wrong, or for a file that cannot be read.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from None
    lines: list[Line] = []
    faults: list[str] = []
    for number, data in enumerate(raw.split(b"\n"), 1):
        if not data.strip():
            continue
        try:
            lines.append(_line(number, data, site, start, end))
        except ValueError as error:
            faults.append(f"{path}:{number}: {error}")
    if faults:
        raise ConfigError(faults)
    return sorted(lines, key=lambda line: line.at)


def _line(number: int, data: bytes, site: Site, start: datetime, end: datetime) -> Line:
    row = _row(data)
    at = _at(row["at"], site.tz)
    if not start <= at < end:
        raise ValueError(f"at: {row['at']} is not within --from and --to")
    if site.chat(row["chat"]) is None:
        raise ValueError(f"chat: {row['chat']} is not in chats.yaml")
    if row["user"] not in site.people:
        raise ValueError(f"user: {row['user']} is not in people.yaml")
    line = Line(number, at, row["chat"], row["user"], row["text"])
    try:  # the intake's own check, so that nothing can fail half-way through the run
        incoming.message(site, ManualClock(at), line.chat, {"user": line.user, "text": line.text})
    except incoming.BadRequest as error:
        raise ValueError(error.message) from None
    return line


def _row(data: bytes) -> dict[str, str]:
    try:
        row: Any = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(row, dict):
        raise ValueError('expected an object {"at","chat","user","text"}')
    wrong = [key for key in KEYS if not isinstance(row.get(key), str)]
    unknown = sorted(row.keys() - set(KEYS))
    if wrong:
        raise ValueError(f"{', '.join(wrong)}: must be given as a string")
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: unknown; the keys are {', '.join(KEYS)}")
    return row


def _at(text: str, tz: ZoneInfo) -> datetime:
    try:
        return moment(text, tz)
    except ValueError:
        raise ValueError(f"at: {text} is no time; write 2026-10-01T08:00") from None
