"""The year of dates that are written without one, as both tables of the SOP are."""

import re
from collections.abc import Sequence

from data.roster.dates import Written
from data.roster.headings import Table
from data.roster.rows import Words
from data.roster.sentences import RosterError

_YEAR = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])", re.ASCII)
_NEW_YEAR = "元旦"  # its table begins in the year before the one that it is called by


def years_of(table: Table, name: str, dates: Sequence[Written], words: Words) -> tuple[list[int], bool]:
    """A year for each of the dates, in their order, and whether it was concluded from today's date.

    By what the cell says, then ``words.year``, then what title, sheet and file (``name``) say; where none of them says
    anything, the first year in which the table is not all over. Raises ``RosterError`` ``ambiguous_year`` where nobody
    would be asked about it.
    """
    steps = _steps(dates)
    if all(found.year is not None for found in dates):
        return [found.year or 0 for found in dates], False
    first, concluded = _first(table, name, dates, steps, words)
    return [
        first + step if found.year is None else found.year for found, step in zip(dates, steps, strict=True)
    ], concluded


def _steps(dates: Sequence[Written]) -> list[int]:
    """0 for each date up to the turn of the year, 1 behind it."""
    steps, before = list[int](), None
    for found in dates:
        turned = before is not None and found.month < before
        steps.append((steps[-1] if steps else 0) + turned)
        before = found.month
    return steps


def _first(table: Table, name: str, dates: Sequence[Written], steps: list[int], words: Words) -> tuple[int, bool]:
    turns = bool(steps and steps[-1])
    if steps and steps[-1] > 1:
        raise _unknown(dates)
    if words.year:
        return words.year, False
    texts = [*table.titles, table.sheet.name, name]
    stated = sorted({int(year) for text in texts for year in _YEAR.findall(text)} | {d.year for d in dates if d.year})
    if stated:
        backwards = turns and len(stated) == 1 and any(_NEW_YEAR in text for text in texts)
        return stated[0] - backwards, False
    if words.concluding is None:
        raise _unknown(dates)
    ends = dates[-1].month, dates[-1].day
    today = words.concluding
    over = ends < (today.month, today.day)
    return today.year + over - steps[-1], True


def _unknown(dates: Sequence[Written]) -> RosterError:
    found = next(one for one in dates if one.year is None)
    return RosterError("ambiguous_year", "year_of_table", month=found.month, day=found.day)
