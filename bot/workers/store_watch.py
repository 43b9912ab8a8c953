"""Watches whether anything can be kept: a database that takes no write, and a disk that fills, are told to the operators.

What is said of it must not need the store (faults F25, F27): it goes straight to the platform, past the outbox.
"""

import asyncio
import json
import logging
from collections.abc import Mapping

from bot.core.content import Op, from_json
from bot.core.errors import Rejected, Temporary
from bot.core.ports import ChatAdapter, Outgoing
from bot.storage.counts import touch
from bot.storage.store import Store
from bot.storage.trouble import MIB, Trouble, free_bytes
from bot.work.addressing import Addressing
from bot.work.speech import Saying, Speech
from bot.work.work import Transactions
from bot.work.worker import Worker
from bot.workers.operators import Operators

log = logging.getLogger(__name__)
EVERY = 5.0  # seconds between two looks
PROBE = 60.0  # seconds between two writes that only see whether one is committed, while all is well
PATIENCE = 10.0  # seconds a trouble may last before anybody is woken: a backup tool may hold the file for a moment
REMIND = 1800.0  # seconds between two words about the same trouble
LOW = 200 * MIB  # free room below which the operators are warned, once until there is twice as much
SEND_SECONDS = 10.0


class StoreWatch(Worker):
    """Looks every few seconds; says what is wrong, how long it lasted, and what was refused meanwhile."""

    name = "store"
    dry_run = False

    def __init__(
        self, store: Store, transactions: Transactions, adapters: Mapping[str, ChatAdapter], operators: Operators
    ) -> None:
        self._store = store
        self._runtime = transactions.runtime
        self._adapters = adapters
        self._operators = operators
        self._told: Trouble | None = None
        self._told_at = 0.0
        self._probed = 0.0
        self._low = False

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(EVERY)
            await self.step()

    async def step(self) -> int:
        """Look once; 1 where there was something to say."""
        await self._probe()
        condition = self._store.condition
        trouble, refused, seconds = condition.trouble, condition.refused, condition.seconds()
        if trouble is not None:
            return await self._down(trouble, seconds)
        if self._told is not None:
            self._told = None
            await self._operators.tell("store", "ops/store_up", refused=refused)
            return 1
        return await self._room()

    async def _probe(self) -> None:
        """Write something, where nobody else's writes show soon enough whether the store commits."""
        now = asyncio.get_running_loop().time()
        if self._store.condition.trouble is None and self._probed and now - self._probed < PROBE:
            return
        self._probed = now
        try:
            await self._store.write(touch)
        except Temporary as error:
            log.debug("store: %s", error.reason)  # the store has put it into the log, and its condition says why

    async def _down(self, trouble: Trouble, seconds: float) -> int:
        now = asyncio.get_running_loop().time()
        soon = seconds < PATIENCE and trouble is Trouble.LOCKED
        if soon or (trouble is self._told and now - self._told_at < REMIND):
            return 0
        self._told, self._told_at = trouble, now
        database = self._runtime.settings.database
        why, free = trouble.name.lower(), free_bytes(database) // MIB
        for operator in self._operators.people():
            await self.tell(operator, "ops/store_down", why=why, database=database, free=free)
        return 1

    async def tell(self, operator: str, template: str, **facts: object) -> None:
        """Say it in the operator's direct chat, past the outbox; what cannot be said so stands in the log."""
        site, now, real = self._runtime.site(), self._runtime.clock.now(), self._runtime.clock.real()
        addressing = Addressing(self._runtime, site, None, None)
        speech = Speech(self._runtime, addressing, now, real)
        for row in speech.rows(f"store:{operator}", addressing.chat(f"dm-{operator}"), Saying(template, facts)):
            chat, adapter = addressing.chat(row["target"]), self._adapters.get(row["adapter"])
            address = site.address(chat, row["adapter"])
            if adapter is None or address is None:
                log.error("store: no way to tell an operator past the outbox: no address on %s", row["adapter"])
                continue
            post = from_json(json.loads(row["body"]))
            out = Outgoing(chat.id, address, Op.POST, f"{row['key']}.{real.timestamp():.0f}", post, direct=chat.private)
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await adapter.send(out)
            except (Temporary, Rejected, TimeoutError) as error:
                log.error("store: an operator could not be told on %s: %s", row["adapter"], type(error).__name__)

    async def _room(self) -> int:
        """Warn while there is still room to say so in the ordinary way."""
        place = self._runtime.settings.database.parent
        free = await asyncio.to_thread(free_bytes, place)
        if free >= 2 * LOW:
            self._low = False
        if free >= LOW or self._low:
            return 0
        self._low = True
        log.warning("store: %d MiB are left on the disk of %s", free // MIB, place)
        await self._operators.tell("disk", "ops/disk_low", free=free // MIB, place=place)
        return 1
