"""The fault desk's events and what they call: plain talk, buttons with their typed twins, and deadlines."""

from collections.abc import Callable
from datetime import datetime

from bot.core.commands import plain
from bot.core.errors import Again, UserError
from bot.core.events import Command, Due, Envelope, Message, Tap
from bot.core.menu import Here
from bot.core.people import Person, Role
from bot.work.arguments import takes, text
from bot.work.routes import Args, Routes
from bot.work.understanding import RouteName, Surroundings, Understanding
from bot.work.work import Work
from data.site import Site
from handlers.faults import (
    answers,
    asking,
    assigning,
    buttons,
    cards,
    closing,
    followup,
    ladder,
    limits,
    lists,
    paging,
    quoting,
    routing,
    rules,
    store,
    talk,
    vendor_calls,
)
from handlers.faults.model import Ticket
from handlers.faults.naming import TICKET, TICKETS, known, several, staff
from handlers.faults.rules import MOVERS, STAFF
from handlers.triage.understand import as_fault, understand

on = Routes("faults")
TAKERS = (*STAFF, Role.BUSINESS)


@on.surroundings()
def surroundings(event: Message, work: Work) -> Surroundings:
    """The tickets that a line may be about."""
    return quoting.surroundings(event, work)


@on.message()
def message(event: Message, line: Understanding, work: Work) -> bool:
    """Hears a plain line."""
    return talk.heard(event, line, work)


@on.command("fault", "报障", args=Args.REPORT, strangers=True, usage="…")
@takes(text())
def fault(event: Command, work: Work, words: str) -> None:
    """Reports a fault whatever triage would say of the words; triage only adds system and route."""
    if not words:
        raise UserError("fault_needs_words")
    here = store.open_in(work, event.envelope.chat)
    talk.report(work, event.envelope, as_fault(understand(words)), here, called=True)


@on.command("status", "状态", strangers=True)
def status(event: Command, work: Work) -> None:
    """Lists what is open in this chat."""
    lists.status(event, work)


@on.command("mine", "我的", strangers=True)
def mine(event: Command, work: Work) -> None:
    """Lists what somebody reported, joined or owns."""
    lists.mine(event, work)


@on.tap("claim")
@on.command("claim", "认领", roles=TAKERS, usage="GD-…")
def claim(event: Tap | Command, work: Work) -> None:
    """Takes a ticket (我来处理), or exactly those that the button or the line lists (一并响应)."""
    tickets = TICKETS.of(event, work) if isinstance(event, Command) else several(event.subject, work)
    if len(tickets) == 1:
        act(event, work, answers.claim)
        return
    taken = answers.claim_all(work, tickets, staff(work, *STAFF), event.envelope)
    if not taken:
        raise Again("all_answered", count=len(tickets))
    numbers = [ticket.number for ticket in taken]
    work.say("faults/claimed", event.envelope.chat, reply_to=reply_to(event), numbers=numbers)


@on.tap("notfault")
@on.command("notfault", "不是故障", roles=TAKERS, usage="GD-…")
def not_fault(event: Tap | Command, work: Work) -> None:
    """Closes what was no fault (不是故障)."""
    act(event, work, closing.dismiss)


@on.tap("isfault")
@on.command("isfault", "是故障", roles=TAKERS, usage="GD-…")
def is_fault(event: Tap | Command, work: Work) -> None:
    """Confirms a fault where triage was unsure (是故障)."""
    act(event, work, closing.confirm_fault)


@on.tap("resolve")
def resolve(event: Tap | Command, work: Work) -> None:
    """Resolves a ticket, by staff (已恢复)."""
    act(event, work, closing.resolve)


@on.tap("resolved")
def resolved(event: Tap | Command, work: Work) -> None:
    """Confirms the end, by who reported it or by staff (是，结束)."""
    closing.resolve(work, concerned(event, work), work.actor, event.envelope)


@on.command("resolve", "结单", strangers=True, usage="GD-…")
def resolve_typed(event: Command, work: Work) -> None:
    """The typed twin of both: staff resolve, who reported it confirms."""
    by_staff = work.actor is not None and work.actor.may(*TAKERS)
    (resolve if by_staff else resolved)(event, work)


@on.tap("still")
@on.command("reopen", "未恢复", usage="GD-…")
def still(event: Tap | Command, work: Work) -> None:
    """Says that it does not work yet (还没有). Typed after an end that stays, it reports it anew; an old button does not."""
    ticket = concerned(event, work)
    closing.check_not_reopened(work, ticket)
    who = event.envelope.person or event.envelope.account.user_id
    typed = isinstance(event, Command)
    if typed and rules.reported_anew(ticket, work.now) and store.reported_by(work, [ticket], who):
        talk.report_again(work, ticket, event.envelope)
    else:
        closing.still_broken(work, ticket, event.envelope)


@on.tap("assign")
def assign(event: Tap, work: Work) -> None:
    """Hands a ticket to a colleague: ``assign:GD-20261122-003:zhou``."""
    number, _, to = event.subject.partition(":")
    ticket = known(work, number)
    assigning.assign(work, ticket, assigning.colleague(work, to), staff(work, *MOVERS), event.envelope)
    show(event, work, ticket)


def assign_here(site: Site, now: datetime) -> Here:
    """With a colleague of this organisation."""
    return Here(f"GD-… {assigning.somebody(site, now)}")


