"""How many tickets one person and one group may open within a while; what comes beyond is kept with one (decisions: Doors)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.events import Due, Envelope
from bot.core.people import Reach
from bot.work.understanding import Scope, Understanding
from bot.work.work import Work
from data.model import Audience
from handlers.faults import cards, rules, store
from handlers.faults.model import Happening, Opened, Ticket
from handlers.faults.settings import ReportsSettings
from handlers.faults.summary import engineer_of, one_line

KEPT = "faults.kept"
SHOWN = 8
"""Different words of a digest; the rest is counted."""
REMEMBERED = timedelta(days=1)
"""How old a ticket may be that keeps what its reporter goes on sending."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """The ticket that keeps a report beyond the limits; ``told``: who wrote it heard of the limit a moment ago."""

    ticket: Ticket
    told: bool


def keeper(work: Work, envelope: Envelope, line: Understanding) -> Keeper | None:
    """The ticket that keeps a report beyond the limits; None while a ticket of its own may be opened.

    Who goes on without a pause stays limited. Beyond all limits somebody's first alarm within the while still opens a ticket: an
    urgent fault is urgent whoever talked before.
    """
    limits, who = work.settings.section(ReportsSettings), _who(envelope)
    since = envelope.sent_at - timedelta(minutes=limits.minutes)
    found = store.opened_since(work, who, envelope.chat, envelope.sent_at - REMEMBERED)
    own = [each for each in found if each.reporter == who]
    here = [each for each in found if each.chat == envelope.chat]
    lately = [each for each in own if each.at > since]
    kept = store.kept_by(work, own, who, since)
    faults = len({each.incident for each in lately}) + kept
    staff = work.actor is not None and bool(work.actor.roles)
    his = staff or (faults < limits.per_person and len(lately) < limits.per_chat)
    within = his and sum(each.at > since for each in here) < limits.per_chat
    if within or (line.scope is Scope.WIDE and not any(each.severity == Scope.WIDE for each in lately)):
        return None
    ticket = store.get(work, _last(own) or _last(here))
    return None if ticket is None else Keeper(ticket, told=kept > 0)


def keep(work: Work, by: Keeper, envelope: Envelope, line: Understanding) -> None:
    """Put the words on the ticket's record; the first time, tell who wrote them, the lead, and later the engineer what came."""
    ticket, who = by.ticket, _who(envelope)
    span = timedelta(minutes=work.settings.section(ReportsSettings).minutes)
    again = store.kept_of(work, ticket, envelope.sent_at - span)
    name = work.actor.name if work.actor else who
    words = one_line(line.words)
    store.note(work, ticket, Happening.KEPT, envelope.sent_at, who, envelope.key, name=name, words=words)
    if not again:
        work.due(KEPT, ticket.number, work.now + span)
    if by.told or who in again:
        return
    work.audit("reports", envelope.chat, "limited", ticket=ticket.number)
    own, minutes = ticket.reporter == who, round(span.total_seconds() / 60)
    chat = work.site.chat(envelope.chat)
    if (
        chat is not None and chat.reach is Reach.BOT
    ):  # where it cannot enter, the engineer who passed the words on hears by the digest
        cards.post_to_chat(
            work, ticket, "faults/limited", envelope.chat, reply_to=envelope.key, own=own, minutes=minutes
        )
    for lead in rules.targets(work.site, ticket, [Audience.LEAD], work.now):
        cards.post_to_person(work, ticket, lead, "faults/flood", name=name, own=own)


def tell_kept(event: Due, work: Work) -> None:
    """Tells the engineer what was kept since the last time, and looks again as long as there was something."""
    ticket = store.get(work, event.key)
    if ticket is None:
        return
    span = timedelta(minutes=work.settings.section(ReportsSettings).minutes)
    fresh = store.kept_unshown(work, ticket)
    if not fresh:
        return
    lines = list(dict.fromkeys(fresh))
    shown, more = lines[:SHOWN], len(lines[SHOWN:])
    engineer = engineer_of(work, ticket)
    cards.post_to_person(work, ticket, engineer, "faults/kept", lines=shown, more=more, count=len(fresh))
    store.note(work, ticket, Happening.KEPT_SHOWN, work.now)
    work.due(KEPT, ticket.number, work.now + span)


def _who(envelope: Envelope) -> str:
    return envelope.person or envelope.account.user_id


def _last(tickets: Sequence[Opened]) -> str:
    """The number of the one to keep more words: open rather than ended, the newest."""
    best = max(tickets, key=lambda each: (each.open, each.at, each.number), default=None)
    return best.number if best else ""
