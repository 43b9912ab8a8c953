"""What goes out: platform-neutral content, converted by the adapter when it sends."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Button:
    """A tap that sends ``action`` back; where a platform has no buttons ``typed`` is the short reply shown instead."""

    action: str
    label: str
    style: str = "default"
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A real @mention of a person by id; ``name`` is what stands in the text after @."""

    person: str
    name: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file sent along; ``path`` is relative to the state folder."""

    name: str
    path: str
    media_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Countdown:
    """An SLA clock the page counts down: from ``start`` to ``due`` (aware UTC); stopped at ``ended`` when given."""

    start: datetime
    due: datetime
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """The live part of a post: buttons, the clock, and a tone (``open``, ``breach``, ``quiet``, ``ask``, ``done``)."""

    buttons: tuple[Button, ...] = ()
    countdown: Countdown | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """One message: its text, who is mentioned in it, files, and an optional card."""

    text: str
    mentions: tuple[Mention, ...] = ()
    files: tuple[Attachment, ...] = ()
    card: Card | None = None

    @property
    def buttons(self) -> tuple[Button, ...]:
        return self.card.buttons if self.card else ()


class Priority(IntEnum):
    """Smaller goes first: escalations overtake broadcasts."""

    ESCALATION = 0
    REPLY = 1
    NOTICE = 2
    BROADCAST = 3


class Op(StrEnum):
    """What an outgoing row does: a new message, or another text for one that was sent."""

    POST = "post"
    UPDATE = "update"


def to_json(post: Post) -> dict[str, Any]:
    """The stored shape of a post; times as ISO strings."""
    return {
        "text": post.text,
        "mentions": [_fields(mention) for mention in post.mentions],
        "files": [_fields(file) for file in post.files],
        "card": _card_json(post.card) if post.card else None,
    }


def _fields(part: Mention | Attachment | Button) -> dict[str, Any]:
    """What ``dataclasses.asdict`` gives of a flat record, without its deep copies: every post is stored."""
    return {name: getattr(part, name) for name in part.__slots__}


def _card_json(card: Card) -> dict[str, Any]:
    clock = card.countdown
    times = {"start": clock.start, "due": clock.due, "ended": clock.ended} if clock else None
    return {
        "buttons": [_fields(button) for button in card.buttons],
        "countdown": {k: v.isoformat() if v else None for k, v in times.items()} if times else None,
        "tone": card.tone,
    }


def from_json(data: dict[str, Any]) -> Post:
    """The reverse of :func:`to_json`."""
    card = data.get("card")
    return Post(
        text=data["text"],
        mentions=tuple(Mention(**m) for m in data["mentions"]),
        files=tuple(Attachment(**f) for f in data["files"]),
        card=_card(card) if card else None,
    )


def _card(data: dict[str, Any]) -> Card:
    clock = data["countdown"]
    times = {k: datetime.fromisoformat(v) if v else None for k, v in clock.items()} if clock else None
    return Card(
        buttons=tuple(Button(**b) for b in data["buttons"]),
        countdown=Countdown(**times) if times else None,  # type: ignore[arg-type]  # start and due are always there
        tone=data["tone"],
    )
