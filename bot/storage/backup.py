"""Online backup and restore of the database: SQLite's backup API, checked before it counts (faults F30, F31)."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.core.errors import ConfigError


def backup(database: Path, target: Path) -> None:
    """Copy a live database; a plain ``cp`` of a WAL database loses rows. ``target`` appears only when it is whole."""
    if not database.exists():
        raise ConfigError([f"{database}: no such database; start Zhiban once, or give --config"])
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(part)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        check(part)
        os.replace(part, target)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise ConfigError([f"{target}: the backup failed: {error}"]) from None


def check(copy: Path) -> None:
    """Raise ``ConfigError`` unless the file is a whole Zhiban database."""
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as connection:
            sound = connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
            known = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    except sqlite3.Error:
        sound, known = False, (0,)
    if not sound or known != (1,):
        raise ConfigError([f"{copy}: not a whole Zhiban database; use a file that zhiban backup made"])


def restore(copy: Path, database: Path) -> Path | None:
    """Put ``copy`` in the database's place; what was there is kept beside it and its path returned."""
    if not copy.is_file():
        raise ConfigError([f"{copy}: no such file"])
    check(copy)
    database.parent.mkdir(parents=True, exist_ok=True)
    part = database.with_name(database.name + ".restoring")
    part.write_bytes(copy.read_bytes())
    kept = _set_aside(database)
    os.replace(part, database)
    return kept


def _set_aside(database: Path) -> Path | None:
    if not database.exists():
        return None
    number = 1
    while (kept := database.with_name(f"{database.name}.before-restore-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):  # the log belongs to the old file, never to the restored one
        part = database.with_name(database.name + suffix)
        if part.exists():
            os.replace(part, kept.with_name(kept.name + suffix))
    return kept
