"""The fault desk's queries: Core statements, because a report must cost little; rows leave as frozen tickets."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from bot.storage.dialects.dialect import Upsert
from bot.storage.statements import Statement
from bot.storage.tables import table_of
from bot.work import posts
from bot.work.understanding import Kind, RouteName
from bot.work.work import Work
from handlers.faults.model import OPEN, Event, Happening, Opened, State, Ticket
from handlers.faults.tables import IncidentRow, PageRow, TicketCounterRow, TicketEventRow, TicketPostRow, TicketRow

_ticket = table_of(TicketRow)
_incident = table_of(IncidentRow)
_event = table_of(TicketEventRow)
_page = table_of(PageRow)
_counter = table_of(TicketCounterRow)
_post = table_of(TicketPostRow)
_OPEN = or_(*(_ticket.c.state == state.value for state in sorted(OPEN)))
_FAULT = _ticket.c.kind == Kind.FAULT.value
_NEWEST = (_ticket.c.opened_at.desc(), _ticket.c.number.desc())
MANY = 50
"""Open tickets of one chat that are looked at, newest first; one group has never come near it."""
_FIELDS = tuple(field.name for field in fields(Ticket))
_ALL = select(*(_ticket.c[name] for name in _FIELDS))

_NEXT_NUMBER = Statement(
    Upsert(
        _counter,
        key=("local_date",),
        values={"local_date": bindparam("day"), "last": 1},
        sets={"last": _counter.c.last + 1},
        returning=(_counter.c.last,),
    )
)
_ADD, _NOTE, _BEGIN, _NOTE_POST = (Statement(insert(table)) for table in (_ticket, _event, _incident, _post))
_GET = Statement(_ALL.where(_ticket.c.number == bindparam("number")))
_QUOTED = Statement(
    _ALL.join(_event, _event.c.ticket == _ticket.c.number)
    .where(_event.c.message == bindparam("message"), _ticket.c.chat == bindparam("chat"))
    .order_by(_event.c.id)
)
_POSTED = Statement(_ALL.join(_post, _post.c.ticket == _ticket.c.number).where(_post.c.key == bindparam("key")))
_REWRITTEN = Statement(select(_post.c.key).where(_post.c.key == bindparam("key"), _post.c.rewritten))
_JOINED = select(_event.c.ticket).where(
    _event.c.person == bindparam("who"),
    _event.c.happening == Happening.JOINED.value,
    _event.c.ticket.in_(bindparam("tickets", expanding=True)),
)
_OPENED = Statement(
    select(
        *(_ticket.c[name] for name in ("number", "incident", "reporter", "chat", "opened_at", "severity", "state"))
    ).where(
        _ticket.c.number >= bindparam("first"),  # by the numbers' dates, which stand in the primary key
        _ticket.c.opened_at > bindparam("since"),
        or_(_ticket.c.reporter == bindparam("who"), _ticket.c.chat == bindparam("chat")),
    )
)
_KEPT = _event.c.happening == Happening.KEPT.value
_KEPT_OF = Statement(
    select(_event.c.person)
    .where(_event.c.ticket == bindparam("ticket"), _KEPT, _event.c.at > bindparam("since"))
    .distinct()
)
_KEPT_BY = select(func.count()).where(
    _event.c.ticket.in_(bindparam("tickets", expanding=True)),
    _KEPT,
    _event.c.person == bindparam("who"),
    _event.c.at > bindparam("since"),
)
_SHOWN = select(func.coalesce(func.max(_event.c.id), 0)).where(
    _event.c.ticket == bindparam("ticket"), _event.c.happening == Happening.KEPT_SHOWN.value
)
_UNSHOWN = (
    select(_event.c.detail)
    .where(_event.c.ticket == bindparam("ticket"), _KEPT, _event.c.id > _SHOWN.scalar_subquery())
    .order_by(_event.c.id)
)
_OPEN_IN = Statement(_ALL.where(_ticket.c.chat == bindparam("chat"), _OPEN).order_by(*_NEWEST).limit(MANY))
_INCIDENTS = Statement(
    select(_incident.c.number, _event.c.detail)
    .join(_ticket, _ticket.c.incident == _incident.c.number)
    .outerjoin(_event, and_(_event.c.ticket == _ticket.c.number, _event.c.happening == Happening.OPENED.value))
    .where(_ticket.c.system == bindparam("system"), _OPEN, _ticket.c.opened_at >= bindparam("since"), _FAULT)
    .order_by(_ticket.c.opened_at, _ticket.c.number)
    .limit(MANY)
)
_EVENTS = select(*(_event.c[field.name] for field in fields(Event))).order_by(_event.c.id)
_OF_TICKET = Statement(_EVENTS.where(_event.c.ticket == bindparam("ticket")))
_TOLD_SOMEBODY = (_event.c.happening == Happening.TOLD.value, _event.c.person.is_not(None))
_TOLD_OF_INCIDENT = Statement(
    _EVENTS.join(_ticket, _ticket.c.number == _event.c.ticket).where(
        _ticket.c.incident == bindparam("incident"), *_TOLD_SOMEBODY
    )
)
_RESOLVED = (_ticket.c.state == State.RESOLVED.value, _FAULT)
_LAST_TIME = Statement(
    select(_ticket.c.number, _ticket.c.closed_at, func.coalesce(_ticket.c.owner, _ticket.c.closed_by), _ticket.c.remedy)
    .where(_ticket.c.system == bindparam("system"), *_RESOLVED)
    .order_by(*_NEWEST)
    .limit(1)
)
_LAST_RESOLVED = Statement(_ALL.where(_ticket.c.chat == bindparam("chat"), *_RESOLVED).order_by(*_NEWEST).limit(1))
_WAITING = (_ticket.c.incident == bindparam("incident"), _ticket.c.state == State.WAITING.value)
_MOST = bindparam("most", type_=Integer)
_WAITING_OF = Statement(_ALL.where(*_WAITING).order_by(_ticket.c.opened_at, _ticket.c.number).limit(_MOST))
_COUNT_WAITING = Statement(select(func.count()).select_from(_ticket).where(*_WAITING))
_UNTOLD_OF = Statement(
    _ALL.where(*_WAITING, ~exists().where(_event.c.ticket == _ticket.c.number, *_TOLD_SOMEBODY))
    .order_by(_ticket.c.opened_at, _ticket.c.number)
    .limit(_MOST)
)
_PAGED_FOR: ColumnElement[str] = literal_column(
    "page.ticket"
)  # as a column it would bring the whole table into the subquery
_PAGE_KEY = ("incident", "rung", "target")
_RAISE_PAGE = Statement(
    Upsert(
        _page,
        key=_PAGE_KEY,
        replaces=("ticket", "at", "post"),
        where=~exists().where(_ticket.c.number == _PAGED_FOR, _ticket.c.state == State.WAITING.value),
    )
)


@dataclass(frozen=True, slots=True)
class LastTime:
    """How the same system's last fault ended."""

    number: str
    at: datetime
    by: str | None
    remedy: str | None


