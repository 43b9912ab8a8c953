"""Who is on duty for a chat at a minute."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.core.people import Chat, Person, Role
from data.model import Audience, DutyPost, Slot
from data.shifts import Shift
from data.site import Site


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


def in_group(site: Site, chat: Chat, at: datetime) -> frozenset[Person]:
    """Who is in a group: its ``members``, the engineers and the lead of its post, and who is on duty for it at ``at``."""
    post = site.post_of(chat)
    engineers = [p for p in site.with_role(Role.ENGINEER) if post and post.team and p.team == post.team]
    lead = site.lead_of(post)
    named = [site.people[name] for name in chat.members]
    duty = on_duty(site, chat, at)
    return frozenset([*named, *engineers, *([lead] if lead else []), *(() if duty.fallback else duty.people)])


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


def _shared(site: Site, shift: Shift) -> bool:
    return site.posts[shift.post].shared


def _once(people: Iterable[Person]) -> tuple[Person, ...]:
    return tuple(dict.fromkeys(people))
