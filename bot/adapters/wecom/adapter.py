"""WeCom as one platform: which of its ways in and out serves which chat.

A group is told by its robot where it has one, else by the AI bot in it; one person by the self-built app, else by an AI bot.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from aiohttp import web

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import Ingress
from bot.adapters.wecom.app import Apps
from bot.adapters.wecom.bots import Bots
from bot.adapters.wecom.robots import Robots
from bot.adapters.wecom.settings import WecomSettings
from bot.core.errors import Rejected
from bot.core.people import Chat
from bot.core.ports import Capabilities, Hears, Outgoing
from bot.settings import Settings

DEAF = Capabilities(hears=Hears.NOTHING, buttons=False, updates=False, threads=False, files=False, client_keys=False)


class Way(Protocol):
    """One of WeCom's ways in and out."""

    def handles(self, chat: Chat) -> bool: ...

    def capabilities(self, chat: Chat) -> Capabilities: ...

    async def send(self, out: Outgoing) -> str: ...

    def mount(self, app: web.Application) -> None: ...

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]: ...

    async def close(self) -> None: ...


class WecomAdapter:
    """The ways that ``[wecom]`` names, in the order in which they are preferred."""

    name = "wecom"

    def __init__(self, settings: Settings, ingress: Ingress) -> None:
        wecom = settings.section(WecomSettings)
        self._http = Http(proxy=wecom.proxy, ca_file=wecom.ca_file)
        self._ingress = ingress
        self._ways: tuple[Way, ...] = tuple(way(settings, self._http, ingress) for way in (Robots, Apps, Bots))

    def capabilities(self, chat: Chat) -> Capabilities:
        """What can be done in that chat; nothing where no robot, app or bot reaches."""
        way = self._way(chat)
        return way.capabilities(chat) if way else DEAF

    async def send(self, out: Outgoing) -> str:
        """Post or change by the chat's own way."""
        chat = self._ingress.runtime.site().chat(out.chat)
        way = self._way(chat) if chat else None
        if way is None:
            raise Rejected("no robot, app or AI bot of [wecom] reaches this chat")
        return await way.send(out)

    def mount(self, app: web.Application) -> None:
        """Every callback."""
        for way in self._ways:
            way.mount(app)

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """The long connections."""
        return {name: run for way in self._ways for name, run in way.workers().items()}

    async def close(self) -> None:
        """Let go of every connection."""
        for way in self._ways:
            await way.close()
        await self._http.close()

    def _way(self, chat: Chat) -> Way | None:
        return next((way for way in self._ways if way.handles(chat)), None)
