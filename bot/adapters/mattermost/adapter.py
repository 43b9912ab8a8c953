"""Mattermost as one platform: with a bot account posts can be changed, threads and files work; webhooks alone only send."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import Ingress
from bot.adapters.mattermost import buttons
from bot.adapters.mattermost.api import Api
from bot.adapters.mattermost.buttons import Buttons
from bot.adapters.mattermost.format import measured
from bot.adapters.mattermost.incoming import Reader
from bot.adapters.mattermost.outgoing import Poster
from bot.adapters.mattermost.settings import MattermostSettings
from bot.adapters.mattermost.verify import Verifier, fields_of
from bot.core.errors import Rejected
from bot.core.events import FileRef, Message, Tap
from bot.core.people import Chat
from bot.core.ports import Capabilities, Hears, Outgoing
from bot.settings import Settings

TEXT_LIMIT = 16_000  # characters of 16,383, the rest for mentions


class MattermostAdapter:
    """One server, and three doors for what people do: what they write, slash commands, buttons."""

    name = "mattermost"

    def __init__(self, settings: Settings, ingress: Ingress) -> None:
        self._settings = mine = settings.section(MattermostSettings)
        self._ingress = ingress
        self._http = Http(proxy=mine.proxy, ca_file=mine.ca_file)
        token = mine.bot_token.get_secret_value() if mine.bot_token else ""
        self._api = Api(self._http, mine.url, token) if token else None
        material = token or "\n".join(sorted(hook.url.get_secret_value() for hook in mine.hooks.values()))
        public = settings.server.public_url
        self._buttons = Buttons(public, buttons.secret_from(material)) if public and material else None
        self._outgoing, self._commands = Verifier(mine.outgoing_tokens), Verifier(mine.command_tokens)
        self._reader = Reader(ingress, self._api, self._buttons)
        self._poster = Poster(self._http, self._api, mine.hooks, self._buttons, ingress, settings.state_dir)

    def capabilities(self, chat: Chat) -> Capabilities:
        """An outgoing webhook hears whole public channels; direct chats are heard by slash command only."""
        full = self._api is not None
        commands = Hears.MENTIONS if self._settings.command_tokens else Hears.NOTHING
        return Capabilities(
            hears=Hears.ALL if self._settings.outgoing_tokens and not chat.private else commands,
            buttons=self._buttons is not None,
            updates=full,
            threads=full,
            mentions=full,
            files=full,
            client_keys=False,
            text_limit=TEXT_LIMIT,
            measure=measured,
            call=self._settings.call,
        )

    async def send(self, out: Outgoing) -> str:
        """Send or change one post; its id. Raises ``Temporary`` or ``Rejected``."""
        return await self._poster.send(out, self.capabilities(Chat(id=out.chat, name="", platform=self.name)))

    async def fetch(self, file: FileRef, limit: int) -> bytes:
        """A file that somebody sent, by the bot account. Raises ``Temporary`` or ``Rejected``."""
        if self._api is None:
            raise Rejected("there is no bot account, only webhooks")
        return await self._api.fetch(file.key, limit)

    def mount(self, app: web.Application) -> None:
        """Add the doors that the settings give a key to."""
        if self._settings.outgoing_tokens:
            app.router.add_post("/mattermost/outgoing", self._ingress.route(self._receive))
        if self._settings.command_tokens:
            app.router.add_post("/mattermost/command", self._ingress.route(self._receive_command))
        if self._buttons is not None:
            app.router.add_post(buttons.PATH, self._ingress.route(self._receive_tap))

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """None: Mattermost calls us."""
        return {}

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _receive(self, request: web.Request) -> web.Response:
        return await self._taken(await self._reader.read(await self._outgoing.verified(request)))

    async def _receive_command(self, request: web.Request) -> web.Response:
        return await self._taken(self._reader.read_command(await self._commands.verified(request)))

    async def _receive_tap(self, request: web.Request) -> web.Response:
        return await self._taken(self._reader.read_tap(await fields_of(request)))

    async def _taken(self, event: Message | Tap | None) -> web.Response:
        """Answered after the commit."""
        if event is not None:
            await self._ingress.accept(event)
        return web.json_response({})
