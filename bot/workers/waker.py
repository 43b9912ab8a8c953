"""The waker: fires what is due, never early, never twice; the row is the timer (fault catalogue: What follows)."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

from bot.core import crash_points
from bot.core.bugs import where
from bot.core.events import Due
from bot.storage import deadline_rows
from bot.storage.deadline_rows import Waiting
from bot.storage.leases import LEASE
from bot.storage.store import Connection, Session, Store, Tx
from bot.storage.tables import DeadlineState
from bot.work.pending import Pending
from bot.work.routes import RouteTable
from bot.work.runtime import Runtime
from bot.work.work import Work
from bot.work.worker import Worker

log = logging.getLogger(__name__)
BATCH = 100
RETRIES = (0.2, 1.0, 5.0)  # seconds; then the deadline is parked and the operators are told
GATHER_SECONDS = 0.05  # new deadlines that arrive together are looked at together; none is later for it by more
LONGEST_SLEEP = 20.0  # seconds: even a lost wake-up costs no more than this


class Waker(Worker):
    """Arms the next deadline and fires what is due, each claim and its effect in one savepoint.

    ``alone``: no other process lives on this database, so that whatever somebody was to try again at the start is free.
    """

    name = "waker"

    def __init__(self, store: Store, runtime: Runtime, routes: RouteTable, *, alone: bool = True) -> None:
        self._store = store
        self._runtime = runtime
        self._routes = routes
        self._alone = alone

    async def recover(self) -> None:
        """After a restart: what the life before was to try again is tried now, not when its lease has ended."""
        now = self._runtime.clock.real()
        if self._alone:
            await self._store.write(lambda tx: deadline_rows.release(tx, now))

    async def run(self) -> None:
        """Fire for ever, woken by new deadlines and by the next one's time."""
        woken = self._store.event("deadlines")
        while True:
            woken.clear()
            if await self.step():
                continue
            pause = await self._store.read(lambda s: seconds_to_next(s, self._runtime))
            try:
                async with asyncio.timeout(pause):
                    await woken.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(GATHER_SECONDS)

    async def step(self) -> int:
        """Fire one batch of what is due, oldest first; how many."""
        if not await self._store.read(lambda s: bool(self._due(s.connection(), 1))):
            return 0
        return await self._store.write(self._batch, "deadline")

    async def rest(self) -> float | None:
        """Seconds until the next deadline or retry is due."""
        return await self._store.read(lambda session: seconds_to_due(session, self._runtime))

    def _due(self, connection: Connection, limit: int) -> list[Waiting]:
        clock = self._runtime.clock
        return deadline_rows.due(connection, clock.now(), clock.real(), self._runtime.owner, limit)

    def _batch(self, tx: Tx) -> int:
        rows = self._due(tx.connection, BATCH)
        pending = Pending()
        for row in rows:
            self._one(tx, row, pending)
        pending.flush(tx)
        return len(rows)

    def _one(self, tx: Tx, row: Waiting, pending: Pending) -> None:
        clock = self._runtime.clock
        now = clock.real() if row.real else clock.now()
        late = max(0.0, (now - row.due_at).total_seconds())
        work = Work(self._runtime, tx, f"d{row.id}:{row.due_at.isoformat()}", batch=pending)
        crash_points.point("deadline.before_claim")
        pending.arm(tx)  # a handler of this batch may have put this one off
        try:
            if not deadline_rows.claim(work, row, now, late, self._runtime.owner):
                work.abandon()
                return
            crash_points.point("deadline.after_claim")
            handler = self._routes.dues[row.kind]
            handler(Due(row.kind, row.key, row.due_at, late, row.payload), work)
            work.finish()
        except Exception as error:
            work.abandon()
            self._failed(tx, row, work, error)
        pending.extend(work.pending)

    def _failed(self, tx: Tx, row: Waiting, work: Work, error: Exception) -> None:
        log.error("deadlines: %s %s failed (try %d): %s", row.kind, row.id, row.attempts + 1, where(error))
        values: dict[str, Any] = {"attempts": row.attempts + 1, "error": type(error).__name__}
        if row.attempts < len(RETRIES):
            values["next_try"] = self._runtime.clock.real() + timedelta(seconds=RETRIES[row.attempts])
            values |= {"owner": self._runtime.owner, "lease_until": values["next_try"] + LEASE}
        else:
            values["state"] = DeadlineState.PARKED.value
            work.audit("deadline", f"{row.kind} {row.key}", "parked", type(error).__name__)
            for operator in work.operators():
                work.say("ops/deadline_parked", f"dm-{operator.id}", kind=row.kind, key=row.key, due=row.due_at)
        deadline_rows.set_values(tx, row.id, values)


def seconds_to_next(session: Session, runtime: Runtime) -> float:
    """True seconds the waker may sleep: until the next deadline or retry, no longer than a lost wake-up may cost."""
    pause = seconds_to_due(session, runtime)
    return LONGEST_SLEEP if pause is None else min(pause, LONGEST_SLEEP)


def seconds_to_due(session: Session, runtime: Runtime) -> float | None:
    """True seconds until the next deadline or retry is due; None when nothing waits."""
    clock = runtime.clock
    pauses: list[float] = []
    for real, now in ((False, clock.now()), (True, clock.real())):
        due_at = deadline_rows.first_due(session, real=real)
        if due_at is not None:
            span = (due_at - now).total_seconds()
            pauses.append(span if real else clock.real_seconds(span))
    retry = deadline_rows.first_retry(session, runtime.owner, clock.real())
    if retry is not None:
        pauses.append((retry - clock.real()).total_seconds())
    return max(0.0, min(pauses)) if pauses else None
