"""Which hours of declared cover have nobody on the roster."""

from dataclasses import dataclass
from datetime import date, datetime

from data.holidays import Calendar
from data.model import Cover, Days, DutyPost, Slot
from data.site import Site

Spans = list[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Gap:
    """Declared cover of a post without a person: ``start <= t < end``."""

    post: DutyPost
    start: datetime
    end: datetime
    slot: Slot

    @property
    def facts(self) -> dict[str, str]:
        """What a sentence says of it; the midnight that ends its date is 24:00."""
        hours = f"{self.start:%H:%M}-{self.end:%H:%M}".replace("-00:00", "-24:00")
        return {"day": self.start.date().isoformat(), "post": self.post.name, "hours": hours, "slot": self.slot.value}


def gaps(site: Site, day: date) -> list[Gap]:
    """The hours of declared cover on a date that have nobody, by post and time (SOP 1.1, 1.2).

    A shared post's hours are also kept where every other post has somebody of its own (the holiday roster by post).
    """
    found: list[Gap] = []
    for post in site.posts.values():
        for cover in post.cover:
            if declared(site.calendar, cover, day):
                free = _missing(cover.window.on(day, site.tz), _kept(site, post, cover.slot, day))
                found.extend(Gap(post, start, end, cover.slot) for start, end in free)
    return found


def declared(calendar: Calendar, cover: Cover, day: date) -> bool:
    """Whether a cover is declared for a date; a make-up day is a workday."""
    return cover.days is Days.ALL or (cover.days is Days.WORKDAYS) == calendar.kind(day).works


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
