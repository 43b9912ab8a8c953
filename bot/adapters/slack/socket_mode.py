"""Socket Mode: Slack's events over a connection that we open, for networks that let nothing in (Slack sheet 7)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import aiohttp

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import BadRequest, Ingress, strict_json
from bot.adapters.slack.api import Api
from bot.core.errors import Rejected, Temporary

log = logging.getLogger(__name__)
BACKOFF = (0.0, 1.0, 2.0, 5.0, 15.0, 30.0, 60.0)  # seconds after so many connections that did not come to stand
HEARTBEAT = 15.0  # seconds between pings; a connection that answers none is given up
LINGER = 30.0  # seconds that a connection which Slack is about to close is listened to
FRAME_LIMIT = 2 * 1024 * 1024  # bytes

Take = Callable[[dict[str, Any], datetime], Awaitable[object]]


class SocketMode:
    """Keeps a connection. When Slack warns that it will close it, the next one is opened before the old one is left."""

    def __init__(self, http: Http, api: Api, app_token: str, ingress: Ingress, take: Take) -> None:
        self._http = http
        self._api = api
        self._token = app_token
        self._ingress = ingress
        self._take = take
        self._tries = 0

    async def run(self) -> None:
        """Listen for ever."""
        connections: set[asyncio.Task[None]] = set()
        try:
            while True:
                leave = asyncio.Event()
                connections.add(asyncio.create_task(self._listen(leave)))
                await leave.wait()
                await asyncio.sleep(BACKOFF[min(self._tries, len(BACKOFF) - 1)])
                for ended in [task for task in connections if task.done()]:
                    connections.remove(ended)
                    ended.result()
        finally:
            for task in connections:
                task.cancel()
            await asyncio.gather(*connections, return_exceptions=True)

    async def _listen(self, leave: asyncio.Event) -> None:
        """One connection from beginning to end; ``leave`` is set when another one is to be opened."""
        self._tries += 1
        try:
            url = str((await self._api.call("apps.connections.open", token=self._token))["url"])
            connection = self._http.session().ws_connect(url, heartbeat=HEARTBEAT, max_msg_size=FRAME_LIMIT)
            async with connection as socket:
                await self._follow(socket, leave)
        except (Temporary, Rejected) as error:
            log.warning("slack: no socket: %s", error.reason)
        except (aiohttp.ClientError, ConnectionError, TimeoutError, BadRequest) as error:
            log.warning("slack: the socket ended: %s", type(error).__name__)
        finally:
            leave.set()

    async def _follow(self, socket: "aiohttp.ClientWebSocketResponse[bool]", leave: asyncio.Event) -> None:
        while True:
            message = await socket.receive(timeout=LINGER if leave.is_set() else None)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            frame = strict_json(message.data)
            match frame.get("type"):
                case "hello":
                    self._tries = 0
                case "disconnect":
                    if frame.get("reason") == "link_disabled":
                        log.error("slack: Socket Mode is switched off for this app")
                        self._tries = len(BACKOFF)
                    leave.set()
                case _:
                    await self._one(socket, frame)

    async def _one(self, socket: "aiohttp.ClientWebSocketResponse[bool]", frame: dict[str, Any]) -> None:
        """Acknowledge one event after it is kept; what cannot be kept now is not, and Slack delivers it again."""
        payload, envelope_id = frame.get("payload"), frame.get("envelope_id")
        if not (isinstance(payload, dict) and isinstance(envelope_id, str)):
            return
        try:
            await self._take(payload, self._ingress.wall())
        except Temporary:
            return
        except BadRequest as error:
            await self._ingress.refuse(error.code, "socket mode")
        await socket.send_json({"envelope_id": envelope_id})
