"""A roster line in the words of the SOP: 驻场 08:30-18:00 A1；线上 18:00-24:00 A2, with its date and post if any."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.core.commands import plain
from bot.core.people import Person
from data.model import DutyPost, Slot
from data.roster import limits
from data.roster.dates import read_date, read_hours
from data.roster.headings import clipped
from data.roster.people import SLOT_WORDS, read_person
from data.roster.rows import Words
from data.roster.sentences import Faults, RosterError
from data.shifts import Shift
from data.times import DAY, Window, hhmm

REMARKS = {
    "无电话": ("no_contact", "remark_no_phone"),
    "同名两人": ("ambiguous_person", "remark_same_name"),
    "未写年份": ("ambiguous_year", "remark_no_year"),
}
_PART = re.compile(r"[;\n]|\s+[与和及]\s+")
_WORD = re.compile(r"[\s,、/()]+")
_HOURS = re.compile(r"([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)\s*[-–—~至]\s*([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)", re.ASCII)
_DATELIKE = re.compile(r"(?:[0-9]{4}[-/.年])?[0-9]{1,2}[-/.月][0-9]{1,2}日?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """One person and his hours."""

    slot: Slot | None
    hours: tuple[Window, ...]
    person: Person

    def __str__(self) -> str:
        return " ".join([*(_brackets(window) for window in self.hours), self.person.id])


@dataclass(frozen=True, slots=True)
class Line:
    """A line as understood; as text it is the normalised form ``[08:30,18:00) A1; [18:00,00:00+1d) A2``."""

    day: date | None
    post: DutyPost | None
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return "; ".join(str(part) for part in self.parts)


class _Draft:
    """What was read so far: a line's date and post, a part's slot, hours and persons, and everything wrong."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.problems: list[RosterError] = []
        self.day: date | None = None
        self.post: DutyPost | None = None
        self.parts: list[Part] = []

    def part(self, text: str) -> None:
        hours = [self._hours(match[1], match[2]) for match in _HOURS.finditer(text)]
        slot: Slot | None = None
        people: list[Person] = []
        for word in filter(None, _WORD.split(_HOURS.sub(" ", text))):
            if word in SLOT_WORDS:
                slot = SLOT_WORDS[word]
            elif not self._context(word):
                people += self._person(word)
        found = tuple(window for window in hours if window)
        if len(people) > 1:
            names = ", ".join(person.id for person in people)
            self.problems.append(RosterError("overlap", "same_hours", names=clipped(names)))
        elif people and found:
            self.parts.append(Part(slot, found, people[0]))
        elif not self.problems and (people or found):
            missing = ("gap", "nobody_named") if found else ("bad_time", "no_hours_written")
            self.problems.append(RosterError(*missing))

    def _context(self, word: str) -> bool:
        """Take a date, a post or a remark; False for anything else."""
        post = next((p for p in self.words.posts.values() if word in (p.id, p.name)), None)
        if post:
            self.post = post
        elif word in REMARKS:
            self.problems.append(RosterError(*REMARKS[word]))
        elif _DATELIKE.fullmatch(word):
            self._date(word)
        else:
            return False
        return True

    def _date(self, word: str) -> None:
        try:
            self.day = read_date(word)
        except RosterError as error:
            self.problems.append(error)

    def _hours(self, start: str, end: str) -> Window | None:
        try:
            return read_hours(start, end)
        except RosterError as error:
            self.problems.append(error)
            return None

    def _person(self, word: str) -> list[Person]:
        try:
            return [read_person(word, self.words.people)]
        except RosterError as error:
            self.problems.append(error)
            return []


def read_line(text: str, words: Words) -> Line | list[RosterError]:
    """A line understood, or everything that is wrong with it. Full-width signs, 8:30 and 24:00 are fine."""
    draft = _Draft(words)
    for part in _PART.split(plain(text)):
        draft.part(part)
    problems = draft.problems or _overlaps(draft.parts)
    return problems or Line(draft.day, draft.post, tuple(draft.parts))


def _overlaps(parts: list[Part]) -> list[RosterError]:
    taken: list[tuple[Slot | None, Window, Person]] = []
    problems = []
    for part in parts:
        for window in part.hours:
            for slot, other, person in taken:
                if slot == part.slot and window.start < other.end and other.start < window.end:
                    said = f"{part.person.name} {window}"
                    problems.append(RosterError("overlap", this=said, other=f"{person.name} {other}"))
            taken.append((part.slot, window, part.person))
    return problems


def _brackets(window: Window) -> str:
    end = "00:00+1d" if window.end == DAY else hhmm(window.end)
    return f"[{hhmm(window.start)},{end})"


def read_text(text: str, words: Words, faults: Faults) -> list[tuple[int, Shift]]:
    """The shifts of such lines, each with its date and post; ``#`` starts a comment. Raises ``TooLarge``."""
    found: list[tuple[int, Shift]] = []
    for number, written in enumerate(text.splitlines(), 1):
        limits.hold("rows", number, limits.ROWS)
        limits.hold("text", len(written), limits.TEXT)
        if not written.strip() or written.lstrip().startswith("#"):
            continue
        line = read_line(written, words)
        errors = line if isinstance(line, list) else _incomplete(line, words)
        for error in errors:
            faults.add(number, error)
        if isinstance(line, Line) and not errors:
            found.extend((number, shift) for shift in _shifts(line, words))
    return found


def _incomplete(line: Line, words: Words) -> list[RosterError]:
    errors = [] if line.day else [RosterError("bad_date", "line_without_date")]
    if line.post is None:
        errors.append(RosterError("unknown_post", "line_without_post"))
    elif line.post.served_by:
        by = words.posts[line.post.served_by].name
        errors.append(RosterError("served_post", given=line.post.name, by=by))
    return errors


def _shifts(line: Line, words: Words) -> Iterable[Shift]:
    if line.day is None or line.post is None:
        return
    for part in line.parts:
        slot = part.slot or (Slot.ONLINE if line.post.shared else Slot.ONSITE)
        for window in part.hours:
            yield Shift(line.day, line.post.id, slot, *window.on(line.day, words.tz), part.person.id)
