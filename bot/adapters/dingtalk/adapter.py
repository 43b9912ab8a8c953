"""DingTalk as one platform: a group with a custom robot is written to by it, every other chat by the enterprise robot."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from aiohttp import web

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import Ingress
from bot.adapters.dingtalk.api import Api
from bot.adapters.dingtalk.format import json_bytes
from bot.adapters.dingtalk.incoming import Reader
from bot.adapters.dingtalk.outgoing import Poster
from bot.adapters.dingtalk.robots import CustomRobots
from bot.adapters.dingtalk.settings import DingtalkSettings
from bot.adapters.dingtalk.verify import Verifier
from bot.core.people import Chat
from bot.core.ports import Capabilities, Hears, Outgoing, Rate
from bot.settings import Settings

PATH = "/dingtalk/events"
RATES = (Rate(20, 60),)  # a custom robot's; the enterprise robot keeps to it as well, for nothing else is stated
ROBOT_BYTES = 18_000  # of 20,000 for the whole message
APP_BYTES = 14_500  # of 15,000 for msgParam


class DingtalkAdapter:
    """The enterprise robot alone hears."""

    name = "dingtalk"

    def __init__(self, settings: Settings, ingress: Ingress) -> None:
        mine = settings.section(DingtalkSettings)
        clock = ingress.runtime.clock
        self._ingress = ingress
        self._call = mine.call
        self._http = Http(proxy=mine.proxy)
        self._robots = CustomRobots(self._http, mine.robot_base, mine.robots, clock)
        secret = mine.app_secret.get_secret_value() if mine.app_secret else ""
        self._verifier = Verifier(secret, mine.robot_code, mine.corp_id) if secret else None
        self._reader = Reader(ingress)
        self._poster = Poster(Api(self._http, mine, clock) if secret else None, self._robots, ingress)

    def capabilities(self, chat: Chat) -> Capabilities:
        """Text only: buttons would be links, nothing can be changed later, and no file type of ours is taken."""
        custom, hears = self._robots.has(chat.id), self._verifier is not None
        in_group = Hears.MENTIONS if hears else Hears.NOTHING
        return Capabilities(
            hears=Hears.ALL if chat.private and hears else in_group,
            buttons=False,
            updates=False,
            threads=False,
            mentions=custom,
            files=False,
            client_keys=False,
            text_limit=ROBOT_BYTES if custom else APP_BYTES,
            measure=json_bytes,
            rates=RATES,
            call=self._call,
        )

    async def send(self, out: Outgoing) -> str:
        """Send one post; its id. Raises ``Temporary`` or ``Rejected``."""
        return await self._poster.send(out, self.capabilities(Chat(id=out.chat, name="", platform=self.name)))

    def mount(self, app: web.Application) -> None:
        """Add the callback's route, where there is an enterprise robot to be called back."""
        if self._verifier is not None:
            app.router.add_post(PATH, self._ingress.route(partial(self._receive, self._verifier)))

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """None: DingTalk calls us."""
        return {}

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _receive(self, verifier: Verifier, request: web.Request) -> web.Response:
        """Answered after the commit."""
        event = self._reader.read(await verifier.verified(request, self._ingress.wall()))
        if event is not None:
            await self._ingress.accept(event)
        return web.json_response({})
