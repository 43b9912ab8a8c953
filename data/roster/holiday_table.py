"""The holiday table (SOP 1.2): who is on duty on which date outside working hours, the online cover of ``posts.yaml``."""

import re
from datetime import date

from data.model import Cover, DutyPost, Slot
from data.roster.cover import declared
from data.roster.dates import Written, dated, written_date
from data.roster.grid import Line, Value, seen, written
from data.roster.headings import Table
from data.roster.keys import digits
from data.roster.overlaps import Placed
from data.roster.people import read_post, read_who
from data.roster.reading import Reading
from data.roster.rows import Row, Words, rows_of
from data.roster.sentences import Faults, RosterError, sentence
from data.roster.years import years_of
from data.shifts import Shift
from data.times import DAY, Window

_PHONE = 7  # digits that a phone number has at least
_PHONES = re.compile(r"[0-9xX*+() -]{6,}", re.ASCII)  # also one that is a placeholder: 1xx-xxxx-xxxx
_FESTIVALS = {"元旦": "元旦", "春节": "春节", "清明": "清明", "端午": "端午", "中秋": "中秋"}
_FESTIVALS |= {"劳动": "劳动", "五一": "劳动", "国庆": "国庆", "十一": "国庆"}


def read_holidays(table: Table, words: Words, faults: Faults, reading: Reading) -> None:
    """Add the shifts of a holiday table and its emergency contact, on standby through all of its dates."""
    found = _dates(table, faults)
    if not found:
        return
    try:
        years, concluded = years_of(table, faults.path.name, [day for _, _, day, _ in found], words)
    except RosterError as error:
        faults.add(found[0][0].line, error, table.sheet.at(found[0][0].line, found[0][1][0]))
        return
    reading.concluded = True  # the hours stand in posts.yaml
    days = []
    for (row, places, day, value), year in zip(found, years, strict=True):
        try:
            days.append(dated(day, year, value))
        except RosterError as error:
            faults.add(row.line, error, table.sheet.at(row.line, places[0]))
            continue
        _read_row(row, places, days[-1], table, words, faults, reading)
    if not days:
        return
    reading.nights |= set(days)
    _read_contacts(table, sorted(set(days)), words, faults, reading)
    if concluded:
        reading.note_years(years, table.sheet.name, words.locale)
    reading.note_unpublished(years, words)
    _note_festival(table, days, words, reading)


def _dates(table: Table, faults: Faults) -> list[tuple[Row, tuple[int, ...], Written, Value]]:
    """Each row with its date; one without is of the date above it, as in a table whose merged cells became blank ones."""
    found = []
    above: Value = ""
    for row, places in rows_of(table):
        value = row.cells[0] if written(row.cells[0]) else above
        above = value
        try:
            found.append((row, places, written_date(value, table.sheet.epoch), value))
        except RosterError as error:
            faults.add(row.line, error, table.sheet.at(row.line, places[0]))
    return found


def _read_row(
    row: Row, places: tuple[int, ...], day: date, table: Table, words: Words, faults: Faults, reading: Reading
) -> None:
    at = places[1]
    try:
        post = read_post(written(row.cells[1]), words.posts)
        hours = _hours(post, day, words)
        at = places[5]
        person = read_who(written(row.cells[5]), words.people, row.phone, past=words.past(day))
    except RosterError as error:
        value = row.cells[1 if at == places[1] else 5]
        error.seen_as(written(value), seen(value, table.sheet.epoch))
        faults.add(row.line, error, table.sheet.at(row.line, at))
        return
    known = words.people.get(person)
    if known and _differs(row.phone, known.phone or ""):
        cell = table.sheet.at(row.line, table.columns["phone"])
        reading.note(sentence(words.locale, "other_phone", cell=cell, person=known.name))
    for window in hours:
        shift = Shift(day, post.id, Slot.ONLINE, *window.on(day, words.tz), person, written(row.cells[6]))
        reading.add(Placed(shift, faults.path, row.line))


def _hours(post: DutyPost, day: date, words: Words) -> list[Window]:
    """The hours of that date outside working hours: the post's own online cover, else that of the posts that all share."""
    shared = [cover for other in words.posts.values() if other.shared for cover in other.cover]
    for covers in (post.cover, shared):
        found = [cover.window for cover in covers if _is_online(cover, day, words)]
        if found:
            return found
    raise RosterError("no_hours", "no_hours_online", post=post.name, day=day.isoformat())


def _is_online(cover: Cover, day: date, words: Words) -> bool:
    return cover.slot is Slot.ONLINE and declared(words.calendar, cover, day)


def _differs(written_phone: str, known: str) -> bool:
    """Whether a table has another number than ``people.yaml``; ``123-xxxx-xxxx`` is none."""
    here = digits(written_phone)
    return len(here) >= _PHONE and here[-_PHONE:] != digits(known)[-_PHONE:]


def _read_contacts(table: Table, days: list[date], words: Words, faults: Faults, reading: Reading) -> None:
    """The first contact is on standby, for every post; there is one emergency contact at a time, the others are told of."""
    found: list[tuple[Line, str]] = []
    for line in table.contacts or []:
        for column, text in enumerate(line.texts):
            name = _PHONES.sub("", text).strip(" :：、")
            if not name or text in line.texts[:column]:
                continue
            try:
                found.append((line, read_who(name, words.people, _phone_in(line), past=words.past(days[-1]))))
            except RosterError as error:
                faults.add(line.number, error, table.sheet.at(line.number, column))
    shared = [post for post in words.posts.values() if post.shared]
    for line, person in found[:1]:
        for day in days:
            for post in shared or [post for post in words.posts.values() if not post.served_by]:
                shift = Shift(day, post.id, Slot.STANDBY, *Window(0, DAY).on(day, words.tz), person)
                reading.add(Placed(shift, faults.path, line.number))
    if len(found) > 1:
        first, *others = [words.people[person].name if person in words.people else person for _, person in found]
        reading.note(sentence(words.locale, "one_contact", first=first, others=", ".join(others)))


def _phone_in(line: Line) -> str:
    return next((text for text in line.texts if len(digits(text)) >= _PHONE), "")


def _note_festival(table: Table, days: list[date], words: Words, reading: Reading) -> None:
    """A table that is called after a festival and has none of its days is of another year."""
    names = {words.calendar.kind(day).name for day in days}
    for word, festival in _FESTIVALS.items():
        if any(word in title for title in table.titles) and not any(festival in name for name in names):
            reading.note(
                sentence(
                    words.locale, "other_year", festival=word, first=days[0].isoformat(), last=days[-1].isoformat()
                )
            )
            return
