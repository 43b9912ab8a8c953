"""One access token for everybody who sends: asked for once however many wait, kept until shortly before its end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

MARGIN = timedelta(minutes=5)

Fetch = Callable[[], Awaitable[tuple[str, timedelta]]]


class AccessToken:
    """``fetch`` answers the token and how long it lives; ``now`` is true time."""

    def __init__(self, fetch: Fetch, now: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._now = now
        self._value = ""
        self._until = now()
        self._fetching: asyncio.Task[str] | None = None

    async def get(self, refused: str = "") -> str:
        """A token that is not ``refused``. All who wait share one request, and its failure."""
        if self._value and self._value != refused and self._now() < self._until:
            return self._value
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._renew())
            self._fetching.add_done_callback(self._done)
        return await asyncio.shield(self._fetching)

    async def _renew(self) -> str:
        self._value, life = await self._fetch()
        self._until = self._now() + max(life - MARGIN, life / 2)
        return self._value

    def _done(self, task: "asyncio.Task[str]") -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()  # those who waited have it; nobody may be left

    async def close(self) -> None:
        """Stop asking."""
        if self._fetching is not None:
            self._fetching.cancel()
