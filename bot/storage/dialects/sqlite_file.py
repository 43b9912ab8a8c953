"""A SQLite database as a file: whether it is sound, which schema it has, and a copy of it while it is in use.

Needs the driver alone: SQLAlchemy would double the time that ``zhiban backup`` takes.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.storage.dialects.sqlite_trouble import trouble_of
from bot.storage.trouble import Trouble

WAIT_SECONDS = 5.0  # for another program to let go of the file


class Unusable(Exception):
    """The file cannot be used, and why: only one of the kinds of trouble is a damaged file."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(detail)
        self.trouble = trouble


def revision(database: Path) -> str | None:
    """The schema's revision, after a quick check; None where no migration has run. Raises ``Unusable``."""
    try:
        with closing(sqlite3.connect(database, WAIT_SECONDS)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise Unusable(Trouble.DAMAGED)
            if not _migrated(connection):
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return row[0] if row else None
    except sqlite3.Error as error:
        raise Unusable(trouble_of(error), str(error)) from None


def is_whole(database: Path) -> bool:
    """Whether the file is a Zhiban database without a fault anywhere; slower than :func:`revision` on a large one.

    Raises ``Unusable`` where that could not be seen.
    """
    try:
        with closing(_read_only(database)) as connection:
            return connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",) and _migrated(connection)
    except sqlite3.Error as error:
        trouble = trouble_of(error)
        if trouble in {Trouble.DAMAGED, Trouble.OTHER}:
            return False
        raise Unusable(trouble, str(error)) from None


def copy(database: Path, target: Path) -> None:
    """Copy a live database page by page (a plain ``cp`` of a WAL database loses rows). Raises ``Unusable``."""
    try:
        with closing(_read_only(database)) as source, closing(sqlite3.connect(target)) as made:
            source.backup(made)
            made.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise Unusable(trouble_of(error), str(error)) from None


def _read_only(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?mode=ro", WAIT_SECONDS, uri=True)


def _migrated(connection: sqlite3.Connection) -> bool:
    """Whether it has Alembic's table."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is not None
