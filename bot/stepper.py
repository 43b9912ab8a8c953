"""The service by hand: every worker's steps on a clock that stands still, for dry runs and for tests."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.app import App
from bot.storage.clock import ManualClock

LONGEST_PAUSE = 3600.0  # seconds of the clock, where no worker foresees anything


class Stepper:
    """Does what can be done now, then moves the clock to what comes next. ``more``: steps that a dry run leaves out."""

    def __init__(self, app: App, clock: ManualClock) -> None:
        self.clock = clock
        self.more: list[Callable[[], Awaitable[int]]] = []
        self._workers = [worker for worker in app.workers if worker.dry_run]

    async def settle(self) -> None:
        """Do everything that can be done now: dispatch, tick, fire, send; a step returns how much it did."""
        while await self._round():
            pass

    async def run_until(self, end: datetime) -> None:
        """Let the time pass up to and with ``end``, stopping at every deadline, job and retry on the way."""
        await self.settle()
        while self.clock.now() < end:
            self.clock.move_to(min(await self._next(), end))
            await self.settle()

    async def _round(self) -> int:
        return sum([await step() for step in (*(worker.step for worker in self._workers), *self.more)])

    async def _next(self) -> datetime:
        """When something is to be done next; never now, because all that could be done now is done."""
        rests = [await worker.rest() for worker in self._workers]
        pauses = [max(rest, 0.001) for rest in rests if rest is not None]
        return self.clock.now() + timedelta(seconds=min(pauses, default=LONGEST_PAUSE))
