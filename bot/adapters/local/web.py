"""The local chat's HTTP interface (contract: HTTP): speak, tap, read, follow; and its page."""

import asyncio
import json
import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from aiohttp import BodyPartReader, web

from bot.adapters.common.ingress import Ingress
from bot.adapters.common.look import LOOK
from bot.adapters.local import incoming
from bot.adapters.local import store as record
from bot.adapters.local.bell import Bell
from bot.core.errors import Temporary
from bot.core.events import Message, Tap
from bot.core.people import Person
from bot.core.ports import Clock
from bot.storage.store import Tx
from data.site import Site
from handlers.duty.rules import on_duty

STATIC = Path(__file__).parent / "static"
LONGEST_WAIT = 60.0  # seconds of one long poll
NAME_LIMIT = 200  # bytes
FILE_LIMIT = 10 * 1024 * 1024  # bytes of one upload
_KEEPALIVE = 15.0  # seconds between comments on a quiet stream

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LocalWeb:
    """The routes of the local chat."""

    def __init__(self, ingress: Ingress, bell: Bell) -> None:
        self._ingress = ingress
        self._bell = bell
        self._store = ingress.store
        self._tools = ingress.tools
        self._streams: set[asyncio.Task[Any]] = set()

    def mount(self, app: web.Application) -> None:
        """Add the routes to ``app``; streams end when it shuts down."""
        app.router.add_post("/local/chats/{chat}/messages", _plain(self.speak))
        app.router.add_get("/local/chats/{chat}/messages", _plain(self.read))
        app.router.add_post("/local/taps", _plain(self.tap))
        app.router.add_get("/local/stream", _plain(self.stream))
        app.router.add_get("/local/directory", _plain(self.directory))
        app.router.add_get("/local/time", _plain(self.time))
        app.router.add_post("/local/files", _plain(self.upload))
        app.router.add_get("/local/files/{folder:[0-9a-f]{32}}/{name}", _plain(self.download))
        app.router.add_get("/local/attachments/{message}/{number:[0-9]{1,3}}", _plain(self.attachment))
        app.router.add_get("/", _plain(self.page))
        app.router.add_get(f"/local/static/{{name:{'|'.join(LOOK)}}}", _plain(self.look))
        app.router.add_static("/local/static", STATIC)
        app.on_response_prepare.append(_always_ask)
        app.on_shutdown.append(self._end_streams)

    @property
    def _site(self) -> Site:
        return self._tools.site()

    @property
    def _clock(self) -> Clock:
        return self._tools.clock

    async def speak(self, request: web.Request) -> web.Response:
        message = incoming.message(self._site, self._clock, request.match_info["chat"], await _json(request))
        at = message.envelope.received_at
        return await self._accepted(message, lambda tx: record.put_spoken(tx, message, at))

    async def tap(self, request: web.Request) -> web.Response:
        data = await _json(request)
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
        cursor = _number(request, "after", 0)
        until = asyncio.get_running_loop().time() + min(_number(request, "wait", 0), LONGEST_WAIT)
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
        return _json_response({"messages": [m.shown for m in found], "next": following})

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

    async def directory(self, _request: web.Request) -> web.Response:
        site, now = self._site, self._clock.now()
        duty: dict[str, list[str]] = {}
        for post in site.posts.values():
            for person in on_duty(site, post, now).people:
                duty.setdefault(person.id, []).append(post.id)
        chats = [
            {
                "id": chat.id,
                "name": chat.name,
                "region": chat.region,
                "post": chat.post,
                "reach": chat.reach.value,
                "importance": chat.importance,
            }
            for chat in sorted(site.chats.values(), key=lambda c: (c.post is not None, c.importance))
            if chat.platform == "local"
        ]
        people = [_shown_person(p, duty.get(p.id, [])) for p in site.people.values()]
        posts = [{"id": post.id, "name": post.name} for post in site.posts.values()]
        regions = [{"id": region, "name": name} for region, name in site.regions.items()]
        shown = {"chats": chats, "people": people, "posts": posts, "regions": regions, "timezone": site.tz.key}
        return _json_response(shown)

    async def time(self, _request: web.Request) -> web.Response:
        return web.json_response({"now": self._clock.now().isoformat(), "speed": 1 / self._clock.real_seconds(1.0)})

    async def page(self, _request: web.Request) -> web.FileResponse:
        policy = "default-src 'self'; img-src 'self' data:; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        return web.FileResponse(
            STATIC / "index.html", headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"}
        )

    async def look(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(LOOK[request.match_info["name"]])

    async def upload(self, request: web.Request) -> web.Response:
        if not request.content_type.startswith("multipart/"):
            raise incoming.BadRequest('send one multipart field "file"')
        part = await (await request.multipart()).next()
        if not isinstance(part, BodyPartReader) or part.name != "file" or not part.filename:
            raise incoming.BadRequest('send one multipart field "file"')
        name = _name(part.filename)
        data = bytearray()
        while chunk := await part.read_chunk():
            data += chunk
            if len(data) > FILE_LIMIT:
                raise incoming.BadRequest("a file may have 10 MiB", 413)
        folder = uuid4().hex
        await asyncio.to_thread(self._keep, folder, name, bytes(data))
        return web.json_response({"name": name, "url": f"/local/files/{folder}/{quote(name)}"})

    def _keep(self, folder: str, name: str, data: bytes) -> None:
        path = self._tools.settings.state_dir / "files" / folder
        path.mkdir(parents=True)
        (path / name).write_bytes(data)

    async def download(self, request: web.Request) -> web.StreamResponse:
        info = request.match_info
        name = Path(info["name"]).name
        return await _file(self._tools.settings.state_dir / "files" / info["folder"] / name, name)

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        message, number = request.match_info["message"], int(request.match_info["number"])
        found = await self._store.read(lambda s: record.attachment(s, message, number))
        if found is None:
            raise incoming.BadRequest("no such file", 404)
        state = self._tools.settings.state_dir.resolve()
        path = (state / found[0]).resolve()
        if not path.is_relative_to(state):
            raise incoming.BadRequest("no such file", 404)
        return await _file(path, found[1])


async def _always_ask(request: web.Request, response: web.StreamResponse) -> None:
    """Pages and scripts are asked for anew each time (304 when unchanged), so that an upgrade never mixes versions."""
    if request.path.startswith("/local/static/"):
        response.headers["Cache-Control"] = "no-cache"


def _plain(handler: Handler) -> Handler:
    """Errors as ``{"error": …}`` with 4xx, and 503 where a repeat may help."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            incoming.not_from_elsewhere(request.method, request.headers)
            return await handler(request)
        except incoming.BadRequest as error:
            return _json_response({"error": error.message}, error.status)
        except Temporary:
            return web.json_response({"error": "busy, please repeat"}, status=503, headers={"Retry-After": "1"})

    return guarded


async def _json(request: web.Request) -> Any:
    try:
        data = json.loads(await request.read())
        json.dumps(data, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError):
        raise incoming.BadRequest("the body must be JSON") from None
    return data


def _json_response(data: Any, status: int = 200) -> web.Response:
    return web.json_response(text=json.dumps(data, ensure_ascii=False), status=status)


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise incoming.BadRequest(f"{name} must be a number")
    return int(text)


def _name(given: str) -> str:
    """A name that a file can have: no way up, nothing that does not print, at most 200 of the 255 bytes there are."""
    name = "".join(c for c in Path(given).name if c.isprintable())
    while len(name.encode("utf-8", "replace")) > NAME_LIMIT:
        name = name[:-1]
    return "file" if name.strip(". ") == "" else name


async def _file(path: Path, name: str) -> web.StreamResponse:
    """Not a FileResponse: of app.log it would send app.log.gz where both lie there."""
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except (OSError, ValueError):  # a name may be too long for the disk, or hold a zero byte
        raise incoming.BadRequest("no such file", 404) from None
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Type": mimetypes.guess_type(name)[0] or "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=file, headers=headers)


def _shown_person(person: Person, posts: list[str]) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "roles": sorted(role.value for role in person.roles),
        "team": person.team,
        "organisation": person.organisation,
        "on_duty": posts,
    }
