"""``zhiban roster import``: what a file would add, change and drop, post by post; then it is written, or ``--yes`` is asked for."""

import argparse
import shlex
import sys
from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from bot.core.problems import Problem, Problems, shown
from bot.settings import Settings
from data.model import Slot
from data.roster.changes import Change, changes, kept, merged, months_of
from data.roster.cover import gaps
from data.roster.files import read_file
from data.roster.folder import load_roster, write_months
from data.roster.headings import clipped
from data.roster.new_gaps import new_gaps
from data.roster.overlaps import Placed, find_overlaps
from data.roster.reading import Reading
from data.roster.rotation import days_of
from data.roster.rows import Words
from data.roster.sentences import Faults, RosterError, sentence
from data.shifts import Roster, Shift, month_of, roster_of
from data.site import Site

_OF_ROWS = {"roster/overlap": "overlap", "roster/gap": "gap"}  # faults of rows that are right by themselves
AFTER = 3  # of these, lines below what is written wrong: most of them go with it
SAME = 6  # cells that are named of one mistake
ADDED = 12  # lines on what a post gains; what it loses is listed whole


def take_over(args: argparse.Namespace, settings: Settings, site: Site) -> int:
    """0 written, or nothing to write; 1 refused, or to be sent again with ``--yes``: then nothing was written."""
    locale, today = settings.locale, _today(site)
    words = Words(site.people, site.posts, site.tz, None, site.calendar, locale, args.year, today)
    faults, lost = Problems(locale), Problems(locale)
    reading = read_file(args.file, words, faults)
    past = Words(site.people, site.posts, site.tz, today, site.calendar, locale)
    roster = load_roster(settings.data_dir, settings.state_dir, past, lost)
    current = (*roster.shifts, *roster.former)
    _look(args, site, roster, reading, Faults(args.file, faults), faults)
    if faults.found:
        print(*_refused(faults), sep="\n", file=sys.stderr)
        return 1
    told = _Told(site, locale)
    gone = [fault for fault in lost.found if _is_lost(fault, settings.state_dir, reading)]
    found = changes(current, reading)
    for line in (*reading.notes, *told.lost(gone), *(text for change in found for text in told.change(change))):
        print(line)
    if not gone and not any(change.added or change.takes_away for change in found):
        print(told.say("import_nothing"))
        return 0
    over = [month for month in sorted(months_of(reading)) if month < month_of(today)]
    if over:
        print(told.say("import_over", months=over))
    if not args.yes and (gone or over or reading.concluded or any(change.takes_away for change in found)):
        print(told.say("import_asks", command=shlex.join(_again(args))), file=sys.stderr)
        return 1
    shifts = merged(current, reading)
    for path in write_months(settings.state_dir, shifts):
        print(told.say("import_written", path=str(path)))
    _tell_left(site.with_roster(roster_of(shifts)), reading, told, today)
    return 0


def _today(site: Site) -> date:
    return datetime.now(site.tz).date()


def _look(
    args: argparse.Namespace, site: Site, roster: Roster, reading: Reading, faults: Faults, problems: Problems
) -> None:
    """What is wrong with the file as the months would stand after it: nothing in it, overlaps, gaps."""
    if not problems.found and not reading.placed:
        faults.add(1, RosterError("gap", "no_shift"))
    stays = [_placed(shift, roster) for shift in kept(roster.shifts, months_of(reading), reading.scope)]
    before, after = Problems(problems.locale), Problems(problems.locale)
    find_overlaps(stays, before)
    find_overlaps([*stays, *reading.placed], after)
    problems.found += [fault for fault in after.found if fault not in before.found]
    if args.allow_gaps or problems.found:
        return
    whole = site.with_roster(roster_of(merged(roster.shifts, reading)))
    lines: dict[date, int] = {}
    for item in reading.placed:
        lines.setdefault(item.shift.date, item.line)
    for gap in new_gaps(site.with_roster(roster), whole, reading):
        day = gap.start.date()
        faults.add(lines.get(day, 1), RosterError("gap", **gap.facts))


