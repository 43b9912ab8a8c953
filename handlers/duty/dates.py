"""The date that somebody means by ``明天``, ``next Monday`` or ``11-23``."""

import re
from datetime import date, timedelta

from bot.core.commands import plain
from bot.core.errors import UserError
from bot.core.numerals import in_digits

_WORDS = {
    "今": 0,
    "today": 0,
    "tonight": 0,
    "明": 1,
    "tomorrow": 1,
    "后": 2,
    "大后": 3,
    "昨": -1,
    "yesterday": -1,
    "前": -2,
    "大前": -3,
}
_PART = re.compile(r"(今|明|后|大后|昨|前|大前)[天日晚早夜]")
_DATE = re.compile(r"(?:([0-9]{4})[-/.年])?([0-9]{1,2})[-/.月]([0-9]{1,2})[日号]?", re.ASCII)
_OF_MONTH = re.compile(r"([0-9]{1,2})[日号]", re.ASCII)
_WEEKDAY = re.compile(r"([这本下上])?个?(?:周|星期|礼拜)([一二三四五六日天末])")
_WEEK = "一二三四五六日"
_ENGLISH_WEEKDAY = re.compile(
    r"(?:(this|next|coming|the|this coming) )?(mon|tue|wed|thu|fri|sat|sun)(?:s|r|rs|nes|ur)?(?:day)?|"
    r"(?:(this|next|the) )?(week)end"
)
_ENGLISH_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?"
_ENGLISH_DATE = re.compile(
    rf"{_MONTH} ([0-9]{{1,2}})(?:st|nd|rd|th)?|([0-9]{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}", re.ASCII
)


def day_meant(word: str, today: date) -> date:
    """A word or date; without a year it is the nearest such date to today. Raises ``UserError`` ``bad_date``."""
    typed = plain(word).lower()
    part = _PART.fullmatch(typed)
    if (known := _WORDS.get(part[1] if part else typed)) is not None and (part or typed.isascii()):
        return today + timedelta(days=known)
    if (weekday := _WEEKDAY.fullmatch(typed)) is not None:
        return _weekday(weekday[1], weekday[2], today)
    if typed in {"day after tomorrow", "the day after tomorrow"}:
        return today + timedelta(days=2)
    if (english := _ENGLISH_WEEKDAY.fullmatch(typed)) is not None:
        return _english_weekday(english[1] or english[3], english[2] or "sat", today)
    if (named := _ENGLISH_DATE.fullmatch(typed)) is not None:
        typed = f"{_MONTHS.index(named[1] or named[4]) + 1}-{named[2] or named[3]}"
    if (of_month := _OF_MONTH.fullmatch(in_digits(typed))) is not None:
        typed = f"{today.month}-{of_month[1]}"
    match = _DATE.fullmatch(in_digits(typed))
    if match is None:
        raise UserError("bad_date", given=word)
    years = [int(match[1])] if match[1] else [today.year, today.year - 1, today.year + 1]
    dates = [day for year in years if (day := _date(year, int(match[2]), int(match[3]))) is not None]
    if not dates:
        raise UserError("bad_date", given=word)
    return min(dates, key=lambda day: abs(day - today))


def _weekday(week: str | None, name: str, today: date) -> date:
    """``周六`` is the next one, today included; ``下周六`` is next week's, ``上周六`` last week's, and a week begins on Monday."""
    place = _WEEK.index({"天": "日", "末": "六"}.get(name, name))
    monday = today - timedelta(days=today.weekday())
    if week is not None:
        return monday + timedelta(days=place + {"下": 7, "上": -7}.get(week, 0))
    return today + timedelta(days=(place - today.weekday()) % 7)


def _english_weekday(which: str | None, name: str, today: date) -> date:
    """``Saturday`` is the next one, today included; ``next Saturday`` is next week's."""
    place = _ENGLISH_WEEK.index(name)
    if which == "next":
        return today - timedelta(days=today.weekday()) + timedelta(days=place + 7)
    return today + timedelta(days=(place - today.weekday()) % 7)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
