"""The sender: empties the outbox, in order per target and priority, within each platform's rate, with bounded retries.

The promise per kind: exactly once where the platform takes a client key; elsewhere at least once, one message of a target
at a time, and the one repeat that a crash or a timeout can cause is marked 补发 (``Outgoing.repeated``). A row that failed for
good is told to the operators.
"""

import asyncio
import json
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Table, bindparam, select, update
from sqlmodel import Session

from bot.core.content import Op, Priority, from_json
from bot.core.errors import Rejected, Temporary
from bot.core.ports import ChatAdapter, Outgoing
from bot.durable import crash
from bot.durable.bugs import where
from bot.durable.ratelimit import SlidingWindow
from bot.durable.store import Store, Tx
from bot.durable.tables import OutboxRow, OutboxState
from bot.durable.work import Transactions, Work

log = logging.getLogger(__name__)
BATCH = 200
GATHER_SECONDS = 0.003  # what is said, and what was sent, within this is handled in one turn
SEND_SECONDS = 10.0  # total time one send may take
NOTE_SECONDS = 1.0  # pause before results are noted again that the store could not take
BACKOFF = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)  # seconds, with jitter; the last one repeats
GIVE_UP = 360  # attempts, about six hours at the longest pause; then the message is failed and told
_ON_ITS_WAY = frozenset({OutboxState.QUEUED.value, OutboxState.SENDING.value})
_outbox: Table = OutboxRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare the attribute it makes
_ID = _outbox.c.id == bindparam("row")
_SENT = (
    update(_outbox)
    .where(_ID)
    .values(state=OutboxState.SENT.value, sent_at=bindparam("at"), platform_id=bindparam("pid"), error=None)
)
_AGAIN = (
    update(_outbox)
    .where(_ID)
    .values(
        state=OutboxState.QUEUED.value, next_try=bindparam("at"), uncertain=bindparam("unsure"), error=bindparam("why")
    )
)
_DROPPED = update(_outbox).where(_ID).values(state=OutboxState.DROPPED.value)
_FAILED = update(_outbox).where(_ID).values(state=OutboxState.FAILED.value, error=bindparam("why"))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one row: sent, to be tried again, or failed."""

    row: Row[Any]
    sent: str | None = None
    again: datetime | None = None
    moot: bool = False
    unsure: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Served:
    """One target's turn: what became of its rows, and the rows that were not tried after the first that did not go."""

    target: str
    outcomes: list[_Outcome]
    left: list[Row[Any]]