def _refused(faults: Problems) -> Iterable[str]:
    """First what is written wrong, the same of several cells as one line; then what follows from whole rows, the first of them."""
    rows, written = list[Problem](), dict[tuple[str, str, str], list[Problem]]()
    for fault in sorted(set(faults.found)):
        if fault.told and fault.told.name in _OF_ROWS:
            rows.append(fault)
        else:
            written.setdefault((fault.path, fault.code, fault.text), []).append(fault)
    for first, *others in written.values():
        places = [fault.cell or str(fault.line) for fault in others]
        more = {"count": len(places), "places": places[:SAME]}
        yield f"{first}{sentence(faults.locale, 'import_same', **more)}" if others else str(first)
    shown = AFTER if written else ADDED
    for name, code in _OF_ROWS.items():
        found = [fault for fault in rows if fault.told and fault.told.name == name]
        yield from map(str, found[:shown])
        if len(found) > shown:
            yield sentence(faults.locale, "import_more_faults", code=code, count=len(found) - shown)


def _placed(shift: Shift, roster: Roster) -> Placed:
    path, _, line = roster.sources.get(shift, "roster:1").rpartition(":")
    return Placed(shift, Path(path), int(line))


def _is_lost(fault: Problem, state_dir: Path, reading: Reading) -> bool:
    """Whether a row that cannot be read now would be gone: the months are written anew from what can be read."""
    own = Path(fault.path).parent == Path(shown(state_dir / "roster"))
    return fault.code != "overlap" and (not own or Path(fault.path).stem in months_of(reading))


def _again(args: argparse.Namespace) -> Iterable[str]:
    yield from ("zhiban", "roster")
    yield from ("--config", str(args.config)) if args.config else ()
    yield from ("import", str(args.file))
    yield from ("--allow-gaps",) if args.allow_gaps else ()
    yield from ("--year", str(args.year)) if args.year else ()
    yield "--yes"


def _tell_left(site: Site, reading: Reading, told: "_Told", today: date) -> None:
    """How much is still without anybody, from today on, in the months that were written; where it is read is said, not repeated."""
    for month in sorted(months_of(reading)):
        count = sum(len(gaps(site, day)) for day in days_of(month) if day >= today)
        if count:
            print(told.say("import_left", month=month, count=count))


def _runs(shifts: Iterable[Shift]) -> Iterable[list[Shift]]:
    """Shifts of the same kind, hours and person that follow one another, as one."""
    in_line = sorted(shifts, key=lambda shift: (shift.slot.value, shift.window.start, shift.date))
    for _, run in groupby(in_line, key=lambda shift: (shift.slot, shift.window, shift.person)):
        yield list(run)


class _Told:
    """What an import says, in one language."""

    def __init__(self, site: Site, locale: str) -> None:
        self._site = site
        self._locale = locale

    def say(self, name: str, **facts: object) -> str:
        return sentence(self._locale, name, **facts)

    def lost(self, faults: list[Problem]) -> list[str]:
        return [self.say("import_lost"), *(f"  {fault}" for fault in faults)] if faults else []

    def change(self, change: Change) -> Iterable[str]:
        """A post's line with its numbers, then what it loses, then the first of what it gains."""
        name = self._site.posts[change.post].name if change.post in self._site.posts else change.post
        numbers = {"added": len(change.added), "changed": len(change.changed), "dropped": len(change.dropped)}
        yield self.say("import_post", post=name, same=change.same, kept=change.kept, **numbers)
        for shift in change.dropped:
            yield self.say("import_dropped", shift=self._shown(shift))
        for old, new in change.changed:
            yield self.say("import_changed", old=self._shown(old), new=self._shown(new))
        runs = list(_runs(change.added))
        for run in runs[:ADDED]:
            yield self.say("import_added", shift=self._shown(run[0]), days=len(run), last=run[-1].date.isoformat())
        if len(runs) > ADDED:
            yield self.say("import_more", count=sum(len(run) for run in runs[ADDED:]), last=self._shown(runs[-1][-1]))

    def _shown(self, shift: Shift) -> str:
        person = self._site.people.get(shift.person)
        kind = self.say("import_slot", slot=Slot(shift.slot).value)
        note = f" ({clipped(shift.note)})" if shift.note else ""
        return f"{shift.date} {kind} {shift.window} {person.name if person else shift.person}{note}"
