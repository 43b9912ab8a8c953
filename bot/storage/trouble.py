"""Why a database takes no write or cannot be opened, and what whoever runs Zhiban does about it."""

import getpass
import logging
import shutil
import time
from enum import StrEnum
from pathlib import Path

from bot.core.problems import Line, Told

log = logging.getLogger(__name__)
SAY_AGAIN = 60.0  # seconds between two lines of the log about one trouble; what comes in between is counted
MIB = 1024 * 1024


class Trouble(StrEnum):
    """The kinds that call for different acts; the words are those of ``/healthz`` and the log."""

    FULL = "the disk is full"
    LOCKED = "another program holds the database locked"
    DENIED = "this user may not open or write the database"
    DISK = "the disk reports input/output errors"
    DAMAGED = "the database is damaged"
    OTHER = "the database refused the write"


def free_bytes(near: Path) -> int:
    """How much room is left on the disk where ``near``, or the first folder above it that is there, lies."""
    while not near.exists() and near != near.parent:
        near = near.parent
    return shutil.disk_usage(near).free


def way_out(trouble: Trouble, database: Path, detail: str = "") -> Line:
    """One line: what is wrong with the file, whether anything is lost, and what to do."""
    return Line(f"{database}: ", _told(trouble, database, detail), "en")


def _told(trouble: Trouble, database: Path, detail: str) -> Told:
    if database.is_dir():
        return Told("service/is_folder")
    match trouble:
        case Trouble.FULL:
            return Told("service/full", free=free_bytes(database) // MIB, folder=str(database.parent))
        case Trouble.LOCKED:
            return Told("service/locked", database=str(database))
        case Trouble.DENIED:
            return Told("service/denied", user=getpass.getuser())
        case Trouble.DISK:
            return Told("service/disk")
        case Trouble.DAMAGED:
            return Told("service/damaged")
        case Trouble.OTHER:
            return Told("service/other", detail=detail)


class Condition:
    """Whether the store commits, as its last commits showed: the writer notes, everybody else reads."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self.trouble: Trouble | None = None
        self.refused = 0  # writes since the trouble began
        self._since = 0.0
        self._said = 0.0

    def seconds(self) -> float:
        """True seconds since the trouble began."""
        return time.monotonic() - self._since

    def failed(self, trouble: Trouble, detail: str, writes: int) -> None:
        """A commit failed; the log says why when it begins and then once a minute."""
        now = time.monotonic()
        if self.trouble is None:
            self._since, self.refused = now, 0
        self.refused += writes
        if self.trouble is not trouble or now - self._said >= SAY_AGAIN:
            self._said = now
            about = way_out(trouble, self._database, detail)
            log.error("store: nothing is committed, %d writes refused so far: %s", self.refused, about)
        self.trouble = trouble

    def went_well(self) -> None:
        """A commit went well."""
        if self.trouble is not None:
            log.warning("store: it commits again, after %.0f s; %d writes were refused", self.seconds(), self.refused)
            self.trouble = None
