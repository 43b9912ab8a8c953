"""Dates and hours of a roster, as text or as Excel keeps them, each refused with what to write instead."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.commands import plain
from bot.core.numerals import in_digits
from data.roster.grid import EPOCH_1900, Value, day_of, seen, written
from data.roster.headings import clipped
from data.roster.sentences import RosterError
from data.times import DAY, Window, hhmm

_DATE = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})[日号]?", re.ASCII)
_COMPACT = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})", re.ASCII)
_YEARLESS = re.compile(r"([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})[日号]?", re.ASCII)
_MIDNIGHT = re.compile(r"(?:\s+|T)0?0:00(?::00(?:\.0+)?)?Z?$", re.ASCII)  # what stands behind a date that has no time
_WEEKDAY = re.compile(r"[(（]?(?:周|星期)[一二三四五六日天][)）]?$")
_FEAST = re.compile(  # what the day is called
    r"[(（]?(?:除夕|(?:正月|大?年)?初[一二三四五六七八九十]|元旦|春节|清明节?|劳动节|五一|端午节?|中秋节?|国庆节?|元宵节?|假期|放假|节假日|调休|补班)[)）]?$"
)
_DATED = re.compile(r"(.*[0-9日号])(?:\s+|T)([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)Z?", re.ASCII)
_TIME = re.compile(r"([0-9]{1,3}):([0-5][0-9])(?::([0-5][0-9])(?:\.[0-9]+)?)?", re.ASCII)
_LAST_SERIAL = 80_000  # days: beyond this century whatever the epoch
_FIRST_YEAR = 2000
_MOST = 3  # days that hours beyond midnight are counted for; a larger number was never a time
_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it stands there: ``year`` None where none is written."""

    year: int | None
    month: int
    day: int


def written_date(value: Value, epoch: date = EPOCH_1900) -> Written:
    """What a cell says of a date. Raises ``RosterError`` ``bad_date``."""
    text = written(value)
    if isinstance(value, float) and 0 <= value < _LAST_SERIAL:
        found = epoch + timedelta(days=int(value))
        if found.year < _FIRST_YEAR:
            raise RosterError("bad_date", given=clipped(text))  # 1.20 typed for the 20th of January is the number 1.2
        return Written(found.year, found.month, found.day)
    words = _MIDNIGHT.sub("", plain(text)).replace(" ", "")
    words = _FEAST.sub("", _WEEKDAY.sub("", _FEAST.sub("", words)))
    words = in_digits(words)
    match = _DATE.fullmatch(words) or _COMPACT.fullmatch(words)
    if match:
        return Written(int(match[1]), int(match[2]), int(match[3]))
    yearless = _YEARLESS.fullmatch(words)
    if yearless is None:
        raise RosterError("bad_date", given=clipped(text))
    return Written(None, int(yearless[1]), int(yearless[2]))


def read_date(value: Value, epoch: date = EPOCH_1900, year: int | None = None) -> date:
    """``2026-10-01``, ``2026/10/1``, ``2026年10月1日`` or Excel's own. Without a year it is of ``year``, else refused."""
    found = written_date(value, epoch)
    if found.year is None and year is None:
        dated(found, 2000, value)  # a leap year: only days of no year at all are bad
        raise RosterError("ambiguous_year", given=clipped(written(value)), month=found.month, day=found.day)
    return dated(found, found.year or year or 0, value)


def dated(found: Written, year: int, value: Value) -> date:
    """The date in a year. Raises ``RosterError`` ``bad_date``, also for another century."""
    try:
        day = date(year, found.month, found.day)
    except ValueError:
        raise RosterError("bad_date", given=clipped(written(value))) from None
    if not _FIRST_YEAR <= day.year < 2100:
        raise RosterError("bad_date", "bad_century", given=day.isoformat())
    return day


def read_hours(start: Value, end: Value, day: date | None = None, epoch: date = EPOCH_1900) -> Window:
    """The half-open hours of one date; ``24:00`` ends the day, and so does an end at ``0:00``. Over midnight is two rows.

    Times may stand behind that very date (``day``), an end at ``0:00`` behind the next one.
    """
    first, last = read_minute(_of_day(start, day, epoch)), read_minute(_of_day(end, day, epoch))
    last = DAY if last == 0 < first else last
    if first >= last:
        raise RosterError("bad_time", "not_after", start=hhmm(first), end=hhmm(last))
    return Window(first, last)


def _of_day(value: Value, day: date | None, epoch: date) -> Value:
    """A time of day as it is; of one that stands behind a date, the time, counted on from the row's date.

    Raises ``RosterError`` ``bad_time`` for a date that is another day's; without ``day``, which is told of already, none is.
    """
    dated = _dated_time(value, epoch)
    if dated is None:
        return value
    on, time = dated
    days = (on - day).days if day else 0
    if days not in {0, 1}:
        raise RosterError("bad_time", "other_day", given=clipped(seen(value, epoch)), day=day)
    return days + time


def _dated_time(value: Value, epoch: date) -> tuple[date, float] | None:
    """A date and the part of the day behind it; None for a time alone, and for what is neither."""
    if isinstance(value, float):
        return day_of(value, epoch)
    match = _DATED.fullmatch(plain(value))
    seconds = _typed_seconds(match[2]) if match else None
    if match is None or seconds is None:
        return None
    try:
        return read_date(match[1], epoch), seconds / _SECONDS
    except RosterError:
        return None


def read_minute(value: Value) -> int:
    """Minutes since midnight, up to 24:00. Raises ``RosterError`` ``bad_time``: no time, beyond the day, with seconds."""
    seconds = round(value * _SECONDS) if isinstance(value, float) else _typed_seconds(value)
    if seconds is None or seconds < 0 or seconds >= _MOST * _SECONDS:
        raise RosterError("bad_time", given=clipped(written(value)))
    minutes, rest = divmod(seconds, 60)
    if minutes > DAY or (minutes == DAY and rest):
        raise RosterError("bad_time", "beyond_day", given=hhmm(minutes))
    if rest:
        raise RosterError("bad_time", "has_seconds", given=f"{hhmm(minutes)}:{rest:02d}")
    return minutes


def _typed_seconds(text: str) -> int | None:
    match = _TIME.fullmatch(plain(text).replace(" ", ""))
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0) if match else None
