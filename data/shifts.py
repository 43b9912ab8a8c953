"""The roster in memory: shifts with exact half-open bounds, found by post and minute."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from data.model import Slot
from data.times import Window


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody covers a post from ``start`` until just before ``end`` (aware; ``start <= t < end``)."""

    date: date
    post: str
    slot: Slot
    start: datetime
    end: datetime
    person: str
    note: str = ""

    def covers(self, at: datetime) -> bool:
        return self.start <= at < self.end

    @property
    def window(self) -> Window:
        """The shift as the roster writes it: minutes of its own date."""
        first = self.start.hour * 60 + self.start.minute
        last = self.end.hour * 60 + self.end.minute
        return Window(first, last + (24 * 60 if self.end.date() > self.date else 0))


_ORDER = {Slot.ONSITE: 0, Slot.ONLINE: 1, Slot.STANDBY: 2}


def in_order(shift: Shift) -> tuple[date, str, int, datetime, str]:
    """The order of a written roster: by date, post, slot, time."""
    return shift.date, shift.post, _ORDER[shift.slot], shift.start, shift.person


@dataclass(frozen=True)
class Roster:
    """All shifts of the roster's files; ``sources`` says where each was written (``roster/2026-10.csv:12``).

    ``former``: those of past days whose people are not there any more; nobody looks for them, they are only not forgotten.
    What files no longer say is kept by ``data.roster.store``.
    """

    shifts: tuple[Shift, ...] = field(default=())
    sources: Mapping[Shift, str] = field(default_factory=dict, compare=False, repr=False)
    former: tuple[Shift, ...] = field(default=(), repr=False)

    def on(self, day: date) -> tuple[Shift, ...]:
        """The shifts written for a date, in the roster's order."""
        return self._by_date.get(day, ())

    def at(self, moment: datetime) -> tuple[Shift, ...]:
        """The shifts that cover a minute, on-site ones first."""
        day = moment.date()
        near = [shift for offset in (-1, 0, 1) for shift in self.on(day + timedelta(days=offset))]
        found = [shift for shift in near if shift.covers(moment)]
        return tuple(sorted(found, key=lambda shift: (_ORDER[shift.slot], shift.start, shift.person)))

    def of_month(self, month: str) -> tuple[Shift, ...]:
        """The shifts of a month ``2026-10``."""
        return tuple(shift for shift in self.shifts if month_of(shift.date) == month)

    def of_people(self, people: Container[str]) -> "Roster":
        """The same roster with only these people's shifts."""
        return replace(self, shifts=tuple(shift for shift in self.shifts if shift.person in people))

    @cached_property
    def months(self) -> frozenset[str]:
        """The months that have any shift."""
        return frozenset(month_of(shift.date) for shift in self.shifts)

    @cached_property
    def _by_date(self) -> dict[date, tuple[Shift, ...]]:
        days: dict[date, list[Shift]] = {}
        for shift in self.shifts:
            days.setdefault(shift.date, []).append(shift)
        return {day: tuple(shifts) for day, shifts in days.items()}


def roster_of(shifts: Iterable[Shift], sources: Mapping[Shift, str] | None = None) -> Roster:
    """A roster from shifts in any order."""
    return Roster(tuple(sorted(shifts, key=in_order)), sources or {})


def month_of(day: date) -> str:
    """``2026-10`` of a date."""
    return f"{day.year:04d}-{day.month:02d}"
