"""The roster as an Excel file: the same columns as csv. What reads one is :mod:`data.roster.workbook`."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from data.roster.csv import cells_of
from data.roster.headings import COLUMNS
from data.shifts import Shift, in_order


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