@on.command("assign", "指派", roles=MOVERS, usage="GD-… …", here=assign_here)
@takes(TICKET, text())
def assign_typed(event: Command, work: Work, ticket: Ticket, name: str) -> None:
    """``/assign GD-… 周予安``; with no name it asks who."""
    named = next(iter(event.mentions), "") or name
    if not named:
        offer_ways(work, ticket, event.envelope.chat)
        return
    to = assigning.colleague(work, named)
    assigning.assign(work, ticket, to, staff(work, *MOVERS), event.envelope)
    show(event, work, ticket)


@on.tap("route")
def route(event: Tap, work: Work) -> None:
    """Offers the ways of a ticket as buttons (转派)."""
    staff(work, *MOVERS)
    offer_ways(work, known(work, event.subject), event.envelope.chat)


@on.tap("reroute")
def reroute(event: Tap, work: Work) -> None:
    """Sends a ticket one of the ways: ``reroute:GD-20261122-003:wps``."""
    number, _, to = event.subject.partition(":")
    ticket = known(work, number)
    routing.reroute(work, ticket, to, staff(work, *MOVERS))
    show(event, work, ticket)


def route_here(site: Site, _now: datetime) -> Here:
    """With a vendor of this organisation."""
    return Here(f"GD-… {routing.a_way(site)}")


@on.command("route", "转派", roles=MOVERS, usage="GD-… business", here=route_here)
@takes(TICKET, text())
def reroute_typed(event: Command, work: Work, ticket: Ticket, way: str) -> None:
    """``/route GD-… vendor wps`` or ``/route GD-… business``; with no way, as the button 转派 does."""
    words = [word for word in plain(way).split() if word not in {"vendor", "厂商"}]
    if not words:
        offer_ways(work, ticket, event.envelope.chat)
        return
    routing.reroute(work, ticket, routing.way_named(work, words[-1]), staff(work, *MOVERS))
    show(event, work, ticket)


@on.due(ladder.KIND)
def climb(event: Due, work: Work) -> None:
    """Climbs the next rung of a ticket's ladder."""
    ladder.climb(event, work)


@on.due(ladder.REPORTED)
def reported(event: Due, work: Work) -> None:
    """Tells the group who was told of a breach, once that is true."""
    ladder.report_up(event, work)


@on.due(paging.MORE)
def more(event: Due, work: Work) -> None:
    """Tells of the groups that joined an incident of many."""
    paging.tell_more(event, work)


@on.due(followup.UNCONFIRMED)
def unconfirmed(event: Due, work: Work) -> None:
    """Closes what was called done and nobody contradicted."""
    asking.close_unanswered(event, work)


@on.due(followup.FORGOTTEN)
def forgotten(event: Due, work: Work) -> None:
    """Reminds of a ticket on which nothing was said since it was taken."""
    followup.remind_of_forgotten(event, work)


@on.due(limits.KEPT)
def kept(event: Due, work: Work) -> None:
    """Shows the engineer what was kept with a ticket instead of opening others."""
    limits.tell_kept(event, work)


@on.due(vendor_calls.HEARD)
def vendor_heard(event: Due, work: Work) -> None:
    """Shows the engineer whether the word to the vendor has left."""
    vendor_calls.heard(event, work)


@on.due(vendor_calls.CHASE)
def chase(event: Due, work: Work) -> None:
    """Has a silent vendor chased."""
    vendor_calls.chase(event, work)


@on.due(routing.THEN)
def then(event: Due, work: Work) -> None:
    """Tells the next people of a ticket's route."""
    routing.tell_next_ones(event, work)


def offer_ways(work: Work, ticket: Ticket, chat: str) -> None:
    """Asks who should have a ticket: colleagues, and the ways that it is not on."""
    rules.check_open(ticket)
    ways = routing.other_ways(work, ticket)
    vendors = [work.site.vendors[way] for way in ways if way in work.site.vendors]
    colleagues = assigning.colleagues(work, ticket)
    buttons.end_choice(work, ticket, chat)
    cards.post_to_chat(work, ticket, "faults/ways", chat, vendors=vendors, ways=ways, colleagues=colleagues)


def meant(event: Tap | Command, work: Work) -> Ticket:
    """The ticket of a button, or of a typed number or quoted message."""
    return TICKET.of(event, work) if isinstance(event, Command) else known(work, event.subject)


def act(event: Tap | Command, work: Work, do: Callable[[Work, Ticket, Person, Envelope], None]) -> None:
    """What engineers and leads do to a ticket, and the business owner to what is business."""
    ticket = meant(event, work)
    do(work, ticket, staff(work, *(TAKERS if ticket.route is RouteName.BUSINESS else STAFF)), event.envelope)
    show(event, work, ticket)


def concerned(event: Tap | Command, work: Work) -> Ticket:
    """The ticket, of which only who reported it or joined, and staff, say how it stands."""
    ticket = meant(event, work)
    who = event.envelope.person or event.envelope.account.user_id
    if not store.reported_by(work, [ticket], who):
        staff(work, *STAFF)
    return ticket


def show(event: Tap | Command, work: Work, before: Ticket) -> None:
    """A typed command is answered where it was typed; a tap shows on its own message where that one is rewritten."""
    moved = event.verb in {"route", "reroute"}
    if (
        isinstance(event, Tap)
        and not moved
        and event.message
        and work.capabilities(event.envelope.chat).updates
        and store.rewritten(work, event.envelope.chat, event.message)
    ):
        return
    now = known(work, before.number)
    cards.post_to_chat(work, now, "faults/done", event.envelope.chat, reply_to=reply_to(event), moved=moved)


def reply_to(event: Tap | Command) -> str | None:
    """What an answer quotes: a typed command."""
    return event.envelope.key if isinstance(event, Command) else None
