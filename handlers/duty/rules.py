"""Who is on duty for a chat at a minute, and which declared hours have nobody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from bot.core.people import Chat, Person, Role
from data.model import Audience, Cover, Days, DutyPost, Slot
from data.roster import Shift
from data.site import Site

Spans = list[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Duty:
    """Who answers at a minute: ``people`` in order, on-site first; ``shifts`` are the roster's words behind them.

    ``post`` is the serving one, None for the duty room and direct chats. ``fallback``: nobody is on the roster, so
    ``people`` are the lead and the emergency contact; it is never empty.
    """

    post: DutyPost | None
    people: tuple[Person, ...]
    shifts: tuple[Shift, ...]
    emergency: Person
    fallback: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """Declared cover of a post without a person: ``start <= t < end``."""

    post: DutyPost
    start: datetime
    end: datetime
    slot: Slot


def on_duty(site: Site, where: Chat | DutyPost | None, at: datetime) -> Duty:
    """Who is on duty for a chat or post at ``at``; None, or a chat without a post, asks for anybody on duty anywhere.

    People of the post come first, then those of the shared posts (18:00-24:00 online, SOP 2.1). Bounds are half-open:
    exactly 18:00:00 belongs to the next shift. Somebody on standby is the emergency contact of that minute.
    """
    post = site.post_of(where) if isinstance(where, Chat) else site.serving(where) if where else None
    found = [shift for shift in site.roster.at(at) if post is None or shift.post == post.id or _shared(site, shift)]
    order = list(site.posts)
    found.sort(key=lambda s: (_shared(site, s), s.slot is not Slot.ONSITE, order.index(s.post)))
    standby = next((shift for shift in found if shift.slot is Slot.STANDBY), None)
    emergency = site.people[standby.person] if standby else site.emergency
    shifts = tuple(shift for shift in found if shift.slot is not Slot.STANDBY)
    people = _once(site.people[shift.person] for shift in shifts)
    if people:
        return Duty(post, people, shifts, emergency, fallback=False)
    lead = site.lead_of(post)
    return Duty(post, _once([lead, emergency] if lead else [emergency]), (), emergency, fallback=True)


def told(
    site: Site, audience: Audience, where: Chat | DutyPost | None, at: datetime, system: str | None = None
) -> tuple[Person, ...]:
    """The persons that a word of ``sla.yaml`` or ``routes.yaml`` means for a chat at a minute; may be empty."""
    duty = on_duty(site, where, at)
    lead, vendor = site.lead_of(duty.post), site.vendor_of(system)
    match audience:
        case Audience.ENGINEER:
            return duty.people
        case Audience.LEAD:
            return (lead,) if lead else ()
        case Audience.EMERGENCY:
            return (duty.emergency,)
        case Audience.HEADQUARTERS:
            return site.headquarters
        case Audience.VENDOR:
            return (site.people[vendor.contact],) if vendor else ()
        case _:
            return site.with_role(Role(audience.value))


def gaps(site: Site, day: date) -> list[Gap]:
    """The hours of declared cover on a date that have nobody, by post and time (SOP 1.1, 1.2).

    A shared post's hours are also kept where every other post has somebody of its own (the holiday roster by post).
    """
    found: list[Gap] = []
    for post in site.posts.values():
        for cover in post.cover:
            if declared(site, cover, day):
                free = _missing(cover.window.on(day, site.tz), _kept(site, post, cover.slot, day))
                found.extend(Gap(post, start, end, cover.slot) for start, end in free)
    return found


def declared(site: Site, cover: Cover, day: date) -> bool:
    """Whether a cover is declared for a date; a make-up day is a workday."""
    return cover.days is Days.ALL or (cover.days is Days.WORKDAYS) == site.calendar.kind(day).works


def _shared(site: Site, shift: Shift) -> bool:
    return site.posts[shift.post].shared


def _once(people: Iterable[Person]) -> tuple[Person, ...]:
    return tuple(dict.fromkeys(people))


def _kept(site: Site, post: DutyPost, slot: Slot, day: date) -> Spans:
    """When a post has somebody: on-site cover needs somebody on site, online cover anybody but a standby."""
    wanted = {Slot.ONSITE} if slot is Slot.ONSITE else {Slot.ONSITE, Slot.ONLINE}
    mine = _spans(site, post, wanted, day)
    if not post.shared:
        return mine
    others = [p for p in site.posts.values() if not p.shared and not p.served_by]
    together = _spans(site, others[0], wanted, day) if others else []
    for other in others[1:]:
        together = _both(together, _spans(site, other, wanted, day))
    return sorted(mine + together)


def _spans(site: Site, post: DutyPost, slots: set[Slot], day: date) -> Spans:
    return sorted((s.start, s.end) for s in site.roster.on(day) if s.post == post.id and s.slot in slots)


def _both(left: Spans, right: Spans) -> Spans:
    pairs = [(max(a[0], b[0]), min(a[1], b[1])) for a in left for b in right]
    return sorted((start, end) for start, end in pairs if start < end)


def _missing(hours: tuple[datetime, datetime], kept: Spans) -> Spans:
    """What of ``hours`` no span of ``kept`` (sorted by start) covers."""
    free: Spans = []
    reached, end = hours
    for start, stop in kept:
        if start > reached:
            free.append((reached, min(start, end)))
        reached = max(reached, stop)
        if reached >= end:
            return free
    return [*free, (reached, end)]
