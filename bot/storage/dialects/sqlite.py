"""SQLite: one file, one writer with ``BEGIN IMMEDIATE``, readers on snapshots (WAL, ``synchronous=FULL``)."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite import dialect, insert
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect as CoreDialect
from sqlalchemy.pool import NullPool, QueuePool
from sqlalchemy.sql.base import Executable
from sqlalchemy.types import TypeEngine
from sqlmodel import create_engine
from sqlmodel.sql.sqltypes import UTCDateTime

from bot.storage.dialects.dialect import Convert, Driver, TransactionLost, Upsert
from bot.storage.dialects.sqlite_trouble import trouble_of
from bot.storage.trouble import Trouble

PRAGMAS = ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


class _OneForAll(SQLiteDialect_pysqlite):
    """SQLAlchemy's own; all of a process count as equal, so that what one engine compiled serves every other."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


registry.register("sqlite.zhiban", __name__, _OneForAll.__name__)
_COMPILED: dict[Any, Any] = {}  # as many as the code has statements


class Sqlite:
    """The answers of :class:`~bot.storage.dialects.dialect.Dialect` for SQLite."""

    name = "sqlite"
    core: CoreDialect = dialect(paramstyle="qmark")

    def upsert(self, what: Upsert) -> Executable:
        made = insert(what.table) if what.values is None else insert(what.table).values(**what.values)
        new = {name: made.excluded[name] for name in what.replaces} | dict(what.sets)
        if new:
            made = made.on_conflict_do_update(index_elements=what.key, set_=new, where=what.where)
        else:
            made = made.on_conflict_do_nothing(index_elements=what.key)
        return made.returning(*what.returning) if what.returning else made

    def stores(self, kind: TypeEngine[Any]) -> Convert | None:
        return _stored if isinstance(kind, UTCDateTime) else kind.dialect_impl(self.core).bind_processor(self.core)

    def reads(self, kind: TypeEngine[Any]) -> Convert | None:
        return kind.dialect_impl(self.core).result_processor(self.core, None)

    def trouble(self, error: BaseException) -> Trouble:
        return trouble_of(error)


SQLITE = Sqlite()


def writing(path: Path) -> Engine:
    """The engine of the one writer: its transactions hold the write lock from their first statement on.

    A deferred read-then-write would meet SQLITE_BUSY_SNAPSHOT (fact 12).
    """
    return _configured(create_engine(_url(path), poolclass=NullPool, **_OPTIONS), "BEGIN IMMEDIATE")


def reading(path: Path, readers: int) -> Engine:
    """The engine of ``readers`` readers, each on a committed snapshot."""
    pool: dict[str, Any] = {"poolclass": QueuePool, "pool_size": readers, "max_overflow": 0}
    return _configured(create_engine(_url(path), **pool, **_OPTIONS), "BEGIN")


_OPTIONS: dict[str, Any] = {
    "hide_parameters": True,
    "connect_args": {"check_same_thread": False},
    "execution_options": {"compiled_cache": _COMPILED},
}


def _url(path: Path) -> str:
    return f"sqlite+zhiban:///{path}"


def raw(connection: Connection) -> sqlite3.Connection:
    """The sqlite3 connection underneath."""
    return cast(sqlite3.Connection, connection.connection.dbapi_connection)


def standing(driver: sqlite3.Connection) -> Driver:
    """The same connection, while its transaction stands.

    After the transaction was lost a statement (a savepoint, too) would commit by itself, whoever swallowed the first error.
    """
    if not driver.in_transaction:
        raise TransactionLost
    return driver


def _stored(moment: datetime | None) -> str | None:
    """How SQLAlchemy's SQLite dialect writes a datetime (naive UTC), in a third of its time. Raises where it has no zone."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone is no moment")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _configured(engine: Engine, begin: str) -> Engine:
    @event.listens_for(engine, "connect")
    def _configure(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # the driver begins nothing by itself; we say when
        for pragma in PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    @event.listens_for(engine, "before_cursor_execute")
    def _refuse_outside(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        """The same rule as in :func:`standing`."""
        if not statement.startswith("BEGIN"):
            standing(raw(connection))

    return engine
