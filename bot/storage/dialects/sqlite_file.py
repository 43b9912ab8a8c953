"""A SQLite database as a file: whether it is sound, which schema it has, and a copy of it while it is in use."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, event, pool
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from bot.core.errors import ConfigError


class Damaged(Exception):
    """The file is no database, or not a whole one."""


def revision(database: Path) -> str | None:
    """The schema's revision, after a quick check; None where no migration has run. Raises ``Damaged``."""
    try:
        with closing(sqlite3.connect(database)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise Damaged
            if not _migrated(connection):
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return row[0] if row else None
    except sqlite3.DatabaseError:
        raise Damaged from None


def is_whole(database: Path) -> bool:
    """Whether the file is a Zhiban database without a fault anywhere; slower than :func:`revision` on a large one."""
    try:
        with closing(_read_only(database)) as connection:
            return connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",) and _migrated(connection)
    except sqlite3.Error:
        return False


def copy(database: Path, target: Path) -> None:
    """Copy a live database page by page (a plain ``cp`` of a WAL database loses rows). Raises ``Damaged`` or ``OSError``."""
    try:
        with closing(_read_only(database)) as source, closing(sqlite3.connect(target)) as made:
            source.backup(made)
            made.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise Damaged(str(error)) from None


@contextmanager
def reading(database: Path) -> Iterator[Session]:
    """A session that only reads, beside a running service or without one. Raises ``ConfigError``."""
    if not database.exists():
        raise ConfigError([f"{database}: no such database; start Zhiban once, or give --config"])
    engine = create_engine(f"sqlite:///file:{database}?mode=ro&uri=true")
    try:
        with Session(engine) as session:
            yield session
    except DatabaseError:
        raise ConfigError([f"{database}: cannot be read as a Zhiban database"]) from None
    finally:
        engine.dispose()


@contextmanager
def changing_schema(database: Path) -> Iterator[Connection]:
    """A connection whose whole transaction, changes of tables included, is committed at the end or not at all."""
    engine = create_engine(f"sqlite:///{database}", poolclass=pool.NullPool)

    @event.listens_for(engine, "connect")
    def _manual(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # sqlite3 begins nothing by itself; DDL stays inside our BEGIN

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _read_only(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True)


def _migrated(connection: sqlite3.Connection) -> bool:
    """Whether it has Alembic's table."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is not None
