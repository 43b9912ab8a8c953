"""What the business owner says of what was handed to her, in its group or, where she is not in it, to the bot alone."""

from bot.core.people import Person, Reach, Role
from bot.work.understanding import Act, Kind, RouteName
from bot.work.work import Work
from handlers.faults import answers, cards, followup, own_room, rules, store
from handlers.faults.heard import Heard
from handlers.faults.model import State, Ticket
from handlers.faults.summary import WHOLE, engineer_of, one_line


def heard_in_group(work: Work, said: Heard) -> bool:
    """Answers what was handed to the business owner, with her words in the group."""
    here = said.tickets if said.quoted is None else [said.quoted]
    waiting = [t for t in here if t.route is RouteName.BUSINESS and t.state is State.WAITING]
    for ticket in waiting:
        if work.actor is not None:
            answers.answer(work, ticket, work.actor, said.envelope)
    return bool(waiting)


def heard_alone(work: Work, said: Heard) -> bool:
    """Passes what she tells the bot alone on to where the question was asked, as her answer; of several she says which."""
    owner = work.actor
    if owner is None or not owner.may(Role.BUSINESS) or owner.may(*rules.STAFF) or not said.line.words:
        return False
    his = _meant(work, owner, said)
    if len(his) > 1:
        numbers = [ticket.number for ticket in his]
        work.say("faults/which_to_answer", said.envelope.chat, reply_to=said.envelope.key, numbers=numbers)
        return True
    for ticket in his:
        _answer(work, ticket, owner, said)
    return bool(his)


def _meant(work: Work, owner: Person, said: Heard) -> list[Ticket]:
    """The business questions that a line answers: the one that it quotes or names, else all that are open and hers. A report, a
    question of her own, a word to the bot, or what may be about her own fault is none: strangers would read it."""
    quoted = said.quoted or (None if said.elsewhere else own_room.named(work, said.line))
    if quoted is not None:
        return [quoted] if _hers(quoted) and (quoted.state.open or quoted.closed_by == owner.id) else []
    line = said.line
    own = line.kind is Kind.FAULT or line.does(Act.ASK) or line.greets or line.act is Act.THANK
    if said.elsewhere or own or line.duty_day is not None or _reported(work, owner):
        return []
    waiting = [*store.calling(work, owner.id), *store.owned(work, owner.id)]
    return [ticket for ticket in waiting if _hers(ticket)]


def _reported(work: Work, owner: Person) -> bool:
    """Whether she has a fault of her own open, which her words may be about."""
    found, _ = store.open_tickets(work, store.MANY, person=owner.id)
    return any(ticket.fault for ticket in store.reported_by(work, found, owner.id))


def _hers(ticket: Ticket) -> bool:
    return not ticket.fault and ticket.route is RouteName.BUSINESS


def _answer(work: Work, ticket: Ticket, owner: Person, said: Heard) -> None:
    if ticket.state is State.WAITING or (ticket.state is State.ANSWERED and ticket.kind is Kind.QUESTION):
        answers.answer(work, ticket, owner, said.envelope)
    elif ticket.state is State.ANSWERED:
        followup.watch_silence(work, ticket)
    now = store.get(work, ticket.number) or ticket
    words, reporter = one_line(said.line.words, WHOLE), work.site.people.get(ticket.reporter)
    cards.post_to_group(work, now, "faults/business_said", ticket.message, by=owner, reporter=reporter, words=words)
    chat = work.site.chat(ticket.chat)
    forwards = engineer_of(work, now) if chat is None or chat.reach is not Reach.BOT else None
    cards.post_to_chat(
        work, now, "faults/said_there", said.envelope.chat, reply_to=said.envelope.key, forwards=forwards
    )
