"""The few protocols that need a stand-in in tests: the chat platform and the clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.content import Op, Post


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` messages in any ``seconds`` to one target (a sliding window)."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do; everything above adapts to it. Limits are per message."""

    hears_all: bool = True
    buttons: bool = True
    updates: bool = True
    threads: bool = True
    files: bool = True
    client_keys: bool = True
    pipelined: bool = False  # takes several messages of one chat at once and keeps their order
    text_limit: int = 20_000
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outbox row on its way: ``client_key`` makes a repeat harmless where the platform takes one.

    ``chat`` is our chat id; ``message`` the platform id of the post an update changes; ``repeated`` says that an earlier
    attempt may have arrived (marked 补发 where no client key protects).
    """

    chat: str
    op: Op
    client_key: str
    post: Post
    message: str | None = None
    reply_to: str | None = None
    repeated: bool = False


class ChatAdapter(Protocol):
    """A chat platform, seen from the sender. ``send`` returns the platform's message id.

    Raises ``Temporary`` (retried) or ``Rejected`` (given up, operators told).
    """

    name: str
    capabilities: Capabilities

    async def send(self, out: Outgoing) -> str: ...

    async def close(self) -> None: ...


class Clock(Protocol):
    """The time. ``now`` is duty time (scaled by ``--speed``), ``real`` is true elapsed time; both aware UTC."""

    def now(self) -> datetime: ...

    def real(self) -> datetime: ...

    def real_seconds(self, duty_seconds: float) -> float:
        """How many true seconds a span of duty time takes."""
        ...
