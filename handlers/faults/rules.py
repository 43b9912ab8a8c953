"""What follows from a message, pure: who answers, what joins what, which tickets an answer is for, which rung comes when."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.core.errors import Again
from bot.core.people import Chat, Person, Role
from bot.work.understanding import RouteName, Understanding
from data.model import Audience, Policy
from data.site import Site
from handlers.duty.rules import Duty, told
from handlers.faults.model import State, Ticket

SAME_OUTAGE = timedelta(minutes=30)
"""Groups that report the same system within this are one incident."""
CONTRADICTED = timedelta(minutes=30)
"""A fault this soon after staff called it resolved reopens the same ticket (dialogue rule 5)."""
CLOSES_AFTER = timedelta(hours=1)
"""What an engineer called done closes itself after so long without an answer, and says so (decisions: Ends)."""
NOT_OVER = timedelta(hours=12)
"""A plain "没好" of who reported it, this soon after an end that nobody confirmed, reopens the same ticket."""
REMEMBERED = timedelta(days=3)
"""A report that says "again" and names nothing, this soon after his last one ended, is about the same system."""
CHASED_EVERY = timedelta(minutes=5)
"""Asking after one ticket again sooner than this is put on record and not answered again."""
LATE = timedelta(seconds=30)
"""Less delay than this is not worth a word."""
STAFF = (Role.ENGINEER, Role.LEAD)
MOVERS = (*STAFF, Role.DIRECTOR)
"""Who may give a ticket on to somebody else."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder: ``name`` is what a page is unique by, ``after`` counts from the report."""

    name: str
    after: timedelta
    to: tuple[Audience, ...]
    breach: bool = False
    last: bool = False


def home(site: Site, chat: Chat) -> Chat:
    """The chat whose post answers: a reporter's direct words go to the post of the first group he is a member of."""
    if not chat.direct:
        return chat
    groups = (group for group in site.chats.values() if chat.person in group.members and group.post)
    return min(groups, key=lambda group: group.importance, default=chat)


def answering(duty: Duty) -> tuple[Person, ...]:
    """Who is paged: everybody on duty; of the fallback the first alone, the emergency contact comes after him."""
    return duty.people[:1] if duty.fallback else duty.people


def joins(tickets: Sequence[Ticket], line: Understanding) -> Ticket | None:
    """The open fault (newest first) that a report in the same chat belongs to: the same system's, or the newest when it
    names none (dialogue rule 4)."""
    return next(iter(joinable(tickets, line)), None)


def joinable(tickets: Sequence[Ticket], line: Understanding) -> list[Ticket]:
    """The open faults that it may belong to, newest first."""
    faults = [ticket for ticket in tickets if ticket.fault]
    return [ticket for ticket in faults if ticket.system == line.system] if line.named else faults[:1]


def alike(read: Mapping[str, Any] | None, line: Understanding) -> bool:
    """Whether a report of another group tells of the same as a line: one name for its system, and symptoms of a sort.

    ``read`` is None for a report of a version that kept nothing of it; its system alone counts.
    """
    if read is None:
        return True
    same_symptom = line.symptom is not None and read.get("symptom") == line.symptom
    return same_symptom and not line.names.isdisjoint(read.get("names", ()))


def answered_by(
    tickets: Iterable[Ticket], quoted: Ticket | None, systems: frozenset[str], sent_at: datetime
) -> list[Ticket]:
    """The tickets of a chat that an engineer's words answer: the quoted one, those of the systems named, else all.

    Words that name only a system whose ticket was answered before go on about that one, and answer nothing else. A
    ticket that was answered later than these words were sent is answered anew: the earlier proof counts.
    """
    if quoted is not None:
        return [quoted] if _unanswered_at(quoted, sent_at) else []
    here = list(tickets)
    meant = [ticket for ticket in here if ticket.system in systems] or here
    return [ticket for ticket in meant if _unanswered_at(ticket, sent_at)]


def _unanswered_at(ticket: Ticket, sent_at: datetime) -> bool:
    if sent_at < ticket.opened_at:
        return False
    later_proof = ticket.state is State.ANSWERED and ticket.answered_at is not None and ticket.answered_at > sent_at
    return ticket.state is State.WAITING or later_proof


def engineers_answer(site: Site, ticket: Ticket) -> bool:
    """Whether an engineer's words in the group are an answer: what is business has an owner of its own, if there is one."""
    if ticket.fault or ticket.route is not RouteName.BUSINESS:
        return True
    return not (Audience.BUSINESS in site.routes[ticket.route.value].to and site.with_role(Role.BUSINESS))


def overdue(ticket: Ticket, now: datetime) -> bool:
    """Whether nobody has answered a fault in its time."""
    return ticket.state is State.WAITING and ticket.respond_by is not None and now >= ticket.respond_by


def reported_anew(ticket: Ticket, now: datetime) -> bool:
    """Whether a fault has an end that stays, and so lately that "again" is about it: then it is a new ticket."""
    if not ticket.fault or ticket.state.open or ticket.closed_at is None:
        return False
    stays = ticket.confirmed or ticket.state is not State.RESOLVED
    return stays and now - ticket.closed_at <= REMEMBERED


def check_open(ticket: Ticket) -> None:
    """Raises ``Again`` ``ticket_closed`` for a ticket that has ended: nothing is done to it any more."""
    if not ticket.state.open:
        raise Again("ticket_closed", number=ticket.number)


def step(policy: Policy, number: int) -> Step | None:
    """The ``number``-th step: the rungs, then the last one again up to ``repeat_max`` times, then the operators."""
    if number < len(policy.rungs):
        rung = policy.rungs[number]
        return Step(f"rung{number}", rung.after, rung.to, rung.breach)
    top = policy.rungs[-1]
    again = number - len(policy.rungs) + 1
    after = top.after + again * policy.repeat_every
    if again <= policy.repeat_max:
        return Step(f"again{again}", after, top.to)
    return Step("end", after, (Audience.OPERATOR,), last=True) if again == policy.repeat_max + 1 else None


def targets(site: Site, ticket: Ticket, audiences: Collection[Audience], now: datetime) -> tuple[Person, ...]:
    """Who is told of a ticket at a minute, each once.

    After a change of shift the engineer of its opening still owns it, and who is on duty now is told as well (fault F88).
    """
    if not audiences:
        return ()
    chat = site.chat(ticket.chat)
    where = home(site, chat) if chat else None
    owner = site.people.get(ticket.owner or ticket.engineer)
    found: list[Person] = []
    for audience in audiences:
        if audience is Audience.ENGINEER and owner is not None:
            found.append(owner)
        found += told(site, audience, where, now, ticket.system)
    return tuple(dict.fromkeys(found))


def policy_of(site: Site, ticket: Ticket) -> Policy:
    """The clocks of a ticket: by its group's region and its severity."""
    chat = site.chat(ticket.chat)
    return site.policy(home(site, chat).region if chat else None, ticket.severity)
