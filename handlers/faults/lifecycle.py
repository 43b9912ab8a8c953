"""Every move of a ticket's state, as one table, and the one function that makes them."""

from enum import StrEnum
from typing import Any

from bot.core.lifecycle import Lifecycle
from bot.work.work import Work
from handlers.faults import store
from handlers.faults.model import State, Ticket


class TicketAct(StrEnum):
    """What can happen to a ticket."""

    ANSWER = "answer"  # an engineer's word stops the clock; an earlier proof that arrives late replaces a later one
    SETTLE = "settle"  # the answer to a question is all that was wanted
    CLAIM = "claim"  # somebody else takes over what was answered before
    RESOLVE = "resolve"  # staff says that it works; the group may still say no
    CONFIRM = "confirm"  # who reported it says that it works
    WITHDRAW = "withdraw"  # who reported it takes it back (dialogue rule 6)
    DISMISS = "dismiss"  # it was no fault
    REOPEN = "reopen"  # it does not work after all (dialogue rule 5)
    RESUME = "resume"  # the same, where nobody had answered: the clock goes on


TICKET = Lifecycle(
    "ticket",
    starts=frozenset({State.WAITING}),
    moves={
        (State.WAITING, TicketAct.ANSWER): State.ANSWERED,
        (State.WAITING, TicketAct.SETTLE): State.RESOLVED,
        (State.WAITING, TicketAct.CONFIRM): State.RESOLVED,
        (State.WAITING, TicketAct.WITHDRAW): State.WITHDRAWN,
        (State.WAITING, TicketAct.DISMISS): State.DISMISSED,
        (State.ANSWERED, TicketAct.ANSWER): State.ANSWERED,
        (State.ANSWERED, TicketAct.CLAIM): State.ANSWERED,
        (State.ANSWERED, TicketAct.SETTLE): State.RESOLVED,
        (State.ANSWERED, TicketAct.RESOLVE): State.RESOLVED,
        (State.ANSWERED, TicketAct.CONFIRM): State.RESOLVED,
        (State.ANSWERED, TicketAct.WITHDRAW): State.WITHDRAWN,
        (State.ANSWERED, TicketAct.DISMISS): State.DISMISSED,
        (State.RESOLVED, TicketAct.REOPEN): State.ANSWERED,
        (State.RESOLVED, TicketAct.RESUME): State.WAITING,
    },
    ends=frozenset({State.RESOLVED, State.WITHDRAWN, State.DISMISSED}),
    reopening=frozenset({TicketAct.REOPEN, TicketAct.RESUME}),
)


def move(work: Work, ticket: Ticket, act: TicketAct, **values: Any) -> Ticket | None:
    """Compare and set: what ``act`` makes of the ticket, with ``values`` of its other columns.

    None when the ticket moved since it was read; ``LookupError`` for an act that does not happen in its state.
    """
    return store.set_state(work, ticket, TICKET.moved(ticket.state, act), values)
