"""The posts about a ticket: where they go, and how receipt and pages are rewritten when it changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.core.content import Priority
from bot.core.people import Chat, Person, Reach, Role
from bot.work.understanding import Kind, RouteName
from bot.work.work import Work
from handlers.duty.rules import in_group
from handlers.faults import buttons, rules, store, told, vendors
from handlers.faults.model import Event, Happening, State, Ticket
from handlers.faults.summary import (
    SHORT,
    chat_name,
    engineer_of,
    further_reports,
    one_line,
    settled_by,
    spoke_last,
    ticket_facts,
)

OPEN_PAGE, RAISED_PAGE, MORE_PAGE, ADDED_PAGE, VENDOR_PAGE = "open", "raised", "more", "added", "vendor"
PAGES = frozenset({OPEN_PAGE, RAISED_PAGE})
_NO_REMINDERS = PAGES | {MORE_PAGE, ADDED_PAGE, VENDOR_PAGE}
"""Steps that a message is told at which has its own way of being rewritten."""
REWRITTEN = frozenset({"faults/card", "faults/page", "faults/more"})
"""What is rewritten whenever the ticket moves, so that a tap on it needs no other answer."""
LISTED = 30
"""Other tickets of an incident that a message lists, each on one line, and that its button answers with it."""
NAMED = 5
"""Groups that are named before such a list; the rest is counted."""
NEWEST = 3
"""Reports that joined a ticket whose words its page shows."""


def post_to_group(
    work: Work, ticket: Ticket, template: str, reply_to: str | None = None, **facts: Any
) -> tuple[str, str]:
    """Say ``template`` in the ticket's group; where no bot can enter, to the engineer, who forwards it. (post, chat)."""
    target, forward = _place(work, ticket)
    facts |= ticket_facts(work, ticket) | {"forward": forward}
    return _post(work, ticket, template, target, reply_to=None if forward else reply_to, **facts), target


def post_to_person(
    work: Work, ticket: Ticket, person: Person, template: str, *, priority: Priority = Priority.REPLY, **facts: Any
) -> str:
    """Say ``template`` in somebody's direct chat. An escalation is dropped when the ticket is answered before it leaves."""
    facts |= ticket_facts(work, ticket)
    return _post(work, ticket, template, f"dm-{person.id}", priority=priority, **facts)


def hand_to(work: Work, ticket: Ticket, person: Person, *, copy: bool, priority: Priority = Priority.REPLY) -> str:
    """Tell somebody beside the engineer of a ticket; ``copy``: for his information. Whoever may take it or give it on can here."""
    facts = _handed(work, ticket, person, copy=copy)
    return post_to_person(work, ticket, person, "faults/handed", priority=priority, **facts)


def _handed(work: Work, ticket: Ticket, person: Person, *, copy: bool) -> dict[str, Any]:
    claims = not copy and ticket.state is State.WAITING and person.may(*rules.STAFF)
    moves = not copy and person.may(*rules.MOVERS)
    return {"copy": copy, "by": settled_by(work, ticket), "claims": claims, "moves": moves}


def post_to_chat(
    work: Work, ticket: Ticket, template: str, chat: str, *, reply_to: str | None = None, **facts: Any
) -> None:
    """Say ``template`` about a ticket where somebody asked for it."""
    facts |= ticket_facts(work, ticket)
    _post(work, ticket, template, chat, reply_to=reply_to, **facts)


def _post(work: Work, ticket: Ticket, template: str, chat: str, /, **how: Any) -> str:
    """Post it and remember what it is about, so that a quoting answer finds the ticket."""
    key = work.say(template, chat, about=ticket.number, **how)
    store.note_post(work, key, ticket.number, rewritten=template in REWRITTEN)
    return key


def _repost(work: Work, ticket: Ticket, post: str, chat: str, template: str, /, **how: Any) -> None:
    key = work.update(post, chat, template, about=ticket.number, **how)
    if key is not None:
        store.note_post(work, key, ticket.number, rewritten=template in REWRITTEN)


