"""The local platform seen from the sender, and the bell that wakes its readers."""

import asyncio

from bot.adapters.local import store as record
from bot.core.content import Op
from bot.core.errors import Rejected
from bot.core.people import Chat
from bot.core.ports import Capabilities, Clock, Outgoing
from bot.storage.store import Store


class LocalAdapter:
    """Posts into the local chats; the client key is the message id, so every post is exactly once."""

    name = "local"

    def __init__(self, store: Store, clock: Clock) -> None:
        self._can = Capabilities(pipelined=True)
        self._store = store
        self._clock = clock
        self._bell = asyncio.Event()

    def capabilities(self, _chat: Chat) -> Capabilities:
        """Everything."""
        return self._can

    async def send(self, out: Outgoing) -> str:
        """Write the post down; returns its message id."""
        if out.op is Op.UPDATE:
            if out.message is None:
                raise Rejected("the message to update was never sent")
            message = out.message
            await self._store.write(lambda tx: record.put_update(tx, message, out.post))
            return message
        message_id = f"b-{out.client_key}"
        at = self._clock.now()
        await self._store.write(lambda tx: record.put_posted(tx, message_id, out.chat, at, out.post, out.reply_to))
        return message_id

    async def close(self) -> None:
        """Nothing is held open."""

    async def run(self) -> None:
        """Ring for every commit that changed a chat."""
        woken = self._store.event("local")
        while True:
            await woken.wait()
            woken.clear()
            self._bell.set()
            self._bell = asyncio.Event()

    async def changed(self, seconds: float) -> None:
        """Wait for the next change of any chat, ``seconds`` at the most."""
        try:
            await asyncio.wait_for(self._bell.wait(), seconds)
        except TimeoutError:
            return
