"""How fair and how complete a month's roster is: days, off days and the longest run of each person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from data.model import Slot
from data.shifts import Shift
from data.site import Site


@dataclass(frozen=True, slots=True)
class Load:
    """What one person has in a month, in days. ``offdays``: weekends and holidays; ``run``: online days in a row."""

    person: str
    onsite: int
    online: int
    offdays: int
    run: int


def loads(site: Site, month: str) -> list[Load]:
    """Everybody on the roster of a month, in the order of ``people.yaml``; standby is no load."""
    shifts = [shift for shift in site.roster.of_month(month) if shift.slot is not Slot.STANDBY]
    return [_load(site, person, shifts) for person in site.people if any(s.person == person for s in shifts)]


def _load(site: Site, person: str, shifts: Iterable[Shift]) -> Load:
    mine = [shift for shift in shifts if shift.person == person]
    onsite = {shift.date for shift in mine if shift.slot is Slot.ONSITE}
    online = {shift.date for shift in mine if shift.slot is Slot.ONLINE}
    off = sum(not site.calendar.kind(day).works for day in onsite | online)
    return Load(person, len(onsite), len(online), off, _longest_run(online))


def _longest_run(days: set[date]) -> int:
    longest = run = 0
    for day in sorted(days):
        run = run + 1 if day - timedelta(days=1) in days else 1
        longest = max(longest, run)
    return longest
