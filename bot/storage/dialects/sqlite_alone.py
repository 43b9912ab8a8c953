"""A SQLite database without the store: a session that only reads, and a connection that changes the schema."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, event, pool
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from bot.core.errors import ConfigError
from bot.core.problems import Told, unusable
from bot.storage.dialects.sqlite_trouble import trouble_of
from bot.storage.trouble import Trouble, way_out


@contextmanager
def reading(database: Path) -> Iterator[Session]:
    """A session that only reads, beside a running service or without one. Raises ``ConfigError``."""
    if not database.exists():
        raise unusable(database, Told("service/no_database"))
    engine = create_engine(f"sqlite:///file:{database}?mode=ro&uri=true")
    try:
        with Session(engine) as session:
            yield session
    except DatabaseError as error:
        trouble = trouble_of(error)
        if trouble in {Trouble.DAMAGED, Trouble.OTHER}:
            raise unusable(database, Told("service/unreadable")) from None
        raise ConfigError([way_out(trouble, database)]) from None
    finally:
        engine.dispose()


@contextmanager
def changing_schema(database: Path) -> Iterator[Connection]:
    """A connection whose whole transaction, changes of tables included, is committed at the end or not at all.

    Raises ``ConfigError`` where the disk or another program does not let it be written.
    """
    engine = create_engine(f"sqlite:///{database}", poolclass=pool.NullPool)

    @event.listens_for(engine, "connect")
    def _manual(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # sqlite3 begins nothing by itself; DDL stays inside our BEGIN

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.begin() as connection:
            yield connection
    except DatabaseError as error:
        trouble = trouble_of(error)
        if trouble is Trouble.OTHER:
            raise
        raise ConfigError([way_out(trouble, database)]) from None
    finally:
        engine.dispose()
