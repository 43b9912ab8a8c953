"""An AI bot on a long connection: no public address needed, buttons, files, and it may speak first (WeCom 101463)."""

import asyncio
import base64
import hashlib
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from bot.adapters.common.files import contents
from bot.adapters.common.http import Http, marked
from bot.adapters.common.ingress import BadRequest, Ingress
from bot.adapters.wecom import cards
from bot.adapters.wecom.bot_incoming import Heard, read
from bot.adapters.wecom.callback_bot import MARKDOWN_BYTES, ROOM, welcome
from bot.adapters.wecom.format import as_markdown, as_text, markdown_bytes
from bot.adapters.wecom.progress import Paced, Progress
from bot.adapters.wecom.settings import WecomBot
from bot.adapters.wecom.socket import Connection, Frame, Pace, request_of
from bot.core.content import Attachment
from bot.core.errors import Rejected, Temporary
from bot.core.events import Message, Tap
from bot.core.ports import Capabilities, Hears, Outgoing, Rate
from bot.settings import Settings

log = logging.getLogger(__name__)
RATES = (Rate(30, 60), Rate(1000, 3600))  # a chat, answers and pushes together
ANSWERS = 2000  # callbacks that may still be answered, and cards that may still be clicked
ANSWER_SECONDS = 600.0  # an answer keeps to its question this long; later it is a message of its own
CLICK_SECONDS = 4.5  # a click's card can be changed for 5 s
KEEP_SECONDS = 0.5  # pause before a callback is kept that the store could not take
CHUNK = 512 * 1024
CHUNKS = 100
LEAST_BYTES = 6
SINGLE, GROUP = 1, 2  # chat_type