class Sender:
    """Sends what is queued; one task a target, so that a slow or limited chat delays only itself."""

    def __init__(self, store: Store, transactions: Transactions, adapters: Mapping[str, ChatAdapter]) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = transactions.tools.clock
        self._adapters = adapters
        self._window = SlidingWindow()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._finished: list[_Served] = []

    async def recover(self) -> None:
        """After a crash: what was on its way goes again, marked as perhaps arrived."""
        await self._store.write(_recover)

    async def run(self) -> None:
        """Send for ever, woken by commits, finished targets and retries that come due."""
        woken = self._store.event("outbox")
        while True:
            woken.clear()
            started, wait = await self.start_ready()
            if not started:
                try:
                    await asyncio.wait_for(woken.wait(), wait)
                except TimeoutError:
                    continue
                await asyncio.sleep(GATHER_SECONDS)

    async def drain(self) -> int:
        """Send whatever can go now and wait until it is gone; the number of targets served."""
        served = 0
        while True:
            started, _ = await self.start_ready()
            if not started and not self._busy:
                return served
            served += started
            await asyncio.gather(*self._busy.values())

    async def start_ready(self) -> tuple[int, float | None]:
        """Note what went, claim what is ready, start a task a target; (targets started, seconds until more is ready)."""
        finished, self._finished = self._finished, []
        try:
            groups, wait = await self._store.write(lambda tx: self._turn(tx, finished))
        except Temporary as error:
            log.error("outbox: results could not be noted: %s", error.reason)
            self._finished = finished + self._finished  # only these results know that they were sent
            return 0, NOTE_SECONDS
        self._release(finished)
        for target, rows in groups.items():
            task = asyncio.create_task(self._serve(target, rows))
            self._busy[target] = task
        return len(groups), wait

    async def stop(self) -> None:
        """Let the sends under way finish, and note them."""
        await asyncio.gather(*self._busy.values(), return_exceptions=True)
        finished, self._finished = self._finished, []
        await self._store.write(lambda tx: self._note(tx, finished))
        self._release(finished)

    def _turn(self, tx: Tx, finished: list[_Served]) -> tuple[dict[str, list[Row[Any]]], float | None]:
        self._note(tx, finished)
        return self._claim(tx, self._busy.keys() - {served.target for served in finished})

    def _release(self, finished: list[_Served]) -> None:
        for served in finished:
            del self._busy[served.target]
            for outcome in served.outcomes:
                if outcome.sent is not None and outcome.row.priority == Priority.BROADCAST:
                    crash.point("broadcast.mid")

    def _claim(self, tx: Tx, busy: set[str]) -> tuple[dict[str, list[Row[Any]]], float | None]:
        groups: dict[str, list[Row[Any]]] = {}
        waits: list[float] = []
        passed = set(busy)
        while True:
            rows = _queued(tx, passed)
            held = self._sort(rows, groups, waits)
            if len(rows) < BATCH or not held:
                break
            passed |= held | groups.keys()  # a target with a long queue must not hide the others
        stale = [row for group in groups.values() for row in _overtaken(group)]
        for row in stale:
            groups[row.target].remove(row)
        if stale:
            tx.connection.execute(_DROPPED, [{"row": row.id} for row in stale])
        ids = [row.id for group in groups.values() for row in group]
        if ids:
            claimed = update(_outbox).where(_outbox.c.id.in_(ids))
            tx.connection.execute(claimed.values(state=OutboxState.SENDING.value, attempts=_outbox.c.attempts + 1))
        return groups, min((w for w in waits if w > 0), default=None)

    def _sort(self, rows: list[Row[Any]], groups: dict[str, list[Row[Any]]], waits: list[float]) -> set[str]:
        """Put into ``groups`` what may go now, into ``waits`` how long the rest has to; the targets that wait."""
        now = self._clock.real()
        held: set[tuple[str, int]] = set()
        for row in rows:
            lane = (row.target, row.priority)
            wait = max((row.next_try - now).total_seconds(), self._limit(row.adapter, row.target, now, groups))
            if lane in held or wait > 0:
                held.add(lane)
                waits.append(wait)
                continue
            groups.setdefault(row.target, []).append(row)
        return {target for target, _ in held}

    def _limit(self, adapter: str, target: str, now: datetime, groups: dict[str, list[Row[Any]]]) -> float:
        """Seconds the platform's rate makes ``target`` wait; without client keys, too, it is one message at a time."""
        known = self._adapters.get(adapter)
        if known is None:
            return 0.0
        if groups.get(target) and (known.capabilities.rate is not None or not known.capabilities.client_keys):
            return 0.001
        return self._window.wait(target, known.capabilities.rate, now)

    async def _serve(self, target: str, rows: list[Row[Any]]) -> None:
        outcomes = await self._send_all(rows)
        self._finished.append(_Served(target, outcomes, rows[len(outcomes) :]))
        self._store.event("outbox").set()

    async def _send_all(self, rows: list[Row[Any]]) -> list[_Outcome]:
        """One after the other up to the first that did not go; all at once where the platform keeps their order."""
        adapter = self._adapters.get(rows[0].adapter)
        changes = any(row.post for row in rows)  # each first looks up what it changes, and would lose its place
        if adapter is not None and adapter.capabilities.pipelined and not changes:
            return list(await asyncio.gather(*(self._send(row, {}) for row in rows)))
        outcomes: list[_Outcome] = []
        just_sent: dict[str, str] = {}
        for row in rows:
            outcome = await self._send(row, just_sent)
            outcomes.append(outcome)
            if outcome.sent is None:
                break
            just_sent[row.key] = outcome.sent
        return outcomes

    async def _send(self, row: Row[Any], just_sent: Mapping[str, str]) -> _Outcome:
        """Send one row; ``just_sent`` has the platform ids of posts of this turn, which are not noted yet."""
        adapter = self._adapters.get(row.adapter)
        if adapter is None:
            return _Outcome(row, why=f"no adapter {row.adapter}")
        try:
            message = just_sent.get(row.post or "")
            if row.post and message is None:
                message, state = await self._store.read(lambda s: _earlier(s, row.post))
                if state in _ON_ITS_WAY:
                    raise Temporary("the message it changes is not sent yet")
                if message is None:
                    return _Outcome(row, moot=True)
            outgoing = _outgoing(row, message)
            crash.point("outbox.before_send")
            self._window.note(row.target, adapter.capabilities.rate, self._clock.real())
            async with asyncio.timeout(SEND_SECONDS):
                platform_id = await adapter.send(outgoing)
            crash.point("outbox.after_send")
            return _Outcome(row, sent=platform_id)
        except TimeoutError:
            return self._again(row, Temporary("no answer in time", uncertain=True))
        except Temporary as error:
            return self._again(row, error)
        except Rejected as error:
            return _Outcome(row, why=error.reason)
        except Exception as error:
            log.error("outbox: sending row %s: %s", row.id, where(error))
            return self._again(row, Temporary(type(error).__name__, uncertain=True))

    def _again(self, row: Row[Any], error: Temporary) -> _Outcome:
        now = self._clock.real()
        if row.attempts >= GIVE_UP:
            return _Outcome(row, why=error.reason)
        pause = BACKOFF[min(row.attempts, len(BACKOFF) - 1)] * random.uniform(0.8, 1.0)  # noqa: S311  # jitter, no secret
        seconds = pause if error.retry_after is None else error.retry_after
        return _Outcome(
            row, again=now + timedelta(seconds=seconds), unsure=row.uncertain or error.uncertain, why=error.reason
        )

    def _note(self, tx: Tx, finished: list[_Served]) -> None:
        now = self._clock.real()
        outcomes = [outcome for served in finished for outcome in served.outcomes]
        again = [{"row": o.row.id, "at": o.again, "unsure": o.unsure, "why": o.why} for o in outcomes if o.again]
        again += [
            {"row": row.id, "at": row.next_try, "unsure": row.uncertain, "why": row.error}
            for served in finished
            for row in served.left
        ]
        sent = [{"row": o.row.id, "at": now, "pid": o.sent} for o in outcomes if o.sent is not None]
        moot = [{"row": o.row.id} for o in outcomes if o.moot]
        failed = [o for o in outcomes if o.sent is None and o.again is None and not o.moot]
        lost = [{"row": o.row.id, "why": o.why} for o in failed]
        for statement, rows in ((_SENT, sent), (_AGAIN, again), (_DROPPED, moot), (_FAILED, lost)):
            if rows:
                tx.connection.execute(statement, rows)
        for outcome in failed:
            self._transactions.here(tx, f"o{outcome.row.id}:failed", lambda work, o=outcome: _tell_failed(work, o))  # type: ignore[misc]  # a default binds the loop's value


