"""Times of day as people write them, and half-open windows."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.times import Window, hhmm, minute, span, window

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("8:30", 510), ("08:30", 510), ("24:00", 1440), ("00:00", 0), ("0:00", 0), ("１８：００", 1080), ("23:59", 1439)],
)
def test_a_time_of_day_is_read(text: str, minutes: int) -> None:
    assert minute(text) == minutes


@pytest.mark.parametrize("text", ["24:01", "25:00", "8.30", "8:3", "08:60", "", "8:30pm", "٨:30", "-1:00", "24:00\n1"])
def test_what_is_no_time_of_day_is_none(text: str) -> None:
    assert minute(text) is None


@pytest.mark.parametrize("text", ["08:30-18:00", "8:30－18:00", "08:30 - 18:00", "8:30–18:00", "8:30至18:00"])
def test_a_window_is_read_however_the_dash_is_typed(text: str) -> None:
    assert window(text) == Window(510, 1080)


@pytest.mark.parametrize("text", ["18:00-08:30", "08:30-08:30", "08:30", "08:30-"])
def test_a_window_ends_after_it_starts(text: str) -> None:
    assert window(text) is None


def test_midnight_that_ends_a_day_is_the_next_days() -> None:
    start, end = Window(18 * 60, 24 * 60).on(date(2026, 12, 31), SHANGHAI)
    assert start == datetime(2026, 12, 31, 10, 0, tzinfo=UTC)
    assert end == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert end.isoformat() == "2027-01-01T00:00:00+08:00"


@given(st.integers(0, 1440))
def test_written_and_read_again_is_the_same_minute(minutes: int) -> None:
    assert minute(hhmm(minutes)) == minutes


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("5m", 300), ("3h", 10800), ("2d", 172800)])
def test_a_span_is_read(text: str, seconds: int) -> None:
    assert span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["5", "m", "5 m", "-5m", "5min", "５m", ""])
def test_what_is_no_span_is_none(text: str) -> None:
    assert span(text) is None
