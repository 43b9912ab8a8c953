"""Which gaps taking over a file would make or leave, and which were there before it."""

from datetime import date, timedelta

from data.model import Slot
from data.roster.cover import Gap, gaps
from data.roster.reading import Reading
from data.roster.rotation import days_of
from data.shifts import month_of
from data.site import Site


def new_gaps(before: Site, after: Site, reading: Reading) -> list[Gap]:
    """The gaps for which the file answers: not those of other posts and dates that were there before it.

    Where a month has no roster yet it answers for all of them, and for all of a post's where it is the month's first of that post.
    """
    rostered = {(month_of(shift.date), shift.post) for shift in before.roster.shifts}
    months = {month for month, _ in rostered}
    named = {(month_of(day), post) for day, post, _ in reading.scope}
    found = []
    for day in _days(reading):
        old = gaps(before, day)
        for gap in gaps(after, day):
            place = month_of(day), gap.post.id
            stood = any(_within(gap, other) for other in old)
            first = place[0] not in months or (place in named and place not in rostered)
            if not stood or first or (day, gap.post.id, gap.slot) in reading.scope:
                found.append(gap)
    return found if reading.months else [gap for gap in found if gap.slot is Slot.ONLINE]


def _days(reading: Reading) -> list[date]:
    """The dates that the file should leave without a gap: whole months of rows, a holiday table's from its first to its last."""
    days = {day for month in reading.months for day in days_of(month)}
    if reading.nights:
        first, last = min(reading.nights), max(reading.nights)
        days |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return sorted(days)


def _within(gap: Gap, other: Gap) -> bool:
    same = (gap.post.id, gap.slot) == (other.post.id, other.slot)
    return same and other.start <= gap.start and gap.end <= other.end