def _recover(tx: Tx) -> None:
    sending = _outbox.c.state == OutboxState.SENDING.value
    tx.connection.execute(update(_outbox).where(sending).values(state=OutboxState.QUEUED.value, uncertain=True))


def _queued(tx: Tx, passed: set[str]) -> list[Row[Any]]:
    query = select(_outbox).where(_outbox.c.state == OutboxState.QUEUED.value)
    if passed:
        query = query.where(_outbox.c.target.not_in(passed))
    return list(tx.connection.execute(query.order_by(_outbox.c.priority, _outbox.c.id).limit(BATCH)))


def _overtaken(rows: list[Row[Any]]) -> list[Row[Any]]:
    """Updates that a later update of the same post makes pointless: only the newest state is shown."""
    newest = {row.post: row.id for row in rows if row.op == Op.UPDATE}
    return [row for row in rows if row.op == Op.UPDATE and newest[row.post] != row.id]


def _outgoing(row: Row[Any], message: str | None) -> Outgoing:
    return Outgoing(
        chat=row.target,
        op=Op(row.op),
        client_key=row.key,
        post=from_json(json.loads(row.body)),
        message=message,
        reply_to=row.reply_to,
        repeated=row.uncertain,
    )


def _earlier(session: Session, post: str) -> tuple[str | None, str | None]:
    """(platform id, state) of the post that an update changes."""
    query = select(_outbox.c.platform_id, _outbox.c.state).where(_outbox.c.key == post)
    row = session.connection().execute(query).first()
    return (row.platform_id, row.state) if row else (None, None)


def _tell_failed(work: Work, outcome: _Outcome) -> None:
    """A message that failed for good is told to the people who run Zhiban; never about a telling itself."""
    row = outcome.row
    work.audit("send", row.target, "failed", outcome.why, template=row.template)
    log.error("outbox: row %s to %s failed for good: %s", row.id, row.target, outcome.why)
    if row.template.startswith("ops/"):
        return
    for operator in work.operators():
        work.say("ops/send_failed", f"dm-{operator.id}", chat=work.site.chat(row.target), reason=outcome.why)
