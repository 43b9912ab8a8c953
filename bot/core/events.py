"""What comes in: a closed union of frozen records, platform-neutral."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from bot.core.people import Account


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file somebody sent; ``url`` is where people open it, ``key`` what the adapter fetches it by, empty where it cannot."""

    name: str
    url: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who said it, where and when; ``key`` is the platform's message id, unique per platform.

    ``sent_at`` is the platform's time, never later than ``received_at``; both aware UTC.
    ``person`` is the id of the known person behind ``account``, None for a stranger.
    """

    key: str
    account: Account
    person: str | None
    chat: str
    sent_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """Plain words in a chat. ``reply_to`` is the platform id of the quoted message, ``quote`` its text where that is known.

    ``thread`` is the id of the first message of the thread in which it stands; that message itself stands in none.
    ``edited``: it came with an edit, which makes words but never a command that acts (bad input S29).
    """

    envelope: Envelope
    text: str
    reply_to: str | None = None
    mentions: tuple[str, ...] = ()
    files: tuple[FileRef, ...] = ()
    to_bot: bool = False
    quote: str = ""
    thread: str = ""
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """``/restart oa3``: ``verb`` is canonical, ``args`` its words, ``rest`` the words as typed, ``line`` normalised."""

    envelope: Envelope
    verb: str
    args: tuple[str, ...]
    rest: str
    line: str
    reply_to: str | None = None
    mentions: tuple[str, ...] = ()
    quote: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Tap:
    """A pressed button: ``action`` as the message gave it (``claim:GD-20261122-003``), ``message`` its platform id."""

    envelope: Envelope
    action: str
    message: str | None = None

    @property
    def verb(self) -> str:
        return self.action.partition(":")[0]

    @property
    def subject(self) -> str:
        return self.action.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Alert:
    """A monitoring system's word (a later slice routes it)."""

    envelope: Envelope
    source: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline came: ``kind`` finds the route, ``key`` the thing, ``late`` seconds after its time."""

    kind: str
    key: str
    due_at: datetime
    late: float
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tick:
    """A cron job's one run of a local date; ``missed`` when its catch-up window was over already."""

    job: str
    local_date: date
    scheduled_at: datetime
    late: float
    missed: bool = False


Event: TypeAlias = Message | Command | Tap | Alert | Due | Tick
ChatEvent: TypeAlias = Message | Command | Tap
