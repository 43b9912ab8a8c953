"""What a vendor says of his tickets, in their group or to the bot alone: no answer to the group, but the end of his silence."""

from bot.work.understanding import Act
from bot.work.work import Work
from handlers.faults import answers, asking, by_number, cards, own_room, store, vendor_calls
from handlers.faults.heard import Heard
from handlers.faults.model import Ticket
from handlers.faults.summary import WHOLE, engineer_of, one_line


def heard_in_group(work: Work, said: Heard) -> bool:
    """Takes a vendor's line in a group; says whether it was about a ticket of his."""
    here = said.tickets if said.quoted is None else [said.quoted] if said.quoted.state.open else []
    his = [ticket for ticket in here if work.actor is not None and ticket.vendor == work.actor.id]
    for ticket in his:
        vendor_calls.spoke(work, ticket, said.envelope)
        if said.line.does(Act.END):
            asking.ask(work, ticket, said.envelope, remedy=said.line.words)
    if said.line.does(Act.RELAPSE):
        asking.take_back(work, his, said.envelope)
    return bool(his)


def heard_alone(work: Work, said: Heard) -> bool:
    """Takes what a vendor tells the bot alone as his answer about the ticket that waits for him: nobody else reads it there, so
    the engineer gets his words, and what he calls done is asked about where it was reported. Of several he says which."""
    his = _meant(work, said)
    if not his or not said.line.words or said.line.greets or said.line.duty_day is not None:
        return False
    if len(his) > 1:
        numbers = [ticket.number for ticket in his]
        work.say("faults/which_of_yours", said.envelope.chat, reply_to=said.envelope.key, numbers=numbers)
        return True
    (ticket,) = his
    vendor_calls.spoke(work, ticket, said.envelope)
    if said.line.does(Act.RELAPSE):
        asking.take_back(work, [ticket], said.envelope)
    _pass_on(work, ticket, said)
    if said.line.does(Act.END):
        asking.ask_elsewhere(work, ticket, said.envelope, said.line.words)
    else:
        cards.post_to_chat(
            work, ticket, "faults/added_to", said.envelope.chat, reply_to=said.envelope.key, forward=None
        )
    return True


def _meant(work: Work, said: Heard) -> list[Ticket]:
    """The open tickets of a vendor that a line is about: the one that it quotes or names, else those of the system that it
    names, else all; below something else none."""
    vendor = work.actor
    quoted = said.quoted or (None if said.elsewhere else own_room.named(work, said.line))
    if vendor is None or said.elsewhere:
        return []
    if quoted is not None:
        return [quoted] if quoted.state.open and quoted.vendor == vendor.id else []
    his = store.waiting_for_vendor(work, vendor.id)
    return answers.tickets_meant(by_number.named_of(work, his, said.line), said.line)


def _pass_on(work: Work, ticket: Ticket, said: Heard) -> None:
    if work.actor is not None:
        words = one_line(said.line.words, WHOLE)
        cards.post_to_person(
            work, ticket, engineer_of(work, ticket), "faults/vendor_said", vendor=work.actor, words=words
        )
