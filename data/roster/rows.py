"""From the words of a roster row to a shift: dates, posts, slots, times and persons, each refused by a stable code."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.core.commands import plain
from bot.core.people import Person
from bot.core.problems import Problems, nearest
from data.model import DutyPost, Slot
from data.shifts import Shift
from data.times import Window, minute

T = TypeVar("T")
COLUMNS = ("date", "post", "slot", "from", "to", "person", "note")
SLOT_WORDS = {
    "驻场": Slot.ONSITE,
    "驻点": Slot.ONSITE,
    "线上": Slot.ONLINE,
    "备班": Slot.STANDBY,
    "紧急联系人": Slot.STANDBY,
}
_DATE = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?", re.ASCII)
_YEARLESS = re.compile(r"([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?", re.ASCII)
_PLACEHOLDER = re.compile(r"[xX×*?]+|某+|待定|张三|TBD", re.IGNORECASE)
_NOBODY = {"", "无", "无人", "-", "—"}


class RosterError(Exception):
    """A word of a roster that cannot stand; ``code`` is stable, the text says what to write instead."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Row:
    """One row as written, in the order of ``COLUMNS``, with its line in the file."""

    line: int
    cells: tuple[str, str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """What a roster may speak of: the organisation's people and posts, its time zone, and which day it is there.

    Before ``today`` a name that is nobody's any more is the past, and no fault (decisions: Rights): such a shift has the name
    as it is written for its person. None where nothing is past, as in a file that is about to be imported.
    """

    people: Mapping[str, Person]
    posts: Mapping[str, DutyPost]
    tz: ZoneInfo
    today: date | None = None


def file_text(path: Path) -> str:
    """The text of a roster file: UTF-8, or GB 18030 as Chinese Excel saves csv."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def read_date(text: str) -> date:
    """``2026-10-01``, ``2026/10/1`` or ``2026年10月1日``. A date without its year is refused, never guessed."""
    words = plain(text).replace(" ", "")
    full = _DATE.fullmatch(words)
    year, month, day = (int(full[1]), int(full[2]), int(full[3])) if full else (2000, 0, 0)
    yearless = None if full else _YEARLESS.fullmatch(words)
    if yearless:
        month, day = int(yearless[1]), int(yearless[2])  # 2000 was a leap year: only days of no year at all are bad
    try:
        found = date(year, month, day)
    except ValueError:
        raise RosterError("bad_date", f"{text or 'nothing'} is no date; write 2026-10-01") from None
    if not 2000 <= year < 2100:
        raise RosterError("bad_date", f"{text} is not of this century; write 2026-10-01")
    if yearless:
        raise RosterError(
            "ambiguous_year", f"{text} has no year; write {month:02d}-{day:02d} with its year: 2026-10-01"
        )
    return found


def read_person(text: str, people: Mapping[str, Person]) -> Person:
    """A person by id or by a name that only one has, reachable by phone."""
    word = text.strip()
    if word in _NOBODY:
        raise RosterError("gap", "nobody is named; write who is on duty, or leave the row out")
    named = [person for person in people.values() if word in (person.id, person.name)]
    if not named and _PLACEHOLDER.fullmatch(word):
        raise RosterError("placeholder_name", f"{word} is a placeholder; write the person's id")
    if not named:
        raise RosterError("unknown_person", f"nobody is called {word}; {nearest(word, people)}")
    if len(named) > 1:
        ids = ", ".join(person.id for person in named)
        raise RosterError("ambiguous_person", f"{word} is the name of several; write one of the ids {ids}")
    if not named[0].phone:
        raise RosterError("no_contact", f"{word} has no phone; add it in people.yaml or name somebody else")
    return named[0]


def read_post(text: str, posts: Mapping[str, DutyPost]) -> DutyPost:
    """A post by id or name that has people of its own."""
    word = text.strip()
    found = posts.get(word) or next((post for post in posts.values() if post.name == word), None)
    if found is None:
        raise RosterError("unknown_post", f"no post is called {word}; {nearest(word, posts)}")
    if found.served_by:
        raise RosterError("served_post", f"{word} is served by {found.served_by}; write that post")
    return found


def read_slot(text: str) -> Slot:
    """``onsite``, ``online``, ``standby`` or their Chinese words."""
    word = text.strip().lower()
    if word in {slot.value for slot in Slot}:
        return Slot(word)
    if word in SLOT_WORDS:
        return SLOT_WORDS[word]
    raise RosterError("unknown_slot", f"{text or 'nothing'} is no slot; write onsite, online or standby")


def read_hours(start: str, end: str) -> Window:
    """The half-open hours of one date; ``24:00`` ends the day. A shift over midnight is two rows."""
    first, last = _minute(start), _minute(end)
    if first >= last:
        raise RosterError("bad_time", f"{start}-{end} does not end after it starts; over midnight, write two rows")
    return Window(first, last)


def _minute(text: str) -> int:
    found = minute(text)
    if found is None:
        raise RosterError("bad_time", f"{text or 'nothing'} is no time of day; write 08:30 or 24:00")
    return found


def read_row(row: Row, words: Words) -> Shift | list[RosterError]:
    """The shift of a row, or everything that is wrong with it."""
    problems: list[RosterError] = []
    day_text, post_text, slot_text, start, end, person_text, note = row.cells
    day = _attempt(problems, lambda: read_date(day_text))
    post = _attempt(problems, lambda: read_post(post_text, words.posts))
    slot = _attempt(problems, lambda: read_slot(slot_text))
    hours = _attempt(problems, lambda: read_hours(start, end))
    past = day is not None and words.today is not None and day < words.today
    person = _attempt(problems, lambda: _who(person_text, words.people, past=past))
    if day is None or post is None or slot is None or hours is None or person is None:
        return problems
    first, last = hours.on(day, words.tz)
    return Shift(day, post.id, slot, first, last, person, note.strip())


def _who(text: str, people: Mapping[str, Person], *, past: bool) -> str:
    """The person's id; of the past the word itself where it is nobody's any more."""
    try:
        return read_person(text, people).id
    except RosterError as error:
        if not past or error.code != "unknown_person":
            raise
        return text.strip()


def _attempt(problems: list[RosterError], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except RosterError as error:
        problems.append(error)
        return None


def read_rows(rows: Iterable[Row], words: Words, path: Path, problems: Problems) -> list[tuple[int, Shift]]:
    """The shifts of a file with their lines; every word that cannot stand is a fault."""
    shifts: list[tuple[int, Shift]] = []
    for row in rows:
        found = read_row(row, words)
        if isinstance(found, Shift):
            shifts.append((row.line, found))
            continue
        for error in found:
            problems.add(path, row.line, error.text, error.code)
    return shifts
