"""Roster rows from and to csv: its columns in any order, with English or Chinese headings (contract: Roster files)."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.core.problems import Problems, nearest
from data.roster.rows import COLUMNS, Row, file_text
from data.shifts import Shift, in_order
from data.times import hhmm

HEADINGS = {
    "日期": "date",
    "驻点": "post",
    "班次": "slot",
    "开始": "from",
    "结束": "to",
    "人员": "person",
    "备注": "note",
}


def read_csv(path: Path, problems: Problems) -> list[Row]:
    """The rows of a csv file; blank lines are left out, a heading that is missing or unknown is a fault."""
    reader = csv.reader(io.StringIO(file_text(path), newline=""))
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        problems.add(path, reader.line_num, f"this is no csv file ({error}); save it as csv, UTF-8", "bad_file")
        return []
    return rows_of(lines, path, problems)


def rows_of(lines: Iterable[tuple[int, Sequence[str]]], path: Path, problems: Problems) -> list[Row]:
    """Rows from lines of cells, the first of which names the columns, in any order, in English or Chinese."""
    filled = [(line, cells) for line, cells in lines if any(cell.strip() for cell in cells)]
    if not filled:
        problems.add(path, 1, f"the file is empty; write the columns {','.join(COLUMNS)} first", "bad_header")
        return []
    line, first = filled[0]
    names = [HEADINGS.get(cell.strip(), cell.strip().lower()) for cell in first]
    missing = [name for name in COLUMNS[:-1] if name not in names]
    unknown = [name for name in names if name and name not in COLUMNS]
    for name in missing:
        problems.add(path, line, f"the column {name} is missing; the columns are {','.join(COLUMNS)}", "bad_header")
    for name in unknown:
        problems.add(path, line, f"unknown column {name}; {nearest(name, COLUMNS)}", "bad_header")
    if missing or unknown:
        return []
    places = [names.index(name) if name in names else len(names) for name in COLUMNS]
    return [Row(at, _cells(cells, places)) for at, cells in filled[1:]]


def _cells(cells: Sequence[str], places: list[int]) -> tuple[str, str, str, str, str, str, str]:
    day, post, slot, start, end, person, note = (cells[at] if at < len(cells) else "" for at in places)
    return day, post, slot, start, end, person, note


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
