"""The store: one writer thread that commits many waiting writes at once, and reader threads (SQLite: WAL, FULL).

``await write(fn)`` runs ``fn(tx)`` in the writer thread inside one transaction with its neighbours, a savepoint each, and
returns after the commit. ``await read(fn)`` runs ``fn(session)`` in a reader thread. Every writer takes ``BEGIN IMMEDIATE``
(a deferred read-then-write meets SQLITE_BUSY_SNAPSHOT; fact 12).
"""

import asyncio
import logging
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool
from sqlmodel import Session, create_engine

from bot.core import crash_points
from bot.core.errors import ConfigError, Temporary

T = TypeVar("T")
log = logging.getLogger(__name__)

BATCH = 256  # writes in one commit at the most
BATCH_SECONDS = 0.02  # a batch that already took this long is committed, so that nobody waits for a long queue
READERS = 4


class StoreUnavailable(Temporary):
    """The write was not committed; whoever asked may ask again."""


@dataclass
class Tx:
    """The transaction a write runs in; ``wake`` names the workers to wake once it is committed."""

    connection: Connection
    wakes: set[str] = field(default_factory=set)

    def wake(self, worker: str) -> None:
        self.wakes.add(worker)

    def session(self) -> Session:
        """A session of its own inside this transaction; its commit releases a savepoint, nothing more."""
        return Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)


@dataclass
class _Job:
    fn: Callable[[Tx], Any]
    point: str | None
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = None


