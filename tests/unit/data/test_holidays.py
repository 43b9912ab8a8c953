"""Working days; the oracle is the State Council's notice for 2026, written out by hand."""

from datetime import date, timedelta

import pytest

from data.holidays import Calendar, Day, DayKind
from data.statutory import festival

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


def test_8_26_a_year_without_a_notice_has_the_holidays_of_the_law_and_is_said_to_be_unpublished() -> None:
    calendar = Calendar()
    assert calendar.kind(date(2097, 10, 1)) == Day(DayKind.HOLIDAY, "国庆节", published=False)
    assert calendar.kind(date(2097, 10, 4)) == Day(
        DayKind.WORKDAY, published=False
    )  # a Friday: a bridge day is not known
    assert calendar.kind(date(2097, 10, 5)) == Day(DayKind.WEEKEND, published=False)


def test_8_26_the_days_of_the_law_are_the_ones_that_the_notices_took_off() -> None:
    """Thirteen a year, each off by the notices of the two years that are published since the amendment."""
    for year in (2025, 2026):
        named = [day for day in _year(year) if festival(day)]
        assert len(named) == 13
        assert {Calendar().kind(day).kind for day in named} == {DayKind.HOLIDAY}


@pytest.mark.parametrize(
    ("year", "off"),
    [  # Hong Kong Observatory's conversion tables, read by hand
        (2027, "01-01 02-05 02-06 02-07 02-08 04-05 05-01 05-02 06-09 09-15 10-01 10-02 10-03"),
        (2028, "01-01 01-25 01-26 01-27 01-28 04-04 05-01 05-02 05-28 10-01 10-02 10-03"),  # 中秋 is one of them
        (2033, "01-01 01-30 01-31 02-01 02-02 04-04 05-01 05-02 06-01 09-08 10-01 10-02 10-03"),
        (2034, "01-01 02-18 02-19 02-20 02-21 04-05 05-01 05-02 06-20 09-27 10-01 10-02 10-03"),
    ],
)
def test_8_26_the_lunar_festivals_are_on_their_days(year: int, off: str) -> None:
    assert [f"{day:%m-%d}" for day in _year(year) if festival(day)] == off.split()


def _year(year: int) -> list[date]:
    return [
        date(year, 1, 1) + timedelta(days=n) for n in range(366) if (date(year, 1, 1) + timedelta(days=n)).year == year
    ]


def test_8_26_workdays_are_found_around_days_off() -> None:
    calendar = Calendar()
    assert calendar.next_workday(date(2026, 9, 30)) == date(2026, 10, 8)
    assert calendar.next_workday(date(2026, 10, 9)) == date(2026, 10, 10)  # a Saturday that is worked
    assert calendar.last_workday(date(2026, 10, 25)) == date(2026, 10, 23)
    assert calendar.first_of_month(date(2026, 10, 20)) == date(2026, 10, 8)


def test_the_sites_own_day_comes_first() -> None:
    own = Day(DayKind.MAKEUP, "年终保障")
    calendar = Calendar({date(2097, 10, 5): own})
    assert calendar.kind(date(2097, 10, 5)) is own
    assert own.works
