"""The roster's files: read from the data and the state folder, where the state folder wins month by month."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from bot.core.problems import Problems, Told, shown
from data.roster.csv import csv_text
from data.roster.files import is_roster, read_file
from data.roster.overlaps import Placed, find_overlaps
from data.roster.rows import Words
from data.roster.sentences import sentence
from data.shifts import Roster, Shift, month_of, roster_of


def load_roster(
    data_dir: Path, state_dir: Path | None, words: Words, problems: Problems, notes: list[str] | None = None
) -> Roster:
    """Every shift of ``roster/*.csv|xlsx``; a month that the state folder has replaces the data folder's.

    ``notes`` takes what was not read of the data folder's files, and which holidays are not published.
    """
    given = _folder(data_dir / "roster", words, problems, notes)
    own = _folder(state_dir / "roster", words, problems, notes) if state_dir else []
    replaced = {month_of(item.shift.date) for item in own}
    placed = [item for item in given if month_of(item.shift.date) not in replaced] + own
    find_overlaps(placed, problems)
    here = [item for item in placed if item.shift.person in words.people]
    former = tuple(item.shift for item in placed if item.shift.person not in words.people)
    roster = roster_of((item.shift for item in here), {item.shift: item.source for item in reversed(here)})
    return replace(roster, former=former)


def _folder(folder: Path, words: Words, problems: Problems, notes: list[str] | None) -> list[Placed]:
    placed = []
    for path in _files(folder, words, problems):
        if not is_roster(path):
            if notes is not None:
                notes.append(f"{shown(path)}: {sentence(words.locale, 'file_unread')}")
            continue
        try:
            reading = read_file(path, words, problems)
        except OSError as error:
            _unreadable(path, error, words, problems)
            continue
        placed += reading.placed
        if notes is not None:
            notes += [f"{shown(path)}: {note}" for note in reading.notes]
    return placed


def _files(folder: Path, words: Words, problems: Problems) -> list[Path]:
    """The files of a folder; one that cannot be looked into has a roster that nobody sees."""
    try:
        return sorted(path for path in folder.iterdir() if path.name[0] not in "~." and path.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        _unreadable(folder, error, words, problems)
        return []


def _unreadable(path: Path, error: OSError, words: Words, problems: Problems) -> None:
    problems.add(path, 1, Told("roster/unreadable", reason=error.strerror), "bad_file")


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
