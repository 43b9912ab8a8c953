"""Who covers a post through a date, stretch by stretch."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from bot.core.people import Person
from data.model import DutyPost, Slot
from data.roster.cover import declared
from data.shifts import Shift
from data.site import Site
from data.times import DAY, Window, hhmm
from handlers.duty.rules import on_duty


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of one date with the same people, ``start <= t < end``, wall-clock times.

    ``slot`` None: nobody is on the roster for these declared hours, ``people`` are the fallback contacts.
    """

    slot: Slot | None
    start: datetime
    end: datetime
    people: tuple[Person, ...]
    emergency: Person

    @property
    def hours(self) -> str:
        """``18:00-24:00``."""
        return hours(self.start, self.end)

    @property
    def until(self) -> str:
        """``24:00``."""
        return self.hours.partition("-")[2]

    @property
    def contacts(self) -> tuple[Person, ...]:
        """The people, then the emergency contact, nobody twice (SOP 2.1's online line)."""
        return tuple(dict.fromkeys((*self.people, self.emergency)))


def hours(start: datetime, end: datetime) -> str:
    """``08:30-18:00`` of a span of one date; the midnight that ends it is ``24:00``."""
    last = end.hour * 60 + end.minute if end.date() == start.date() else DAY
    return f"{start:%H:%M}-{hhmm(last)}"


def stretches(site: Site, post: DutyPost, day: date) -> list[Stretch]:
    """The date of a post from midnight to midnight; hours that are neither declared nor on the roster are left out."""
    post = site.serving(post)
    found: list[Stretch] = []
    for start, end in pairwise(_bounds(site, post, day)):
        stretch = _stretch(site, post, start, end)
        if stretch.slot is None and not _is_declared(site, post, start):
            continue
        before = found[-1] if found else None
        if (
            before is not None
            and replace(stretch, start=before.start) == replace(before, end=end)
            and before.end == start
        ):
            found[-1] = replace(before, end=end)
        else:
            found.append(stretch)
    return found


def announced(site: Site, post: DutyPost, day: date) -> list[Stretch]:
    """What the morning announcement names (SOP 2.1 example 1): a workday from its opening on, an off day whole."""
    found = stretches(site, post, day)
    if not site.calendar.kind(day).works:
        return found
    opening = _opening(site, site.serving(post), day, found)
    if opening is None:
        return found
    return [replace(one, start=max(one.start, opening)) for one in found if one.end > opening]


def served_names(site: Site, post: DutyPost) -> str:
    """``市府/市委``: a post and those it serves, as the roster's heading has it (SOP 1.2)."""
    return "/".join([post.name, *(other.name for other in site.posts.values() if other.served_by == post.id)])


def own_posts(site: Site) -> list[DutyPost]:
    """The posts that groups have people of: neither served by another nor shared by all."""
    return [post for post in site.posts.values() if not post.served_by and not post.shared]


def _opening(site: Site, post: DutyPost, day: date, found: Iterable[Stretch]) -> datetime | None:
    """When the room opens: the first on-site hour, declared or on the roster."""
    meant = [
        c.window.on(day, site.tz)[0] for c in post.cover if c.slot is Slot.ONSITE and declared(site.calendar, c, day)
    ]
    return min([*meant, *(one.start for one in found if one.slot is Slot.ONSITE)], default=None)


def _relevant(site: Site, post: DutyPost) -> list[DutyPost]:
    return [post, *(other for other in site.posts.values() if other.shared and other is not post)]


def _bounds(site: Site, post: DutyPost, day: date) -> list[datetime]:
    """Every moment of the date at which somebody else may be on duty."""
    posts = _relevant(site, post)
    spans = [Window(0, DAY).on(day, site.tz)]
    spans += [
        cover.window.on(day, site.tz) for one in posts for cover in one.cover if declared(site.calendar, cover, day)
    ]
    ids = {one.id for one in posts}
    spans += [(shift.start, shift.end) for shift in site.roster.on(day) if shift.post in ids]
    return sorted({moment for span in spans for moment in span})


def _stretch(site: Site, post: DutyPost, start: datetime, end: datetime) -> Stretch:
    duty = on_duty(site, post, start)
    if duty.fallback:
        return Stretch(None, start, end, duty.people, duty.emergency)
    first = duty.shifts[0]
    people = tuple(dict.fromkeys(site.people[s.person] for s in duty.shifts if _same_cover(s, first)))
    return Stretch(first.slot, start, end, people, duty.emergency)


def _same_cover(shift: Shift, first: Shift) -> bool:
    """People of the same post and kind are named together; others stand behind them."""
    return (shift.post, shift.slot) == (first.post, first.slot)


def _is_declared(site: Site, post: DutyPost, at: datetime) -> bool:
    covers = [
        cover for one in _relevant(site, post) for cover in one.cover if declared(site.calendar, cover, at.date())
    ]
    spans = [cover.window.on(at.date(), site.tz) for cover in covers]
    return any(start <= at < end for start, end in spans)
