"""The store: one writer thread that commits many waiting writes at once, and reader threads.

``await write(fn)`` runs ``fn(tx)`` in the writer thread inside one transaction with its neighbours, a savepoint each, and
returns after the commit. ``await read(fn)`` runs ``fn(session)`` in a reader thread.
"""

import asyncio
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot.core import crash_points
from bot.core.errors import ConfigError, Temporary
from bot.storage.dialects import sqlite
from bot.storage.dialects.dialect import Dialect, Driver, TransactionLost
from bot.storage.dialects.sqlite_alone import reading
from bot.storage.trouble import Condition, Trouble, way_out

# ``Connection``, ``Session``, ``DBAPIError`` and ``reading`` are here for rooms that have no SQL of their own
__all__ = ["Connection", "DBAPIError", "Session", "Store", "StoreUnavailable", "Tx", "reading"]
T = TypeVar("T")
log = logging.getLogger(__name__)

BATCH = 256  # writes in one commit at the most
BATCH_SECONDS = 0.02  # a batch that already took this long is committed, so that nobody waits for a long queue
READERS = 4


class StoreUnavailable(Temporary):
    """The write was not committed; whoever asked may ask again. ``reason`` says why, as far as it is known."""


@dataclass
class Tx:
    """The transaction a write runs in; ``wake`` names the workers to wake once it is committed."""

    connection: Connection
    wakes: set[str] = field(default_factory=set)
    dialect: Dialect = sqlite.SQLITE

    def __post_init__(self) -> None:
        self._raw = sqlite.raw(self.connection)

    def wake(self, worker: str) -> None:
        self.wakes.add(worker)

    def session(self) -> Session:
        """A session of its own inside this transaction; its commit releases a savepoint, nothing more."""
        return Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)

    def driver(self) -> Driver:
        """The driver's connection, for statements that must cost next to nothing. Raises where the transaction was lost."""
        return sqlite.standing(self._raw)

    @property
    def stands(self) -> bool:
        """Whether the database has not ended the whole transaction."""
        return self._raw.in_transaction

    def within(self) -> "Tx":
        """Itself: a statement runs here as it stands."""
        return self

    def savepoint(self, name: str) -> None:
        """Begin a part that can be undone alone (standard SQL, the same words in both databases)."""
        self.driver().execute(f"SAVEPOINT {name}")

    def release(self, name: str) -> None:
        """Keep what was done since the savepoint."""
        self.driver().execute(f"RELEASE SAVEPOINT {name}")

    def undo(self, name: str) -> None:
        """Take back what was done since the savepoint, and the savepoint."""
        self.driver().execute(f"ROLLBACK TO SAVEPOINT {name}")
        self.release(name)


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
        self.condition = Condition(path)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._events: dict[str, asyncio.Event] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine = sqlite.writing(path)
        self._read_engine = sqlite.reading(path, READERS)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    def open(self) -> None:
        """Start the writer; call it inside the running loop. Raises ``ConfigError`` when the file cannot be used."""
        self._loop = asyncio.get_running_loop()
        try:
            connection = self._engine.connect()
        except DBAPIError as error:
            raise ConfigError([way_out(sqlite.SQLITE.trouble(error), self.path, str(error.orig))]) from None
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
            self.condition.went_well()
        except Exception as error:  # whatever it was, the writer lives on and the waiters hear of it
            trouble = _trouble(tx.dialect, error)
            self.condition.failed(trouble, type(getattr(error, "orig", error)).__name__, len(batch))
            for job in batch:
                job.error = job.error or StoreUnavailable(trouble.value)
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
        tx.savepoint("job")
        try:
            job.result = job.fn(tx)
        except Exception as error:
            if not tx.stands or tx.dialect.trouble(error) is Trouble.FULL:
                raise TransactionLost from error
            tx.undo("job")
            job.error = error
        else:
            tx.release("job")

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


def _trouble(dialect: Dialect, error: BaseException) -> Trouble:
    """Why a commit failed.

    After a failed fsync nobody knows what is on the disk: end, and let the supervisor start afresh (fault F28).
    """
    trouble = dialect.trouble(error.__cause__ or error if isinstance(error, TransactionLost) else error)
    if trouble is Trouble.DISK:
        log.critical("store: the disk reported an I/O error; stopping")
        logging.shutdown()
        os._exit(70)
    return trouble
