"""The fault desk's events and what they call: plain talk, buttons with their typed twins, and deadlines."""

from bot.core.errors import UserError
from bot.core.events import Command, Due, Message, Tap
from bot.core.people import Person, Role
from bot.durable.routes import Args, Routes
from bot.durable.work import Work
from handlers.faults import answers, cards, closing, followup, ladder, lists, routing, rules, store, talk
from handlers.faults.model import Ticket
from handlers.faults.naming import known, named, staff
from handlers.faults.rules import STAFF
from handlers.triage.labels import RouteName
from handlers.triage.rules import read

on = Routes("faults")
MOVERS = (*STAFF, Role.DIRECTOR)
TAKERS = (*STAFF, Role.BUSINESS)


@on.message()
def message(event: Message, work: Work) -> None:
    """Plain words suffice."""
    talk.heard(event, work)


@on.command("fault", "报障", args=Args.TEXT, strangers=True, usage="…")
def fault(event: Command, work: Work) -> None:
    """A fault because he says so; triage only adds system and route."""
    if not event.rest:
        raise UserError("fault_needs_words")
    reading = rules.as_fault(read(event.rest), event.rest)
    talk.report(work, event.envelope, event.rest, reading, store.open_in(work, event.envelope.chat))


@on.command("status", "状态", strangers=True)
def status(event: Command, work: Work) -> None:
    """What is open here."""
    lists.status(event, work)


@on.command("mine", "我的", strangers=True)
def mine(event: Command, work: Work) -> None:
    """What is open with me."""
    lists.mine(event, work)


@on.tap("claim")
def claim(event: Tap, work: Work) -> None:
    """我来处理."""
    ticket = known(work, event.subject)
    answers.claim(work, ticket, taker(event, work, ticket), event.envelope)
    tapped(event, work)


@on.command("claim", "认领", roles=TAKERS, usage="GD-…")
def claim_typed(event: Command, work: Work) -> None:
    """The typed twin of 我来处理."""
    ticket = named(event, work)
    answers.claim(work, ticket, taker(event, work, ticket), event.envelope)
    done(event, work)


@on.tap("notfault")
def not_fault(event: Tap, work: Work) -> None:
    """不是故障."""
    ticket = known(work, event.subject)
    closing.dismiss(work, ticket, taker(event, work, ticket), event.envelope)
    tapped(event, work)


@on.command("notfault", "不是故障", roles=TAKERS, usage="GD-…")
def not_fault_typed(event: Command, work: Work) -> None:
    """The typed twin of 不是故障."""
    ticket = named(event, work)
    closing.dismiss(work, ticket, taker(event, work, ticket), event.envelope)
    done(event, work)


@on.tap("isfault")
def is_fault(event: Tap, work: Work) -> None:
    """是故障: asked where triage was unsure."""
    closing.confirm_fault(work, known(work, event.subject), staff(event, work, *STAFF), event.envelope)
    tapped(event, work)


@on.tap("resolve")
def resolve(event: Tap, work: Work) -> None:
    """已恢复, by staff."""
    ticket = known(work, event.subject)
    closing.resolve(work, ticket, taker(event, work, ticket), event.envelope)
    tapped(event, work)


@on.command("resolve", "结单", roles=TAKERS, usage="GD-…")
def resolve_typed(event: Command, work: Work) -> None:
    """The typed twin of 已恢复."""
    ticket = named(event, work)
    closing.resolve(work, ticket, taker(event, work, ticket), event.envelope)
    done(event, work)


@on.tap("resolved")
def resolved(event: Tap, work: Work) -> None:
    """是，结束: by somebody who reported it, or by staff."""
    ticket = known(work, event.subject)
    concerned(event, work, ticket)
    closing.resolve(work, ticket, work.actor, event.envelope)


@on.tap("still")
def still(event: Tap, work: Work) -> None:
    """还没有."""
    ticket = known(work, event.subject)
    concerned(event, work, ticket)
    closing.still_broken(work, ticket, event.envelope)


@on.command("reopen", "未恢复", usage="GD-…")
def still_typed(event: Command, work: Work) -> None:
    """The typed twin of 还没有."""
    ticket = named(event, work)
    concerned(event, work, ticket)
    closing.still_broken(work, ticket, event.envelope)


@on.tap("route")
def route(event: Tap, work: Work) -> None:
    """转派: offers the ways as buttons."""
    staff(event, work, *MOVERS)
    ticket = known(work, event.subject)
    vendors = list(work.site.vendors.values())
    work.say("faults/ways", event.envelope.chat, about=ticket.number, vendors=vendors, **cards.about(work, ticket))


@on.tap("reroute")
def reroute(event: Tap, work: Work) -> None:
    """One of the ways: ``reroute:GD-20261122-003:wps``."""
    number, _, to = event.subject.partition(":")
    routing.reroute(work, known(work, number), to, staff(event, work, *MOVERS))
    tapped(event, work)


@on.command("route", "转派", roles=MOVERS, usage="GD-… vendor wps")
def reroute_typed(event: Command, work: Work) -> None:
    """``/route GD-… vendor wps`` or ``/route GD-… business``."""
    ticket = named(event, work)
    words = [word for word in event.args[1:] if word != "vendor"]
    if not words:
        raise UserError("unknown_route", way="", ways=routing.ways(work))
    routing.reroute(work, ticket, words[0], staff(event, work, *MOVERS))
    done(event, work)


@on.due(ladder.KIND)
def climb(event: Due, work: Work) -> None:
    """A rung."""
    ladder.climb(event, work)


@on.due(followup.FORGOTTEN)
def forgotten(event: Due, work: Work) -> None:
    """Silence after a claim."""
    followup.forgotten(event, work)


@on.due(routing.CHASE)
def chase(event: Due, work: Work) -> None:
    """The vendor's silence."""
    routing.chase(event, work)


@on.due(routing.THEN)
def then(event: Due, work: Work) -> None:
    """The next ones of the route."""
    routing.then(event, work)


def taker(event: Tap | Command, work: Work, ticket: Ticket) -> Person:
    """Who may take and end a ticket: engineers and leads; the business owner what is business."""
    return staff(event, work, *(TAKERS if ticket.route is RouteName.BUSINESS else STAFF))


def concerned(event: Tap | Command, work: Work, ticket: Ticket) -> None:
    """Only who reported it or joined, and staff, say how it stands."""
    who = event.envelope.person or event.envelope.account.user_id
    if not store.reported_by(work, [ticket], who):
        staff(event, work, *STAFF)


def done(event: Command, work: Work) -> None:
    """A typed command is answered where it was typed."""
    _say_done(event, work, named(event, work))


def tapped(event: Tap, work: Work) -> None:
    """A tap shows on the message itself where that is rewritten; elsewhere it is answered."""
    number, _, to = event.subject.partition(":")
    if to or not (event.message and store.rewritten(work, event.envelope.chat, event.message)):
        _say_done(event, work, known(work, number))


def _say_done(event: Command | Tap, work: Work, ticket: Ticket) -> None:
    reply_to = event.envelope.key if isinstance(event, Command) else None
    facts = cards.about(work, ticket) | {"verb": event.verb, "by": cards.by(work, ticket)}
    work.say("faults/done", event.envelope.chat, about=ticket.number, reply_to=reply_to, **facts)