def _place(work: Work, ticket: Ticket) -> tuple[str, Chat | None]:
    chat = work.site.chat(ticket.chat)
    if chat is not None and chat.reach is Reach.BOT:
        return chat.id, None
    return f"dm-{engineer_of(work, ticket).id}", chat


def post_card(work: Work, ticket: Ticket) -> Ticket:
    """Put the receipt of a ticket that is not stored yet into the group, within the transaction of the report (SOP 2.1)."""
    post, chat = post_to_group(work, ticket, "faults/card", ticket.message, **_card(work, ticket))
    return replace(ticket, card=post, card_chat=chat)


def refresh(work: Work, ticket: Ticket, said_in: str | None = None, *, siblings: bool = True) -> None:
    """Rewrites the receipt and the pages about the ticket to their present state, and ends what nobody asks any more.

    ``said_in``: the chat of the words that changed it. Where the platform cannot rewrite, the change is posted as a new message,
    except in the chat where those words were said. ``siblings``: with the pages of its incident that list it.
    """
    if ticket.card and ticket.card_chat:
        facts = ticket_facts(work, ticket) | _card(work, ticket) | {"forward": _place(work, ticket)[1]}
        matters = said_in is not None and said_in != ticket.chat
        _repost(work, ticket, ticket.card, ticket.card_chat, "faults/card", matters=matters, **facts)
    refresh_pages(work, ticket, siblings=siblings)
    buttons.end(work, ticket, siblings=siblings)


def refresh_pages(work: Work, ticket: Ticket, *, siblings: bool = True, own: bool = True) -> None:
    """Rewrites the pages about a ticket, and those of its incident that list it; once it no longer waits, its own
    escalations say who answered. Not its ``own`` where they were sent a moment ago."""
    events = store.told_of(work, ticket.incident) if siblings else store.happened(work, ticket, Happening.TOLD)
    for event in told.tellings(event for event in events if own or event.ticket != ticket.number):
        person = work.site.people.get(event.person or "")
        if person is not None and not event.detail.get("listed"):
            _rewrite(work, ticket, event, person)
    if siblings:
        refresh_reminders(work, [ticket])


def refresh_reminders(work: Work, tickets: Sequence[Ticket]) -> None:
    """Rewrites, each once, the reminders about one of these tickets or that list it: who answered, and what waits still."""
    found: dict[str, tuple[str, str]] = {}
    for ticket in tickets:
        events = (
            told.tellings(store.happened(work, ticket, Happening.TOLD)) if ticket.state is not State.WAITING else []
        )
        for event in events:
            about = event.detail.get("of", "" if event.detail.get("listed") else ticket.number)
            if about and event.detail["step"] not in _NO_REMINDERS:
                found[str(event.detail["post"])] = (str(about), str(event.person))
    for post, (about, reader) in found.items():
        main, person = store.get(work, about), work.site.people.get(reader)
        if main is not None and person is not None:
            _rewrite_reminder(work, main, post, person)


def _rewrite_reminder(work: Work, main: Ticket, post: str, person: Person) -> None:
    events = told.tellings(store.happened(work, main, Happening.TOLD))
    listed = next((event.detail.get("others", ()) for event in events if event.detail["post"] == post), ())
    others = [other for other in (store.get(work, number) for number in listed) if other is not None]
    if not others:
        _repost(work, main, post, f"dm-{person.id}", "faults/answered", **_quiet(work, main))
        return
    tickets = [main, *others]
    waiting = [each for each in tickets if each.state is State.WAITING]
    engineers = dict.fromkeys(engineer_of(work, each) for each in waiting)
    facts = {
        "summary": ticket_facts(work, main)["summary"],
        "waiting": [_other(work, each) for each in waiting],
        "over": [(_other(work, each), each, spoke_last(work, each)) for each in tickets if each not in waiting],
        "call": [each for each in engineers if each != person],
        "claims": _in_short(each.number for each in waiting) if person.may(*rules.STAFF) else "",
        "moves": waiting[0].number if waiting and person.may(*rules.MOVERS) else "",
    }
    _repost(work, main, post, f"dm-{person.id}", "faults/reminded", **facts)


