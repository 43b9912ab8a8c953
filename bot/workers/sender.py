"""The sender: empties the outbox, in order per place (platform and chat) and priority, at the platform's rate, with retries.

The promise per kind: exactly once where the platform takes a client key; elsewhere at least once, one message of a place
at a time, and the one repeat that a crash or a timeout can cause is marked 补发 (``Outgoing.repeated``). A row that failed for
good is told to the operators; a change of a message that somebody deleted is none, for there is nothing left to show.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta

from bot.core import crash_points
from bot.core.bugs import where
from bot.core.content import Op, Priority
from bot.core.errors import Gone, Rejected, Temporary
from bot.core.ports import Capabilities, ChatAdapter
from bot.storage import outbox_rows
from bot.storage.leases import RENEW
from bot.storage.outbox_rows import ON_ITS_WAY, Place, Queued
from bot.storage.store import Store, Tx
from bot.work.work import Transactions
from bot.work.worker import Worker
from bot.workers.failed_sends import by_another_way, tell_failed
from bot.workers.outbox import Outcome, Served, note, outgoing
from bot.workers.pace import Pace
from bot.workers.ready import Groups, ready
from bot.workers.retries import Retries

log = logging.getLogger(__name__)
GATHER_SECONDS = 0.003  # what is said, and what was sent, within this is handled in one turn
SEND_SECONDS = 10.0  # total time one send may take
NOTE_SECONDS = 1.0  # pause before results are noted again that the store could not take
REMEMBERED = timedelta(hours=1)  # the longest window of a platform's rate


class Sender(Worker):
    """Sends what is queued; one task a place, so that a slow or limited chat delays only itself.

    ``alone``: no other process lives on this database (the lock of the state folder shows it), so that whatever is on its way
    at the start was left by one that ended.
    """

    name = "sender"

    def __init__(
        self, store: Store, transactions: Transactions, adapters: Mapping[str, ChatAdapter], *, alone: bool = True
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = transactions.runtime.clock
        self._alone = alone
        self._owner = transactions.runtime.owner
        self._adapters = adapters
        self._pace = Pace(self._can)
        self._retries = Retries()
        self._busy: dict[Place, asyncio.Task[None]] = {}
        self._finished: list[Served] = []
        self._renewed = self._clock.real()

    async def recover(self) -> None:
        """After a crash: what was on its way goes again, marked as perhaps arrived; what was sent lately counts."""
        now = self._clock.real()
        await self._store.write(lambda tx: outbox_rows.take_back(tx, now, alone=self._alone))
        for place, at in await self._store.read(lambda session: outbox_rows.lately_sent(session, now - REMEMBERED)):
            self._pace.note(place, at)

    async def run(self) -> None:
        """Send for ever, woken by commits, finished targets and retries that come due."""
        woken = self._store.event("outbox")
        while True:
            woken.clear()
            started, wait = await self.start_ready()
            if not started:
                try:
                    async with asyncio.timeout(self._until_next_turn(wait)):
                        await woken.wait()
                except TimeoutError:
                    continue
                await asyncio.sleep(GATHER_SECONDS)

    async def step(self) -> int:
        """Send whatever can go now and wait until it is gone; the number of targets served."""
        served = 0
        while True:
            started, _ = await self.start_ready()
            if not started and not self._busy:
                return served
            served += started
            await asyncio.gather(*self._busy.values())

    async def rest(self) -> float | None:
        """Seconds until more is ready; what is ready now is started."""
        _, wait = await self.start_ready()
        return wait

    def _until_next_turn(self, wait: float | None) -> float | None:
        """What is on its way must have its leases renewed meanwhile."""
        if not self._busy:
            return wait
        return RENEW.total_seconds() if wait is None else min(wait, RENEW.total_seconds())

    async def start_ready(self) -> tuple[int, float | None]:
        """Note what went, claim what is ready, start a task a target; (targets started, seconds until more is ready)."""
        finished, self._finished = self._finished, []
        try:
            groups, wait = await self._store.write(lambda tx: self._turn(tx, finished))
        except Temporary as error:
            log.error("outbox: results could not be noted: %s", error.reason)
            self._finished = finished + self._finished  # only these results know that they were sent
            return 0, NOTE_SECONDS
        except Exception:
            self._finished = finished + self._finished  # else their places would be busy for ever
            raise
        self._release(finished)
        for place, rows in groups.items():
            self._busy[place] = asyncio.create_task(self._serve(place, rows))
        return len(groups), wait

    async def stop(self, grace: float = 0.0) -> None:
        """Let the sends under way finish, and note them; those that take longer go again at the next start."""
        tasks = list(self._busy.values())
        if tasks:
            await asyncio.wait(tasks, timeout=grace)
        late = [task for task in tasks if not task.done()]
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if late:
            log.warning("outbox: some sends were still under way; they go again at the next start")
        finished, self._finished = self._finished, []
        await self._store.write(lambda tx: self._note(tx, finished))
        self._release(finished)

    def _turn(self, tx: Tx, finished: list[Served]) -> tuple[Groups, float | None]:
        self._note(tx, finished)
        busy = self._busy.keys() - {served.place for served in finished}
        now = self._clock.real()
        if busy and now - self._renewed >= RENEW:
            outbox_rows.renew(tx, self._owner, now)
            self._renewed = now
        return self._claim(tx, busy)

    def _release(self, finished: list[Served]) -> None:
        for served in finished:
            del self._busy[served.place]
            for outcome in served.outcomes:
                if outcome.sent is not None and outcome.row.priority == Priority.BROADCAST:
                    crash_points.point("broadcast.mid")

    def _claim(self, tx: Tx, busy: set[Place]) -> tuple[Groups, float | None]:
        now = self._clock.real()
        groups, wait = ready(tx, self._pace, busy, now)
        outbox_rows.claim(tx, [row for group in groups.values() for row in group], self._owner, now)
        return groups, wait

    def _can(self, place: Place) -> Capabilities | None:
        """What the platform can do in that chat; None for a platform or chat that is no more."""
        adapter, target = place
        known, chat = self._adapters.get(adapter), self._transactions.runtime.site().chat(target)
        return known.capabilities(chat) if known is not None and chat is not None else None

    async def _serve(self, place: Place, rows: list[Queued]) -> None:
        outcomes = await self._send_all(rows)
        self._finished.append(Served(place, outcomes, rows[len(outcomes) :]))
        self._store.event("outbox").set()

    async def _send_all(self, rows: list[Queued]) -> list[Outcome]:
        """One after the other up to the first that did not go; all at once where the platform keeps their order."""
        can = self._can(rows[0].place)
        changes = any(row.post for row in rows)  # each first looks up what it changes, and would lose its place
        if can is not None and can.pipelined and not changes:
            return list(await asyncio.gather(*(self._send(row, {}) for row in rows)))
        outcomes: list[Outcome] = []
        just_sent: dict[str, str] = {}
        for row in rows:
            outcome = await self._send(row, just_sent)
            outcomes.append(outcome)
            if outcome.sent is None:
                break
            just_sent[row.key] = outcome.sent
        return outcomes

    async def _send(self, row: Queued, just_sent: Mapping[str, str]) -> Outcome:
        """Send one row; ``just_sent`` has the platform ids of posts of this turn, which are not noted yet."""
        adapter = self._adapters.get(row.adapter)
        if adapter is None:
            return Outcome(row, why=f"no adapter {row.adapter}")
        site = self._transactions.runtime.site()
        chat = site.chat(row.target)
        address = site.address(chat, row.adapter) if chat is not None else None
        if chat is None or address is None:
            return Outcome(row, why=f"no such chat on {row.adapter}")
        try:
            message = just_sent.get(row.post or "")
            if row.post and message is None:
                changed = row.post
                message, state = await self._store.read(lambda s: outbox_rows.earlier(s, changed))
                if state in ON_ITS_WAY:
                    raise Temporary("the message it changes is not sent yet")
                if message is None:
                    return Outcome(row, moot=True)
            out = outgoing(row, address, message, direct=chat.private)
            crash_points.point("outbox.before_send")
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    platform_id = await adapter.send(out)
            finally:
                self._pace.note(row.place, self._clock.real(), adapter.capabilities(chat).rates)
            crash_points.point("outbox.after_send")
            return Outcome(row, sent=platform_id)
        except TimeoutError:
            return self._again(row, Temporary("no answer in time", uncertain=True))
        except Temporary as error:
            return self._again(row, error)
        except Gone as error:
            log.info("outbox: row %s changes a message that is gone: %s", row.id, error.reason)
            return Outcome(row, moot=True) if row.op == Op.UPDATE else Outcome(row, why=error.reason)
        except Rejected as error:
            return Outcome(row, why=error.reason)
        except Exception as error:
            log.error("outbox: sending row %s: %s", row.id, where(error))
            return self._again(row, Temporary(type(error).__name__, uncertain=True))

    def _again(self, row: Queued, error: Temporary) -> Outcome:
        now = self._clock.real()
        outcome = self._retries.again(row, error, now)
        if outcome.again is not None and error.retry_after:
            self._pace.asked_to_wait(row.place, now + timedelta(seconds=error.retry_after))
        return outcome

    def _note(self, tx: Tx, finished: list[Served]) -> None:
        by_another_way(tx, finished, self._transactions.runtime.site(), tuple(self._adapters), self._clock.real())
        for outcome in note(tx, finished, self._owner, self._clock.real()):
            self._transactions.here(tx, f"o{outcome.row.id}:failed", lambda work, o=outcome: tell_failed(work, o))  # type: ignore[misc]  # a default binds the loop's value
