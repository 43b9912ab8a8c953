"""The auditor: shares no code with the waker or the sender; finds what is overdue, mends it and says so (fault F40).

It looks every 30 s. An overdue deadline is fired here by its own plain loop; an accepted event or a queued message that nobody
took is handed on by waking its worker, and a message that a process which is no more had on its way is queued again.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from bot.core.bugs import where
from bot.core.events import Due
from bot.storage.overdue_rows import left_waiting, on_its_way_of_nobody, overdue, take_back
from bot.storage.store import Session, Store
from bot.storage.tables import DeadlineRow
from bot.work.routes import RouteTable
from bot.work.work import Transactions, Work
from bot.work.worker import Worker

log = logging.getLogger(__name__)
EVERY = 30.0  # seconds between two looks
OVERDUE = timedelta(seconds=10)  # past its time by this much, a deadline was missed by the waker
TELL_AGAIN = timedelta(minutes=10)  # one word to the operators in this span


class Auditor(Worker):
    """An independent pair of eyes on the promises."""

    name = "auditor"
    dry_run = False  # it watches the others

    def __init__(self, store: Store, transactions: Transactions, routes: RouteTable) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = transactions.runtime.clock
        self._routes = routes
        self._told: datetime | None = None

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.step()
            except Exception as error:
                log.error("auditor: %s", where(error))

    async def step(self) -> int:
        """Look once; the number of overdue deadlines healed."""
        late = await self._store.read(self._look)
        look = f"a{self._clock.real().isoformat()}"  # unique over restarts
        await self._take_back(look)
        healed = 0
        for row in late:
            try:
                await self._transactions.do(f"{look}:{row}", lambda work, row=row: self._fire(work, row))  # type: ignore[misc]  # a default binds the loop's value
                healed += 1
            except Exception as error:
                log.error("auditor: deadline %d is overdue and fails: %s", row, where(error))
        if late:
            log.error("auditor: %d deadlines were overdue, %d have been fired", len(late), healed)
            await self._tell(look, len(late))
        return healed

    async def _take_back(self, look: str) -> None:
        """Hand on what a process that is no more had on its way."""
        me, true = self._transactions.runtime.owner, self._clock.real()
        if not await self._store.read(lambda session: on_its_way_of_nobody(session, me, true)):
            return
        count = await self._transactions.do(f"{look}:back", lambda work: take_back(work.session, me, true))
        log.error("auditor: %d messages of a process that is no more go again", count)
        self._store.wake("outbox")

    async def overdue(self) -> int:
        """How many deadlines are overdue now."""
        return len(await self._store.read(self._look))

    def _look(self, session: Session) -> list[int]:
        true = self._clock.real() - OVERDUE
        speed = 1 / self._clock.real_seconds(1.0)
        duty = self._clock.now() - OVERDUE * speed
        for worker, waiting in left_waiting(session, true).items():
            if waiting:
                log.warning("auditor: %d rows of the %s waited over %s", waiting, worker, OVERDUE)
                self._store.wake(worker)
        return overdue(session, duty, true)

    def _fire(self, work: Work, row_id: int) -> None:
        row = work.session.get(DeadlineRow, row_id)
        if row is None or row.state != "waiting":
            return
        now = work.real_now if row.real else work.now
        if row.due_at > now:
            return
        row.state = "done"
        row.fired_at, row.late = now, (now - row.due_at).total_seconds()
        work.session.add(row)
        work.session.flush()
        self._routes.dues[row.kind](Due(row.kind, row.key, row.due_at, row.late, row.payload), work)

    async def _tell(self, look: str, count: int) -> None:
        now = self._clock.real()
        if self._told is not None and now - self._told < TELL_AGAIN:
            return
        self._told = now

        def tell(work: Work) -> None:
            work.audit("deadlines", "auditor", "healed", count=count)
            for operator in work.operators():
                work.say("ops/overdue_healed", f"dm-{operator.id}", count=count)

        await self._transactions.do(f"{look}:told", tell)
