"""Online backup and restore of the database, each copy checked before it counts (faults F30, F31)."""

import os
import shutil
from pathlib import Path

from bot.core.errors import ConfigError
from bot.core.problems import Told, unusable
from bot.storage.dialects import sqlite_file
from bot.storage.trouble import MIB, Trouble, free_bytes, way_out


def backup(database: Path, target: Path) -> None:
    """Copy a live database; ``target`` appears only when it is whole."""
    if not database.exists():
        raise unusable(database, Told("service/no_database"))
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        private(part)
        sqlite_file.copy(database, part)
        check(part)
        os.replace(part, target)
    except sqlite_file.Unusable as error:
        part.unlink(missing_ok=True)
        where = target if error.trouble is Trouble.FULL else database
        why = way_out(error.trouble, where, str(error))
        raise unusable(target, Told("service/backup_failed", why=why)) from None
    except OSError as error:
        part.unlink(missing_ok=True)
        raise unusable(target, Told("service/backup_failed", why=error.strerror)) from None


def check(copy: Path) -> None:
    """Raise ``ConfigError`` unless the file is a whole Zhiban database."""
    try:
        whole = sqlite_file.is_whole(copy)
    except sqlite_file.Unusable as error:
        raise ConfigError([way_out(error.trouble, copy, str(error))]) from None
    if not whole:
        raise unusable(copy, Told("service/not_whole"))


def restore(copy: Path, database: Path) -> Path | None:
    """Put ``copy`` in the database's place; what was there is kept beside it and its path returned."""
    if not copy.is_file():
        raise unusable(copy, Told("service/no_file"))
    check(copy)
    database.parent.mkdir(parents=True, exist_ok=True)
    part = database.with_name(database.name + ".restoring")
    try:
        part.unlink(missing_ok=True)
        private(part)
        shutil.copyfile(copy, part)
    except OSError as error:
        part.unlink(missing_ok=True)
        told = Told("service/not_restored", why=error.strerror, free=free_bytes(part) // MIB)
        raise unusable(part, told) from None
    kept = _set_aside(database)
    os.replace(part, database)
    return kept


def private(path: Path) -> None:
    """An empty file that only its owner reads: a copy holds what the database does, people's words and phones among it."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


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