def _rows(work: Work, statement: Any, values: dict[str, Any] | None = None) -> Sequence[Row[Any]]:
    return work.session.connection().execute(statement, values or {}).all()


def _to_ticket(row: Sequence[Any]) -> Ticket:
    values = dict(zip(_FIELDS, row, strict=True))
    values |= {"kind": Kind(values["kind"]), "state": State(values["state"]), "route": RouteName(values["route"])}
    return Ticket(**values)


def next_number(work: Work, day: date) -> str:
    """``GD-20261122-003``; counted per local date in the same transaction, so no number is lost or given twice."""
    last = _NEXT_NUMBER.rows(work, {"day": day})[0][0]
    return f"GD-{day:%Y%m%d}-{last:03d}"


def add(work: Work, ticket: Ticket) -> None:
    """Store a new ticket, and with the first of its incident the incident."""
    if ticket.incident == ticket.number:
        _BEGIN.count(work, {"number": ticket.number, "system": ticket.system, "opened_at": ticket.opened_at})
    _ADD.count(work, {name: getattr(ticket, name) for name in _FIELDS})


def change(work: Work, ticket: Ticket, **values: Any) -> Ticket | None:
    """Compare and set: write ``values`` if the ticket still stands as ``ticket`` says; None when it moved meanwhile.

    Its state is none of them: that moves by ``lifecycle.move`` alone.
    """
    if "state" in values:
        raise ValueError("a ticket's state is moved by its lifecycle")
    return _set(work, ticket, values)


