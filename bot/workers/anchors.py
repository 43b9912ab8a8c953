"""Anchors the audit log by itself: each hour in a place outside, each day in the operators' chat (decisions: Audit anchors).

After a pause each is made once, whatever was missed. An end that was cut since the last anchor is told at once.
"""

import asyncio
import logging
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core.errors import ConfigError
from bot.storage import anchors, audit_log, meta
from bot.storage.anchors import SHORTEST, Anchor
from bot.storage.store import Store
from bot.work.work import Transactions, Work
from bot.work.worker import Worker
from bot.workers.operators import Operators

log = logging.getLogger(__name__)
LOOK = 60.0  # seconds between two looks at whether an anchor is due
EVERY = timedelta(hours=1)
OUTSIDE, DAY = "audit_anchored_at", "audit_anchor_day"


class Anchors(Worker):
    """Its times are true times: the pace of a demo does not touch them."""

    name = "anchors"
    dry_run = False

    def __init__(self, store: Store, transactions: Transactions, operators: Operators) -> None:
        self._store = store
        self._transactions = transactions
        self._operators = operators
        self._clock = transactions.runtime.clock
        self._settings = transactions.runtime.settings.audit
        self._zone = ZoneInfo(transactions.runtime.settings.timezone)
        self._told: set[str] = set()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.step()
            await asyncio.sleep(LOOK)

    async def step(self) -> int:
        """Make the anchors that are due; how many that were."""
        sequence, digest = await self._store.read(audit_log.head)
        now = self._clock.real()
        made = await self._tell_daily(sequence, digest, now)
        if sequence and self._settings.anchor_to is not None:
            made += await self._note_outside(self._settings.anchor_to, Anchor(sequence, digest, now))
        return made

    async def _note_outside(self, place: Path, anchor: Anchor) -> int:
        last = await self._store.read(lambda session: meta.value_of(session, OUTSIDE))
        now = self._clock.real()
        if last is not None and timedelta(0) <= now - datetime.fromisoformat(last) < EVERY:
            return 0
        try:
            path = await asyncio.to_thread(anchors.file_at, place)
            await self._compare(path)
            await asyncio.to_thread(anchors.add, path, anchor)
        except OSError as error:
            log.error("anchors: %s cannot be written: %s", place, error.strerror)
            if self._first("unwritable"):
                await self._operators.tell("a", "ops/anchor_failed", place=str(place), reason=error.strerror or "")
            return 0
        self._told.discard("unwritable")
        await self._store.write(lambda tx: meta.keep(tx, OUTSIDE, now.isoformat()))
        return 1

    async def _compare(self, path: Path) -> None:
        """The last anchor must still be in the chain; what else there is, ``zhiban audit verify`` compares."""
        try:
            known = await asyncio.to_thread(anchors.read, path)
        except FileNotFoundError:
            return
        except ConfigError as error:
            log.error("anchors: %s", error)
            if self._first("unreadable"):
                reason = "it holds a line that is no anchor"
                await self._operators.tell("a", "ops/anchor_failed", place=str(path), reason=reason)
            return
        last = max(known, key=lambda one: one.sequence, default=None)
        if last is None:
            return
        stands = await self._store.read(lambda session: audit_log.hash_of(session, last.sequence))
        if stands is None or not stands.startswith(last.hash):
            log.critical("anchors: row %d of the audit log is not the one that was anchored", last.sequence)
            if self._first("cut"):
                at = last.at or self._clock.real()
                await self._operators.tell("a", "ops/audit_cut", row=last.sequence, at=at, place=str(path))

    def _first(self, cause: str) -> bool:
        """Whether the operators have not been told of it since it began."""
        first = cause not in self._told
        self._told.add(cause)
        return first

    async def _tell_daily(self, sequence: int, digest: str, now: datetime) -> int:
        """The day's anchor for the operators, once its time has come; the day of the first start has none."""
        local = now.astimezone(self._zone)
        today = local.date().isoformat()
        last = await self._store.read(lambda session: meta.value_of(session, DAY))
        if last == today or (last is not None and local.time() < time.fromisoformat(self._settings.tell_at)):
            return 0
        if last is None or not sequence:
            await self._store.write(lambda tx: meta.keep(tx, DAY, today))
            return 0

        def tell(work: Work) -> None:
            meta.keep(work.within(), DAY, today)
            for operator in work.operators():
                work.say("ops/anchor", f"dm-{operator.id}", row=sequence, digest=digest[:SHORTEST])

        await self._transactions.do(f"anchor:{today}", tell)
        return 1
