"""Somebody asks after a ticket: heard when it is overdue or when he asks the bot, and passed on to who owes the answer."""

from bot.core.content import Priority
from bot.core.events import Envelope
from bot.core.people import Person
from bot.work.work import Work
from data.model import Audience
from handlers.faults import cards, rules, store, told
from handlers.faults.heard import Heard
from handlers.faults.model import Happening, State, Ticket
from handlers.faults.summary import engineer_of, one_line

URGED = "urged"


def chased(work: Work, ticket: Ticket, said: Heard) -> None:
    """Puts it on record that a reporter asks after his ticket, and answers where silence would be wrong."""
    envelope = said.envelope
    store.note(work, ticket, Happening.CHASED, envelope.sent_at, said.who, envelope.key, words=said.line.words)
    chat = work.site.chat(envelope.chat)
    called = said.to_bot or (chat is not None and chat.private)
    if called or rules.overdue(ticket, work.now):
        answer(work, ticket, envelope, said.line.words, called=called)


def somebody_else(work: Work, said: Heard) -> bool:
    """Answers somebody who asks after what he did not report himself: the longest overdue, else what is open if he asks the bot."""
    overdue = [ticket for ticket in said.tickets if rules.overdue(ticket, work.now)]
    asked_after = overdue[-1:] or (said.tickets[:1] if said.to_bot else [])
    for ticket in asked_after:
        chased(work, ticket, said)
    return bool(asked_after)


def answer(work: Work, ticket: Ticket, envelope: Envelope, words: str, *, called: bool = False) -> None:
    """Says in the group how the ticket stands, with the number to call, and tells who owes the answer.

    Who is told is told once in a while (``CHASED_EVERY``), however often it is asked; a group hears it as seldom unless it
    called the bot.
    """
    lately = [event for event in store.happened(work, ticket, Happening.TOLD) if event.detail.get("step") == URGED]
    quiet = bool(lately) and work.now - lately[-1].at < rules.CHASED_EVERY
    if quiet and not called:
        return
    known, owing = told.of(work, ticket), () if quiet else _owing(work, ticket)
    over = work.now - ticket.respond_by if ticket.respond_by and rules.overdue(ticket, work.now) else None
    passed_on = [person for person in owing if person not in known.missed]
    if envelope.chat == ticket.chat:
        key = envelope.key
        cards.post_to_group(work, ticket, "faults/chased", key, over=over, told=known, passed_on=passed_on)
    else:  # he asks the bot alone after what he reported in a group
        key, there = envelope.key, envelope.chat
        facts = {"over": over, "told": known, "passed_on": passed_on, "forward": None}
        cards.post_to_chat(work, ticket, "faults/chased", there, reply_to=key, **facts)
    for person in owing:
        _urge(work, ticket, person, envelope, words)


def _owing(work: Work, ticket: Ticket) -> tuple[Person, ...]:
    """The engineer whose it is; of what is overdue, everybody whom a rung tells of a breach as well."""
    if rules.overdue(ticket, work.now):
        return rules.targets(work.site, ticket, [Audience.ENGINEER, Audience.LEAD], work.now)
    return (engineer_of(work, ticket),)


def _urge(work: Work, ticket: Ticket, person: Person, envelope: Envelope, words: str) -> None:
    who = work.actor.name if work.actor else envelope.account.user_id
    waits = ticket.state is State.WAITING
    post = cards.post_to_person(
        work,
        ticket,
        person,
        "faults/urged",
        priority=Priority.ESCALATION if waits else Priority.REPLY,
        who=who,
        asked=one_line(words),
        over=work.now - ticket.respond_by if ticket.respond_by and rules.overdue(ticket, work.now) else None,
        claims=waits and person.may(*rules.STAFF),
    )
    told.note(work, ticket, person, URGED, post)