class SocketBot:
    """One bot. The connection gives no message ids: ours is made from the client key, and a card's task id leads back to it."""

    def __init__(
        self, name: str, bot: WecomBot, settings: Settings, http: Http, ingress: Ingress, pace: Pace | None = None
    ) -> None:
        self._name = name
        self._bot = bot
        self._settings = settings
        self._ingress = ingress
        self._connection = Connection(
            name, bot, http, self._heard, ingress.listening(f"wecom bot {name}"), pace or Pace()
        )
        self._progress = Progress()
        self._pace = Paced(ingress.runtime.clock, *RATES)
        self._answers: OrderedDict[str, tuple[str, int, float]] = OrderedDict()
        self._cards: OrderedDict[str, cards.Card] = OrderedDict()
        self.can = Capabilities(
            hears=Hears.MENTIONS,
            most_buttons=cards.MOST_BUTTONS,
            updates=False,
            threads=False,
            mentions=False,
            client_keys=False,
            text_limit=MARKDOWN_BYTES - ROOM,
            measure=markdown_bytes,
            rates=RATES,
            call=f"@{bot.display_name}",
        )

    def workers(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """The connection, and what hands on its callbacks."""
        return {f"wecom bot {self._name}": self._connection.run, f"wecom bot {self._name} in": self._connection.listen}

    async def send(self, out: Outgoing) -> str:
        """Post text, cards, files; each waits for its acknowledgement."""
        message = cards.message_id(out.client_key)
        text = marked(out, self.can)
        steps: list[Callable[[], Awaitable[None]]] = []
        lead: str | None = text
        shown: tuple[cards.Card, ...] = ()
        if out.post.buttons:  # the platform takes no task id twice, so each attempt has its own
            plan = cards.layout(as_text(text), out.post.buttons, f"{message}-{secrets.token_hex(4)}")
            lead, shown = (text if plan.lead is not None else None), plan.cards
        if lead is not None and lead.strip():
            steps.append(partial(self._say, out, {"msgtype": "markdown", "markdown": {"content": as_markdown(lead)}}))
        steps += [partial(self._show, out, card) for card in shown]
        steps += [partial(self._file, out, file) for file in out.post.files]
        await self._progress.go(out.client_key, steps)
        return message

    async def _show(self, out: Outgoing, card: cards.Card) -> None:
        _keep(self._cards, card["task_id"], card)
        await self._say(out, {"msgtype": "template_card", "template_card": card})

    async def _file(self, out: Outgoing, file: Attachment) -> None:
        data = await contents(self._settings.state_dir, file)
        media = await self._upload(file.name, data.ljust(LEAST_BYTES, b"\n"))
        await self._say(out, {"msgtype": "file", "file": {"media_id": media}})

    async def _say(self, out: Outgoing, body: dict[str, Any]) -> None:
        await self._pace.go(out.address, partial(self._put, out, body))

    async def _put(self, out: Outgoing, body: dict[str, Any]) -> None:
        """As the answer to its question while that is fresh, else as a message of its own."""
        request = self._answerable(out.reply_to)
        if request is not None:
            try:
                await self._connection.ask("aibot_respond_msg", body, request)
                return
            except Rejected:
                log.info("wecom: bot %s: an answer came too late for its question", self._name)
        place = {"chatid": out.address, "chat_type": SINGLE if out.direct else GROUP}
        try:
            await self._connection.ask("aibot_send_msg", place | body)
        except Rejected as error:
            raise Rejected(f"{error.reason}; the bot may speak only where somebody wrote to it before") from None

    def _answerable(self, message: str | None) -> str | None:
        """The request id that answers ``message``, once, on the connection that it came by."""
        request, generation, until = self._answers.pop(message or "", ("", 0, 0.0))
        fresh = generation == self._connection.generation and asyncio.get_running_loop().time() < until
        return request if request and fresh else None

    async def _upload(self, name: str, data: bytes) -> str:
        """The media id of a file, brought over in pieces."""
        pieces = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
        if len(pieces) > CHUNKS:
            raise Rejected("a file is larger than 50 MB")
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        begin = {"type": "file", "filename": name, "total_size": len(data), "total_chunks": len(pieces), "md5": md5}
        upload = _given(await self._connection.ask("aibot_upload_media_init", begin), "upload_id")
        for index, piece in enumerate(pieces):
            part = {"upload_id": upload, "chunk_index": index, "base64_data": base64.b64encode(piece).decode()}
            await self._connection.ask("aibot_upload_media_chunk", part)
        return _given(await self._connection.ask("aibot_upload_media_finish", {"upload_id": upload}), "media_id")

    async def _heard(self, frame: Frame, at: float) -> None:
        """One callback: first it is kept, then it is answered."""
        body = frame.get("body")
        try:
            heard = read(body if isinstance(body, dict) else {}, self._bot, self._ingress, self._ingress.wall())
        except BadRequest as error:
            await self._ingress.refuse(error.code, f"wecom bot {self._name}")
            return
        match heard.event:
            case Message(envelope) as message:
                until = asyncio.get_running_loop().time() + ANSWER_SECONDS
                answerable = request_of(frame), self._connection.generation, until
                _keep(self._answers, envelope.key, answerable)  # before the commit: the answer may go at once
                await self._kept(message)
            case Tap(_, action) as tap:
                await self._kept(tap)
                await self._acknowledge(heard, action, request_of(frame), at)
            case None if heard.entered:
                text = {"msgtype": "text", "text": {"content": welcome(self._settings, self._ingress)}}
                await self._answer_now("aibot_respond_welcome_msg", text, request_of(frame))
            case _:
                pass

    async def _kept(self, event: Message | Tap) -> None:
        """Commit it. The platform sends nothing twice here, so a busy store is waited for."""
        while True:
            try:
                await self._ingress.accept(event)
                return
            except Temporary:
                await asyncio.sleep(KEEP_SECONDS)

    async def _acknowledge(self, heard: Heard, action: str, request: str, at: float) -> None:
        """Show the one who clicked that it was taken; only for a card of this process, and only at once."""
        card = self._cards.get(heard.card)
        if card is not None and asyncio.get_running_loop().time() - at < CLICK_SECONDS:
            await self._answer_now("aibot_respond_update_msg", cards.pressed(card, action, heard.user), request)

    async def _answer_now(self, command: str, body: dict[str, Any], request: str) -> None:
        try:
            await self._connection.ask(command, body, request)
        except (Temporary, Rejected) as error:
            log.warning("wecom: bot %s: %s: %s", self._name, command, error.reason)


def _keep(shelf: "OrderedDict[str, Any]", key: str, value: object) -> None:
    shelf[key] = value
    while len(shelf) > ANSWERS:
        shelf.popitem(last=False)


def _given(frame: Frame, name: str) -> str:
    body = frame.get("body")
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not value:
        raise Rejected(f"the upload gave no {name}")
    return value
