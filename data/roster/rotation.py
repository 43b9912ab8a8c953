"""A month's roster by fair rotation (SOP 1.1, 1.2), each choice with its reason; same input, same roster."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.core.people import Person, Role
from bot.core.problems import Told
from data.holidays import DayKind
from data.model import DutyPost
from data.roster.cover import declared
from data.shifts import Shift, month_of
from data.site import Site


@dataclass(frozen=True, slots=True)
class Choice:
    """One person for one post and date, and why; ``shifts`` are the hours that come of it."""

    shifts: tuple[Shift, ...]
    reason: Told


@dataclass(slots=True)
class _Load:
    """What everybody has had so far: online days by kind of day, and the last one."""

    days: Counter[tuple[str, bool]] = field(default_factory=Counter)
    last: dict[str, date] = field(default_factory=dict)

    def add(self, person: str, day: date, works: bool) -> None:
        self.days[person, works] += 1
        self.last[person] = max(day, self.last.get(person, day))


def generate(site: Site, month: str) -> list[Choice]:
    """The choices of a month ``2026-12``, by date.

    On site: a month per post among its team's engineers, the one after last month's. Online: day by day, whoever had
    the fewest such days; nobody two days running, nobody on site that day, where the number of people allows.
    """
    days = days_of(month)
    choices: list[Choice] = []
    for post in site.posts.values():
        if post.team and post.cover:
            choices += _main(site, post, days)
    onsite = {(shift.date, shift.person) for choice in choices for shift in choice.shifts}
    for post in site.posts.values():
        if post.shared:
            choices += _daily(site, post, days, onsite)
    return sorted(choices, key=lambda choice: (choice.shifts[0].date, choice.shifts[0].post))


def days_of(month: str) -> list[date]:
    """Every date of ``2026-12``."""
    first = date.fromisoformat(f"{month}-01")
    return [first + timedelta(days=n) for n in range(monthrange(first.year, first.month)[1])]


def month_before(month: str) -> str:
    """``2026-11`` of ``2026-12``."""
    return month_of(date.fromisoformat(f"{month}-01") - timedelta(days=1))


def month_after(month: str) -> str:
    """``2027-01`` of ``2026-12``."""
    return month_of(days_of(month)[-1] + timedelta(days=1))


def _engineers(site: Site, team: str | None = None) -> list[Person]:
    """Those who rotate: engineers with a team, the leads only where a team has nobody else."""
    members = [p for p in site.with_role(Role.ENGINEER) if p.team and team in (None, p.team)]
    return [p for p in members if not p.may(Role.LEAD)] or members


def _main(site: Site, post: DutyPost, days: list[date]) -> list[Choice]:
    members = _engineers(site, post.team)
    if not members:
        return []
    month = month_of(days[0])
    before = Counter(s.person for s in site.roster.of_month(month_before(month)) if s.post == post.id)
    names = [p.id for p in members]
    previous = max((p for p in before if p in names), key=lambda p: before[p], default=None)
    if previous:
        person = members[(names.index(previous) + 1) % len(members)]
        reason = Told("roster/turn_after", previous=site.people[previous].name)
    else:
        person = members[(days[0].year * 12 + days[0].month) % len(members)]
        reason = Told("roster/turn_by_month")
    made = (_shifts(site, post, day, person) for day in days)
    return [Choice(shifts, reason) for shifts in made if shifts]


def _daily(site: Site, post: DutyPost, days: list[date], onsite: set[tuple[date, str]]) -> list[Choice]:
    members = _engineers(site)
    load = _load_before(site, post, month_before(month_of(days[0])))
    choices: list[Choice] = []
    for day in days:
        works = site.calendar.kind(day).works
        free = [p for p in members if (day, p.id) not in onsite] or members
        rested = [p for p in free if load.last.get(p.id) != day - timedelta(days=1)] or free
        if not rested:
            return choices
        person = min(rested, key=lambda p: _turn(load, p.id, works))
        shifts = _shifts(site, post, day, person)
        if shifts:
            choices.append(Choice(shifts, _why(site, load, person.id, day)))
            load.add(person.id, day, works)
    return choices


def _turn(load: _Load, person: str, works: bool) -> tuple[int, int, date]:
    """Fewest such days first, then fewest in all, then the longest rest; people.yaml's order decides the rest."""
    total = load.days[person, True] + load.days[person, False]
    return load.days[person, works], total, load.last.get(person, date.min)


def _why(site: Site, load: _Load, person: str, day: date) -> Told:
    found = site.calendar.kind(day)
    days = load.days[person, found.works]
    return Told("roster/turn_fewest", day=found, days=days, last=load.last.get(person))


def _load_before(site: Site, post: DutyPost, month: str) -> _Load:
    load = _Load()
    seen = sorted({(s.date, s.person) for s in site.roster.of_month(month) if s.post == post.id})
    for day, person in seen:
        load.add(person, day, site.calendar.kind(day).works)
    return load


def _shifts(site: Site, post: DutyPost, day: date, person: Person) -> tuple[Shift, ...]:
    found = site.calendar.kind(day)
    covers = [c for c in post.cover if declared(site.calendar, c, day)]
    note = f"{found.name}补班" if found.kind is DayKind.MAKEUP else found.name
    return tuple(Shift(day, post.id, c.slot, *c.window.on(day, site.tz), person.id, note) for c in covers)


def shifts_of(choices: Iterable[Choice]) -> list[Shift]:
    """All the shifts of a generated month."""
    return [shift for choice in choices for shift in choice.shifts]
