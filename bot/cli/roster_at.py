"""``zhiban roster at``: who was on duty at a minute of the past, from the roster's history."""

import argparse
import sys
from datetime import datetime, timedelta

from bot.settings import Settings
from bot.storage.store import reading
from data.roster.store import Known, on_duty
from data.site import Site

_ALWAYS = timedelta(days=365_000)  # later than anything that was recorded


def main(args: argparse.Namespace, settings: Settings, site: Site) -> int:
    """0, one line a shift; 1 nobody was on duty by what is known. Raises ``ConfigError`` where there is no database."""
    moment = args.moment.replace(tzinfo=site.tz)
    known_at = args.known.replace(tzinfo=site.tz) if args.known else moment + _ALWAYS
    with reading(settings.database) as session:
        found = on_duty(session, moment, known_at, site.tz)
    for known in found:
        print(_line(known, site))
    if not found:
        print(f"{args.moment:%Y-%m-%d %H:%M}: nobody is known to have been on duty", file=sys.stderr)
    return 0 if found else 1


def _line(known: Known, site: Site) -> str:
    shift = known.shift
    person = site.people.get(shift.person)
    name = f" {person.name}" if person else ""
    until = f", until {_time(known.replaced_at, site)}" if known.replaced_at else ""
    return (
        f"{shift.date} {shift.window} {shift.post} {shift.slot.value} {shift.person}{name}"
        f"  ({known.source}, known since {_time(known.recorded_at, site)}{until})"
    )


def _time(moment: datetime, site: Site) -> str:
    return f"{site.local(moment):%Y-%m-%d %H:%M}"
