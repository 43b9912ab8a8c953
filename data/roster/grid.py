"""A sheet of a roster file as a grid, whether it came from csv or Excel: what stands in which cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

# Text as written, or a number as Excel keeps it: of a date the days since the workbook's epoch, of a time the part of a day.
Value = str | float
EPOCH_1900 = date(1899, 12, 30)  # Excel counts 1900-02-29, which never was; no date of a roster is before it
EPOCH_1904 = date(1904, 1, 1)
_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)  # a number that is a day in between was typed as a date
_MINUTES = 24 * 60
_EXACT = 1e-3  # of a minute: what is left of a time in a number of Excel


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a sheet that has anything in it."""

    number: int
    cells: tuple[Value, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(written(value) for value in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """``name`` is empty for csv. ``hidden``: lines that Excel does not show. ``unsaved``: cells with a formula whose result
    the file does not have, as (line, column). ``hidden_columns``: those that Excel does not show, from 0.
    ``skipped``: the whole sheet is hidden, and not read. ``merged``: areas over several columns, by
    their first and last (line, column).
    """

    name: str
    lines: tuple[Line, ...]
    epoch: date = EPOCH_1900
    hidden: frozenset[int] = frozenset()
    unsaved: tuple[tuple[int, int], ...] = ()
    hidden_columns: frozenset[int] = frozenset()
    skipped: bool = False
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()

    def at(self, line: int, column: int) -> str:
        """The cell as Excel names it: ``10月!E2``; columns count from 0."""
        cell = f"{letters(column)}{line}"
        name = "".join(char for char in self.name if char.isprintable())
        return f"{name}!{cell}" if name else cell


def written(value: Value) -> str:
    """A cell as text, without the blanks around it."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return value.strip()


def day_of(number: float, epoch: date) -> tuple[date, float] | None:
    """The date and the part of it that a number is which Excel shows as one; None for any other."""
    if not (_FIRST - epoch).days <= number < (_LAST - epoch).days:
        return None
    return epoch + timedelta(days=int(number)), number % 1


def seen(value: Value, epoch: date) -> str:
    """A cell as its reader sees it: of a number that is a date or a time of day, that."""
    if not isinstance(value, float):
        return value.strip()
    found = day_of(value, epoch)
    part = found[1] if found else value
    minutes = round(part * _MINUTES)
    if not 0 <= part < 1 or abs(part * _MINUTES - minutes) > _EXACT or not (found or minutes):
        return f"{found[0]}" if found else written(value)
    hours = f"{minutes // 60:02d}:{minutes % 60:02d}"
    if found:
        return f"{found[0]} {hours}" if minutes else f"{found[0]}"
    return hours


def filled(cells: Sequence[Value]) -> bool:
    return any(written(value) for value in cells)


def letters(column: int) -> str:
    """``A`` of 0, ``AA`` of 26."""
    text = ""
    while column >= 0:
        text = chr(ord("A") + column % 26) + text
        column = column // 26 - 1
    return text
