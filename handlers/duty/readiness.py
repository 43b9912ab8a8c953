"""Whether the desk may go on duty: somebody is on the roster, now and soon, and it is known which days are worked."""

from collections.abc import Iterator
from datetime import date, timedelta

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
    return Findings(tuple(_missing(site, today, needed=True)), tuple(_notes(site, today)))


def _missing(site: Site, today: date, *, needed: bool) -> Iterator[str]:
    """The months without a roster: those that are needed by now, or the others of this month and the next."""
    this = month_of(today)
    following = month_after(this)
    for month, first in ((this, today), (following, date.fromisoformat(f"{following}-01"))):
        if month not in site.roster.months and needed == (first - today <= SOON):
            when = "nobody is on duty now" if month == this else f"nobody is on duty from {first} on"
            yield (
                f"roster: {month} is missing, so {when}; write one and import it (zhiban roster import FILE), "
                f"or zhiban roster generate --month {month} -o FILE to begin with"
            )


def _notes(site: Site, today: date) -> Iterator[str]:
    yield from (f"note: {line}" for line in _missing(site, today, needed=False))
    days = [today + timedelta(days=n) for n in range(SOON.days)]
    found = [gap for day in days if month_of(day) in site.roster.months for gap in gaps(site, day)]
    for gap in found[:NAMED]:
        hours = f"{site.local(gap.start):%m-%d %H:%M} to {site.local(gap.end):%m-%d %H:%M}"
        yield f"note: {gap.post.name}: nobody is on the roster from {hours} ({gap.slot})"
    if len(found) > NAMED:
        yield f"note: {len(found) - NAMED} more gaps in the next {SOON.days} days; zhiban roster check names them"
    ahead = (today + timedelta(days=n) for n in range(AHEAD.days))
    for year in sorted({day.year for day in ahead if not site.calendar.kind(day).published}):
        yield (
            f"note: the working days of {year} are not known, so weekends are guessed; write its holidays and make-up days "
            "into holidays.yaml once they are published"
        )
