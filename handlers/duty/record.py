"""Keeps the history of the roster: at the start, and whenever another one is in force."""

import asyncio

from bot.work.work import Transactions
from bot.work.worker import Worker
from data.roster.store import synchronise
from data.shifts import Roster

EVERY = 1.0  # true seconds between two looks whether another roster is in force


class RosterRecord(Worker):
    """Writes what a roster in force says otherwise than the one before; a folder with faults puts none in force."""

    name = "roster"

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._written: Roster | None = None

    async def recover(self) -> None:
        """What changed while the service was down."""
        await self.step()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(EVERY)
            await self.step()

    async def step(self) -> int:
        """Bring the table up to the roster in force; how many rows that took."""
        site = self._transactions.runtime.site()
        roster = site.roster
        if roster is self._written or site.faults:
            return 0
        changed = await self._transactions.do("roster:record", lambda work: synchronise(work.session, roster, work.now))
        self._written = roster
        return changed
