"""Roster files as csv: read into a grid whatever separates the columns, and written with commas."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from data.roster import limits
from data.roster.grid import Line, Sheet, filled, letters
from data.roster.headings import COLUMNS, named
from data.roster.sentences import RosterError
from data.shifts import Shift, in_order
from data.times import hhmm

_TOLD = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)  # Excel's own first line
_SEPARATORS = (",", ";", "\t", "，", "；", "|")
_FEWEST = 4  # headings that make a table
_TAIL = 2  # separators that a row within a cell may lack: its first cell was taken for the rest of another, or its last was cut off
_HEAD = 12  # lines in which the headings are looked for, after titles


def csv_sheet(text: str) -> Sheet:
    """The text as a grid. Raises ``TooLarge`` and ``RosterError`` ``bad_file``."""
    told = _TOLD.match(text)
    if told:
        return Sheet("", tuple(_lines(text[told.end() :], told[1], 1)))
    return Sheet("", tuple(_lines(text, _separator(text), 0)))


def has_headings(text: str) -> bool:
    """Whether one of the first lines is the headings of a table, whatever separates them."""
    separator = _separator(text)
    head = text[: limits.TEXT * _HEAD].splitlines()[:_HEAD]
    cells = ({named(cell.strip().strip('"')) for cell in line.split(separator)} - {None} for line in head)
    return max(map(len, cells), default=0) >= _FEWEST


def _separator(text: str) -> str:
    """Whichever makes the most headings out of one of the first lines, then the most cells; a comma where none does."""
    head = text[: limits.TEXT * _HEAD].splitlines()[:_HEAD]

    def headings(separator: str) -> tuple[int, int]:
        rows = [[cell.strip().strip('"') for cell in line.split(separator)] for line in head]
        most = max((len({named(cell) for cell in row} - {None}) for row in rows), default=0)
        return most, max(map(len, rows), default=0)

    return max(_SEPARATORS, key=headings)


def _lines(text: str, separator: str, before: int) -> Iterable[Line]:
    """``before``: lines of the file above the text."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    cells = widest = began = 0
    try:
        for row in reader:
            number = before + reader.line_num
            widest = max(widest, len(row))
            at = _swallowing(row, separator, max(_TAIL, widest - _TAIL))
            if at is not None:
                line = before + began + 1
                raise RosterError("bad_file", "open_quote", cell=f"{letters(at)}{line}").at(line)
            began = reader.line_num
            limits.hold("rows", number, limits.ROWS)
            limits.hold("columns", len(row), limits.COLUMNS)
            limits.hold("text", max(map(len, row), default=0), limits.TEXT)
            cells += len(row)
            limits.hold("cells", cells, limits.CELLS)
            if filled(row):
                yield Line(number, tuple(row))
    except csv.Error:
        raise RosterError("bad_file", "no_csv").at(before + reader.line_num) from None


def _swallowing(row: Sequence[str], separator: str, most: int) -> int | None:
    """The column of a cell that has a whole row of the file in it: its quote is never closed, or by that of a later row."""
    for at, cell in enumerate(row):
        if any(line.count(separator) >= most for line in cell.splitlines()[1:]):
            return at
    return None


def cells_of(shift: Shift) -> tuple[str, ...]:
    """A shift in the order of ``COLUMNS``, as it is written to a file."""
    hours = shift.window
    start, end = hhmm(hours.start), hhmm(hours.end)
    return shift.date.isoformat(), shift.post, shift.slot.value, start, end, shift.person, shift.note


def csv_text(shifts: Iterable[Shift]) -> str:
    """The whole csv file of a roster, in its order."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(cells_of(shift) for shift in sorted(shifts, key=in_order))
    return out.getvalue()
