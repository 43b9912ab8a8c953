"""Daily jobs: APScheduler's trigger says when, one row per (job, local date) says that it ran; exactly once over restarts."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from bot.core.bugs import where
from bot.core.errors import ConfigError, Temporary
from bot.core.events import Tick
from bot.settings import Settings
from bot.storage import cron_rows
from bot.storage.store import Store, Tx
from bot.work.routes import RouteTable, TickRoute, TimeOfDay
from bot.work.runtime import Runtime
from bot.work.work import Transactions, Work
from bot.work.worker import Worker

log = logging.getLogger(__name__)
RETRY_SECONDS = 5.0
TELL_AFTER = 3  # failures of one day's run before the operators are told; it is tried on
LONGEST_SLEEP = 30.0


@dataclass(frozen=True, slots=True)
class _Job:
    route: TickRoute
    trigger: CronTrigger
    until: time


class Cron(Worker):
    """Turns local times of day into Ticks."""

    name = "cron"

    def __init__(self, store: Store, transactions: Transactions, routes: RouteTable) -> None:
        self._store = store
        self._transactions = transactions
        self._runtime: Runtime = transactions.runtime
        self._zone = ZoneInfo(self._runtime.settings.timezone)
        self._jobs = [self._job(route) for route in routes.ticks]
        self._since: datetime | None = None
        self._failures: Counter[tuple[str, date]] = Counter()

    def _job(self, route: TickRoute) -> _Job:
        at, until = (_time_of_day(route.job, given, self._runtime.settings) for given in (route.at, route.until))
        return _Job(route, CronTrigger(hour=at.hour, minute=at.minute, timezone=self._zone), until)

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            await self.step()
            await asyncio.sleep(min(max(0.05, await self.rest()), RETRY_SECONDS if self._failures else LONGEST_SLEEP))

    async def rest(self) -> float:
        """Seconds until the next job is scheduled."""
        return self._runtime.clock.real_seconds((self.next_at() - self._runtime.clock.now()).total_seconds())

    def next_at(self) -> datetime:
        """When the next job is scheduled (duty time); far away when there is none."""
        now = self._runtime.clock.now()
        times = [job.trigger.get_next_fire_time(None, now + timedelta(microseconds=1)) for job in self._jobs]
        return min((t for t in times if t is not None), default=now + timedelta(days=1))

    async def step(self) -> int:
        """Run every job of today that is due and has not run; how many ran. One that fails does not hold up the others."""
        if self._since is None:
            self._since = await self._store.write(lambda tx: cron_rows.first_start(tx, self._runtime.clock.now()))
        since, ran = self._since, 0
        for job in self._jobs:
            tick = self._due(job, since)
            if tick is None or await self._ran(tick):
                continue
            try:
                ran += await self._store.write(partial(self._tick, job=job, tick=tick), "cron")
                del self._failures[job.route.job, tick.local_date]
            except Exception as error:
                await self._failed(tick, error)
        return ran

    async def _ran(self, tick: Tick) -> bool:
        return await self._store.read(lambda s: cron_rows.ran_on(s, tick.job, tick.local_date))

    def _due(self, job: _Job, since: datetime) -> Tick | None:
        """Today's run of the job when its time has come; what was scheduled before the first start is nobody's omission."""
        now = self._runtime.clock.now()
        today = now.astimezone(self._zone).date()
        scheduled = job.trigger.get_next_fire_time(None, datetime.combine(today, time(0), self._zone))
        if scheduled is None or scheduled > now or scheduled < since:
            return None
        missed = now > datetime.combine(today, job.until, self._zone)
        return Tick(job.route.job, today, scheduled.astimezone(UTC), (now - scheduled).total_seconds(), missed)

    def _tick(self, tx: Tx, job: _Job, tick: Tick) -> int:
        if not cron_rows.claim(tx, tick, self._runtime.clock.now()):
            return 0
        self._transactions.here(tx, f"t{tick.job}:{tick.local_date}", lambda work: job.route.handler(tick, work))
        return 1

    async def _failed(self, tick: Tick, error: Exception) -> None:
        """It is tried again until its day is over; the third failure is told."""
        log.error("cron: %s of %s failed: %s", tick.job, tick.local_date, where(error))
        self._failures[tick.job, tick.local_date] += 1
        if self._failures[tick.job, tick.local_date] != TELL_AFTER:
            return

        def tell(work: Work) -> None:
            work.audit("cron", tick.job, "failed", type(error).__name__)
            for operator in work.operators():
                work.say("ops/worker_down", f"dm-{operator.id}", worker=tick.job)

        try:
            await self._transactions.do(f"t{tick.job}:{self._runtime.clock.real().isoformat()}", tell)
        except Temporary:
            self._failures[tick.job, tick.local_date] -= 1


def _time_of_day(job: str, given: TimeOfDay, settings: Settings) -> time:
    text = given if isinstance(given, str) else given(settings)
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ConfigError([f"job {job}: {text!r} is no time of day; write HH:MM"]) from None
