"""The AI bots: each hears groups that mention it and direct chats, by callback or by long connection."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import Ingress
from bot.adapters.wecom.callback_bot import CallbackBot
from bot.adapters.wecom.choice import bot_in
from bot.adapters.wecom.settings import WecomSettings
from bot.adapters.wecom.socket import Pace
from bot.adapters.wecom.socket_bot import SocketBot
from bot.core.errors import Rejected
from bot.core.people import Chat
from bot.core.ports import Capabilities, Outgoing
from bot.settings import Settings


class Bots:
    """All of ``[wecom.bots.NAME]``; which one speaks in a chat is :func:`bot_in`."""

    def __init__(self, settings: Settings, http: Http, ingress: Ingress, pace: Pace | None = None) -> None:
        self._settings = settings.section(WecomSettings).bots
        self._ingress = ingress
        self._callbacks = {
            name: CallbackBot(name, bot, settings, http, ingress)
            for name, bot in self._settings.items()
            if bot.mode == "callback"
        }
        self._sockets = {
            name: SocketBot(name, bot, settings, http, ingress, pace)
            for name, bot in self._settings.items()
            if bot.mode == "websocket"
        }

    def handles(self, chat: Chat) -> bool:
        """Whether a bot is in the chat."""
        return bot_in(self._settings, chat) is not None

    def capabilities(self, chat: Chat) -> Capabilities:
        """Those of the bot in the chat."""
        return self._bot(chat).can

    async def send(self, out: Outgoing) -> str:
        """Say it by the bot in the chat."""
        chat = self._ingress.runtime.site().chat(out.chat)
        if chat is None:
            raise Rejected("gone: no such chat")
        return await self._bot(chat).send(out)

    def mount(self, app: web.Application) -> None:
        """The callback addresses."""
        for bot in self._callbacks.values():
            bot.mount(app)

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """The long connections."""
        return {name: worker for bot in self._sockets.values() for name, worker in bot.workers().items()}

    async def close(self) -> None:
        """The connections end with their workers."""

    def _bot(self, chat: Chat) -> CallbackBot | SocketBot:
        name = bot_in(self._settings, chat)
        if name is None:
            raise Rejected("no AI bot is in the chat")
        return self._callbacks.get(name) or self._sockets[name]