def _rewrite(work: Work, ticket: Ticket, event: Event, person: Person) -> None:
    post, step = str(event.detail["post"]), str(event.detail["step"])
    shown = ticket if event.ticket == ticket.number else store.get(work, event.ticket)
    if shown is None:
        return
    if step == VENDOR_PAGE:
        if shown is ticket and ticket.vendor == person.id:  # a former one has been told that it went elsewhere
            _rewrite_vendors(work, ticket, post, person)
    elif step in PAGES:
        ended_by = settled_by(work, shown)
        matters = (
            shown is ticket and shown.state is not State.WAITING and (ended_by is None or ended_by.id != person.id)
        )
        facts = ticket_facts(work, shown) | page_facts(work, shown, person)
        _repost(work, shown, post, f"dm-{person.id}", "faults/page", matters=matters, **facts)
    elif step == MORE_PAGE:
        waiting = ticket_facts(work, shown) | {"others": others_waiting(work, shown, whole=True)}
        _repost(work, shown, post, f"dm-{person.id}", "faults/more", **waiting)
    elif step == ADDED_PAGE and shown is ticket and ticket.state is not State.WAITING:
        said = {"who": event.detail["who"], "words": one_line(event.detail["words"]), "claims": False}
        said["own"] = event.detail.get("own", False)
        _repost(work, ticket, post, f"dm-{person.id}", "faults/added", **(ticket_facts(work, ticket) | said))


def _rewrite_vendors(work: Work, ticket: Ticket, post: str, person: Person) -> None:
    """A vendor is still asked when an engineer has answered, or again; once the ticket has ended he is not, and has to know."""
    if ticket.state is State.WAITING:
        return
    if ticket.state.open:
        facts = ticket_facts(work, ticket) | _handed(work, ticket, person, copy=False)
        _repost(work, ticket, post, f"dm-{person.id}", "faults/handed", **facts)
    else:
        _repost(work, ticket, post, f"dm-{person.id}", "faults/answered", matters=True, **_quiet(work, ticket))


def _quiet(work: Work, ticket: Ticket) -> dict[str, Any]:
    """What takes the place of a message that asked somebody for something."""
    said = {"by": spoke_last(work, ticket), "taken_back": False, "forward": None, "rewritten": True}
    return ticket_facts(work, ticket) | said


def end_vendor_page(work: Work, ticket: Ticket, person: Person, post: str, vendor: Person | None) -> None:
    """Rewrites what asked a vendor for help: the ticket went to another ``vendor``, or to none."""
    facts = ticket_facts(work, ticket) | {"vendor": vendor}
    _repost(work, ticket, post, f"dm-{person.id}", "faults/vendor_moved", matters=True, **facts)


def end_question(work: Work, ticket: Ticket, *, over: bool) -> None:
    """Takes the buttons off the question whether a ticket is over, and shows what was answered; before that is noted."""
    question = store.asked(work, ticket)
    if question is not None and "post" in question.detail:
        facts = ticket_facts(work, ticket) | {"forward": _place(work, ticket)[1], "over": over}
        _repost(work, ticket, question.detail["post"], question.detail["chat"], "faults/worked", **facts)


def _card(work: Work, ticket: Ticket) -> dict[str, Any]:
    overdue = ticket.breached_at is not None and ticket.state is State.WAITING
    delay = ticket.received_at - ticket.opened_at
    return {
        "vendor": vendors.person_of(work, ticket),
        "told": told.of(work, ticket).people if overdue else (),
        "by": settled_by(work, ticket),
        "late": delay if delay >= rules.LATE else None,
        "call": _call(work, ticket),
    }


