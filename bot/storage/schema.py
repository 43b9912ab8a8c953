"""The schema's version: looks whether the database is behind, and only then wakes Alembic (0.9 s to import)."""

import re
from pathlib import Path

from bot.core.errors import ConfigError
from bot.core.lazy import MIGRATIONS, imported
from bot.core.problems import Told, unusable
from bot.storage.dialects import sqlite_file
from bot.storage.trouble import way_out

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def head() -> str:
    """The newest revision that this program knows: the files are named ``0001_initial.py`` and so on."""
    revisions: list[str] = re.findall(r"^(\d{4})_", "\n".join(p.name for p in VERSIONS.glob("*.py")), re.MULTILINE)
    return max(revisions)


def prepare(database: Path) -> None:
    """Make or migrate the database. Raises ``ConfigError`` when it cannot be used or is newer than we are (faults F19, F29)."""
    existed = database.exists()
    if database.is_symlink() and not existed:  # a disk that is not mounted: never a fresh database in its stead
        raise unusable(database, Told("service/link_lost", there=str(database.readlink())))
    if existed and database.stat().st_size == 0:
        raise unusable(database, Told("service/database_empty"))
    database.parent.mkdir(parents=True, exist_ok=True)
    current = _current(database) if existed else None
    if current == head():
        return
    if current is not None and current > head():
        raise unusable(database, Told("service/newer", found=current, head=head()))
    upgrade = imported(MIGRATIONS, "upgrade")
    if existed:
        upgrade(database)
        return
    part = database.with_name(database.name + ".new")  # a crash here must not leave an empty database behind
    for leftover in (part, part.with_name(part.name + "-journal")):
        leftover.unlink(missing_ok=True)
    upgrade(part)
    part.rename(database)


def _current(database: Path) -> str | None:
    try:
        return sqlite_file.revision(database)
    except sqlite_file.Unusable as error:
        raise ConfigError([way_out(error.trouble, database, str(error))]) from None
