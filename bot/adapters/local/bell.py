"""Wakes those who read the local chats, whenever a commit changed one."""

import asyncio

from bot.storage.store import Store


class Bell:
    """Rings for every commit that changed a chat."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._next = asyncio.Event()

    async def run(self) -> None:
        """Ring for ever."""
        woken = self._store.event("local")
        while True:
            await woken.wait()
            woken.clear()
            self._next.set()
            self._next = asyncio.Event()

    async def changed(self, seconds: float) -> None:
        """Wait for the next change of any chat, ``seconds`` at the most."""
        try:
            async with asyncio.timeout(seconds):
                await self._next.wait()
        except TimeoutError:
            return