def page_facts(work: Work, ticket: Ticket, person: Person, *, alone: bool = False) -> dict[str, Any]:
    """What somebody's page shows beside the ticket; ``alone``: it is the first of its incident, so there is nothing to look up."""
    waits = ticket.state is State.WAITING
    last = store.last_time(work, ticket.system) if waits and ticket.fault else None
    return {
        "question": ticket.kind is not Kind.FAULT,
        "last": last,
        "last_by": work.site.people.get(last.by or "") if last else None,
        "others": others_waiting(work, ticket) if waits and not alone else Others(),
        "joined": further_reports(work, ticket)[-NEWEST:] if ticket.joined else [],
        "by": settled_by(work, ticket),
        "handed": _handed_by(work, ticket) if waits else None,
        "moved": _moved_on(work, ticket, person),
        "moves": person.may(*rules.MOVERS),
        "answers_here": answers_here(work, ticket, person),
        "call": _call(work, ticket),
        "vendor": vendors.seen(work, ticket) if ticket.state.open else None,
    }


def _handed_by(work: Work, ticket: Ticket) -> Person | None:
    """Who gave the ticket to its engineer; None where nobody did, or he took it himself."""
    events = store.happened(work, ticket, Happening.ASSIGNED)
    if not events or events[-1].detail["to"] != ticket.owner or events[-1].person == ticket.owner:
        return None
    return work.site.people.get(events[-1].person or "")


def answers_here(work: Work, ticket: Ticket, person: Person) -> bool:
    """Whether the business owner is asked where she cannot write herself: she answers the bot, which passes it on."""
    chat = work.site.chat(ticket.chat)
    hers = not ticket.fault and ticket.route is RouteName.BUSINESS and person.may(Role.BUSINESS)
    if not hers or chat is None or person.may(*rules.STAFF):
        return False
    return chat.private or person not in in_group(work.site, chat, work.now)


def _moved_on(work: Work, ticket: Ticket, person: Person) -> bool:
    """Whether a ticket was somebody's and has been given on: it is not for him to take or to end any more."""
    if ticket.owner in {None, person.id}:
        return False
    events = store.happened(work, ticket, Happening.ASSIGNED)
    return any(person.id in {event.detail["to"], event.detail.get("was")} for event in events)


def _call(work: Work, ticket: Ticket) -> str:
    """How the bot is called where it hears only what calls it; empty for a group that is gone from the data."""
    return work.call(ticket.chat) if work.site.chat(ticket.chat) else ""


@dataclass(frozen=True, slots=True)
class Other:
    """A ticket in a list: number, group and the reporter's own words."""

    number: str
    chat: str
    who: str
    words: str


@dataclass(frozen=True, slots=True)
class Others:
    """The other unanswered tickets of an incident: as many as a message lists, and how many there are.

    ``claims`` names the ticket itself and exactly those that are listed: what one tap answers.
    """

    tickets: tuple[Other, ...] = ()
    count: int = 0
    claims: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """The first few of their groups, each once."""
        return tuple(dict.fromkeys(other.chat for other in self.tickets))[:NAMED]

    @property
    def claimed(self) -> int:
        """How many tickets the tap answers."""
        return self.claims.count(",") + 1


def others_waiting(work: Work, ticket: Ticket, *, whole: bool = False, first: Sequence[Ticket] = ()) -> Others:
    """The unanswered tickets of the incident beside this one, or with it (``whole``); ``first`` of them before the others."""
    before = {other.number for other in first}
    rest = store.waiting_of(work, ticket.incident, LISTED + 1)
    waiting = [*first, *(other for other in rest if other.number not in before)]
    listed = [other for other in waiting if whole or other.number != ticket.number][:LISTED]
    count = store.count_waiting(work, ticket.incident) - (not whole and ticket.state is State.WAITING)
    answers = [other.number for other in listed] if whole else [ticket.number, *(other.number for other in listed)]
    shown = tuple(_other(work, other) for other in listed)
    return Others(shown, count, _in_short(answers)) if shown else Others()


def _other(work: Work, ticket: Ticket) -> Other:
    summary = ticket_facts(work, ticket)["summary"]
    return Other(ticket.number, chat_name(work, ticket), summary.who, one_line(summary.words, SHORT))


def _in_short(numbers: Iterable[str]) -> str:
    """``GD-20261122-001,002``: numbers of one day after its first one."""
    found: list[str] = []
    day = ""
    for number in numbers:
        mine, _, last = number.rpartition("-")
        found.append(last if mine == day else number)
        day = mine
    return ",".join(found)
