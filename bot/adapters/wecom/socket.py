"""The AI bot's long connection: subscribe, ping, requests and their acknowledgements (WeCom 101463).

A bot has one connection; a newer one sends the older away. Whoever is sent away waits longer and longer before he tries again,
or two processes would throw each other out for ever. A subscription may end while the line stands: then every command, a ping
too, is answered "not subscribed".
"""

import asyncio
import itertools
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import BadRequest, strict_json
from bot.adapters.common.listening import Cause, Ended, Listening
from bot.adapters.common.pauses import pause_asked
from bot.adapters.wecom.codes import check
from bot.adapters.wecom.settings import WecomBot
from bot.core.bugs import where
from bot.core.errors import Rejected, Temporary

log = logging.getLogger(__name__)
WAITING = 1000  # callbacks taken from the wire and not yet kept; beyond that nothing more is read
FRAME_BYTES = 2**20
BAD_CREDENTIALS = 853000
NOT_SUBSCRIBED = 846609
_CALLBACKS = frozenset({"aibot_msg_callback", "aibot_event_callback"})
Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between pings, how many may go unanswered, and seconds for an acknowledgement."""

    ping: float = 30
    missed: int = 2
    ack: float = 5


LOST = Ended("connection lost")
UNSUBSCRIBED = Ended("the subscription has ended")
AWAY = Ended("another process has taken over this bot's connection", cause=Cause.TAKEN_OVER)
REFUSED = Ended("bot_id or secret is refused", cause=Cause.REFUSED)


class Connection:
    """One bot's connection. ``hears`` is given each callback frame, one after the other, with its arrival (loop time)."""

    def __init__(
        self,
        name: str,
        bot: WecomBot,
        http: Http,
        hears: Callable[[Frame, float], Awaitable[None]],
        listening: Listening,
        pace: Pace,
    ) -> None:
        self.generation = 0
        self._name = name
        self._bot = bot
        self._http = http
        self._hears = hears
        self._listening = listening
        self._pace = pace
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._why = "not connected yet"
        self._end: asyncio.Future[Ended] | None = None
        self._unanswered = 0
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._arrived: asyncio.Queue[tuple[Frame, float]] = asyncio.Queue(WAITING)

    async def run(self) -> None:
        """Keep the connection for ever."""
        while True:
            ended = await self._once()
            self._why = ended.why
            await self._listening.again(ended)

    async def listen(self) -> None:
        """Hand on what arrived, for ever; apart from :meth:`run`, so that acknowledgements are read meanwhile."""
        while True:
            frame, at = await self._arrived.get()
            try:
                await self._hears(frame, at)
            except Exception as error:
                log.error("wecom: bot %s: a callback was not understood: %s", self._name, where(error))

    async def ask(self, command: str, body: dict[str, Any], request: str | None = None) -> Frame:
        """Send one command and wait for its acknowledgement; ``request`` is the callback's id in an answer to it.

        Raises ``Temporary`` (``uncertain`` once it was sent) or ``Rejected``.
        """
        if self._socket is None:
            raise Temporary(self._why)
        return await self._ask(self._socket, command, body, request)

    async def _once(self) -> Ended:
        """One connection from its beginning to its end."""
        try:
            async with self._http.session().ws_connect(self._bot.ws_url, max_msg_size=FRAME_BYTES) as socket:
                self._end = asyncio.get_running_loop().create_future()
                reader = asyncio.create_task(self._read(socket, self._end))
                try:
                    if (refused := await self._subscribe(socket)) is not None:
                        return refused
                    with self._listening.standing():
                        return await self._while_alive(socket, reader, self._end)
                finally:
                    self._socket = None
                    reader.cancel()
                    await asyncio.gather(reader, return_exceptions=True)
        except aiohttp.WSServerHandshakeError as error:
            return Ended(f"no connection: status {error.status}", pause_asked(error.headers or {}))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Ended(f"no connection: {type(error).__name__}")

    async def _subscribe(self, socket: aiohttp.ClientWebSocketResponse) -> Ended | None:
        """None when it is done. Only WeCom's own word says that the credentials are wrong; all else may pass."""
        secret = self._bot.secret.get_secret_value()
        try:
            frame = await self._sent(socket, "aibot_subscribe", {"bot_id": self._bot.bot_id, "secret": secret})
            code = frame.get("errcode")
            if code == BAD_CREDENTIALS:
                return REFUSED
            check(code)
        except Rejected as error:
            return Ended(f"no subscription: {error.reason}")
        except Temporary as error:
            return Ended(f"no subscription: {error.reason}", error.retry_after)
        self.generation += 1
        self._unanswered = 0
        self._socket = socket
        return None

    async def _while_alive(
        self, socket: aiohttp.ClientWebSocketResponse, reader: "asyncio.Task[None]", end: "asyncio.Future[Ended]"
    ) -> Ended:
        beat = asyncio.create_task(self._beat(socket))
        try:
            both: set[asyncio.Future[Any]] = {end, beat}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if reader.done():
                reader.result()
            return end.result() if end.done() else LOST
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)

    async def _beat(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Ping; returns when so many pings were not answered that the other side must be gone."""
        while True:
            await asyncio.sleep(self._pace.ping)
            if self._unanswered >= self._pace.missed:
                return
            self._unanswered += 1
            await socket.send_str(json.dumps({"cmd": "ping", "headers": {"req_id": f"ping-{next(self._numbers)}"}}))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, end: "asyncio.Future[Ended]") -> None:
        """Take every frame; ``end`` is set when the connection is no more, or of no more use."""
        ended = LOST
        try:
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                if await self._take(message.data):
                    ended = AWAY
                    return
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(Temporary("connection lost", uncertain=True))
            if not end.done():
                end.set_result(ended)

    async def _take(self, text: str) -> bool:
        """One frame; True when it sends us away."""
        try:
            frame = strict_json(text)
        except BadRequest:
            log.warning("wecom: bot %s: a frame that is no JSON object", self._name)
            return False
        if frame.get("cmd") in _CALLBACKS:
            if _sent_away(frame):
                return True
            await self._arrived.put((frame, asyncio.get_running_loop().time()))
            return False
        request = request_of(frame)
        if request.startswith("ping-"):
            self._unanswered = 0
            if frame.get("errcode") == NOT_SUBSCRIBED:
                self._leave(UNSUBSCRIBED)
        future = self._waiting.get(request)
        if future is not None and not future.done():
            future.set_result(frame)
        return False

    async def _ask(
        self, socket: aiohttp.ClientWebSocketResponse, command: str, body: dict[str, Any], request: str | None
    ) -> Frame:
        frame = await self._sent(socket, command, body, request)
        if frame.get("errcode") == NOT_SUBSCRIBED:
            if socket is self._socket:
                self._leave(UNSUBSCRIBED)
            raise Temporary(UNSUBSCRIBED.why)
        check(frame.get("errcode"))
        return frame

    async def _sent(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        command: str,
        body: dict[str, Any],
        request: str | None = None,
    ) -> Frame:
        """The acknowledgement of one command, whatever it says."""
        request = request or f"{command}-{next(self._numbers)}"
        future = self._waiting[request] = asyncio.get_running_loop().create_future()
        try:
            await socket.send_str(json.dumps({"cmd": command, "headers": {"req_id": request}, "body": body}))
            async with asyncio.timeout(self._pace.ack):
                frame: Frame = await future
                return frame
        except (aiohttp.ClientError, ConnectionError):
            raise Temporary("connection lost", uncertain=True) from None
        except TimeoutError:
            raise Temporary("no acknowledgement", uncertain=True) from None
        finally:
            del self._waiting[request]
            future.cancel()

    def _leave(self, ended: Ended) -> None:
        """Give the connection up for a new one; what is to be said waits for that."""
        self._socket, self._why = None, ended.why
        if self._end is not None and not self._end.done():
            self._end.set_result(ended)


def request_of(frame: Frame) -> str:
    """The request id of a frame; empty when it has none."""
    headers = frame.get("headers")
    request = headers.get("req_id") if isinstance(headers, dict) else None
    return request if isinstance(request, str) else ""


def _sent_away(frame: Frame) -> bool:
    body = frame.get("body")
    event = body.get("event") if isinstance(body, dict) else None
    return isinstance(event, dict) and event.get("eventtype") == "disconnected_event"
