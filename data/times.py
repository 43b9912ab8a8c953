"""Times of day as the roster writes them (``8:30``, ``08:30``, ``24:00``), half-open windows, spans such as ``5m``."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.commands import plain

DAY = 24 * 60  # minutes
_MINUTE = re.compile(r"(?:([01]?[0-9]|2[0-3]):([0-5][0-9]))|24:00", re.ASCII)
_SPAN = re.compile(r"([0-9]{1,4})(s|m|h|d)", re.ASCII)
_DASHES = str.maketrans("–—~至", "----")  # what people type between two times
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A part of one day, half-open: minutes since midnight, ``0 <= start < end <= 1440`` (1440 is 24:00)."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{hhmm(self.start)}-{hhmm(self.end)}"

    def on(self, day: date, tz: ZoneInfo) -> tuple[datetime, datetime]:
        """The window on a date, as aware datetimes; 24:00 is the next day's midnight."""
        return moment(day, self.start, tz), moment(day, self.end, tz)


def minute(text: str) -> int | None:
    """Minutes since midnight of ``8:30``, ``08:30``, ``24:00``, full-width signs too; None when it is no time."""
    match = _MINUTE.fullmatch(plain(text))
    if match is None:
        return None
    return DAY if match[1] is None else int(match[1]) * 60 + int(match[2])


def window(text: str) -> Window | None:
    """``08:30-18:00`` as a window; None when a half is no time or the end is not after the start."""
    start, _, end = plain(text).replace(" ", "").translate(_DASHES).partition("-")
    first, last = minute(start), minute(end)
    return Window(first, last) if first is not None and last is not None and first < last else None


def span(text: str) -> timedelta | None:
    """``30s``, ``5m``, ``3h``, ``2d`` as a duration; None when it is none."""
    match = _SPAN.fullmatch(text)
    return timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None


def hhmm(minutes: int) -> str:
    """``08:30`` of 510; the end of the day is ``24:00``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def moment(day: date, minutes: int, tz: ZoneInfo) -> datetime:
    """The wall-clock minute of a date in a zone; 1440 is the midnight that ends it."""
    return datetime.combine(day + timedelta(days=minutes // DAY), time(minutes % DAY // 60, minutes % 60), tz)
