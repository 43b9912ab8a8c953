"""Whether a fault is over: asked once while its ticket is open, closed after a stated time without an answer (decisions: Ends)."""

from collections.abc import Iterable

from bot.core.events import Due, Envelope
from bot.core.people import Person
from bot.work.work import Work
from handlers.faults import buttons, cards, catching_up, closing, followup, reporters, rules, store
from handlers.faults.lifecycle import TicketAct, move
from handlers.faults.model import Happening, State, Ticket
from handlers.faults.summary import one_line


def ask(work: Work, ticket: Ticket, envelope: Envelope, remedy: str | None = None) -> None:
    """Asks the group with two buttons whether the fault is over, unless that question stands already: whoever reported it, and of
    a reporter's own "好了" those who reported the same.

    ``remedy``: the words of an engineer or vendor who calls it done, kept for the next page about that system; he closes
    nothing that no engineer has answered. A reporter's own "好了" closes in the end as well, unless others reported the same.
    """
    if remedy is not None:
        ticket = store.change(work, ticket, remedy=one_line(remedy)) or ticket
    who = envelope.person or envelope.account.user_id
    closes = not reporters.others_report(work, ticket, who) if remedy is None else ticket.state is State.ANSWERED
    standing = store.asked(work, ticket)
    if standing is not None and not standing.detail.get("own_words") and (standing.detail.get("closes") or not closes):
        return
    if standing is not None:
        buttons.end_asking(work, ticket)
    if closes:
        work.cancel_due(followup.FORGOTTEN, ticket.number)
        work.due(followup.UNCONFIRMED, ticket.number, work.now + rules.CLOSES_AFTER)
    names = (
        {ticket.reporter: ticket.reporter_name} if remedy is not None else reporters.others_not_well(work, ticket, who)
    )
    named = list(names.items())[: cards.NAMED]
    post, chat = cards.post_to_group(
        work,
        ticket,
        "faults/works",
        envelope.key if envelope.chat == ticket.chat else None,
        said_by=work.actor.name if work.actor else envelope.account.user_id,
        staff=remedy is not None,
        asks=[(work.site.people.get(person), name) for person, name in named],
        closes_after=rules.CLOSES_AFTER if closes else None,
    )
    asked = {"closes": closes, "staff": remedy is not None, "post": post, "chat": chat}
    store.note(work, ticket, Happening.ASKED, envelope.sent_at, who, envelope.key, **asked)


def ask_elsewhere(work: Work, ticket: Ticket, envelope: Envelope, remedy: str) -> None:
    """The same for what an engineer says in his own chat: it is asked where it was reported, and he reads that it was."""
    ask(work, ticket, envelope, remedy)
    cards.post_to_chat(work, ticket, "faults/asked_there", envelope.chat, reply_to=envelope.key)


def probe(work: Work, ticket: Ticket, envelope: Envelope) -> None:
    """Notes that an engineer asked it himself ("现在可以了吗"): a plain yes or no answers him, and the bot asks no second time."""
    if ticket.state is State.ANSWERED and store.asked(work, ticket) is None:
        store.note(work, ticket, Happening.ASKED, envelope.sent_at, envelope.person, envelope.key, own_words=True)


def take_back(work: Work, tickets: Iterable[Ticket], envelope: Envelope) -> bool:
    """Takes back the question whether a fault is over, because who called it done says that it is not; says whether one stood."""
    standing = [ticket for ticket in tickets if ticket.state.open and store.asked(work, ticket) is not None]
    for ticket in standing:
        cards.end_question(work, ticket, over=False)
        store.note(work, ticket, Happening.REOPENED, envelope.sent_at, envelope.person, envelope.key)
        buttons.end(work, ticket, siblings=False)
        work.cancel_due(followup.UNCONFIRMED, ticket.number)
        if ticket.state is State.ANSWERED:
            followup.watch_silence(work, ticket)
    return bool(standing)


def close_unanswered(event: Due, work: Work) -> None:
    """Closes what was called done and what nobody contradicted; a contradiction still reopens it."""
    ticket = store.get(work, event.key)
    question = store.asked(work, ticket) if ticket is not None and ticket.state.open else None
    if ticket is None or question is None or not question.detail.get("closes"):
        return
    act = TicketAct.RESOLVE if ticket.state is State.ANSWERED else TicketAct.CONFIRM
    closed = move(work, ticket, act, closed_at=work.now, closed_by=question.person, confirmed=False)
    if closed is None:
        return
    store.note(work, closed, Happening.RESOLVED, work.now, question.person, unanswered=True)
    closing.put_away(work, ticket, closed, Happening.RESOLVED)
    silent = rules.CLOSES_AFTER + catching_up.lateness(event)
    cards.post_to_group(work, closed, "faults/unconfirmed", by=_called_it_done(work, question.person), silent=silent)


def _called_it_done(work: Work, who: str | None) -> Person | None:
    return work.site.people.get(who or "")
