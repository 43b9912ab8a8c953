"""Watches the wall clock: one that jumps is told to the operators; deadlines do not follow it (faults F34 to F36)."""

import asyncio
import logging

from bot.core.ports import Clock
from bot.storage.clock import Jumps, SystemClock
from bot.work.worker import Worker
from bot.workers.operators import Operators

log = logging.getLogger(__name__)
EVERY = 2.0  # seconds between two looks at the wall clock


class ClockWatch(Worker):
    """Says each jump once."""

    name = "clock"
    dry_run = False

    def __init__(self, clock: Clock, operators: Operators) -> None:
        self._clock = clock
        self._operators = operators

    async def run(self) -> None:
        """Look for ever."""
        jumps = Jumps()
        while True:
            await asyncio.sleep(EVERY)
            jump = self._clock.jump() if isinstance(self._clock, SystemClock) else 0.0
            moved = jumps.news(jump, asyncio.get_running_loop().time())
            if moved is not None:
                log.error("clock: the wall clock jumped by %.0f s", moved)
                await self._operators.tell("j", "ops/clock_jump", seconds=round(moved))
