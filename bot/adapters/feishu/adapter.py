"""Feishu as one platform: the app hears and sends cards; a group with a custom robot of its own is served by that."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from aiohttp import web

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import BadRequest, Ingress
from bot.adapters.feishu.api import Api
from bot.adapters.feishu.format import CARD_LIMIT, card_bytes
from bot.adapters.feishu.incoming import Reader
from bot.adapters.feishu.outgoing import Poster
from bot.adapters.feishu.robot import CAPABILITIES as ROBOT
from bot.adapters.feishu.robot import Robot
from bot.adapters.feishu.settings import FeishuSettings
from bot.adapters.feishu.verify import Verifier
from bot.core.errors import Rejected
from bot.core.events import FileRef
from bot.core.people import Chat
from bot.core.ports import Capabilities, Hears, Outgoing, Rate
from bot.settings import Settings

PATHS = ("/feishu/events", "/feishu/cards")  # events and card callbacks may be set up with one address or two
DIRECT = Capabilities(text_limit=CARD_LIMIT, measure=card_bytes, rates=(Rate(5, 1.0),))


class FeishuAdapter:
    """One app of one organisation, and the robots of groups."""

    name = "feishu"

    def __init__(self, settings: Settings, ingress: Ingress) -> None:
        mine = settings.section(FeishuSettings)
        self._ingress = ingress
        self._http = Http()
        api: Api | None = None
        self._hears: tuple[Verifier, Reader] | None = None
        if mine.app_id and mine.app_secret and mine.verification_token:
            clock, key = ingress.runtime.clock, mine.encrypt_key
            api = Api(self._http, mine.api_base, mine.app_id, mine.app_secret.get_secret_value(), clock)
            token = mine.verification_token.get_secret_value()
            verifier = Verifier(mine.app_id, token, key.get_secret_value() if key else None)
            self._hears = verifier, Reader(ingress, api, mine.bot_open_id, mine.bot_name, mine.robots)
        self._robots = {chat: Robot(self._http, mine.api_base, robot) for chat, robot in mine.robots.items()}
        self._api = api
        self._poster = Poster(api, self._robots, ingress, settings.state_dir)
        self._group = Capabilities(
            hears=Hears.ALL if mine.hears_all else Hears.MENTIONS,
            text_limit=CARD_LIMIT,
            measure=card_bytes,
            rates=(Rate(5, 1.0),),
            call=f"@{mine.bot_name}",
        )

    def capabilities(self, chat: Chat) -> Capabilities:
        """A robot only sends; the app hears groups as its permissions say, and everything in a direct chat."""
        if chat.id in self._robots:
            return ROBOT
        return DIRECT if chat.private else self._group

    async def send(self, out: Outgoing) -> str:
        """Post or change it; the platform's id of the (first) message. Raises ``Temporary`` or ``Rejected``."""
        return await self._poster.send(out, ROBOT if out.chat in self._robots else self._group)

    async def fetch(self, file: FileRef, limit: int) -> bytes:
        """A file that somebody sent to the app. Raises ``Temporary`` or ``Rejected``."""
        if self._api is None:
            raise Rejected("there is no app, only robots")
        return await self._api.fetch(file.key, limit)

    def mount(self, app: web.Application) -> None:
        """Add the app's two addresses; robots alone need none."""
        if self._hears is None:
            return
        for path in PATHS:
            app.router.add_post(path, self._ingress.route(partial(self._receive, *self._hears)))

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """None: Feishu calls us."""
        return {}

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _receive(self, verifier: Verifier, reader: Reader, request: web.Request) -> web.Response:
        """Answered after the commit."""
        payload = await verifier.verified(request, self._ingress.wall())
        if payload.get("type") == "url_verification":
            return web.json_response({"challenge": _challenge(payload)})
        event = await reader.read(payload)
        if event is not None:
            await self._ingress.accept(event)
        return web.json_response({})


def _challenge(payload: dict[str, object]) -> str:
    challenge = payload.get("challenge")
    if not isinstance(challenge, str):
        raise BadRequest(400, "bad_body")
    return challenge
