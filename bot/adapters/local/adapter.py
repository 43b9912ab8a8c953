"""The local chat as one platform: posts are written down, its page and interface are served by this very service."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.adapters.common.ingress import Ingress
from bot.adapters.local import store as record
from bot.adapters.local.bell import Bell
from bot.adapters.local.files import LocalFiles
from bot.adapters.local.web import LocalWeb
from bot.core.content import Op
from bot.core.errors import Rejected
from bot.core.events import FileRef
from bot.core.people import Chat
from bot.core.ports import Capabilities, Outgoing
from bot.settings import Settings


class LocalAdapter:
    """Posts into the local chats; the client key is the message id, so every post is exactly once."""

    name = "local"

    def __init__(self, settings: Settings, ingress: Ingress) -> None:
        self._can = Capabilities(pipelined=True)
        self._store = ingress.store
        self._clock = ingress.runtime.clock
        self._bell = Bell(ingress.store)
        self._web = LocalWeb(ingress, self._bell)
        self._files = LocalFiles(ingress)

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

    async def fetch(self, file: FileRef, limit: int) -> bytes:
        """What somebody uploaded. Raises ``Rejected``."""
        return await self._files.fetch(file, limit)

    async def close(self) -> None:
        """Nothing is held open."""

    def mount(self, app: web.Application) -> None:
        """Add the interface and the page."""
        self._web.mount(app)

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """What wakes the readers."""
        return {"local chat": self._bell.run}
