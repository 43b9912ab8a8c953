"""Why Slack's own clients are not ours: what slack_sdk does where our promises say otherwise (docs/dependencies.md).

A test that fails after an upgrade of slack_sdk says that the reason is gone.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from operator import methodcaller
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.common.http import ANSWER_LIMIT, Http
from bot.adapters.common.ingress import Ingress
from bot.adapters.slack.api import Api
from bot.adapters.slack.socket_mode import SocketMode
from bot.core.errors import Temporary
from tests.support.kit import Kit
from tests.support.until import until

TICKET = "one-time-ticket"


class Gateway:
    """Something in Slack's place. ``opens`` is whether it takes the socket that it offered."""

    def __init__(self, *, opens: bool = True) -> None:
        self._opens = opens
        self.url = ""
        self.sockets: list[web.WebSocketResponse] = []

    async def method(self, request: web.Request) -> web.Response:
        if request.path.endswith("apps.connections.open"):
            return web.json_response({"ok": True, "url": f"ws{self.url[4:]}/link?ticket={TICKET}"})
        return web.json_response({"ok": True, "filler": "x" * (2 * ANSWER_LIMIT)})

    async def link(self, request: web.Request) -> web.StreamResponse:
        if not self._opens:
            return web.Response(status=401)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        async for _ in socket:
            pass
        return socket

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Gateway"]:
        app = web.Application()
        app.router.add_post("/api/{method}", self.method)
        app.router.add_get("/link", self.link)
        async with TestServer(app) as server:
            self.url = str(server.make_url("")).rstrip("/")
            yield self
            for socket in self.sockets:
                await socket.close()

    async def events(self, *numbers: int) -> None:
        """Deliver events through the socket."""
        for number in numbers:
            frame = {"type": "events_api", "envelope_id": f"e{number}", "payload": {"number": number}}
            await self.sockets[-1].send_json(frame)


class Slow:
    """Keeps events, the first of them slowly; ``seen`` is what happened in which order."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def keep(self, payload: dict[str, Any], _at: datetime | None = None) -> None:
        number = payload["number"]
        self.seen.append(f"{number} comes")
        await asyncio.sleep(0.1 if number == 1 else 0)
        self.seen.append(f"{number} kept")


@contextlib.asynccontextmanager
async def ours(kit: Kit, url: str, slow: Slow) -> AsyncIterator[None]:
    """Our Socket Mode."""
    http = Http()
    socket = SocketMode(
        http, Api(http, f"{url}/api/", "xoxb"), "xapp", Ingress("slack", kit.inbox, kit.transactions), slow.keep
    )
    task = asyncio.ensure_future(socket.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await http.close()


@contextlib.asynccontextmanager
async def theirs(_kit: Kit, url: str, slow: Slow) -> AsyncIterator[None]:
    """slack_sdk's."""
    client = SocketModeClient("xapp", web_client=AsyncWebClient("xoxb", base_url=f"{url}/api/"), ping_interval=0.2)

    async def listener(_client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        await slow.keep(request.payload)

    client.socket_mode_request_listeners.append(listener)
    task = asyncio.ensure_future(client.connect_to_new_endpoint())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await methodcaller("close")(client)  # it has no types


IN_ORDER = ["1 comes", "1 kept", "2 comes", "2 kept"]


@pytest.mark.parametrize(("client", "order"), [(ours, IN_ORDER), (theirs, ["1 comes", "2 comes", "2 kept", "1 kept"])])
async def test_what_people_say_is_kept_in_the_order_in_which_it_comes(kit: Kit, client: Any, order: list[str]) -> None:
    """slack_sdk gives each frame a task of its own, so a second word overtakes the first."""
    slow = Slow()
    async with Gateway().open() as gateway, client(kit, gateway.url, slow):
        await until(lambda: bool(gateway.sockets))
        await gateway.events(1, 2)
        await until(lambda: len(slow.seen) == 4)
    assert slow.seen == order


@pytest.mark.parametrize(("client", "told"), [(ours, False), (theirs, True)])
async def test_the_ticket_of_a_socket_stays_out_of_the_log(
    kit: Kit, client: Any, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever reads it may listen; slack_sdk logs the whole address when it cannot connect."""
    async with Gateway(opens=False).open() as gateway, client(kit, gateway.url, Slow()):
        await until(lambda: bool(caplog.records))
    assert (TICKET in caplog.text) == told


async def test_an_answer_has_a_size_that_we_bound(kit: Kit) -> None:
    """A gateway in between may send anything; slack_sdk reads all of it into memory."""
    http = Http()
    async with Gateway().open() as gateway:
        with pytest.raises(Temporary, match="beyond all measure"):
            await Api(http, f"{gateway.url}/api/", "xoxb").call("auth.test")
        await http.close()
        answer = await AsyncWebClient("xoxb", base_url=f"{gateway.url}/api/").auth_test()
    assert len(answer["filler"]) == 2 * ANSWER_LIMIT
