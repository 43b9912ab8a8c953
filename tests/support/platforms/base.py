"""What every stand-in of a chat platform offers to the story tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass
class Seen:
    """One message of the bot as it stands in a chat of the platform: plain text, updates applied.

    ``buttons`` are (label, value) pairs, ``mentions`` platform accounts, ``files`` names; ``thread`` is the platform id of the
    message it stands under.
    """

    id: str
    text: str
    buttons: list[tuple[str, str]] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    updated: int = 0
    thread: str | None = None


class FakePlatform(Protocol):
    """A platform's server on loopback. Chats and people are named by our ids; the stand-in has its own for them."""

    url: str

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def settings(self) -> dict[str, Any]:
        """Sections for ``Settings`` that point at this server."""
        ...

    def deliver_to(self, base_url: str, wall: Callable[[], datetime]) -> None:
        """Where the service listens, and the clock that signatures are made by."""
        ...

    def site_names(self) -> tuple[dict[str, str], dict[str, str]]:
        """(our chat id → the platform's chat id, our person id → the platform's account)."""
        ...

    def ready(self) -> bool:
        """Whether the service can hear: of a platform that is called, whether it has called."""
        ...

    async def says(self, person: str, chat: str, text: str, *, quote: Seen | None = None, id: str | None = None) -> int:
        """Deliver what a person says as the platform would; the HTTP status of the answer (200 for sockets)."""
        ...

    async def taps(self, person: str, seen: Seen, button: str) -> int:
        """Press the button with that label or value; ``LookupError`` where there is none."""
        ...

    def seen(self, chat: str) -> list[Seen]:
        """What the bot put into our chat ``chat``, oldest first."""
        ...
