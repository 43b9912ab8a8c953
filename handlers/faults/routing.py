"""Which way a ticket goes, and who is told of it (问题导流, SOP 4.1–4.4; data/routes.yaml)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from bot.core.content import Priority
from bot.core.errors import Again, UserError
from bot.core.events import Due
from bot.core.people import Person, Role
from bot.work.understanding import RouteName, Scope
from bot.work.work import Work
from data.model import Audience, Route, Vendor
from data.site import Site
from handlers.faults import buttons, cards, paging, rules, store, told, vendor_calls, vendors
from handlers.faults.model import Happening, Ticket
from handlers.faults.summary import engineer_of

THEN = "faults.then"
URGENT_PAGE = "urgent"
_OFFERED = (RouteName.INTERNAL, RouteName.URGENT, RouteName.BUSINESS)
LOOKS_AGAIN = timedelta(minutes=10)
"""How often it is looked whether what is called done is over, before the route's next people are told of it."""


def route_of(work: Work, ticket: Ticket) -> Route:
    """The way of a ticket, as ``routes.yaml`` has it."""
    return work.site.routes[ticket.route.value]


def tell_by_route(work: Work, ticket: Ticket, *, anew: bool = False, himself: bool = False) -> None:
    """Tells whom a fault's route names beside the engineer, asks its vendor, and sets the reminders of that route.

    ``copy`` is for questions and requests: a lead copied on every fault would stop reading. Of an incident of many groups he
    reads the first few; what raised a ticket he always reads (``anew``). ``himself``: its vendor is told beside the group.
    """
    route = route_of(work, ticket)
    others = [audience for audience in route.to if audience not in {Audience.ENGINEER, Audience.VENDOR}]
    for person in rules.targets(work.site, ticket, others, work.now):
        if anew or paging.told_less_than_first(work, ticket, person, URGENT_PAGE):
            post = cards.hand_to(work, ticket, person, copy=False, priority=Priority.ESCALATION)
            told.note(work, ticket, person, URGENT_PAGE, post)
    vendor_calls.ask(work, ticket, anew=anew, himself=himself)
    _remind(work, ticket, route)


def hand_over(work: Work, ticket: Ticket, *, himself: bool = False) -> None:
    """Passes a question or request to those who answer it, and tells the group who that is."""
    route = route_of(work, ticket)
    asked = _asked(work, ticket, route)
    for person in asked:
        if person.may(*rules.STAFF, Role.BUSINESS):
            paging.post_page(work, ticket, person)
        else:
            cards.hand_to(work, ticket, person, copy=False)
    for person in rules.targets(work.site, ticket, route.copy, work.now):
        if person not in asked:
            cards.hand_to(work, ticket, person, copy=True)
    say_route(work, ticket, asked, ticket.message)
    vendor_calls.ask(work, ticket, himself=himself)
    _remind(work, ticket, route)


def _asked(work: Work, ticket: Ticket, route: Route) -> tuple[Person, ...]:
    """Whom a route names, and the engineer where he is the one whom the group reads: nobody promises for him behind his back."""
    found = rules.targets(work.site, ticket, [a for a in route.to if a is not Audience.VENDOR], work.now)
    engineer_named = _first(found) is None or vendors.person_of(work, ticket) is not None
    return tuple(dict.fromkeys((*found, engineer_of(work, ticket)))) if engineer_named else found


def _first(asked: Iterable[Person]) -> Person | None:
    """Who answers in the engineer's stead."""
    return next((person for person in asked if person.may(Role.BUSINESS, Role.DIRECTOR)), None)


def say_route(work: Work, ticket: Ticket, asked: Iterable[Person], reply_to: str | None = None) -> None:
    """Tells the group in one line who takes the ticket."""
    vendor = vendors.person_of(work, ticket)
    first = _first(asked)
    cards.post_to_group(
        work,
        ticket,
        "faults/asked",
        reply_to,
        vendor=vendor,
        answerer=first or engineer_of(work, ticket),
    )


def _remind(work: Work, ticket: Ticket, route: Route) -> None:
    vendor_calls.watch(work, ticket)
    if route.then and route.then_after:
        work.due(THEN, ticket.number, work.now + route.then_after, route=route.id)


def tell_next_ones(event: Due, work: Work) -> None:
    """Tells the route's next people of a ticket that is still open after the route's time (A or B, then headquarters; SOP 4.2)."""
    ticket = store.get(work, event.key)
    if ticket is None or not ticket.state.open or ticket.route.value != event.payload["route"]:
        return
    question = store.asked(work, ticket)
    if question is not None and question.detail.get("closes"):  # called done: told only if it is not over after all
        work.due(THEN, ticket.number, work.now + LOOKS_AGAIN, route=event.payload["route"])
        return
    for person in rules.targets(work.site, ticket, route_of(work, ticket).then, work.now):
        store.note(work, ticket, Happening.TOLD, work.now, person.id, step="then")
        cards.hand_to(work, ticket, person, copy=False)


