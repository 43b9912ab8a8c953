"""The gaps until the next workday is over, told on the workday before, not at 08:30 (SOP 1.1; fault F85)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.content import Priority
from bot.core.people import Person
from bot.work.work import Work
from data.model import DutyPost, Slot
from data.roster.cover import Gap, gaps
from data.site import Site
from handlers.duty.dayplan import hours, own_posts
from handlers.duty.rules import on_duty

TELL_FROM_MONTH = 11  # the next year's holidays are usually published in November


@dataclass(frozen=True, slots=True)
class Missing:
    """Declared hours of a post that nobody covers, on which days, and who answers meanwhile."""

    days: tuple[date, ...]
    name: str
    slot: Slot
    hours: str
    contacts: tuple[Person, ...]


def tell_gaps(work: Work, today: date) -> None:
    """Tell each lead of his own posts' gaps and the duty room of all; nothing missing, nothing said.

    Told on workdays, when somebody can be found: before days off of all of them and of the workday that ends them.
    """
    calendar = work.site.calendar
    if not calendar.kind(today).works:
        return
    until = calendar.next_workday(today)
    days = [today + timedelta(days=n) for n in range(1, (until - today).days + 1)]
    found = [gap for day in days for gap in gaps(work.site, day)]
    year = unpublished_year(work.site, today)
    for lead, his in _by_lead(work.site, found).items():
        _say(work, f"dm-{lead.id}", days, his, year)
    if found or (year is not None and today == calendar.first_of_month(today)):
        for room in (chat for chat in work.site.chats.values() if chat.post is None):
            _say(work, room.id, days, found, year)


def unpublished_year(site: Site, today: date) -> int | None:
    """The next year while its working days are not published, from November on."""
    if today.month < TELL_FROM_MONTH or site.calendar.kind(date(today.year + 1, 1, 1)).published:
        return None
    return today.year + 1


def _say(work: Work, to: str, days: list[date], found: Iterable[Gap], year: int | None) -> None:
    """``days`` is in the list's own lines only where another day than tomorrow has a gap."""
    on: dict[tuple[str, Slot, str, tuple[Person, ...]], list[date]] = {}
    for gap in found:
        key = gap.post.name, gap.slot, hours(gap.start, gap.end), _meanwhile(work.site, gap)
        on.setdefault(key, []).append(gap.start.date())
    rows = [Missing(tuple(dates), *key) for key, dates in on.items()]
    later = any(date > days[0] for row in rows for date in row.days)
    until = days[-1] if later else None
    work.say("duty/gaps", to, priority=Priority.NOTICE, day=days[0], until=until, gaps=rows, unpublished=year)


def _by_lead(site: Site, found: Iterable[Gap]) -> dict[Person, list[Gap]]:
    """A shared post's gap concerns every lead."""
    leads: dict[Person, list[Gap]] = {}
    for gap in found:
        for lead in dict.fromkeys(site.lead_of(post) or site.emergency for post in _concerned(site, gap.post)):
            leads.setdefault(lead, []).append(gap)
    return leads


def _meanwhile(site: Site, gap: Gap) -> tuple[Person, ...]:
    """Who is told of a report in these hours, the emergency contact last."""
    people = dict.fromkeys(p for post in _concerned(site, gap.post) for p in on_duty(site, post, gap.start).people)
    return tuple(sorted(people, key=lambda person: person == site.emergency))


def _concerned(site: Site, post: DutyPost) -> list[DutyPost]:
    return own_posts(site) if post.shared else [post]
