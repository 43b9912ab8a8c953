"""Roster rows from and to an Excel file: the same columns as csv, dates and times as Excel keeps them."""

import io
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from bot.core.problems import Problems
from data.roster.csv import cells_of, rows_of
from data.roster.rows import COLUMNS, Row
from data.shifts import Shift, in_order
from data.times import hhmm


def read_xlsx(path: Path, problems: Problems) -> list[Row]:
    """The rows of the first sheet; formulas count by their last value, as Excel saved it."""
    content = io.BytesIO(path.read_bytes())
    try:
        book = load_workbook(content, data_only=True)
    except Exception:  # openpyxl lets through whatever a damaged file makes its parsers raise
        problems.add(path, 1, "this is no xlsx file; save it as Excel workbook (.xlsx)", "bad_file")
        return []
    sheet = book.worksheets[0]
    lines = (
        (number, [_text(value) for value in cells]) for number, cells in enumerate(sheet.iter_rows(values_only=True), 1)
    )
    return rows_of(lines, path, problems)


def _text(value: object) -> str:
    """A cell as csv would have it. 24:00 is a whole day to Excel: a timedelta, or a moment around 1900-01-01."""
    match value:
        case None:
            return ""
        case datetime() if value.year > 1900:
            return value.date().isoformat()
        case datetime():
            return "24:00"
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
        case timedelta():
            return hhmm(round(value.total_seconds() / 60))
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def write_xlsx(path: Path, shifts: Iterable[Shift]) -> None:
    """A workbook of the shifts in the roster's order. Everything is text: a note that starts with = is no formula."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "值班表"
    lines = [COLUMNS, *(cells_of(shift) for shift in sorted(shifts, key=in_order))]
    for number, cells in enumerate(lines, 1):
        for column, text in enumerate(cells, 1):
            cell = sheet.cell(number, column)
            cell.value = text
            cell.data_type = "s"
            cell.font = Font(bold=number == 1)
    for column in range(1, len(COLUMNS) + 1):
        widest = max(_width(cells[column - 1]) for cells in lines)
        sheet.column_dimensions[get_column_letter(column)].width = widest + 2
    sheet.freeze_panes = "A2"
    book.save(path)


def _width(text: str) -> int:
    """Columns that a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
