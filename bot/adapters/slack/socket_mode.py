"""Socket Mode: Slack's events over a connection that we open, for networks that let nothing in (Slack sheet 7)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeAlias

import aiohttp

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import BadRequest, Ingress, strict_json
from bot.adapters.common.listening import Cause, Ended
from bot.adapters.common.pauses import pause_asked
from bot.adapters.slack.api import Api
from bot.adapters.slack.codes import Foreign, Unauthorised
from bot.core.errors import Rejected, Temporary

HELLO = 15.0  # seconds until Slack must have greeted
HEARTBEAT = 15.0  # seconds between pings; a connection that answers none is given up
LINGER = 30.0  # seconds that a connection which Slack is about to close is listened to
FRAME_LIMIT = 2 * 1024 * 1024  # bytes

Leave: TypeAlias = "asyncio.Future[Ended]"
Take = Callable[[dict[str, Any], datetime], Awaitable[object]]


class SocketMode:
    """Keeps a connection. When Slack warns that it will close it, the next one is opened before the old one is left."""

    def __init__(self, http: Http, api: Api, app_token: str, ingress: Ingress, take: Take) -> None:
        self._http = http
        self._api = api
        self._token = app_token
        self._ingress = ingress
        self._listening = ingress.listening("slack socket")
        self._take = take

    async def run(self) -> None:
        """Listen for ever."""
        connections: set[asyncio.Task[None]] = set()
        try:
            while True:
                leave: Leave = asyncio.get_running_loop().create_future()
                connections.add(asyncio.create_task(self._listen(leave)))
                await self._listening.again(await leave)
                for ended in [task for task in connections if task.done()]:
                    connections.remove(ended)
                    ended.result()
        finally:
            for task in connections:
                task.cancel()
            await asyncio.gather(*connections, return_exceptions=True)

    async def _listen(self, leave: Leave) -> None:
        """One connection from beginning to end; ``leave`` is set when another one is to be opened."""
        ended = Ended("connection lost")
        try:
            connection = self._http.session().ws_connect(
                await self._address(), heartbeat=HEARTBEAT, max_msg_size=FRAME_LIMIT
            )
            async with connection as socket:
                await self._follow(socket, leave)
        except Unauthorised as error:
            ended = Ended(error.reason, error.retry_after, Cause.REFUSED)
        except Temporary as error:
            ended = Ended(error.reason, error.retry_after)
        except Rejected as error:
            ended = Ended(error.reason, cause=Cause.REFUSED)
        except aiohttp.WSServerHandshakeError as error:
            ended = Ended(f"status {error.status}", pause_asked(error.headers or {}))
        except (aiohttp.ClientError, ConnectionError, TimeoutError, BadRequest) as error:
            ended = Ended(f"the socket ended: {type(error).__name__}")
        finally:
            if not leave.done():
                leave.set_result(ended)

    async def _address(self) -> str:
        url = (await self._api.call("apps.connections.open", token=self._token)).get("url")
        if not isinstance(url, str):
            raise Foreign("apps.connections.open: no address")
        return url

    async def _follow(self, socket: "aiohttp.ClientWebSocketResponse[bool]", leave: Leave) -> None:
        first = await self._frame(socket, HELLO)
        if first.get("type") == "disconnect":
            leave.set_result(_asked_to_leave(first.get("reason")))
            return
        with self._listening.standing():
            await self._one(socket, first)
            while True:
                frame = await self._frame(socket, LINGER if leave.done() else None)
                if frame.get("type") != "disconnect":
                    await self._one(socket, frame)
                elif not leave.done():
                    leave.set_result(_asked_to_leave(frame.get("reason")))

    async def _frame(self, socket: "aiohttp.ClientWebSocketResponse[bool]", seconds: float | None) -> dict[str, Any]:
        """The next frame. ``ConnectionError`` when it is the last."""
        message = await socket.receive(timeout=seconds)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError
        return strict_json(message.data)

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


def _asked_to_leave(reason: object) -> Ended:
    """What Slack means by ``disconnect``: it changes over (``warning``, ``refresh_requested``), or somebody switched it off."""
    if reason == "link_disabled":
        return Ended("Socket Mode is switched off for this app", cause=Cause.SWITCHED_OFF)
    known = reason if isinstance(reason, str) and reason.isascii() and len(reason) < 50 else "?"
    return Ended(f"Slack wants another connection ({known})")
