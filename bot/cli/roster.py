"""``zhiban roster``: import, export, check and generate the roster, and look into its history."""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from bot.cli.platforms import PLATFORMS
from bot.cli.refused import refused
from bot.core.errors import ConfigError
from bot.core.lazy import XLSX, imported
from bot.core.problems import Problems
from bot.sections import SECTIONS
from bot.settings import Settings
from bot.settings_file import load_settings
from data.load.site import load_site
from data.roster.cover import gaps
from data.roster.csv import csv_text
from data.roster.folder import load_roster
from data.roster.quality import loads
from data.roster.rotation import days_of, generate, shifts_of
from data.roster.rows import Words
from data.roster.sentences import sentence
from data.shifts import Shift, roster_of
from data.site import Site


def main(args: argparse.Namespace) -> int:
    """0 fine; 1 the roster is not fine, one line a fault; 2 settings or data that cannot be used."""
    settings: Settings | None = None
    commands = {"import": _import, "export": _export, "check": _check, "generate": _generate, "at": _at}
    try:
        settings = load_settings(args.config, platforms=PLATFORMS, sections=SECTIONS)
        site = load_site(settings.data_dir, None, settings.timezone, with_roster=False, locale=settings.locale)
        return commands[args.roster_command](args, settings, site)
    except ConfigError as error:
        return refused(error, settings)
    except OSError as error:
        if error.filename is None:  # no file's: a reader that has gone is met in one place (bot/__main__.py)
            raise
        missing = isinstance(error, FileNotFoundError)
        why = sentence(settings.locale if settings else "en", "no_file") if missing else error.strerror
        print(f"{error.filename}: {why}", file=sys.stderr)
    return 2


def _at(args: argparse.Namespace, settings: Settings, site: Site) -> int:
    """Loaded only when it is asked for: it alone needs the database."""
    code: int = imported("bot.cli.roster_at", "main")(args, settings, site)
    return code


def _import(args: argparse.Namespace, settings: Settings, site: Site) -> int:
    """Loaded only when it is asked for, as is whatever reads the file."""
    code: int = imported("bot.cli.roster_import", "take_over")(args, settings, site)
    return code


def _whole(settings: Settings, site: Site, faults: Problems, notes: list[str] | None = None) -> Site:
    today = datetime.now(site.tz).date()
    words = Words(site.people, site.posts, site.tz, today, site.calendar, settings.locale)
    return site.with_roster(load_roster(settings.data_dir, settings.state_dir, words, faults, notes))


def _sound(settings: Settings, site: Site) -> Site:
    faults = Problems(settings.locale)
    whole = _whole(settings, site, faults)
    if faults.found:
        raise ConfigError(faults.lines())
    return whole


def _export(args: argparse.Namespace, settings: Settings, site: Site) -> int:
    roster = _sound(settings, site).roster
    whole = roster_of((*roster.shifts, *roster.former))
    shifts = whole.of_month(args.month) if args.month else whole.shifts
    _write(args.file, shifts)
    print(sentence(settings.locale, "exported", file=str(args.file), count=len(shifts)))
    return 0


def _write(path: Path, shifts: tuple[Shift, ...]) -> None:
    if path.suffix == ".xlsx":
        imported(XLSX, "write_xlsx")(path, shifts)
    else:
        path.write_text(csv_text(shifts), encoding="utf-8")


def _check(args: argparse.Namespace, settings: Settings, site: Site) -> int:
    faults, notes, locale = Problems(settings.locale), list[str](), settings.locale
    whole = _whole(settings, site, faults, notes)
    print(*notes, sep="\n", end="\n" if notes else "")
    months = [args.month] if args.month else sorted(whole.roster.months)
    missing = [gap for found in months for day in days_of(found) for gap in gaps(whole, day)]
    for gap in missing:
        print(sentence(locale, "check_gap", **gap.facts), file=sys.stderr)
    for found in months:
        _print_loads(whole, found, locale)
    if faults.found:
        return _not_fine(faults)
    if not months:
        print(sentence(locale, "check_nothing"), file=sys.stderr)
    return 1 if missing or not months else 0


def _print_loads(site: Site, found: str, locale: str) -> None:
    print(sentence(locale, "check_month", month=found, count=len(site.roster.of_month(found))))
    unpublished = [day for day in days_of(found) if not site.calendar.kind(day).published]
    if unpublished:
        print(f"  {sentence(locale, 'check_unpublished', year=unpublished[0].year)}")
    for load in loads(site, found):
        name = f"{load.person:8} {site.people[load.person].name}"
        days = {"onsite": load.onsite, "online": load.online, "off": load.offdays, "run": load.run}
        print(f"  {sentence(locale, 'check_load', name=name, **days)}")


def _generate(args: argparse.Namespace, settings: Settings, site: Site) -> int:
    choices = generate(_sound(settings, site), args.month)
    for choice in choices:
        first = choice.shifts[0]
        kind = site.calendar.kind(first.date).kind.value
        post, person = site.posts[first.post], site.people[first.person]
        hours = [str(shift.window) for shift in choice.shifts]
        said = sentence(
            settings.locale,
            "generated",
            shift=first,
            kind=kind,
            post=post,
            hours=hours,
            person=person,
            reason=choice.reason,
        )
        print(said)
    if args.output:
        _write(args.output, roster_of(shifts_of(choices)).shifts)
        print(sentence(settings.locale, "generated_file", file=str(args.output)))
    return 0


def _not_fine(faults: Problems) -> int:
    for line in faults.lines():
        print(line, file=sys.stderr)
    return 1
