"""Self-built apps: one person and the bot, both ways; ``[wecom.apps.NAME]`` listens at ``/wecom/app/NAME``."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import Ingress
from bot.adapters.wecom.api import Api
from bot.adapters.wecom.app_incoming import read
from bot.adapters.wecom.app_outgoing import CAN, Poster
from bot.adapters.wecom.cards import message_of
from bot.adapters.wecom.crypto import Crypto
from bot.adapters.wecom.last_said import Said
from bot.adapters.wecom.settings import WecomApp, WecomSettings
from bot.adapters.wecom.verify import Verifier
from bot.adapters.wecom.xml import encrypted_of, fields_of
from bot.core.events import Tap
from bot.core.people import Chat
from bot.core.ports import Capabilities, Outgoing
from bot.settings import Settings


class App:
    """One app's callback."""

    def __init__(self, name: str, app: WecomApp, ingress: Ingress, said: Said) -> None:
        self._path = f"/wecom/app/{name}"
        self._ingress = ingress
        self._said = said
        secrets = app.token.get_secret_value(), app.aes_key.get_secret_value()
        self._verifier = Verifier(Crypto(*secrets, app.corp_id), ingress)

    def mount(self, app: web.Application) -> None:
        """The address that the app's page is given."""
        app.router.add_get(self._path, self._ingress.route(self._verifier.echo), allow_head=False)
        app.router.add_post(self._path, self._ingress.route(self._receive))

    async def _receive(self, request: web.Request) -> web.Response:
        """Take it in; an empty 200 says that it is kept (WeCom 90238)."""
        opened = await self._verifier.verified(request, encrypted_of)
        heard = read(fields_of(opened.message), self._ingress, opened.sent_at)
        if isinstance(
            heard.event, Tap
        ):  # before the commit: what answers the click may want to change its card at once
            self._said.clicked(message_of(heard.card), heard.card, heard.code)
        if heard.event is not None:
            await self._ingress.accept(heard.event)
        self._verifier.remember(opened)
        return web.Response()


class Apps:
    """All apps. The first of the settings speaks; each hears."""

    def __init__(self, settings: Settings, http: Http, ingress: Ingress) -> None:
        said = Said()
        wecom = settings.section(WecomSettings)
        self._apps = [App(name, app, ingress, said) for name, app in wecom.apps.items()]
        self._posters = [
            Poster(Api(name, app, wecom.api_base, http, ingress.runtime.clock), settings.state_dir, said)
            for name, app in list(wecom.apps.items())[:1]
        ]

    def handles(self, chat: Chat) -> bool:
        """An app speaks to one person at a time."""
        return chat.private and bool(self._posters)

    def capabilities(self, chat: Chat) -> Capabilities:
        """The same for everybody."""
        return CAN

    async def send(self, out: Outgoing) -> str:
        """Post or change; the message id."""
        return await self._posters[0].send(out)

    def mount(self, app: web.Application) -> None:
        """Every app's callback."""
        for one in self._apps:
            one.mount(app)

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """None."""
        return {}

    async def close(self) -> None:
        """Nothing to let go of."""