class Store:
    """One SQLite file. ``open`` before use, ``close`` at the end; the schema is the migrations' business."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._events: dict[str, asyncio.Event] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine = _engine(path, NullPool)
        self._read_engine = _engine(path, QueuePool, pool_size=READERS, max_overflow=0)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    def open(self) -> None:
        """Start the writer; call it inside the running loop. Raises ``ConfigError`` when the file cannot be opened."""
        self._loop = asyncio.get_running_loop()
        try:
            connection = self._engine.connect()
        except DBAPIError as error:
            raise ConfigError([f"{self.path}: cannot be opened: {error.orig}"]) from None
        self._writer = threading.Thread(target=self._run, args=(connection,), name="store-writer", daemon=True)
        self._writer.start()

    async def close(self) -> None:
        """Finish the waiting writes, then stop the threads."""
        self._jobs.put(None)
        if self._writer is not None:
            await asyncio.to_thread(self._writer.join)
        self._readers.shutdown()
        self._read_engine.dispose()
        self._engine.dispose()

    def event(self, worker: str) -> asyncio.Event:
        """The event that a committed ``tx.wake(worker)`` sets."""
        return self._events.setdefault(worker, asyncio.Event())

    def wake(self, worker: str) -> None:
        """Set a worker's event from any thread (the auditor's nudge)."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.event(worker).set)

    def submit(self, fn: Callable[[Tx], T], point: str | None = None) -> "asyncio.Future[T]":
        """Put ``fn`` into the writer's queue; the future has its result after the commit.

        ``point`` names the crash points ``<point>.before_commit`` and ``<point>.after_commit`` of the batch it lands in.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(fn, point, loop, future))
        return future

    async def write(self, fn: Callable[[Tx], T], point: str | None = None) -> T:
        """Run ``fn`` in the writer and return its result after the commit; its exception rolls back its part alone.

        Raises ``StoreUnavailable`` when the transaction as a whole was lost.
        """
        return await self.submit(fn, point)

    async def read(self, fn: Callable[[Session], T]) -> T:
        """Run ``fn`` on a committed snapshot in a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, fn)

    def _read(self, fn: Callable[[Session], T]) -> T:
        with Session(self._read_engine, expire_on_commit=False) as session:
            return fn(session)

    def _run(self, connection: Connection) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                if self._attempt(connection, [job]):
                    return
        finally:
            connection.close()

    def _attempt(self, connection: Connection, batch: list[_Job]) -> bool:
        """Commit one batch and answer its waiters; says whether the end of the queue was met."""
        tx = Tx(connection)
        stop = False
        try:
            with connection.begin():
                stop = self._fill(tx, batch)
                self._pass(batch, "before_commit")
            self._pass(batch, "after_commit")
        except Exception as error:  # whatever it was, the writer lives on and the waiters hear of it
            _exit_if_durability_is_unknown(error)
            log.error("store: commit failed: %s", type(getattr(error, "orig", error)).__name__)
            for job in batch:
                job.error = job.error or StoreUnavailable("commit failed")
            tx.wakes.clear()
        self._answer(batch, tx.wakes)
        return stop

    def _fill(self, tx: Tx, batch: list[_Job]) -> bool:
        """Run the first job and whatever else waits, up to the limits; says whether the end was met."""
        until = time.monotonic() + BATCH_SECONDS
        self._one(tx, batch[0])
        while len(batch) < BATCH and time.monotonic() < until:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return False
            if job is None:
                return True
            batch.append(job)
            self._one(tx, job)
        return False

    def _one(self, tx: Tx, job: _Job) -> None:
        run = driver(tx.connection).execute
        run("SAVEPOINT job")
        try:
            job.result = job.fn(tx)
        except Exception as error:
            if not _raw(tx.connection).in_transaction or _disk_full(error):
                raise _TransactionLost from error
            run("ROLLBACK TO job")
            job.error = error
        run("RELEASE job")

    def _pass(self, batch: list[_Job], moment: str) -> None:
        for job in batch:
            if job.point is not None:
                crash_points.point(f"{job.point}.{moment}")

    def _answer(self, batch: list[_Job], wakes: set[str]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
        for job in batch:
            by_loop.setdefault(job.loop, []).append(job)
        for loop, jobs in by_loop.items():
            try:
                loop.call_soon_threadsafe(self._resolve, jobs, wakes)
            except RuntimeError:
                log.warning("store: a writer's loop was closed before its answer")

    def _resolve(self, jobs: list[_Job], wakes: set[str]) -> None:
        for job in jobs:
            if job.future.cancelled():
                continue
            if job.error is not None:
                job.future.set_exception(job.error)
            else:
                job.future.set_result(job.result)
        for worker in wakes:
            self.event(worker).set()


def driver(connection: Connection) -> sqlite3.Connection:
    """The sqlite3 connection underneath, for the few places where a statement must cost next to nothing.

    Outside a transaction there is none: after the transaction was lost, a statement (a savepoint, too) would commit by
    itself, whoever swallowed the first error.
    """
    raw = _raw(connection)
    if not raw.in_transaction:
        raise _TransactionLost
    return raw


def _raw(connection: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.dbapi_connection)


def stored(moment: datetime) -> str:
    """How SQLAlchemy's SQLite dialect writes a datetime: naive UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class _TransactionLost(Exception):
    """SQLite ended the whole transaction (disk full takes the savepoints with it)."""


def _disk_full(error: BaseException) -> bool:
    original = getattr(error, "orig", error)
    return getattr(original, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _exit_if_durability_is_unknown(error: BaseException) -> None:
    """After a failed fsync nobody knows what is on the disk: end, and let the supervisor start afresh (fault F28)."""
    original = getattr(error, "orig", None)
    if isinstance(original, sqlite3.OperationalError) and "disk I/O error" in str(original):
        log.critical("store: the disk reported an I/O error; stopping")
        logging.shutdown()
        os._exit(70)


def _engine(path: Path, pool: Any, **options: Any) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", poolclass=pool, hide_parameters=True, connect_args={"check_same_thread": False}, **options
    )

    @event.listens_for(engine, "connect")
    def _configure(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # the driver begins nothing by itself; we say BEGIN IMMEDIATE
        for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if pool is QueuePool else "BEGIN IMMEDIATE")

    @event.listens_for(engine, "before_cursor_execute")
    def _refuse_outside(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        """The same rule as in :func:`driver`."""
        if not statement.startswith("BEGIN"):
            driver(connection)

    return engine