def set_state(work: Work, ticket: Ticket, state: State, values: dict[str, Any]) -> Ticket | None:
    """The same for a state with what changes beside it; for ``lifecycle.move``, which knows the table."""
    return _set(work, ticket, values | {"state": state})


def _set(work: Work, ticket: Ticket, values: dict[str, Any]) -> Ticket | None:
    stands = {"this_number": ticket.number, "this_state": ticket.state.value, "this_rung": ticket.rung}
    if _change(tuple(sorted(values))).count(work, stands | values) != 1:
        return None
    return replace(ticket, **values)


@cache
def _change(names: tuple[str, ...]) -> Statement:
    stands = (_ticket.c[name] == bindparam(f"this_{name}") for name in ("number", "state", "rung"))
    return Statement(update(_ticket).where(*stands).values({name: bindparam(name) for name in names}))


def note(
    work: Work,
    ticket: Ticket,
    happening: Happening,
    at: datetime,
    person: str | None = None,
    message: str | None = None,
    **detail: Any,
) -> None:
    """Put one happening on the ticket's record."""
    row = {"ticket": ticket.number, "at": at, "happening": happening.value}
    _NOTE.count(work, row | {"person": person, "message": message, "detail": detail})


def get(work: Work, number: str) -> Ticket | None:
    """A ticket by its number."""
    return _one(_GET.rows(work, {"number": number}))


def latest_open(work: Work, short: int) -> Ticket | None:
    """The open ticket of the latest day whose number ends so (``9`` for ``GD-20261122-009``)."""
    return _one(_rows(work, _ALL.where(_ticket.c.number.like(f"GD-%-{short:03d}"), _OPEN).order_by(*_NEWEST).limit(1)))


def was_told(work: Work, ticket: Ticket, person: str) -> bool:
    """Whether somebody was told of a ticket or handed it."""
    return bool(_rows(work, _ALL.where(_ticket.c.number == ticket.number, _called(person))))


def _one(rows: Sequence[Sequence[Any]]) -> Ticket | None:
    return _to_ticket(rows[0]) if rows else None


def open_in(work: Work, chat: str) -> list[Ticket]:
    """The open tickets of a chat, newest first."""
    return [_to_ticket(row) for row in _OPEN_IN.rows(work, {"chat": chat})]


def open_incidents(work: Work, system: str | None, since: datetime) -> list[tuple[str, dict[str, Any] | None]]:
    """(incident, what was read in a report of it) of what is open about a system, opened since then; oldest first.

    None for a report of the time before that was kept.
    """
    rows = _INCIDENTS.rows(work, {"system": system, "since": since})
    return [(str(number), detail or None) for number, detail in rows]


def happened(work: Work, ticket: Ticket, *happenings: Happening) -> list[Event]:
    """What is on a ticket's record of these happenings, oldest first."""
    rows = [_to_event(row) for row in _OF_TICKET.rows(work, {"ticket": ticket.number})]
    return [event for event in rows if event.happening in happenings]


def told_of(work: Work, incident: str) -> list[Event]:
    """Every telling of a person about a ticket of an incident, oldest first."""
    return [_to_event(row) for row in _TOLD_OF_INCIDENT.rows(work, {"incident": incident})]


def _to_event(row: Sequence[Any]) -> Event:
    ticket, happening, at, person, message, detail = row
    return Event(ticket, Happening(happening), at, person, message, detail or {})


def asked(work: Work, ticket: Ticket) -> Event | None:
    """The open question whether a ticket is over: the last one that no "not yet" came after."""
    last = next(iter(happened(work, ticket, Happening.ASKED, Happening.REOPENED)[-1:]), None)
    return last if last is not None and last.happening is Happening.ASKED else None


