"""Matrix as one chat platform: what it can do, how a post is sent, and what becomes of what the stream brings."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import Ingress
from bot.adapters.common.mentions import mentioned
from bot.adapters.matrix import buttons as signs
from bot.adapters.matrix.api import SYNC_SECONDS, Api
from bot.adapters.matrix.called import called
from bot.adapters.matrix.format import TEXT_LIMIT, measured
from bot.adapters.matrix.ids import MessageId
from bot.adapters.matrix.incoming import Reacted, Said, read, shown_content
from bot.adapters.matrix.outgoing import Poster
from bot.adapters.matrix.rooms import DirectRooms
from bot.adapters.matrix.settings import MatrixSettings
from bot.adapters.matrix.sync import Sync
from bot.core.errors import Rejected, Temporary
from bot.core.events import Envelope, FileRef, Message, Tap
from bot.core.people import Chat
from bot.core.ports import Capabilities, Hears, Outgoing
from bot.settings import Settings

log = logging.getLogger(__name__)
SYNC_LIMIT = 64 * 1024 * 1024  # bytes of one answer of the stream: many rooms after a long absence


class MatrixAdapter:
    """One bot account. Rooms are read unencrypted; the stream is opened by us, so no public address is needed."""

    name = "matrix"

    def __init__(self, settings: Settings, ingress: Ingress) -> None:
        self._settings = mine = settings.section(MatrixSettings)
        self._ingress = ingress
        self._http = Http(proxy=mine.proxy, ca_file=mine.ca_file)
        self._slow = Http(proxy=mine.proxy, ca_file=mine.ca_file, total=2 * SYNC_SECONDS, answer_limit=SYNC_LIMIT)
        token = mine.access_token.get_secret_value() if mine.access_token else ""
        self._api = Api(self._http, self._slow, mine.homeserver, token)
        self._rooms = DirectRooms(self._api)
        self._poster = Poster(self._api, self._rooms, settings.state_dir)
        self.sync = Sync(self._api, self._rooms, ingress, self._take)

    def capabilities(self, chat: Chat) -> Capabilities:
        """The same everywhere: a bot account hears all of a room that it is in."""
        return Capabilities(
            hears=Hears.ALL,
            buttons=True,
            most_buttons=signs.MOST,
            updates=True,
            threads=True,
            mentions=True,
            files=True,
            client_keys=True,
            text_limit=TEXT_LIMIT,
            measure=measured,
        )

    async def send(self, out: Outgoing) -> str:
        """Send or change one post; its name."""
        return await self._poster.send(out, dict(mentioned(out.post, self._ingress.runtime.site(), self.name)))

    async def fetch(self, file: FileRef, limit: int) -> bytes:
        """A file that somebody sent. Raises ``Temporary`` or ``Rejected``."""
        return await self._api.fetch(file.key, limit)

    def mount(self, app: web.Application) -> None:
        """Nothing: the stream is ours to open."""

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        return {"matrix stream": self.sync.run}

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()
        await self._slow.close()

    async def _take(self, room: str, event: Mapping[str, Any]) -> None:
        """Keep one event of the stream. Raises ``Temporary`` when it cannot be kept now."""
        heard, me = read(event), await self._api.me()
        if heard is None or heard.user == me:
            return
        if isinstance(heard, Reacted):
            await self._pressed(room, heard, me)
            return
        await self._ingress.accept(await self._message(room, heard, me))
        await self._show_as_read(room, heard.id.event)

    async def _message(self, room: str, said: Said, me: str) -> Message:
        direct = await self._rooms.owner(room) is not None
        shown = said.shown_as(me)
        meant = bool(shown) or (
            me in said.mentioned and said.reply_to is None
        )  # a reply mentions whom it answers by itself
        named, text = called(said.text, (me, me.partition(":")[0], self._settings.name, *shown), mentioned=meant)
        to_bot = direct or named or meant or me in said.mentioned
        return Message(
            self._envelope(room, str(said.id), said.user, said.sent_at, direct=direct),
            f"@bot {text}".strip() if named else said.text,
            str(said.reply_to) if said.reply_to else None,
            mentions=self._ingress.people(said.mentioned),
            files=said.files,
            to_bot=to_bot,
            thread=said.id.thread,
        )

    async def _pressed(self, room: str, reacted: Reacted, me: str) -> None:
        """A sign below a post of the bot's that offers it; any other reaction is people's own business."""
        post = await self._api.event(room, reacted.to)
        if post is None or post.get("sender") != me:
            return
        action = signs.pressed(shown_content(post), reacted.sign)
        if action is None:
            return
        relation = post.get("content", {}).get("m.relates_to", {})
        thread = relation.get("event_id", "") if relation.get("rel_type") == "m.thread" else ""
        direct = await self._rooms.owner(room) is not None
        envelope = self._envelope(room, reacted.event, reacted.user, reacted.sent_at, direct=direct)
        await self._ingress.accept(Tap(envelope, action, str(MessageId(reacted.to, thread))))
        await self._show_as_read(room, reacted.event)

    def _envelope(self, room: str, key: str, user: str, sent_at: datetime, *, direct: bool) -> Envelope:
        return self._ingress.envelope(key=key, user=user, chat=room, sent_at=sent_at, direct=direct)

    async def _show_as_read(self, room: str, event: str) -> None:
        """The sender sees that it arrived; a courtesy, so that it fails is no failure of the message."""
        try:
            await self._api.read_up_to(room, event)
        except (Temporary, Rejected) as error:
            log.info("matrix: no receipt: %s", error.reason)
