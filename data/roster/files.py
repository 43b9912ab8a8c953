"""One roster file, whatever kind it is, as a reading; every fault of it with its line and cell."""

from pathlib import Path

from bot.core.problems import Problems
from data.roster import limits
from data.roster.csv import csv_sheet, has_headings
from data.roster.decoding import OLE, ZIP, file_bytes, text_of
from data.roster.grid import Sheet, letters, seen
from data.roster.headings import COLUMNS, Shape, Table, clipped, find_tables
from data.roster.holiday_table import read_holidays
from data.roster.month_table import read_months
from data.roster.overlaps import Placed
from data.roster.reading import Reading
from data.roster.rows import Words, read_rows
from data.roster.sentences import Faults, RosterError, sentence
from data.roster.text import read_text
from data.roster.workbook import read_workbook

KINDS = {".csv", ".tsv", ".txt", ".xlsx", ".xlsm"}
ROSTERS = {".csv", ".xlsx"}  # what is read in a folder of rosters


def is_roster(path: Path) -> bool:
    """Whether a file in a folder of rosters is one that counts."""
    return path.suffix.lower() in ROSTERS


def read_file(path: Path, words: Words, problems: Problems) -> Reading:
    """What a csv or Excel file says, in any of the shapes that are known, or a text file in the words of the SOP."""
    reading, faults = Reading(), Faults(path, problems, words.unjudged)
    try:
        _read(path, words, faults, reading)
    except limits.TooLarge as error:
        faults.add(1, RosterError("too_large", f"too_large_{error.what}", limit=error.limit))
    except RosterError as error:
        faults.add(error.line, error)
    return reading


def _read(path: Path, words: Words, faults: Faults, reading: Reading) -> None:
    suffix = path.suffix.lower()
    if suffix not in KINDS:
        raise RosterError("bad_file", "unknown_kind")
    content = file_bytes(path)
    if content.startswith(OLE):
        raise RosterError("bad_file", "old_excel")
    if content.startswith(ZIP):
        _read_sheets(_sheets(content), words, faults, reading)
        return
    if suffix in {".xlsx", ".xlsm"}:
        raise RosterError("bad_file", "no_workbook")
    text = text_of(content)
    if suffix == ".txt" and "\t" not in text and not has_headings(text):
        for line, shift in read_text(text, words, faults):
            reading.add_row(Placed(shift, path, line))
        return
    _read_sheets([csv_sheet(text)], words, faults, reading)


def _sheets(content: bytes) -> list[Sheet]:
    try:
        return read_workbook(content)
    except limits.TooLarge:
        raise
    except Exception:  # a damaged file makes its parsers raise whatever it likes
        raise RosterError("bad_file", "no_workbook") from None


def _read_sheets(sheets: list[Sheet], words: Words, faults: Faults, reading: Reading) -> None:
    tables = 0
    if skipped := [clipped(sheet.name) for sheet in sheets if sheet.skipped]:
        reading.note(sentence(words.locale, "sheets_hidden", sheets=skipped[: limits.NOTES], count=len(skipped)))
    for sheet in (sheet for sheet in sheets if not sheet.skipped):
        try:
            found = find_tables(sheet, words.posts)
        except RosterError as error:
            faults.add(error.line, error, sheet.at(error.line, error.column))
            tables += 1
            continue
        tables += len(found.tables)
        for table in found.tables:
            _read_table(table, words, faults, reading)
        if not found.tables and sheet.lines:
            reading.note(sentence(words.locale, "sheet_unread", sheet=clipped(sheet.name)))
        for line, text in found.loose[: limits.NOTES]:
            reading.note(sentence(words.locale, "line_unread", cell=sheet.at(line, 0), text=clipped(text)))
        if len(found.loose) > limits.NOTES:
            count = len(found.loose) - limits.NOTES
            reading.note(sentence(words.locale, "lines_unread", sheet=clipped(sheet.name), count=count))
    if not tables and "unknown_post" not in words.unjudged:  # a month table is known by its posts
        raise RosterError("bad_header", "no_table", columns=",".join(COLUMNS))


def _joined(table: Table) -> dict[int, tuple[int, str]]:
    """By line, the first cell and the name of an area that is merged over columns of which each says something else."""
    if table.shape is Shape.MONTHS:  # one person for several posts
        return {}
    places = {table.columns[name] for name in COLUMNS[:-1] if name in table.columns}
    return {
        line: (first[1], f"{letters(first[1])}{first[0]}:{letters(last[1])}{last[0]}")
        for first, last in table.sheet.merged
        if sum(first[1] <= at <= last[1] for at in places) > 1
        for line in range(first[0], last[0] + 1)
    }


def _read_table(table: Table, words: Words, faults: Faults, reading: Reading) -> None:
    sheet = table.sheet
    unseen = sorted(at for name, at in table.columns.items() if name != "phone" and at in sheet.hidden_columns)
    for at in unseen:
        faults.add(table.head, RosterError("hidden", "hidden_column"), sheet.at(table.head, at))
    if unseen:
        return
    unsaved = dict(sheet.unsaved)
    for line in (*table.lines, *(table.contacts or [])):
        if line.number in sheet.hidden:
            faults.add(line.number, RosterError("hidden", "hidden_line"), sheet.at(line.number, 0))
        elif line.number in unsaved:
            cell = sheet.at(line.number, unsaved[line.number])
            faults.add(line.number, RosterError("bad_file", "unsaved_formula"), cell)
    joined = _joined(table)
    for line in table.lines:
        if line.number in joined and line.number not in sheet.hidden:
            at, area = joined[line.number]
            error = RosterError(
                "bad_file", "merged_across", area=area, given=clipped(seen(line.cells[at], sheet.epoch))
            )
            faults.add(line.number, error, sheet.at(line.number, at))
    out = sheet.hidden | unsaved.keys() | joined.keys()
    table.lines = [line for line in table.lines if line.number not in out]
    match table.shape:
        case Shape.MONTHS:
            read_months(table, words, faults, reading)
        case Shape.HOLIDAY:
            read_holidays(table, words, faults, reading)
        case Shape.ROWS:
            for number, shift in read_rows(table, words, faults):
                reading.add_row(Placed(shift, faults.path, number))
