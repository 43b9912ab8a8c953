"""The way in from Feishu: what people say and tap, checked, understood, committed, and only then answered."""

import asyncio
import logging

from aiohttp import web

from bot.adapters.common.ingress import BadRequest, Ingress
from bot.adapters.feishu import incoming
from bot.adapters.feishu.api import Api
from bot.adapters.feishu.verify import Gate
from bot.core.errors import Rejected, Temporary
from bot.core.events import Message, Tap
from bot.core.people import Account

log = logging.getLogger(__name__)
ASK_SECONDS = 1.5  # the platform waits 3 s for our answer
ASK_AGAIN = 60.0  # seconds until the bot's own id is asked for again, when it could not be had


class Receiver:
    """Takes one app's requests. ``own`` is the bot's open_id, asked for where it is empty; ``name`` what people call it."""

    def __init__(self, ingress: Ingress, gate: Gate, api: Api, own: str, name: str) -> None:
        self._ingress = ingress
        self._gate = gate
        self._api = api
        self._own = own
        self._name = name
        self._ask_own_at = 0.0

    def mount(self, app: web.Application) -> None:
        """Events and card callbacks may be set up with one address or two."""
        for path in ("/feishu/events", "/feishu/cards"):
            app.router.add_post(path, self._ingress.route(self._receive))

    async def _receive(self, request: web.Request) -> web.Response:
        """What is nobody's word (other events, bots) is answered and forgotten."""
        data = await self._gate.opened(request, self._ingress.wall())
        if data.get("type") == "url_verification":
            return web.json_response({"challenge": _challenge(data.get("challenge"))})
        told = incoming.told(data)
        match told.kind:
            case incoming.MESSAGE | incoming.OLD_MESSAGE:
                if (words := incoming.spoken(told)) is not None:
                    await self._take_in(words)
            case incoming.TAP:
                if (press := incoming.tapped(told)) is not None:
                    await self._take_tap(press)
        return web.json_response({})

    async def _take_in(self, words: incoming.Spoken) -> None:
        own = await self._own_id() if words.named else self._own
        if words.account == own:
            return

        def is_bot(named: incoming.Named) -> bool:
            return named.account == own if own else named.name == self._name

        text, to_bot = incoming.addressed(words, is_bot)
        site = self._ingress.tools.site()
        people = (site.person_of(Account(self._ingress.platform, named.account)) for named in words.named)
        envelope = self._ingress.envelope(
            key=words.id, user=words.account, chat=words.chat, sent_at=words.at, direct=words.direct
        )
        await self._ingress.accept(
            Message(
                envelope,
                f"@bot {text}".rstrip() if to_bot and not words.direct else text,
                words.reply_to,
                tuple(person.id for person in people if person),
                to_bot=to_bot or words.direct,
            )
        )

    async def _take_tap(self, press: incoming.Tapped) -> None:
        envelope = self._ingress.envelope(
            key=press.id, user=press.account, chat=press.chat, sent_at=self._ingress.wall(), direct=press.direct
        )
        await self._ingress.accept(Tap(envelope, press.action, press.message))

    async def _own_id(self) -> str:
        """The bot's own account; asked for once. While it cannot be had, the bot is known by its name."""
        now = asyncio.get_running_loop().time()
        if self._own or now < self._ask_own_at:
            return self._own
        self._ask_own_at = now + ASK_AGAIN
        try:
            async with asyncio.timeout(ASK_SECONDS):
                self._own = await self._api.own_open_id()
        except (Temporary, Rejected, TimeoutError) as error:
            log.warning("feishu: the bot's own id could not be had (%s); set feishu.bot_open_id", type(error).__name__)
        return self._own


def _challenge(value: object) -> str:
    if not isinstance(value, str):
        raise BadRequest(400, "bad_body")
    return value
