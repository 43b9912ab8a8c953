"""The month table (SOP 1.1): one person a post and month, on its workdays, in the hours that ``posts.yaml`` declares on site."""

import re
from calendar import monthrange
from datetime import date

from bot.core.numerals import in_digits
from data.model import DutyPost, Slot
from data.roster.cover import declared
from data.roster.dates import Written, written_date
from data.roster.grid import EPOCH_1900, Line, Value, written
from data.roster.headings import MONTHS, Table, clipped
from data.roster.keys import key
from data.roster.overlaps import Placed
from data.roster.people import read_post, read_who
from data.roster.reading import Reading
from data.roster.rows import Words
from data.roster.sentences import Faults, RosterError
from data.roster.years import years_of
from data.shifts import Shift

_MONTH = re.compile(r"(?:(20[0-9]{2})[-/.年])?([0-9]{1,2})(?:月份?)?", re.ASCII)
_HEADINGS = frozenset({"", "主要负责人", "负责人", "值班人员", "值班人", "人员", "姓名"})
_LAST = 31  # of a month, where only its place in the year counts


def read_months(table: Table, words: Words, faults: Faults, reading: Reading) -> None:
    """Add the shifts of a month table; its scope is every date of its months, so that a new holiday takes a shift away."""
    posts = _posts(table, words, faults)
    lines = [line for line in table.lines if not _is_heading(line, table)]
    months = [(line, found) for line in lines if (found := _attempt(line, table, faults)) is not None]
    if not months or not posts:
        return
    try:
        years, concluded = years_of(table, faults.path.name, [found for _, found in months], words)
    except RosterError as error:
        faults.add(months[0][0].number, error, table.sheet.at(months[0][0].number, table.first))
        return
    reading.concluded = True  # the hours stand in posts.yaml
    for (line, found), year in zip(months, years, strict=True):
        for column, post in posts.items():
            _read_month(line, column, post, date(year, found.month, 1), table, words, faults, reading)
    if concluded:
        reading.note_years(years, table.sheet.name, words.locale)
    reading.note_unpublished(years, words)


def _posts(table: Table, words: Words, faults: Faults) -> dict[int, DutyPost]:
    """The post of each column; one without hours on site has no place in such a table."""
    found: dict[int, DutyPost] = {}
    for text, column in table.columns.items():
        try:
            post = read_post(text, words.posts)
            if not any(cover.slot is Slot.ONSITE for cover in post.cover):
                raise RosterError("no_hours", "no_hours_on_site", post=post.name)
        except RosterError as error:
            faults.add(table.head, error, table.sheet.at(table.head, column))
        else:
            found[column] = post
    return found


def _first(line: Line, table: Table) -> Value:
    return line.cells[table.first] if table.first < len(line.cells) else ""


def _is_heading(line: Line, table: Table) -> bool:
    """Whether a line is the second one of headings: 月份, 主要负责人, 主要负责人."""
    word = key(written(_first(line, table)))
    columns = [line.texts[at] for at in table.columns.values() if at < len(line.texts)]
    return word in MONTHS or (not word and bool(columns) and all(text in _HEADINGS for text in columns))


def _attempt(line: Line, table: Table, faults: Faults) -> Written | None:
    try:
        return _month(_first(line, table), table)
    except RosterError as error:
        faults.add(line.number, error, table.sheet.at(line.number, table.first))
        return None


def _month(value: Value, table: Table) -> Written:
    match = _MONTH.fullmatch(in_digits(key(written(value))))
    if match and 1 <= int(match[2]) <= 12:
        return Written(int(match[1]) if match[1] else None, int(match[2]), _LAST)
    if isinstance(value, float) and value > 366:
        found = written_date(value, table.sheet.epoch or EPOCH_1900)
        return Written(found.year, found.month, _LAST)
    raise RosterError("bad_date", "bad_month", given=clipped(written(value)))


def _read_month(
    line: Line, column: int, post: DutyPost, first: date, table: Table, words: Words, faults: Faults, reading: Reading
) -> None:
    text = written(line.cells[column]) if column < len(line.cells) else ""
    last = first.replace(day=monthrange(first.year, first.month)[1])
    try:
        person = read_who(text, words.people, past=words.past(last))
    except RosterError as error:
        faults.add(line.number, error, table.sheet.at(line.number, column))
        return
    for number in range(1, last.day + 1):
        day = first.replace(day=number)
        reading.scope.add((day, post.id, Slot.ONSITE))
        for cover in post.cover:
            if cover.slot is Slot.ONSITE and declared(words.calendar, cover, day):
                shift = Shift(day, post.id, Slot.ONSITE, *cover.window.on(day, words.tz), person)
                reading.add(Placed(shift, faults.path, line.number))
