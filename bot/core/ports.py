"""The few protocols that need a stand-in in tests: the chat platform and the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.core.content import Op, Post
from bot.core.events import FileRef
from bot.core.people import Chat


class Hears(StrEnum):
    """What a platform lets the bot hear in a chat: everything, only what addresses it, or nothing (it only sends)."""

    ALL = "all"
    MENTIONS = "mentions"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` messages in any ``seconds`` to one target (a sliding window)."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do in one chat; everything above adapts to it. Limits are per message.

    ``text_limit`` counts what ``measure`` says: characters, ``fit.utf8_bytes``, or the length after an adapter's escaping.
    ``call`` is how people address the bot where it hears only mentions (``@值班``).
    """

    hears: Hears = Hears.ALL
    buttons: bool = True
    most_buttons: int = 25
    updates: bool = True
    threads: bool = True
    mentions: bool = True
    files: bool = True
    client_keys: bool = True
    pipelined: bool = False  # takes several messages of one chat at once and keeps their order
    text_limit: int = 20_000
    measure: Callable[[str], int] = len
    rates: tuple[Rate, ...] = ()
    call: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outbox row on its way: ``client_key`` makes a repeat harmless where the platform takes one.

    ``chat`` is our chat id, ``address`` the platform's: the group's id, or where ``direct`` the person's account.
    ``message`` is the platform id of the post an update changes, ``reply_to`` that of the message it answers;
    ``repeated`` says that an earlier attempt may have arrived (marked 补发 where no client key protects).
    """

    chat: str
    address: str
    op: Op
    client_key: str
    post: Post
    message: str | None = None
    reply_to: str | None = None
    repeated: bool = False
    direct: bool = False


class ChatAdapter(Protocol):
    """A chat platform, seen from the sender. ``send`` returns the platform's message id.

    Raises ``Temporary`` (retried) or ``Rejected`` (given up, operators told).
    """

    name: str

    def capabilities(self, chat: Chat) -> Capabilities: ...

    async def send(self, out: Outgoing) -> str: ...

    async def close(self) -> None: ...


@runtime_checkable
class FileSource(Protocol):
    """A chat platform that hands over what people send.

    ``fetch`` raises ``Temporary``, or ``Rejected`` for what is gone or larger than ``limit`` bytes.
    """

    async def fetch(self, file: FileRef, limit: int) -> bytes: ...


class Clock(Protocol):
    """The time. ``now`` is duty time (scaled by ``--speed``), ``real`` is true elapsed time; both aware UTC.

    ``wall`` is what the machine's clock shows this moment: only for what others signed with theirs.
    """

    def now(self) -> datetime: ...

    def real(self) -> datetime: ...

    def wall(self) -> datetime: ...

    def real_seconds(self, duty_seconds: float) -> float:
        """How many true seconds a span of duty time takes."""
        ...
