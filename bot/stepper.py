"""The service by hand: every worker's steps on a clock that stands still, for dry runs and for tests."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.app import App
from bot.storage.clock import ManualClock
from bot.workers.waker import seconds_to_due


class Stepper:
    """Does what can be done now, then moves the clock to what comes next. ``more``: further workers' steps (the runner's)."""

    def __init__(self, app: App, clock: ManualClock) -> None:
        self.app = app
        self.clock = clock
        self.more: list[Callable[[], Awaitable[int]]] = []
        self._retries: list[float] = []

    async def settle(self) -> None:
        """Do everything that can be done now: dispatch, tick, fire, run, send; a step returns how much it did."""
        while await self._round():
            pass

    async def run_until(self, end: datetime) -> None:
        """Let the time pass up to and with ``end``, stopping at every deadline, job and retry on the way."""
        await self.settle()
        while self.clock.now() < end:
            self.clock.move_to(min(await self._next(), end))
            await self.settle()

    async def _round(self) -> int:
        app = self.app
        moved, event_retry = await app.dispatcher.step()
        moved += await app.cron.step() + await app.waker.step() + await app.sender.drain()
        for step in self.more:
            moved += await step()
        self._retries = [event_retry] if event_retry is not None else []
        return moved

    async def _next(self) -> datetime:
        """When something is to be done next; never now, because all that could be done now is done."""
        due = await self.app.store.read(lambda session: seconds_to_due(session, self.clock))
        _, post_retry = await self.app.sender.start_ready()
        pauses = [pause for pause in (due, post_retry, *self._retries) if pause is not None]
        times = [self.clock.now() + timedelta(seconds=max(pause, 0.001)) for pause in pauses]
        return min([self.app.cron.next_at(), *times])
