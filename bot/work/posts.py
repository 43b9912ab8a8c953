"""What became of what was said: the questions about its posts that a capability may ask the outbox.

The outbox keeps messages until they are out; what a capability must know later of a post it keeps in rows of its own, by the
key that ``work.say`` gave.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import case, func, select

from bot.core.content import Op, Priority
from bot.storage.tables import OutboxRow, OutboxState, table_of
from bot.work.work import Work

_outbox = table_of(OutboxRow)
_OF_POST = re.compile(r"(.+\.[0-9]+)(?:/[0-9]+)?(?:@\w+)*")
"""A key as ``work.say`` gave it, then which piece of a long post this is, then the platforms that it was copied to."""

_BUTTONS = '"buttons": [{'
"""How the stored shape of a post with buttons reads; within a text its quotation marks would be escaped."""
_NEVER = (OutboxState.FAILED.value, OutboxState.DROPPED.value)


def post_of(work: Work, chat: str, message: str) -> str | None:
    """The key of the post that a platform's message ``message`` of ``chat`` is, or is a piece, a copy or a change of."""
    changed = case((_outbox.c.op == Op.UPDATE.value, _outbox.c.post), else_=_outbox.c.key)
    sent = select(changed).where(_outbox.c.target == chat, _outbox.c.platform_id == message)
    key = work.session.connection().execute(sent.order_by(_outbox.c.id).limit(1)).scalar()
    found = _OF_POST.fullmatch(key) if key else None
    return found[1] if found else None


def reached(work: Work, about: str, priority: Priority) -> list[str]:
    """The chats that a post about something has reached at a priority, or is on its way to."""
    gone = (OutboxState.SENT.value, OutboxState.SENDING.value)
    said = (_outbox.c.about == about, _outbox.c.priority == int(priority), _outbox.c.state.in_(gone))
    return list(work.session.connection().execute(select(_outbox.c.target).where(*said).distinct()).scalars())


class Delivery(StrEnum):
    """How far a post came: it left, it is on its way, or it will not leave any more."""

    LEFT = "left"
    UNDER_WAY = "under_way"
    LOST = "lost"


_DELIVERY = {
    OutboxState.SENT: Delivery.LEFT,
    OutboxState.SENDING: Delivery.UNDER_WAY,
    OutboxState.QUEUED: Delivery.UNDER_WAY,
    OutboxState.FAILED: Delivery.LOST,
    OutboxState.DROPPED: Delivery.LOST,
}


def became(work: Work, keys: Iterable[str]) -> dict[str, Delivery]:
    """How far each post came, by its key: the best that is known of its copies; what this event has just said is queued."""
    wanted = frozenset(keys)
    copies = [f"{key}@{adapter}" for key in wanted for adapter in work.settings.adapters]
    query = select(_outbox.c.key, _outbox.c.state).where(_outbox.c.key.in_([*wanted, *copies]))
    found = [(key.partition("@")[0], OutboxState(state)) for key, state in work.session.connection().execute(query)]
    order = list(_DELIVERY)
    best = {
        key: min((state for other, state in found if other == key), key=order.index, default=OutboxState.QUEUED)
        for key in wanted
    }
    return {key: _DELIVERY[state] for key, state in best.items()}


def unsent(work: Work, about: str) -> frozenset[str]:
    """The chats that a post about something waits for and has not gone out to."""
    said = (_outbox.c.about == about, _outbox.c.state == OutboxState.QUEUED.value)
    return frozenset(work.session.connection().execute(select(_outbox.c.target).where(*said)).scalars())


def held(work: Work, about: str, template: str) -> frozenset[str]:
    """The chats that a post of ``template`` waits for; not where it left by another platform meanwhile."""
    said = select(_outbox.c.key, _outbox.c.target, _outbox.c.state).where(
        _outbox.c.about == about, _outbox.c.template == template
    )
    rows = [
        (key.partition("@")[0], chat, OutboxState(state))
        for key, chat, state in work.session.connection().execute(said)
    ]
    left = {key for key, _, state in rows if _DELIVERY[state] is Delivery.LEFT}
    return frozenset(chat for key, chat, state in rows if state is OutboxState.QUEUED and key not in left)


def waiting(work: Work) -> int:
    """How many messages are queued: held back by a platform's limit, or to be tried again."""
    queued = select(func.count()).select_from(_outbox).where(_outbox.c.state == OutboxState.QUEUED.value)
    return int(work.session.connection().execute(queued).scalar_one())


@dataclass(frozen=True, slots=True)
class Standing:
    """A message as it stands: ``key`` is that of the row that said it first, ``row`` of the one that said it last."""

    row: int
    key: str
    adapter: str
    target: str
    template: str
    about: str


def with_buttons(work: Work, about: Collection[str]) -> list[Standing]:
    """The messages about one of ``about`` that have buttons by the last that was said of them; a copy is one of its own."""
    first = case((_outbox.c.op == Op.UPDATE.value, _outbox.c.post), else_=_outbox.c.key)
    message = (_outbox.c.id, first, _outbox.c.adapter, _outbox.c.target, _outbox.c.template, _outbox.c.about)
    any_buttons = _outbox.c.body.contains(_BUTTONS, autoescape=True)
    said = (_outbox.c.about.in_(list(about)), _outbox.c.state.not_in(_NEVER))
    query = select(any_buttons, *message).where(*said).order_by(_outbox.c.id)
    last = {(row[2], row[3]): row for row in work.session.connection().execute(query)}
    return [Standing(*row[1:]) for row in last.values() if row[0]]


def body_of(work: Work, standing: Standing) -> str:
    """What such a message shows, in its stored shape."""
    body = select(_outbox.c.body).where(_outbox.c.id == standing.row)
    return str(work.session.connection().execute(body).scalar_one())


def about_of(work: Work, keys: Iterable[str]) -> frozenset[str]:
    """What the posts of these keys are about."""
    wanted = (_outbox.c.key.in_(list(keys)), _outbox.c.about.is_not(None))
    return frozenset(work.session.connection().execute(select(_outbox.c.about).where(*wanted)).scalars())
