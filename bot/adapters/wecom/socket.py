"""The AI bot's long connection: subscribe, ping, requests and their acknowledgements (WeCom 101463).

A bot has one connection; a newer one sends the older away. Whoever is sent away waits long before he tries again, or two
processes would throw each other out for ever.
"""

import asyncio
import itertools
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import aiohttp

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import BadRequest, strict_json
from bot.adapters.wecom.codes import check
from bot.adapters.wecom.settings import WecomBot
from bot.core.bugs import where
from bot.core.errors import Rejected, Temporary

log = logging.getLogger(__name__)
WAITING = 1000  # callbacks taken from the wire and not yet kept; beyond that nothing more is read
FRAME_BYTES = 2**20
STEADY = 60.0  # seconds after which a connection counts as a good one; WeCom limits how often one may subscribe
BAD_CREDENTIALS = 853000
_CALLBACKS = frozenset({"aibot_msg_callback", "aibot_event_callback"})
Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: between pings, for an acknowledgement, between attempts, and before another try when we were sent away."""

    ping: float = 30
    missed: int = 2
    ack: float = 5
    again: tuple[float, ...] = (1, 2, 4, 8, 16, 30)
    away: float = 600


class End(Enum):
    """How a connection ended."""

    LOST = "connection lost"
    AWAY = "another process has taken over this bot's connection"
    REFUSED = "bot_id or secret is refused"


class Connection:
    """One bot's connection. ``hears`` is given each callback frame, one after the other, with its arrival (loop time)."""

    def __init__(
        self, name: str, bot: WecomBot, http: Http, hears: Callable[[Frame, float], Awaitable[None]], pace: Pace
    ) -> None:
        self.generation = 0
        self._name = name
        self._bot = bot
        self._http = http
        self._hears = hears
        self._pace = pace
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._why = "not connected yet"
        self._unanswered = 0
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._arrived: asyncio.Queue[tuple[Frame, float]] = asyncio.Queue(WAITING)

    async def run(self) -> None:
        """Keep the connection for ever."""
        attempt = 0
        while True:
            began = asyncio.get_running_loop().time()
            end = await self._once()
            self._why = end.value
            attempt = 0 if asyncio.get_running_loop().time() - began > STEADY else attempt + 1
            pause = self._pace.again[min(max(attempt - 1, 0), len(self._pace.again) - 1)]
            if end is not End.LOST:
                log.error("wecom: bot %s: %s; next try in %g s", self._name, end.value, self._pace.away)
                pause = self._pace.away
            else:
                log.warning("wecom: bot %s: no connection; next try in %g s", self._name, pause)
            await asyncio.sleep(pause)

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

    async def _once(self) -> End:
        """One connection from its beginning to its end."""
        try:
            async with self._http.session().ws_connect(self._bot.ws_url, max_msg_size=FRAME_BYTES) as socket:
                reader = asyncio.create_task(self._read(socket))
                try:
                    if (refused := await self._subscribe(socket)) is not None:
                        return refused
                    return await self._while_alive(socket, reader)
                finally:
                    self._socket = None
                    reader.cancel()
                    await asyncio.gather(reader, return_exceptions=True)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return End.LOST

    async def _subscribe(self, socket: aiohttp.ClientWebSocketResponse) -> End | None:
        secret = self._bot.secret.get_secret_value()
        try:
            await self._ask(socket, "aibot_subscribe", {"bot_id": self._bot.bot_id, "secret": secret}, None)
        except Rejected:
            return End.REFUSED
        except Temporary:
            return End.LOST
        self.generation += 1
        self._unanswered = 0
        self._socket = socket
        log.info("wecom: bot %s is connected", self._name)
        return None

    async def _while_alive(self, socket: aiohttp.ClientWebSocketResponse, reader: "asyncio.Task[End]") -> End:
        beat = asyncio.create_task(self._beat(socket))
        try:
            await asyncio.wait({reader, beat}, return_when=asyncio.FIRST_COMPLETED)
            return await reader if reader.done() else End.LOST
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

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> End:
        try:
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                if await self._take(message.data):
                    return End.AWAY
            return End.LOST
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(Temporary("connection lost", uncertain=True))

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
        future = self._waiting.get(request)
        if future is not None and not future.done():
            future.set_result(frame)
        return False

    async def _ask(
        self, socket: aiohttp.ClientWebSocketResponse, command: str, body: dict[str, Any], request: str | None
    ) -> Frame:
        request = request or f"{command}-{next(self._numbers)}"
        future = self._waiting[request] = asyncio.get_running_loop().create_future()
        try:
            await socket.send_str(json.dumps({"cmd": command, "headers": {"req_id": request}, "body": body}))
            async with asyncio.timeout(self._pace.ack):
                frame: Frame = await future
        except (aiohttp.ClientError, ConnectionError):
            raise Temporary("connection lost", uncertain=True) from None
        except TimeoutError:
            raise Temporary("no acknowledgement", uncertain=True) from None
        finally:
            del self._waiting[request]
            future.cancel()
        check(frame.get("errcode"))
        return frame


def request_of(frame: Frame) -> str:
    """The request id of a frame; empty when it has none."""
    headers = frame.get("headers")
    request = headers.get("req_id") if isinstance(headers, dict) else None
    return request if isinstance(request, str) else ""


def _sent_away(frame: Frame) -> bool:
    body = frame.get("body")
    event = body.get("event") if isinstance(body, dict) else None
    return isinstance(event, dict) and event.get("eventtype") == "disconnected_event"
