"""The roster's files: read from the data and the state folder, where the state folder wins month by month."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from bot.core.lazy import XLSX, imported
from bot.core.problems import Problems
from data.roster.csv import csv_text, read_csv
from data.roster.overlaps import Placed, find_overlaps
from data.roster.rows import Row, Words, read_rows
from data.roster.text import read_text
from data.shifts import Roster, Shift, month_of, roster_of


def load_roster(data_dir: Path, state_dir: Path | None, words: Words, problems: Problems) -> Roster:
    """Every shift of ``roster/*.csv|xlsx``; a month that the state folder has replaces the data folder's."""
    given = _folder(data_dir / "roster", words, problems)
    own = _folder(state_dir / "roster", words, problems) if state_dir else []
    replaced = {month_of(item.shift.date) for item in own}
    placed = [item for item in given if month_of(item.shift.date) not in replaced] + own
    find_overlaps(placed, problems)
    here = [item for item in placed if item.shift.person in words.people]
    former = tuple(item.shift for item in placed if item.shift.person not in words.people)
    roster = roster_of((item.shift for item in here), {item.shift: item.source for item in reversed(here)})
    return replace(roster, former=former)


def _folder(folder: Path, words: Words, problems: Problems) -> list[Placed]:
    files = sorted(path for path in folder.glob("*") if path.suffix in {".csv", ".xlsx"} and path.name[0] not in "~.")
    return [item for path in files for item in read_file(path, words, problems)]


def read_file(path: Path, words: Words, problems: Problems) -> list[Placed]:
    """The shifts of one csv or xlsx file, or of a text file in the words of the SOP."""
    match path.suffix:
        case ".txt":
            found = read_text(path, words, problems)
        case ".csv":
            found = read_rows(read_csv(path, problems), words, path, problems)
        case ".xlsx":
            found = read_rows(_xlsx_rows(path, problems), words, path, problems)
        case _:
            problems.add(path, 1, "unknown kind of file; save it as .xlsx, .csv or .txt", "bad_file")
            return []
    return [Placed(shift, path, line) for line, shift in found]


def _xlsx_rows(path: Path, problems: Problems) -> list[Row]:
    """The rows of an xlsx file; what reads it is loaded only where such a file is met."""
    rows: list[Row] = imported(XLSX, "read_xlsx")(path, problems)
    return rows


def write_months(state_dir: Path, shifts: Iterable[Shift]) -> list[Path]:
    """Write ``roster/YYYY-MM.csv`` of the state folder for every month that occurs, each replaced in one step."""
    months: dict[str, list[Shift]] = {}
    for shift in shifts:
        months.setdefault(month_of(shift.date), []).append(shift)
    folder = state_dir / "roster"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for month, found in sorted(months.items()):
        path = folder / f"{month}.csv"
        _replace(path, csv_text(found))
        written.append(path)
    return written


def _replace(path: Path, text: str) -> None:
    """Write beside and rename: a reader, or a crash, meets the old file or the new one, never half of one."""
    beside = path.with_suffix(".csv.new")
    with beside.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