def opened_since(work: Work, who: str, chat: str, since: datetime) -> list[Opened]:
    """What somebody opened anywhere, and anybody in ``chat``, of what was reported after ``since``."""
    first = f"GD-{work.site.local(since).date():%Y%m%d}"
    found = _OPENED.rows(work, {"first": first, "since": since, "who": who, "chat": chat})
    return [Opened(row[0], row[1], row[2], row[3], row[4], row[5], State(row[6]).open) for row in found]


def kept_by(work: Work, tickets: Sequence[Opened], who: str, since: datetime) -> int:
    """How much somebody sent after ``since`` that was kept with one of ``tickets``."""
    numbers = [ticket.number for ticket in tickets]
    return int(_rows(work, _KEPT_BY, {"tickets": numbers, "who": who, "since": since})[0][0]) if numbers else 0


def kept_of(work: Work, ticket: Ticket, since: datetime) -> set[str]:
    """Whose words of after ``since`` a ticket keeps."""
    return {str(row[0]) for row in _KEPT_OF.rows(work, {"ticket": ticket.number, "since": since})}


def kept_unshown(work: Work, ticket: Ticket) -> list[tuple[str, str]]:
    """(name, words) of what a ticket keeps and its engineer was not shown, oldest first."""
    return [(row[0]["name"], row[0]["words"]) for row in _rows(work, _UNSHOWN, {"ticket": ticket.number})]


def waiting_of(work: Work, incident: str, most: int) -> list[Ticket]:
    """The oldest unanswered tickets of an incident, oldest first; of a fault of the whole town there are hundreds."""
    return [_to_ticket(row) for row in _WAITING_OF.rows(work, {"incident": incident, "most": most})]


def count_waiting(work: Work, incident: str) -> int:
    """How many tickets of an incident nobody has answered."""
    return int(_COUNT_WAITING.rows(work, {"incident": incident})[0][0])


def untold_of(work: Work, incident: str, most: int) -> list[Ticket]:
    """The oldest unanswered tickets of an incident that no message tells anybody of, oldest first."""
    return [_to_ticket(row) for row in _UNTOLD_OF.rows(work, {"incident": incident, "most": most})]


def last_time(work: Work, system: str | None) -> LastTime | None:
    """When the same system's trouble was last resolved, and by whom."""
    rows = _LAST_TIME.rows(work, {"system": system})
    return LastTime(*rows[0]) if rows else None


def last_resolved(work: Work, chat: str, since: datetime) -> Ticket | None:
    """The fault of a chat that ended last, if that was since then, by whomever."""
    ticket = _one(_LAST_RESOLVED.rows(work, {"chat": chat}))
    return ticket if ticket and ticket.closed_at and ticket.closed_at >= since else None


def quoted(work: Work, chat: str, message: str) -> list[Ticket]:
    """The tickets that a quoted message of ``chat`` is about: its report, a line that did something to it, or a post of the
    bot's.

    A platform's message ids are its own, so only the chat's tickets are looked at.
    """
    found = _QUOTED.rows(work, {"chat": chat, "message": message})
    if not found and (key := posts.post_of(work, chat, message)):
        found = _POSTED.rows(work, {"key": key})
    return list({ticket.number: ticket for ticket in map(_to_ticket, found)}.values())


def messages_of(work: Work, tickets: Sequence[Ticket]) -> list[tuple[str, str]]:
    """(ticket, platform id) of the messages that did something to these tickets."""
    numbers = [ticket.number for ticket in tickets]
    found = select(_event.c.ticket, _event.c.message).where(_event.c.ticket.in_(numbers), _event.c.message.is_not(None))
    return [(row.ticket, row.message) for row in _rows(work, found.distinct())] if numbers else []


def note_post(work: Work, key: str, ticket: str, *, rewritten: bool) -> None:
    """Remember what a post is about, by the key that ``work.say`` gave."""
    _NOTE_POST.count(work, {"key": key, "ticket": ticket, "rewritten": rewritten})


def rewritten(work: Work, chat: str, message: str) -> bool:
    """Whether a post is one that shows every change by itself."""
    key = posts.post_of(work, chat, message)
    return bool(key and _REWRITTEN.rows(work, {"key": key}))


