"""Who typed run ids that do not exist: five in a minute lock a person for a while (decisions: Runs)."""

from datetime import timedelta

from sqlalchemy import delete, func, insert, select

from bot.storage.tables import table_of
from bot.work.work import Work
from runbooks.runs.tables import RunGuessRow

MOST = 5
WITHIN = timedelta(minutes=1)  # true time

_guess = table_of(RunGuessRow)


def locked(work: Work, person: str) -> bool:
    """Whether this person typed so many within the last minute that the next id is not looked at."""
    recent = (_guess.c.person == person, _guess.c.at > work.real_now - WITHIN)
    counted = select(func.count()).select_from(_guess).where(*recent)
    return int(work.session.connection().execute(counted).scalar_one()) >= MOST


def note(work: Work, person: str) -> None:
    """One more; those that no longer count go."""
    work.execute(delete(_guess).where(_guess.c.at <= work.real_now - WITHIN))
    work.execute(insert(_guess).values(person=person, at=work.real_now))
