"""Whether the desk may go on duty: somebody is on the roster, now and soon, and it is known which days are worked."""

from collections.abc import Iterator
from datetime import date, timedelta

from bot.core.problems import Line, Told, line_of
from bot.work.capability import Findings
from data.roster.cover import gaps
from data.roster.rotation import month_after
from data.shifts import month_of
from data.site import Site

SOON = timedelta(days=7)  # a month that begins within this must have its roster
AHEAD = timedelta(days=60)  # days whose kind must be known
NAMED = 3  # gaps that are named


def ready(site: Site | None, today: date) -> Findings:
    """A month without a roster that is here, or all but, keeps from going on duty; what comes later is worth knowing."""
    if site is None:
        return Findings()
    problems = tuple(Line("", told, "zh") for told in _missing(site, today, needed=True))
    return Findings(problems, tuple(line_of("check/note", text=told) for told in _notes(site, today)))


def _missing(site: Site, today: date, *, needed: bool) -> Iterator[Told]:
    """The months without a roster: those that are needed by now, or the others of this month and the next."""
    this = month_of(today)
    following = month_after(this)
    for month, first in ((this, today), (following, date.fromisoformat(f"{following}-01"))):
        if month not in site.roster.months and needed == (first - today <= SOON):
            yield Told("check/no_roster", month=month, first=None if month == this else first)


def _notes(site: Site, today: date) -> Iterator[Told]:
    yield from _missing(site, today, needed=False)
    days = [today + timedelta(days=n) for n in range(SOON.days)]
    found = [gap for day in days if month_of(day) in site.roster.months for gap in gaps(site, day)]
    for gap in found[:NAMED]:
        start, end = (f"{site.local(moment):%m-%d %H:%M}" for moment in (gap.start, gap.end))
        yield Told("check/gap", post=gap.post.name, start=start, end=end, slot=gap.slot.value)
    if len(found) > NAMED:
        yield Told("check/more_gaps", count=len(found) - NAMED, days=SOON.days)
    ahead = (today + timedelta(days=n) for n in range(AHEAD.days))
    for year in sorted({day.year for day in ahead if not site.calendar.kind(day).published}):
        yield Told("check/unpublished", year=year)
