"""From a roster row to a shift: each of its words is read, and whatever cannot stand is told at its cell."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.core.people import Person
from data.holidays import Calendar
from data.model import DutyPost
from data.roster.dates import read_date, read_hours
from data.roster.grid import EPOCH_1900, Value, seen, written
from data.roster.headings import COLUMNS, Table
from data.roster.people import read_post, read_slot, read_who
from data.roster.sentences import Faults, RosterError
from data.shifts import Shift

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as written, in the order of ``COLUMNS``, with its line in the file and its phone, if it has one."""

    line: int
    cells: tuple[Value, Value, Value, Value, Value, Value, Value]
    epoch: date = EPOCH_1900
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What a roster may speak of: the organisation's people and posts, its time zone, its working days, and which day it is there.

    Before ``today`` a name that is nobody's any more is the past, and no fault (decisions: Rights): such a shift has the name
    as it is written for its person. None where nothing is past, as in a file that is about to be imported. ``year`` is that
    of dates without one; ``concluding`` is a date from which it may be concluded, because somebody is shown it before it counts.
    ``locale``: the language of faults; ``unjudged``: codes of those that nobody can judge, and that are not told.
    """

    people: Mapping[str, Person]
    posts: Mapping[str, DutyPost]
    tz: ZoneInfo
    today: date | None = None
    calendar: Calendar = field(default_factory=Calendar)
    locale: str = "zh"
    year: int | None = None
    concluding: date | None = None
    unjudged: frozenset[str] = frozenset()

    def past(self, day: date) -> bool:
        """Whether a date is one on which a name may be nobody's any more."""
        return self.today is not None and day < self.today


def read_row(row: Row, words: Words) -> Shift | list[tuple[int, RosterError]]:
    """The shift of a row, or everything that is wrong with it, each with its place in ``COLUMNS``."""
    problems: list[tuple[int, RosterError]] = []

    def attempt(place: int, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except RosterError as error:
            value = row.cells[place]
            problems.append((place, error.seen_as(written(value), seen(value, row.epoch))))
            return None

    day_text, post_text, slot_text, start, end, person_text, note = row.cells
    day = attempt(0, lambda: read_date(day_text, row.epoch, words.year))
    post = attempt(1, lambda: read_post(written(post_text), words.posts))
    slot = attempt(2, lambda: read_slot(written(slot_text)))
    hours = attempt(_at_fault(start, day, row.epoch), lambda: read_hours(start, end, day, row.epoch))
    past = day is not None and words.past(day)
    person = attempt(5, lambda: read_who(written(person_text), words.people, row.phone, past=past))
    if day is None or post is None or slot is None or hours is None or person is None:
        return problems
    first, last = hours.on(day, words.tz)
    return Shift(day, post.id, slot, first, last, person, written(note))


def _at_fault(start: Value, day: date | None, epoch: date) -> int:
    """Which of the two times is told of: the end, unless the start alone cannot stand."""
    try:
        read_hours(start, "24:00", day, epoch)
    except RosterError:
        return 3
    return 4


def read_rows(table: Table, words: Words, faults: Faults) -> Iterable[tuple[int, Shift]]:
    """The shifts of a table of rows with their lines; every word that cannot stand is a fault."""
    for row, places in rows_of(table):
        found = read_row(row, words)
        if isinstance(found, Shift):
            yield row.line, found
            continue
        for place, error in found:
            faults.add(row.line, error, table.sheet.at(row.line, places[place]))
        if faults.full:
            return


def rows_of(table: Table) -> Iterable[tuple[Row, tuple[int, ...]]]:
    """The rows of a table, each with the columns in which its cells stand."""
    places = tuple(table.columns.get(name, 0) for name in COLUMNS)
    for line in table.lines:
        day, post, slot, start, end, person, note = (_cell(line.cells, table.columns.get(name)) for name in COLUMNS)
        phone = written(_cell(line.cells, table.columns.get("phone")))
        yield Row(line.number, (day, post, slot, start, end, person, note), table.sheet.epoch, phone), places


def _cell(cells: tuple[Value, ...], at: int | None) -> Value:
    return cells[at] if at is not None and at < len(cells) else ""
