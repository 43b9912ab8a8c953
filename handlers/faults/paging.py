"""Who is paged of a ticket, and when a new message tells more: another group, another's words, urgent words (decisions: Truth)."""

from collections.abc import Sequence
from datetime import timedelta

from bot.core.content import Priority
from bot.core.events import Due
from bot.core.people import Person
from bot.work.understanding import Scope
from bot.work.work import Work
from handlers.duty.rules import on_duty
from handlers.faults import cards, rules, store, told
from handlers.faults.cards import ADDED_PAGE, MORE_PAGE, OPEN_PAGE, RAISED_PAGE
from handlers.faults.model import State, Ticket
from handlers.faults.summary import engineer_of, one_line, reports_of

MORE = "faults.more"
FIRST = 5
"""Groups of an incident, and joined reports of a ticket, that are each told in a message of their own; what comes after them is
told together."""
AT_ONCE = 10 * cards.LISTED
"""Tickets of an incident that are told of at one time, whoever their engineers are; the others a minute later."""
TOGETHER = timedelta(minutes=1)
"""How long further groups of an incident wait to be told together."""
EVERY = 10
"""Of the reports that join a ticket after the first few, every so manieth is told."""


def page(work: Work, ticket: Ticket, people: Sequence[Person]) -> None:
    """Pages those on duty of a new fault: at once, or with the next few groups where an incident has many already."""
    first = ticket.incident == ticket.number
    few = first or any(told_less_than_first(work, ticket, person, OPEN_PAGE) for person in people)
    if few or ticket.severity == Scope.WIDE:
        for person in people:
            post_page(work, ticket, person, alone=first)
    elif len(store.untold_of(work, ticket.incident, 2)) == 1:
        work.due(MORE, ticket.incident, work.now + TOGETHER)
    if not first and _worth_showing(store.count_waiting(work, ticket.incident)):
        cards.refresh_pages(work, ticket, own=False)


def post_page(work: Work, ticket: Ticket, person: Person, *, alone: bool = True, step: str = OPEN_PAGE) -> None:
    """Tells one person of a ticket in his direct chat; what raised it overtakes what is not urgent."""
    priority = Priority.ESCALATION if step == RAISED_PAGE and ticket.state is State.WAITING else Priority.REPLY
    facts = cards.page_facts(work, ticket, person, alone=alone)
    post = cards.post_to_person(work, ticket, person, "faults/page", priority=priority, **facts)
    told.note(work, ticket, person, step, post)


def page_owner(work: Work, ticket: Ticket) -> None:
    """Gives whoever took a ticket that he was never paged for its page: the report, and what he may do with it."""
    owner = engineer_of(work, ticket)
    if ticket.state is State.ANSWERED and not told.at_step(work, ticket, owner, *cards.PAGES, MORE_PAGE):
        post_page(work, ticket, owner, alone=False)


def told_less_than_first(work: Work, ticket: Ticket, person: Person, step: str) -> bool:
    """Whether a person was told of an incident at a step less often than of the first few groups (``FIRST``)."""
    events = told.tellings(store.told_of(work, ticket.incident))
    mine = [event for event in events if event.person == person.id and event.detail["step"] == step]
    return len(mine) < FIRST


def page_anew(work: Work, ticket: Ticket) -> None:
    """Pages the engineers again, with the words that made a ticket urgent."""
    for person in _engineers(work, ticket):
        post_page(work, ticket, person, alone=False, step=RAISED_PAGE)


def tell_added(work: Work, ticket: Ticket, who: str, words: str, *, own: bool = False) -> None:
    """Tells the engineers of a report that joined their ticket, or that its ``own`` reporter added, in its own words."""
    count = len(reports_of(work, ticket))
    if not own and count > FIRST and count % EVERY:
        return
    claims, line = ticket.state is State.WAITING, one_line(words)
    for person in _engineers(work, ticket):
        post = cards.post_to_person(work, ticket, person, "faults/added", who=who, words=line, claims=claims, own=own)
        told.note(work, ticket, person, ADDED_PAGE, post, who=who, words=words, own=own)


def tell_more(event: Due, work: Work) -> None:
    """Tells those on duty of the groups that have joined an incident since: one message that lists whatever waits."""
    new: dict[Person, list[Ticket]] = {}
    for ticket in store.untold_of(work, event.key, AT_ONCE):
        for person in _engineers(work, ticket):
            new.setdefault(person, []).append(ticket)
    for person, tickets in new.items():
        others = cards.others_waiting(work, tickets[0], whole=True, first=tickets)
        post = cards.post_to_person(work, tickets[0], person, "faults/more", others=others)
        told.note(work, tickets[0], person, MORE_PAGE, post)
        shown = {other.number for other in others.tickets}
        for ticket in tickets[1:]:
            if ticket.number in shown:
                told.note(work, ticket, person, MORE_PAGE, post, listed=True)
    if store.untold_of(work, event.key, 1):
        work.due(MORE, event.key, work.now + TOGETHER)


def _worth_showing(count: int) -> bool:
    """Whether the pages are rewritten for one more group: each of the first, then every tenth."""
    return count <= FIRST or count % EVERY == 0


def _engineers(work: Work, ticket: Ticket) -> tuple[Person, ...]:
    """Whose the ticket is; of what waits, also those on duty at this minute."""
    if ticket.state is not State.WAITING:
        return (engineer_of(work, ticket),)
    chat = work.site.chat(ticket.chat)
    duty = rules.answering(on_duty(work.site, rules.home(work.site, chat) if chat else None, work.now))
    return tuple(dict.fromkeys((engineer_of(work, ticket), *duty)))
