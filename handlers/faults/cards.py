"""The posts about a ticket: their facts, where they go, and how receipt and pages are rewritten when it changes."""

import re
from dataclasses import dataclass, replace
from typing import Any

from bot.core.content import Priority
from bot.core.people import Chat, Person, Reach
from bot.work.understanding import Kind
from bot.work.work import Work
from handlers.faults import rules, store
from handlers.faults.model import State, Ticket

WORDS = 120
"""Characters of a report that are repeated to others; a phone shows them without scrolling."""
_UNSEEN = re.compile("[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
OPEN_PAGE = "open"
REWRITTEN = frozenset({"faults/card", "faults/page"})
"""What is rewritten whenever the ticket moves, so that a tap on it needs no other answer."""
NAMED = 5
"""Groups of an incident that are named; the rest is counted."""


def system_name(work: Work, ticket: Ticket) -> str:
    """The system as people call it; the route's name where no system is meant."""
    return work.site.systems.get(ticket.system or "") or work.site.routes[ticket.route.value].name


def one_line(text: str) -> str:
    """Gives a report as one line of at most ``WORDS`` characters, without control characters that change the reading direction."""
    line = " ".join(_UNSEEN.sub(" ", text).split())
    return line if len(line) <= WORDS else line[: WORDS - 1] + "…"


def chat_name(work: Work, ticket: Ticket) -> str:
    """The group's name; somebody's direct chat by his name."""
    return _name(work, ticket.chat)


def _name(work: Work, chat_id: str) -> str:
    chat = work.site.chat(chat_id)
    return chat.name if chat else chat_id


def engineer_of(work: Work, ticket: Ticket) -> Person:
    """Gives who owes the answer: the owner, else who was on duty at the opening, else the emergency contact."""
    return work.site.people.get(ticket.owner or ticket.engineer) or work.site.emergency


def settled_by(work: Work, ticket: Ticket) -> Person | None:
    """Gives who closed the ticket, else who answered it."""
    return work.site.people.get(ticket.closed_by or ticket.answered_by or "")


@dataclass(frozen=True, slots=True)
class Summary:
    """What is said of a ticket beside itself: names as people know them, who answers, and the report's own words."""

    chat: str
    system: str
    route: str
    engineer: Person
    words: str


def facts_of(work: Work, ticket: Ticket) -> dict[str, Any]:
    """The facts that every message about a ticket has."""
    return {
        "ticket": ticket,
        "summary": Summary(
            chat=chat_name(work, ticket),
            system=system_name(work, ticket),
            route=work.site.routes[ticket.route.value].name,
            engineer=engineer_of(work, ticket),
            words=one_line(ticket.text),
        ),
    }


def post_to_group(
    work: Work, ticket: Ticket, template: str, reply_to: str | None = None, **facts: Any
) -> tuple[str, str]:
    """Say ``template`` in the ticket's group; where no bot can enter, to the engineer, who forwards it. (post, chat)."""
    target, forward = _place(work, ticket)
    facts |= facts_of(work, ticket) | {"forward": forward}
    return _post(work, ticket, template, target, reply_to=None if forward else reply_to, **facts), target


def post_to_person(
    work: Work, ticket: Ticket, person: Person, template: str, *, priority: Priority = Priority.REPLY, **facts: Any
) -> str:
    """Say ``template`` in somebody's direct chat. An escalation is dropped when the ticket is answered before it leaves."""
    facts |= facts_of(work, ticket)
    return _post(work, ticket, template, f"dm-{person.id}", priority=priority, **facts)


def post_to_chat(
    work: Work, ticket: Ticket, template: str, chat: str, *, reply_to: str | None = None, **facts: Any
) -> None:
    """Say ``template`` about a ticket where somebody asked for it."""
    facts |= facts_of(work, ticket)
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


def refresh(work: Work, ticket: Ticket, said_in: str | None = None) -> None:
    """Rewrites the receipt and the pages about the incident to their present state.

    ``said_in``: the chat of the words that changed it. Where the platform cannot rewrite, the change is posted as a new message,
    except in the chat where those words were said.
    """
    if ticket.card and ticket.card_chat:
        facts = facts_of(work, ticket) | _card(work, ticket) | {"forward": _place(work, ticket)[1]}
        matters = said_in is not None and said_in != ticket.chat
        _repost(work, ticket, ticket.card, ticket.card_chat, "faults/card", matters=matters, **facts)
    refresh_pages(work, ticket)


def refresh_pages(work: Work, ticket: Ticket) -> None:
    """Rewrites the pages about a ticket's incident; once it no longer waits, its own
    escalations say who answered."""
    for rung, target, number, post in store.pages_of(work, ticket.incident):
        if target not in work.site.people:
            continue
        if rung != OPEN_PAGE:
            if number == ticket.number and ticket.state is not State.WAITING:
                quiet = facts_of(work, ticket) | {"by": settled_by(work, ticket), "taken_back": False, "forward": None}
                _repost(work, ticket, post, f"dm-{target}", "faults/answered", **quiet)
            continue
        shown = ticket if number == ticket.number else store.get(work, number)
        if shown is not None:
            ended_by = settled_by(work, shown)
            matters = shown.state is not State.WAITING and (ended_by is None or ended_by.id != target)
            facts = facts_of(work, shown) | _page(work, shown)
            _repost(work, shown, post, f"dm-{target}", "faults/page", matters=matters, **facts)


def _card(work: Work, ticket: Ticket) -> dict[str, Any]:
    told = store.paged(work, ticket.incident) if ticket.breached_at and ticket.state is State.WAITING else []
    names = dict.fromkeys(target for rung, target in told if rung != OPEN_PAGE)
    delay = ticket.received_at - ticket.opened_at
    return {
        "vendor": work.site.people.get(ticket.vendor or ""),
        "told": [work.site.people[name] for name in names if name in work.site.people],
        "by": settled_by(work, ticket),
        "late": delay if delay >= rules.LATE else None,
        "call": _call(work, ticket),
    }


def post_page(work: Work, ticket: Ticket, person: Person) -> None:
    """Tell somebody of a new ticket in his direct chat; once for an incident while it waits unanswered."""
    first = ticket.incident == ticket.number
    if not first and not store.raise_page(work, ticket, OPEN_PAGE, person.id):
        return
    post = post_to_person(work, ticket, person, "faults/page", **_page(work, ticket, alone=first))
    store.keep_post(work, ticket, OPEN_PAGE, person.id, post)


def _page(work: Work, ticket: Ticket, *, alone: bool = False) -> dict[str, Any]:
    waits = ticket.state is State.WAITING
    last = store.last_time(work, ticket.system) if waits and ticket.fault else None
    return {
        "question": ticket.kind is not Kind.FAULT,
        "last": last,
        "last_by": work.site.people.get(last.by or "") if last else None,
        "others": other_groups(work, ticket) if waits and not alone else Others(),
        "by": settled_by(work, ticket),
        "call": _call(work, ticket),
    }


def _call(work: Work, ticket: Ticket) -> str:
    """How the bot is called where it hears only what calls it; empty for a group that is gone from the data."""
    return work.call(ticket.chat) if work.site.chat(ticket.chat) else ""


@dataclass(frozen=True, slots=True)
class Others:
    """The other unanswered groups of an incident: the first few by name, and how many there are."""

    names: tuple[str, ...] = ()
    count: int = 0


def other_groups(work: Work, ticket: Ticket) -> Others:
    """The other groups of the incident that wait unanswered."""
    chats, count = store.others_waiting(work, ticket, NAMED)
    return Others(tuple(dict.fromkeys(_name(work, chat) for chat in chats)), count)


def worth_showing(count: int) -> bool:
    """Whether the pages are rewritten for one more group: each of the first, then every tenth."""
    return count <= NAMED or count % 10 == 0
