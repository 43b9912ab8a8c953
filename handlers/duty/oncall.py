"""Who is on duty now, and through a date: the facts of the answers to ``/oncall``."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.core.people import Chat, Person
from data.model import DutyPost, Slot
from data.site import Site
from handlers.duty.dayplan import Stretch, own_posts, served_names, stretches
from handlers.duty.rules import on_duty


@dataclass(frozen=True, slots=True)
class Now:
    """Posts that the same people answer for; ``slot`` None: nobody on the roster, ``people`` are the fallback contacts."""

    names: tuple[str, ...]
    slot: Slot | None
    people: tuple[Person, ...]
    until: str | None


@dataclass(frozen=True, slots=True)
class Through:
    """Posts that the same people answer for through a date."""

    names: tuple[str, ...]
    stretches: tuple[Stretch, ...]


def now_rows(site: Site, chat: Chat | None, at: datetime) -> list[Now]:
    """Everybody on duty at a minute, the chat's own post first, posts with the same people in one row."""
    names: dict[tuple[Slot | None, tuple[Person, ...], str | None], list[str]] = {}
    for post in _in_order(site, chat):
        names.setdefault(_now(site, post, at), []).append(served_names(site, post))
    return [Now(tuple(found), *key) for key, found in names.items()]


def day_rows(site: Site, chat: Chat | None, day: date) -> list[Through]:
    """Everybody on duty through a date, the chat's own post first."""
    names: dict[tuple[Stretch, ...], list[str]] = {}
    for post in _in_order(site, chat):
        names.setdefault(tuple(stretches(site, post, day)), []).append(served_names(site, post))
    return [Through(tuple(found), through) for through, found in names.items() if through]


def _now(site: Site, post: DutyPost, at: datetime) -> tuple[Slot | None, tuple[Person, ...], str | None]:
    for one in stretches(site, post, site.local(at).date()):
        if one.start <= at < one.end:
            return one.slot, one.people, one.until
    return None, on_duty(site, post, at).people, None


def _in_order(site: Site, chat: Chat | None) -> list[DutyPost]:
    own = site.post_of(chat) if chat else None
    return sorted(own_posts(site), key=lambda post: post is not own)