def reroute(work: Work, ticket: Ticket, to: str, by: Person) -> Ticket:
    """Send a ticket another way (``to``: a vendor's id or a route); the answer owed and its clock stay as they are."""
    rules.check_open(ticket)
    vendor = _vendor(work, ticket, to)
    now = _sent_there(work, ticket, to, vendor)
    if not _differs(ticket, now):
        raise Again("routed_already", number=ticket.number, way=vendor.name if vendor else route_of(work, ticket).name)
    return _send(work, ticket, now, to, by.id)


def correct(work: Work, ticket: Ticket, system: str, by: str) -> Ticket:
    """Gives a ticket to whoever has the system that its reporter means after all; what is urgent stays urgent."""
    usual = RouteName.THIRD_PARTY if work.site.vendor_of(system) else RouteName.INTERNAL
    route = ticket.route if ticket.route is RouteName.URGENT else usual
    now = {"route": route, "vendor": vendors.contact(work.site, route, system), "system": system}
    return _send(work, ticket, now, system, by)


def _send(work: Work, ticket: Ticket, now: dict[str, Any], to: str, by: str) -> Ticket:
    moved = store.change(work, ticket, **now)
    if moved is None:
        return ticket
    was = {"route": ticket.route.value, "system": ticket.system}
    told_now = {"route": moved.route.value, "system": moved.system}
    store.note(work, moved, Happening.REROUTED, work.now, by, was=was, now=told_now)
    work.audit("ticket", moved.number, "rerouted", was=ticket.route.value, to=to)
    buttons.end_choice(work, moved)
    work.cancel_due(vendor_calls.CHASE, moved.number)
    work.cancel_due(THEN, moved.number)
    another = ticket.vendor is not None and ticket.vendor != moved.vendor
    if another:
        vendor_calls.tell_former(work, moved, ticket.vendor or "")
    _announce(work, moved, himself=another or vendors.urgent(ticket))
    return moved


def _sent_there(work: Work, ticket: Ticket, to: str, vendor: Vendor | None) -> dict[str, Any]:
    """What is different of a ticket that goes the way ``to``, which is that of ``vendor`` where there is one."""
    route = RouteName.THIRD_PARTY if vendor else RouteName(to)
    system = ticket.system if vendor is None or ticket.system in vendor.systems else vendor.systems[0]
    contact = vendor.contact if vendor else vendors.contact(work.site, route, system) if ticket.fault else None
    return {"route": route, "vendor": contact, "system": system, "severity": _severity(ticket, route)}


def _differs(ticket: Ticket, now: dict[str, Any]) -> bool:
    return any(getattr(ticket, name) != value for name, value in now.items())


def other_ways(work: Work, ticket: Ticket) -> list[str]:
    """What a ticket may be sent to that it is not with already: the ids of vendors, that of its system first, and of routes."""
    own = work.site.vendor_of(ticket.system)
    known = sorted(work.site.vendors.values(), key=lambda vendor: vendor is not own)
    offered = [*((vendor.id, vendor) for vendor in known), *((route.value, None) for route in _OFFERED)]
    return [to for to, vendor in offered if _differs(ticket, _sent_there(work, ticket, to, vendor))]


def _announce(work: Work, ticket: Ticket, *, himself: bool) -> None:
    if not ticket.fault:
        hand_over(work, ticket, himself=himself)
        return
    asked = rules.targets(work.site, ticket, route_of(work, ticket).to, work.now)
    tell_by_route(work, ticket, himself=himself)
    say_route(work, ticket, asked)
    cards.refresh(work, ticket)


def _severity(ticket: Ticket, route: RouteName) -> int:
    """Only what is urgent has severity 1, and it always has (triage labels: Invariants)."""
    if not ticket.fault:
        return ticket.severity
    if route is RouteName.URGENT:
        return Scope.WIDE.value
    return Scope.BLOCKED.value if ticket.severity == Scope.WIDE else ticket.severity


def ways(work: Work) -> list[str]:
    """What ``/route`` takes."""
    return [*(route.value for route in RouteName if route is not RouteName.THIRD_PARTY), *work.site.vendors]


def a_way(site: Site) -> str:
    """One of them for an example: a vendor of this organisation, where it has one."""
    return next((f"vendor {vendor}" for vendor in site.vendors), RouteName.BUSINESS.value)


def way_named(work: Work, word: str) -> str:
    """The way that a typed word means: its own name, that of ``routes.yaml`` (商务), or the beginning of a vendor's."""
    said = word.lower()
    names = {route.name: way for way, route in work.site.routes.items()}
    names |= {vendor.name.lower(): way for way, vendor in work.site.vendors.items()}
    begun = [way for name, way in names.items() if len(said) > 1 and name.startswith(said)]
    return names.get(said) or (begun[0] if len(begun) == 1 and said not in ways(work) else said)


def _vendor(work: Work, ticket: Ticket, to: str) -> Vendor | None:
    vendors = work.site.vendors
    if to == RouteName.THIRD_PARTY.value:
        found = work.site.vendor_of(ticket.system)
        if found is None:
            raise UserError("which_vendor", number=ticket.number, vendors=list(vendors))
        return found
    if to in vendors:
        return vendors[to]
    if to not in set(RouteName):
        raise UserError("unknown_route", way=to, ways=ways(work), example=a_way(work.site))
    return None
