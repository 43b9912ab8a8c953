"""What taking over a roster file would add, change and drop, post by post, before anything is written."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from data.roster.reading import Key, Reading, key_of
from data.shifts import Shift, in_order, month_of


@dataclass(slots=True)
class Change:
    """Of one post. ``kept``: shifts of the file's months that stay, since the file says nothing of their date and kind."""

    post: str
    added: list[Shift] = field(default_factory=list)
    changed: list[tuple[Shift, Shift]] = field(default_factory=list)
    dropped: list[Shift] = field(default_factory=list)
    same: int = 0
    kept: int = 0

    @property
    def takes_away(self) -> bool:
        """Whether anything that stands would be lost."""
        return bool(self.changed or self.dropped)


def months_of(reading: Reading) -> set[str]:
    """The months that a file speaks for."""
    return {month_of(day) for day, _, _ in reading.scope}


def merged(current: Iterable[Shift], reading: Reading) -> list[Shift]:
    """The file's months after taking it over: its shifts, and what stands there outside its scope."""
    return [*kept(current, months_of(reading), reading.scope), *reading.shifts]


def kept(current: Iterable[Shift], months: Container[str], scope: Container[Key]) -> list[Shift]:
    """What of the current shifts of some months a file says nothing of."""
    return [shift for shift in current if month_of(shift.date) in months and key_of(shift) not in scope]


def changes(current: Iterable[Shift], reading: Reading) -> list[Change]:
    """One entry for each post that the file speaks for, or that has shifts in its months, in the order of their ids."""
    months, found = months_of(reading), dict[str, Change]()
    before = sorted((shift for shift in current if month_of(shift.date) in months), key=in_order)
    by_hours = {_hours(shift): shift for shift in before if key_of(shift) in reading.scope}
    for shift in sorted(set(reading.shifts), key=in_order):
        change = found.setdefault(shift.post, Change(shift.post))
        old = by_hours.pop(_hours(shift), None)
        if old is None:
            change.added.append(shift)
        elif old == shift:
            change.same += 1
        else:
            change.changed.append((old, shift))
    _note_lost(before, by_hours, reading.scope, found)
    return [change for _, change in sorted(found.items())]


def _note_lost(
    before: Iterable[Shift], left: Mapping[tuple[object, ...], Shift], scope: Container[Key], found: dict[str, Change]
) -> None:
    for shift in before:
        change = found.setdefault(shift.post, Change(shift.post))
        if key_of(shift) not in scope:
            change.kept += 1
        elif _hours(shift) in left:
            change.dropped.append(shift)


def _hours(shift: Shift) -> tuple[object, ...]:
    return *key_of(shift), shift.start, shift.end, shift.person if shift.slot == "standby" else ""
