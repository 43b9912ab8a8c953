"""Working days; the oracle is the State Council's notice for 2026, written out by hand."""

from datetime import date, timedelta

import pytest

from data.holidays import Calendar, Day, DayKind

HOLIDAYS = {  # first day, last day, name
    "元旦": (date(2026, 1, 1), date(2026, 1, 3)),
    "春节": (date(2026, 2, 15), date(2026, 2, 23)),
    "清明": (date(2026, 4, 4), date(2026, 4, 6)),
    "劳动节": (date(2026, 5, 1), date(2026, 5, 5)),
    "端午": (date(2026, 6, 19), date(2026, 6, 21)),
    "中秋": (date(2026, 9, 25), date(2026, 9, 27)),
    "国庆节": (date(2026, 10, 1), date(2026, 10, 7)),
}
MAKEUP = {(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)}


def _by_the_notice(day: date) -> DayKind:
    if any(first <= day <= last for first, last in HOLIDAYS.values()):
        return DayKind.HOLIDAY
    if (day.month, day.day) in MAKEUP:
        return DayKind.MAKEUP
    return DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY


def test_every_day_of_2026_is_what_the_notice_says() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    calendar = Calendar()
    assert [(day, calendar.kind(day).kind) for day in days] == [(day, _by_the_notice(day)) for day in days]
    assert all(calendar.kind(day).published for day in days)


@pytest.mark.parametrize("name", HOLIDAYS)
def test_a_holiday_has_its_name(name: str) -> None:
    assert Calendar().kind(HOLIDAYS[name][0]).name.startswith(name.removesuffix("节"))


def test_a_year_without_a_table_is_guessed_and_said_to_be_unpublished() -> None:
    calendar = Calendar()
    assert calendar.kind(date(2097, 10, 1)) == Day(DayKind.WORKDAY, published=False)  # a Tuesday
    assert calendar.kind(date(2097, 10, 5)) == Day(DayKind.WEEKEND, published=False)


def test_the_sites_own_day_comes_first() -> None:
    own = Day(DayKind.MAKEUP, "年终保障")
    calendar = Calendar({date(2097, 10, 5): own})
    assert calendar.kind(date(2097, 10, 5)) is own
    assert own.works
