"""The daily jobs: one row for each (job, local date) that ran, and when this installation first ran at all."""

from datetime import date, datetime

from sqlalchemy import insert, select
from sqlmodel import Session

from bot.core.events import Tick
from bot.storage.dialects.dialect import Upsert
from bot.storage.statements import Statement
from bot.storage.store import Tx
from bot.storage.tables import CronRow, MetaRow, table_of

FIRST_START = "first_start"
_cron = table_of(CronRow)
_meta = table_of(MetaRow)
_CLAIM = Statement(Upsert(_cron, key=("job", "local_date")))


def claim(tx: Tx, tick: Tick, now: datetime) -> bool:
    """Write down that the job runs on that day; False when it did already."""
    row = {
        "job": tick.job,
        "local_date": tick.local_date,
        "scheduled_at": tick.scheduled_at,
        "ran_at": now,
        "missed": tick.missed,
    }
    return _CLAIM.count(tx, row) == 1


def ran_on(session: Session, job: str, day: date) -> bool:
    """Whether the job's row of that day is there."""
    where = (_cron.c.job == job, _cron.c.local_date == day)
    return session.connection().execute(select(_cron.c.job).where(*where)).first() is not None


def first_start(tx: Tx, now: datetime) -> datetime:
    """When this installation first ran."""
    found = tx.connection.execute(select(_meta.c.value).where(_meta.c.name == FIRST_START)).scalar()
    if found is None:
        tx.connection.execute(insert(_meta).values(name=FIRST_START, value=now.isoformat()))
        return now
    return datetime.fromisoformat(found)
