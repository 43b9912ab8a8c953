"""The demo's roster: this month and the next are there on whatever day it is started."""

from datetime import date
from pathlib import Path

from data.roster.folder import write_months
from data.roster.rotation import generate, month_after, shifts_of
from data.shifts import month_of, roster_of
from data.site import Site


def ensure_demo_roster(site: Site, state_dir: Path, today: date) -> Site:
    """Generate the month of ``today`` and the next one into the state folder where the roster has none of them."""
    month = month_of(today)
    for wanted in (month, month_after(month)):
        if wanted not in site.roster.months:
            shifts = shifts_of(generate(site, wanted))
            write_months(state_dir, shifts)
            site = site.with_roster(roster_of([*site.roster.shifts, *shifts]))
    return site
