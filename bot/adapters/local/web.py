"""The local chat's HTTP interface (contract: HTTP): speak, tap, read; who may be spoken as; and its page."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from bot.adapters.common.ingress import Ingress
from bot.adapters.common.look import LOOK
from bot.adapters.local import directory, incoming
from bot.adapters.local import store as record
from bot.adapters.local.bell import Bell
from bot.adapters.local.files import LocalFiles
from bot.adapters.local.requests import json_of, json_response, number, plain
from bot.adapters.local.stream import LocalStream
from bot.core.events import Message, Tap
from bot.core.ports import Clock
from bot.storage.store import Tx
from data.site import Site

STATIC = Path(__file__).parent / "static"
LONGEST_WAIT = 60.0  # seconds of one long poll


class LocalWeb:
    """The routes of the local chat."""

    def __init__(self, ingress: Ingress, bell: Bell) -> None:
        self._ingress = ingress
        self._bell = bell
        self._store = ingress.store
        self._runtime = ingress.runtime
        self._parts = (LocalStream(ingress, bell), LocalFiles(ingress))

    def mount(self, app: web.Application) -> None:
        """Add the routes to ``app``."""
        app.router.add_post("/local/chats/{chat}/messages", plain(self.speak))
        app.router.add_get("/local/chats/{chat}/messages", plain(self.read))
        app.router.add_post("/local/taps", plain(self.tap))
        app.router.add_get("/local/directory", plain(self.directory))
        app.router.add_get("/local/commands", plain(self.commands))
        app.router.add_get("/local/time", plain(self.time))
        app.router.add_get("/", plain(self.page))
        app.router.add_get(f"/local/static/{{name:{'|'.join(LOOK)}}}", plain(self.look))
        app.router.add_static("/local/static", STATIC)
        app.on_response_prepare.append(_always_ask)
        for part in self._parts:
            part.mount(app)

    @property
    def _site(self) -> Site:
        return self._runtime.site()

    @property
    def _clock(self) -> Clock:
        return self._runtime.clock

    async def speak(self, request: web.Request) -> web.Response:
        message = incoming.message(self._site, self._clock, request.match_info["chat"], await json_of(request))
        at = message.envelope.received_at
        return await self._accepted(message, lambda tx: record.put_spoken(tx, message, at))

    async def tap(self, request: web.Request) -> web.Response:
        data = await json_of(request)
        message = incoming.tapped_message(data)
        offer = await self._store.read(lambda s: record.offer(s, message))
        if offer is None:
            raise incoming.BadRequest("message: no such message", 404)
        tap = incoming.tap(self._clock, self._site, data, offer.chat, offer.actions)
        return await self._accepted(tap)

    async def _accepted(self, event: Message | Tap, also: Callable[[Tx], None] | None = None) -> web.Response:
        """202 for what is kept, now or before; an id that stands for something else must not swallow this."""
        if not (await self._ingress.accept(event, also) or await self._ingress.holds(event)):
            raise incoming.BadRequest("id: something else was sent with this id; choose a new one", 409)
        return web.json_response({"id": event.envelope.key}, status=202)

    async def read(self, request: web.Request) -> web.Response:
        chat = incoming.chat_of(self._site, request.match_info["chat"])
        cursor = number(request, "after", 0)
        until = asyncio.get_running_loop().time() + min(number(request, "wait", 0), LONGEST_WAIT)
        while True:
            changed = asyncio.ensure_future(self._bell.changed(LONGEST_WAIT))
            try:
                found = await self._store.read(lambda s: record.after(s, cursor, chat.id))
                left = until - asyncio.get_running_loop().time()
                if found or left <= 0:
                    break
                await asyncio.wait({changed}, timeout=left)
            finally:
                changed.cancel()
        following = found[-1].cursor if found else cursor
        return json_response({"messages": [m.shown for m in found], "next": following})

    async def directory(self, _request: web.Request) -> web.Response:
        shown = directory.shown(self._site, self._clock.now())
        return json_response({**shown, "locale": self._runtime.settings.locale})

    async def commands(self, request: web.Request) -> web.Response:
        person = self._site.people.get(request.query.get("user", ""))
        runtime = self._runtime
        given = directory.commands(runtime.menu, self._site, self._clock.now(), person, runtime.renderer)
        return json_response({"commands": given})

    async def time(self, _request: web.Request) -> web.Response:
        return web.json_response({"now": self._clock.now().isoformat(), "speed": 1 / self._clock.real_seconds(1.0)})

    async def page(self, _request: web.Request) -> web.FileResponse:
        policy = "default-src 'self'; img-src 'self' data:; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        return web.FileResponse(
            STATIC / "index.html", headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"}
        )

    async def look(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(LOOK[request.match_info["name"]])


async def _always_ask(request: web.Request, response: web.StreamResponse) -> None:
    """Pages and scripts are asked for anew each time (304 when unchanged), so that an upgrade never mixes versions."""
    if request.path.startswith("/local/static/"):
        response.headers["Cache-Control"] = "no-cache"
