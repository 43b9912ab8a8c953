"""An AI bot in callback mode: hears by our public address, answers by the address that each callback brings.

It cannot begin a conversation: without an unused reply address nothing can be said. So a group that has to be told things
by itself needs a robot beside this bot.
"""

import json
from typing import Any

from aiohttp import web

from bot.adapters.common.http import Http, marked
from bot.adapters.common.ingress import BadRequest, Ingress, strict_json
from bot.adapters.wecom.bot_incoming import Heard, read
from bot.adapters.wecom.codes import check
from bot.adapters.wecom.crypto import Crypto
from bot.adapters.wecom.format import as_markdown, markdown_bytes
from bot.adapters.wecom.replies import Replies
from bot.adapters.wecom.settings import WecomBot, WecomSettings
from bot.adapters.wecom.verify import Opened, Verifier
from bot.core.errors import Rejected, Temporary
from bot.core.fit import utf8_bytes
from bot.core.ports import Capabilities, Hears, Outgoing
from bot.settings import Settings

MARKDOWN_BYTES = 20_480
ROOM = utf8_bytes("(补发) ")


def welcome(settings: Settings, ingress: Ingress) -> str:
    """What somebody reads who opens the direct chat."""
    return ingress.runtime.renderer.post("help/welcome", settings.locale, {}).text


class CallbackBot:
    """One bot. An answer is a message of its own: no buttons, because an address takes one message only."""

    def __init__(self, name: str, bot: WecomBot, settings: Settings, http: Http, ingress: Ingress) -> None:
        self._path = f"/wecom/bot/{name}"
        self._bot = bot
        self._settings = settings
        self._http = http
        self._ingress = ingress
        self._crypto = Crypto(bot.token.get_secret_value(), bot.aes_key.get_secret_value(), "")
        self._verifier = Verifier(self._crypto, ingress)
        self._replies = Replies(settings.section(WecomSettings).api_base)
        self.can = Capabilities(
            hears=Hears.MENTIONS,
            buttons=False,
            updates=False,
            threads=False,
            mentions=False,
            files=False,
            client_keys=False,
            text_limit=MARKDOWN_BYTES - ROOM,
            measure=markdown_bytes,
            call=f"@{bot.display_name}",
        )

    def mount(self, app: web.Application) -> None:
        """The address that the bot's page is given."""
        app.router.add_get(self._path, self._ingress.route(self._verifier.echo), allow_head=False)
        app.router.add_post(self._path, self._ingress.route(self._receive))

    async def send(self, out: Outgoing) -> str:
        """Say it by an unused reply address; ``Rejected`` where there is none."""
        now = self._ingress.runtime.clock.real()
        reply = self._replies.take(out.address, out.reply_to, now)
        if reply is None:
            raise Rejected(
                "no reply address left: the chat needs a group robot, or somebody must write to the bot first"
            )
        body = {"msgtype": "markdown", "markdown": {"content": as_markdown(marked(out, self.can))}}
        try:
            answer = await self._http.json("POST", reply.url, json=body)
        except Temporary as error:
            if not error.uncertain:
                self._replies.give_back(out.address, reply)
            raise
        check(answer.data.get("errcode"), answer.status)
        return out.client_key

    async def _receive(self, request: web.Request) -> web.Response:
        opened = await self._verifier.verified(request, _encrypted)
        heard = read(strict_json(opened.message), self._bot, self._ingress, opened.sent_at)
        if heard.event is not None:
            await self._keep_address(heard, heard.event.envelope.key)  # before the commit: the answer may go at once
            await self._ingress.accept(heard.event)
        self._verifier.remember(opened)
        return self._welcome(opened) if heard.entered else web.Response()

    async def _keep_address(self, heard: Heard, message: str) -> None:
        if not heard.response_url:
            return
        if self._replies.allowed(heard.response_url):
            self._replies.offer(heard.address, message, heard.response_url, self._ingress.runtime.clock.real())
        else:
            await self._ingress.refuse("response_url_not_allowed", self._path)

    def _welcome(self, opened: Opened) -> web.Response:
        """The one reply that may be given at once: a text for somebody who opened the direct chat (WeCom 101031)."""
        text = welcome(self._settings, self._ingress)
        message = json.dumps({"msgtype": "text", "text": {"content": text}}, ensure_ascii=False)
        encrypted = self._crypto.encrypt(message.encode())
        timestamp = int(self._ingress.wall().timestamp())
        signature = self._crypto.signature(str(timestamp), opened.nonce, encrypted)
        reply: dict[str, Any] = {"encrypt": encrypted, "msgsignature": signature, "timestamp": timestamp}
        return web.json_response(reply | {"nonce": opened.nonce})


def _encrypted(body: bytes) -> str:
    encrypted = strict_json(body).get("encrypt")
    if not isinstance(encrypted, str) or not encrypted.isascii():
        raise BadRequest(400, "bad_body")
    return encrypted
