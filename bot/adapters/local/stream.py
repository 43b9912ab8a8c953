"""Everything that stands in the local chats, followed as server-sent events."""

import asyncio
import json
from typing import Any

from aiohttp import web

from bot.adapters.common.ingress import Ingress
from bot.adapters.local import store as record
from bot.adapters.local.bell import Bell
from bot.adapters.local.requests import plain

_KEEPALIVE = 15.0  # seconds between comments on a quiet stream


class LocalStream:
    """``GET /local/stream``; the streams end when the application shuts down."""

    def __init__(self, ingress: Ingress, bell: Bell) -> None:
        self._store = ingress.store
        self._bell = bell
        self._streams: set[asyncio.Task[Any]] = set()

    def mount(self, app: web.Application) -> None:
        """Add the route to ``app``."""
        app.router.add_get("/local/stream", plain(self.stream))
        app.on_shutdown.append(self._end_streams)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Every message of every chat as server-sent events; ``?user=`` leaves out other people's direct chats."""
        user = request.query.get("user")
        last = request.headers.get("Last-Event-ID") or request.query.get("after")
        known = last is not None and last.isascii() and last.isdigit() and len(last) < 16
        cursor = int(last) if last and known else await self._store.read(record.last_cursor)
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        await response.write(f": hello\nid: {cursor}\n\n".encode())
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a handler always runs in a task
        self._streams.add(task)
        try:
            await self._follow(response, cursor, user)
        except (ConnectionResetError, asyncio.CancelledError):
            pass
        finally:
            self._streams.discard(task)
        return response

    async def _follow(self, response: web.StreamResponse, cursor: int, user: str | None) -> None:
        while True:
            changed = asyncio.ensure_future(self._bell.changed(_KEEPALIVE))
            try:
                found = await self._store.read(lambda s: record.after(s, cursor))  # noqa: B023  # read at once
                for spoken in found:
                    cursor = spoken.cursor
                    if user is None or not spoken.chat.startswith("dm-") or spoken.chat == f"dm-{user}":
                        data = json.dumps({"chat": spoken.chat, "message": spoken.shown}, ensure_ascii=False)
                        await response.write(f"event: message\nid: {cursor}\ndata: {data}\n\n".encode())
                if not found:
                    await changed
                    await response.write(b": still here\n\n")
            finally:
                changed.cancel()

    async def _end_streams(self, _app: web.Application) -> None:
        for task in self._streams:
            task.cancel()
