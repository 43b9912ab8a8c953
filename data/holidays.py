"""Which kind of day a date is: the site's overrides, then chinesecalendar; an unpublished year is said to be so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import chinese_calendar


class DayKind(StrEnum):
    """What a date is for the roster; ``makeup`` is a weekend day that is worked (调休补班)."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"


@dataclass(frozen=True, slots=True)
class Day:
    """A date's kind; ``name`` is the festival behind it (国庆节), ``published`` False for a guess by weekday."""

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
        """The day's kind. A year whose table is not out yet is guessed by weekday and marked ``published=False``."""
        own = self.overrides.get(day)
        if own is not None:
            return own
        weekend = day.weekday() >= 5
        try:
            off, festival = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:
            return Day(DayKind.WEEKEND if weekend else DayKind.WORKDAY, published=False)
        name = chinese_calendar.Holiday(festival).chinese if festival else ""
        if off:
            return Day(DayKind.HOLIDAY, name) if name else Day(DayKind.WEEKEND)
        return Day(DayKind.MAKEUP, name) if weekend else Day(DayKind.WORKDAY)
