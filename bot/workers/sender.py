"""The sender: empties the outbox, in order per place (platform and chat) and priority, at the platform's rate, with retries.

The promise per kind: exactly once where the platform takes a client key; elsewhere at least once, one message of a place
at a time, and the one repeat that a crash or a timeout can cause is marked 补发 (``Outgoing.repeated``). A row that failed for
good is told to the operators; a change of a message that somebody deleted is none, for there is nothing left to show.
"""

import asyncio
import logging
import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.core import crash_points
from bot.core.bugs import where
from bot.core.content import Op, Priority
from bot.core.errors import Gone, Rejected, Temporary
from bot.core.ports import Capabilities, ChatAdapter, Rate
from bot.storage import outbox_rows
from bot.storage.leases import RENEW
from bot.storage.outbox_rows import ON_ITS_WAY, Place, Queued
from bot.storage.store import Store, Tx
from bot.work.work import Transactions, Work
from bot.work.worker import Worker
from bot.workers.outbox import Outcome, Served, note, outgoing, overtaken
from bot.workers.rate_limit import SlidingWindow

log = logging.getLogger(__name__)
BATCH = 200  # rows looked at in one turn
GATHER_SECONDS = 0.003  # what is said, and what was sent, within this is handled in one turn
SEND_SECONDS = 10.0  # total time one send may take
NOTE_SECONDS = 1.0  # pause before results are noted again that the store could not take
BACKOFF = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0)  # seconds, with jitter; the last one repeats
SWITCH = 5  # failures of an escalation, about half a minute, before a second channel is tried too (fault F48)
REMEMBERED = timedelta(hours=1)  # the longest window of a platform's rate
PATIENCE = 20  # attempts after which a platform's own pause is at least ours: "in a second" for hours means down
COMPLAIN = 2  # attempts after which a trouble is worth a line in the log,
COMPLAIN_EVERY = timedelta(minutes=5)  # one for all the messages that meet it
GIVE_UP = 360  # attempts, about six hours at the longest pause; then the message is failed and told


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
        self._window = SlidingWindow()
        self._busy: dict[Place, asyncio.Task[None]] = {}
        self._finished: list[Served] = []
        self._complained: dict[tuple[str, str], datetime] = {}
        self._asked_to_wait: dict[Place, datetime] = {}
        self._renewed = self._clock.real()

    async def recover(self) -> None:
        """After a crash: what was on its way goes again, marked as perhaps arrived; what was sent lately counts."""
        now = self._clock.real()
        await self._store.write(lambda tx: outbox_rows.take_back(tx, now, alone=self._alone))
        for place, at in await self._store.read(lambda session: outbox_rows.lately_sent(session, now - REMEMBERED)):
            self._window.note(place, self._rates(place), at)

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

    def _turn(self, tx: Tx, finished: list[Served]) -> tuple[dict[Place, list[Queued]], float | None]:
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

    def _claim(self, tx: Tx, busy: set[Place]) -> tuple[dict[Place, list[Queued]], float | None]:
        groups: dict[Place, list[Queued]] = {}
        waits: list[float] = []
        passed = set(busy)
        while True:
            rows = outbox_rows.queued(tx, BATCH, passed)
            held = self._sort(rows, groups, waits)
            if len(rows) < BATCH or not held:
                break
            passed |= held | groups.keys()  # a target with a long queue must not hide the others
        stale = [row for group in groups.values() for row in overtaken(group)]
        for row in stale:
            groups[row.place].remove(row)
        outbox_rows.drop(tx, [row.id for row in stale])
        outbox_rows.claim(tx, [row for group in groups.values() for row in group], self._owner, self._clock.real())
        return groups, min((w for w in waits if w > 0), default=None)

    def _sort(self, rows: list[Queued], groups: dict[Place, list[Queued]], waits: list[float]) -> set[Place]:
        """Put into ``groups`` what may go now, into ``waits`` how long the rest has to; the targets that wait."""
        now = self._clock.real()
        held: set[tuple[Place, int]] = set()
        for row in rows:
            lane = (row.place, row.priority)
            wait = max((row.next_try - now).total_seconds(), self._limit(row.place, now, groups))
            if lane in held or wait > 0:
                held.add(lane)
                waits.append(wait)
                continue
            groups.setdefault(row.place, []).append(row)
        return {place for place, _ in held}

    def _limit(self, place: Place, now: datetime, groups: dict[Place, list[Queued]]) -> float:
        """Seconds that the platform makes a place wait; without client keys, too, it is one message at a time.

        What it asks us to wait is kept by all priorities: an escalation that knocks meanwhile is refused, and may prolong it.
        """
        can = self._can(place)
        if can is None:
            return 0.0
        if (asked := self._asked_to_wait.get(place)) is not None:
            if asked > now:
                return (asked - now).total_seconds()
            del self._asked_to_wait[place]
        if groups.get(place) and (can.rates or not can.client_keys):
            return 0.001
        return self._window.wait(place, can.rates, now)

    def _can(self, place: Place) -> Capabilities | None:
        """What the platform can do in that chat; None for a platform or chat that is no more."""
        adapter, target = place
        known, chat = self._adapters.get(adapter), self._transactions.runtime.site().chat(target)
        return known.capabilities(chat) if known is not None and chat is not None else None

    def _rates(self, place: Place) -> tuple[Rate, ...]:
        can = self._can(place)
        return can.rates if can is not None else ()

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
                self._window.note(row.place, adapter.capabilities(chat).rates, self._clock.real())
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
        if row.attempts >= GIVE_UP:
            return Outcome(row, why=error.reason)
        pause = BACKOFF[min(row.attempts, len(BACKOFF) - 1)] * random.uniform(0.8, 1.0)  # noqa: S311  # jitter, no secret
        seconds = pause if error.retry_after is None else error.retry_after
        if error.retry_after:
            self._asked_to_wait[row.place] = now + timedelta(seconds=error.retry_after)
        if row.attempts >= PATIENCE:
            seconds = max(seconds, pause)
        if row.attempts >= COMPLAIN:
            self._complain(row.adapter, error.reason, now)
        return Outcome(
            row, again=now + timedelta(seconds=seconds), unsure=row.uncertain or error.uncertain, why=error.reason
        )

    def _complain(self, adapter: str, why: str, now: datetime) -> None:
        """Say in the log what keeps messages waiting (fault F54); whoever sets a platform up sees nothing else of it."""
        last = self._complained.get((adapter, why))
        if last is None or now - last >= COMPLAIN_EVERY:
            self._complained[adapter, why] = now
            log.warning(
                "outbox: %s takes no message now (%s); what is to be said waits and is tried again", adapter, why
            )

    def _note(self, tx: Tx, finished: list[Served]) -> None:
        self._switch(tx, finished)
        for outcome in note(tx, finished, self._owner, self._clock.real()):
            self._transactions.here(tx, f"o{outcome.row.id}:failed", lambda work, o=outcome: _tell_failed(work, o))  # type: ignore[misc]  # a default binds the loop's value

    def _switch(self, tx: Tx, finished: list[Served]) -> None:
        """An escalation that one platform would not take for half a minute goes to the person on another one, too."""
        site = self._transactions.runtime.site()
        for row in (o.row for served in finished for o in served.outcomes if o.again and o.row.attempts == SWITCH):
            chat = site.chat(row.target)
            if row.priority == Priority.ESCALATION and chat is not None and chat.person:
                others = (name for name in self._adapters if name != row.adapter and site.account_of(chat.person, name))
                other = next(others, None)
                if other is not None:
                    outbox_rows.copy(tx, row, other, self._clock.real())


def _tell_failed(work: Work, outcome: Outcome) -> None:
    """A message that failed for good is told to the people who run Zhiban and the group's lead; never about a telling itself."""
    row = outcome.row
    work.audit("send", row.target, "failed", outcome.why, template=row.template)
    log.error("outbox: row %s to %s failed for good: %s", row.id, row.target, outcome.why)
    if row.template.startswith("ops/"):
        return
    chat = work.site.chat(row.target)
    lead = work.site.lead_of(work.site.post_of(chat)) if chat is not None and chat.known else None
    for person in dict.fromkeys((*work.operators(), *([lead] if lead else ()))):
        work.say("ops/send_failed", f"dm-{person.id}", chat=chat, reason=outcome.why)
