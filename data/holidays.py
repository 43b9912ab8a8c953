"""Which kind of day a date is: the site's overrides, then chinesecalendar, then the law; an unpublished year is said to be so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

import chinese_calendar

from data.statutory import festival


class DayKind(StrEnum):
    """What a date is for the roster; ``makeup`` is a weekend day that is worked (调休补班)."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"


@dataclass(frozen=True, slots=True)
class Day:
    """A date's kind; ``name`` is the festival behind it (国庆节), ``published`` False where the year's notice is not out."""

    kind: DayKind
    name: str = ""
    published: bool = True

    @property
    def works(self) -> bool:
        return self.kind in {DayKind.WORKDAY, DayKind.MAKEUP}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Chinese working days with 调休; ``overrides`` are the site's own (``holidays.yaml``)."""

    overrides: Mapping[date, Day] = field(default_factory=dict)

    def kind(self, day: date) -> Day:
        """The day's kind. Of a year whose notice is not out, the holidays by law are known and the rest goes by weekday.

        Such a day is marked ``published=False``: bridge and make-up days are still missing.
        """
        own = self.overrides.get(day)
        if own is not None:
            return own
        weekend = day.weekday() >= 5
        try:
            off, found = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:
            return _unpublished(day)
        name = chinese_calendar.Holiday(found).chinese if found else ""
        if off:
            return Day(DayKind.HOLIDAY, name) if name else Day(DayKind.WEEKEND)
        return Day(DayKind.MAKEUP, name) if weekend else Day(DayKind.WORKDAY)

    def next_workday(self, day: date) -> date:
        """The first workday after a date."""
        found = day + timedelta(days=1)
        while not self.kind(found).works:
            found += timedelta(days=1)
        return found

    def last_workday(self, until: date) -> date:
        """The last workday up to a date and with it."""
        found = until
        while not self.kind(found).works:
            found -= timedelta(days=1)
        return found

    def first_of_month(self, day: date) -> date:
        """The first workday of a date's month."""
        return self.next_workday(day.replace(day=1) - timedelta(days=1))


def _unpublished(day: date) -> Day:
    name = festival(day)
    if name:
        return Day(DayKind.HOLIDAY, name, published=False)
    return Day(DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY, published=False)
