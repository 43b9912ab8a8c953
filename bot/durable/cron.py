"""Daily jobs: APScheduler's trigger says when, one row per (job, local date) says that it ran; exactly once over restarts."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import CursorResult, Table, select
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session

from bot.core.errors import ConfigError
from bot.core.events import Tick
from bot.durable.bugs import where
from bot.durable.routes import RouteTable, TickRoute
from bot.durable.store import Store, Tx
from bot.durable.tables import CronRow, MetaRow
from bot.durable.work import Tools, Transactions, Work
from bot.settings import DutySettings

log = logging.getLogger(__name__)
FIRST_START = "first_start"
RETRY_SECONDS = 5.0
LONGEST_SLEEP = 30.0
_cron: Table = CronRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare the attribute it makes


@dataclass(frozen=True, slots=True)
class _Job:
    route: TickRoute
    trigger: CronTrigger
    until: time


class Cron:
    """Turns local times of day into Ticks."""

    def __init__(self, store: Store, transactions: Transactions, routes: RouteTable) -> None:
        self._store = store
        self._transactions = transactions
        self._tools: Tools = transactions.tools
        self._zone = ZoneInfo(self._tools.settings.timezone)
        self._jobs = [self._job(route) for route in routes.ticks]

    def _job(self, route: TickRoute) -> _Job:
        at, until = (_time_of_day(name, self._tools.settings.duty) for name in (route.at, route.until))
        return _Job(route, CronTrigger(hour=at.hour, minute=at.minute, timezone=self._zone), until)

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            try:
                await self.step()
            except Exception as error:
                log.error("cron: %s", where(error))
                await asyncio.sleep(RETRY_SECONDS)
            pause = self._tools.clock.real_seconds((self.next_at() - self._tools.clock.now()).total_seconds())
            await asyncio.sleep(min(max(0.05, pause), LONGEST_SLEEP))

    def next_at(self) -> datetime:
        """When the next job is scheduled (duty time); far away when there is none."""
        now = self._tools.clock.now()
        times = [job.trigger.get_next_fire_time(None, now + timedelta(microseconds=1)) for job in self._jobs]
        return min((t for t in times if t is not None), default=now + timedelta(days=1))

    async def step(self) -> int:
        """Run every job of today that is due and has not run; how many ran."""
        ran = 0
        for job in self._jobs:
            ran += await self._store.write(lambda tx, job=job: self._tick(tx, job), "cron")  # type: ignore[misc]  # a default binds the loop's value
        return ran

    def _tick(self, tx: Tx, job: _Job) -> int:
        now = self._tools.clock.now()
        today = now.astimezone(self._zone).date()
        midnight = datetime.combine(today, time(0), self._zone)
        scheduled = job.trigger.get_next_fire_time(None, midnight)
        since = _first_start(tx, now)
        if scheduled is None or scheduled > now or scheduled < since:
            return 0
        missed = now > datetime.combine(today, job.until, self._zone)
        if not _claim(tx, job.route.job, today, scheduled, now, missed):
            return 0
        late = (now - scheduled).total_seconds()
        tick = Tick(job.route.job, today, scheduled.astimezone(UTC), late, missed)
        self._transactions.here(tx, f"t{job.route.job}:{today}", lambda work: _handle(job, tick, work))
        return 1


def _handle(job: _Job, tick: Tick, work: Work) -> None:
    job.route.handler(tick, work)


def _claim(tx: Tx, job: str, today: date, scheduled: datetime, now: datetime, missed: bool) -> bool:
    row = {"job": job, "local_date": today, "scheduled_at": scheduled, "ran_at": now, "missed": missed}
    result = tx.connection.execute(insert(_cron).values(**row).on_conflict_do_nothing())
    return isinstance(result, CursorResult) and result.rowcount == 1


def _first_start(tx: Tx, now: datetime) -> datetime:
    """When this installation first ran: what was scheduled before it is nobody's omission."""
    table: Table = MetaRow.__table__  # type: ignore[attr-defined]  # as above
    stored = tx.connection.execute(select(table.c.value).where(table.c.name == FIRST_START)).scalar()
    if stored is None:
        tx.connection.execute(insert(table).values(name=FIRST_START, value=now.isoformat()))
        return now
    return datetime.fromisoformat(stored)


def ran_on(session: Session, job: str, day: date) -> bool:
    """Whether the job's row of that day is there."""
    where_row = (_cron.c.job == job, _cron.c.local_date == day)
    return session.connection().execute(select(_cron.c.job).where(*where_row)).first() is not None


def _time_of_day(name: str, duty: DutySettings) -> time:
    text = getattr(duty, name, name)
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ConfigError([f"job time {name!r} is neither HH:MM nor a setting of [duty]"]) from None
