"""The date that somebody means by ``明天`` or ``11-23``."""

import re
from datetime import date, timedelta

from bot.core.commands import plain
from bot.core.errors import UserError

_WORDS = {"今天": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2, "昨天": -1, "yesterday": -1}
_DATE = re.compile(r"(?:([0-9]{4})[-/.年])?([0-9]{1,2})[-/.月]([0-9]{1,2})日?", re.ASCII)


def day_meant(word: str, today: date) -> date:
    """A word or date; without a year it is the nearest such date to today. Raises ``UserError`` ``bad_date``."""
    typed = plain(word).lower()
    if typed in _WORDS:
        return today + timedelta(days=_WORDS[typed])
    match = _DATE.fullmatch(typed)
    if match is None:
        raise UserError("bad_date", given=word)
    years = [int(match[1])] if match[1] else [today.year, today.year - 1, today.year + 1]
    dates = [day for year in years if (day := _date(year, int(match[2]), int(match[3]))) is not None]
    if not dates:
        raise UserError("bad_date", given=word)
    return min(dates, key=lambda day: abs(day - today))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
