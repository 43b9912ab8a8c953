"""What reading one roster file gives: its shifts, what it speaks for, and what whoever hands it in should know of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from data.model import Slot
from data.roster import limits
from data.roster.overlaps import Placed
from data.roster.rows import Words
from data.roster.sentences import sentence
from data.shifts import Shift, month_of

Key = tuple[date, str, Slot]  # a date, a post and a kind of duty


@dataclass(slots=True)
class Reading:
    """``scope``: what the file speaks for; whatever else is known of those dates, posts and kinds it replaces.

    In ``months`` (2026-10), and on ``nights`` outside working hours, it should leave no gap. ``notes``: sentences on what was
    not read or was concluded. ``concluded``: something that no cell says (a year, the hours) was concluded.
    """

    placed: list[Placed] = field(default_factory=list)
    scope: set[Key] = field(default_factory=set)
    months: set[str] = field(default_factory=set)
    nights: set[date] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    concluded: bool = False

    @property
    def shifts(self) -> list[Shift]:
        return [item.shift for item in self.placed]

    def add(self, item: Placed) -> None:
        self.placed.append(item)
        self.scope.add(key_of(item.shift))

    def add_row(self, item: Placed) -> None:
        """Add a shift that stands there as such: its month is meant to be whole."""
        self.add(item)
        self.months.add(month_of(item.shift.date))

    def note(self, text: str) -> None:
        if text not in self.notes and len(self.notes) < limits.FAULTS:
            self.notes.append(text)

    def note_years(self, years: Iterable[int], sheet: str, locale: str) -> None:
        """Say which years were concluded for dates that have none."""
        self.note(sentence(locale, "concluded_year", sheet=sheet, years=_span(years)))

    def note_unpublished(self, years: Iterable[int], words: Words) -> None:
        """Say of which years the working days are not all known yet."""
        for year in sorted(set(years)):
            if not words.calendar.kind(date(year, 1, 1)).published:
                self.note(sentence(words.locale, "unpublished", year=year))


def _span(years: Iterable[int]) -> str:
    found = sorted(set(years))
    return str(found[0]) if len(found) == 1 else f"{found[0]}–{found[-1]}"  # a span of years


def key_of(shift: Shift) -> Key:
    """What a shift is one of."""
    return shift.date, shift.post, shift.slot