def raise_page(work: Work, ticket: Ticket, rung: str, target: str) -> bool:
    """Claim the telling of ``target`` at ``rung``; False when he was told for a ticket of the incident that still waits."""
    return _RAISE_PAGE.count(work, _page_row(work, ticket, rung, target)) == 1


def _page_row(work: Work, ticket: Ticket, rung: str, target: str) -> dict[str, Any]:
    key = {"incident": ticket.incident, "rung": rung, "target": target}
    return key | {"ticket": ticket.number, "at": work.now, "post": None}


def calling(work: Work, person: str) -> list[Ticket]:
    """The unanswered tickets that somebody was told of or handed, oldest first."""
    waits = (_ticket.c.state == State.WAITING.value, _called(person))
    return [_to_ticket(row) for row in _rows(work, _ALL.where(*waits).order_by(_ticket.c.opened_at))]


def _called(person: str) -> ColumnElement[bool]:
    told = select(_event.c.ticket).where(_event.c.person == person, _event.c.happening == Happening.TOLD.value)
    paged = select(_page.c.ticket).where(_page.c.target == person)  # of an earlier version, which kept it there alone
    return or_(_ticket.c.number.in_(told), _ticket.c.number.in_(paged))


def owned(work: Work, person: str) -> list[Ticket]:
    """The answered faults and requests that somebody has in hand, oldest first."""
    his = (_ticket.c.state == State.ANSWERED.value, _ticket.c.owner == person)
    return [_to_ticket(row) for row in _rows(work, _ALL.where(*his).order_by(_ticket.c.opened_at).limit(MANY))]


def waiting_for_vendor(work: Work, person: str) -> list[Ticket]:
    """The open tickets that somebody is asked about as vendor, oldest first."""
    rows = _rows(work, _ALL.where(_OPEN, _ticket.c.vendor == person).order_by(_ticket.c.opened_at).limit(MANY))
    return [_to_ticket(row) for row in rows]


def owners(work: Work) -> frozenset[str]:
    """Whoever has an open ticket."""
    return frozenset(row[0] for row in _rows(work, select(_ticket.c.owner).where(_OPEN, _ticket.c.owner.is_not(None))))


def reported_by(work: Work, tickets: Sequence[Ticket], who: str) -> list[Ticket]:
    """Those of ``tickets`` that somebody reported or joined."""
    others = [ticket.number for ticket in tickets if ticket.reporter != who]
    found = {row.ticket for row in _rows(work, _JOINED, {"who": who, "tickets": others})} if others else set()
    return [ticket for ticket in tickets if ticket.reporter == who or ticket.number in found]


def open_tickets(
    work: Work, limit: int, *, chat: str | None = None, person: str | None = None
) -> tuple[list[Ticket], int]:
    """Open tickets of everywhere, of a chat, or that concern a person, by the time that is left; and how many.

    His are those that he owns, reported or joined, and those that wait for him: he was told of them, or is asked as vendor.
    What runs comes first, then what waits without a clock, then what is being dealt with.
    """
    where: list[ColumnElement[bool]] = [_OPEN]
    if chat is not None:
        where.append(_ticket.c.chat == chat)
    if person is not None:
        joined = select(_event.c.ticket).where(_event.c.person == person, _event.c.happening == Happening.JOINED.value)
        waits = and_(_ticket.c.state == State.WAITING.value, _called(person))
        his = (_ticket.c.owner == person, _ticket.c.reporter == person, _ticket.c.vendor == person)
        where.append(or_(*his, _ticket.c.number.in_(joined), waits))
    waiting = _ticket.c.state == State.WAITING.value
    pressing = case((and_(waiting, _ticket.c.respond_by.is_not(None)), 0), (waiting, 1), else_=2)
    left = case((waiting, _ticket.c.respond_by), else_=None)
    query = _ALL.where(*where).order_by(pressing, left, _ticket.c.opened_at).limit(limit)
    total = _rows(work, select(func.count()).select_from(_ticket).where(*where))[0][0]
    return [_to_ticket(row) for row in _rows(work, query)], int(total)
