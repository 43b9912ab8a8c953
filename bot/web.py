"""The aiohttp application: ingress of the adapters, health, metrics."""

import asyncio
import errno
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, PlatformCollector, ProcessCollector, generate_latest

from bot.connection import connection_of
from bot.core.bugs import where
from bot.core.errors import ConfigError, Temporary
from bot.core.problems import Line, Told
from bot.fair_turns import FairTurns
from bot.listener import Connections
from bot.settings import ServerSettings
from bot.storage.counts import counts, touch
from bot.storage.store import Store

log = logging.getLogger(__name__)
BODY_LIMIT = 1024 * 1024  # bytes; an upload streams past it with its own limit
HEALTH_SECONDS = 2.0
SHUTDOWN_SECONDS = 2.0
BACKLOG = 1024  # connections that the machine keeps for us while we are busy,
AT_ONCE = 32  # and how many of them are taken before it is looked at what the last ones sent
_COUNTS = {
    "zhiban_inbox_waiting": "Accepted events not handled yet",
    "zhiban_inbox_parked": "Events set aside after their last try",
    "zhiban_outbox_waiting": "Messages not sent yet",
    "zhiban_outbox_failed": "Messages given up",
    "zhiban_deadlines_waiting": "Deadlines armed",
}

Mount = Callable[[web.Application], None]


class Ears(Protocol):
    """The long connections: which do not hear and why, and whether each does."""

    def deaf(self) -> Mapping[str, str]: ...

    def hears(self) -> Mapping[str, bool]: ...


class WebServer:
    """Serves the mounted routes on one address."""

    def __init__(self, settings: ServerSettings, store: Store, mounts: list[Mount], ears: Ears) -> None:
        self._settings = settings
        self._store = store
        self._mounts = mounts
        self._ears = ears
        self._runner: web.AppRunner | None = None
        self._listening: asyncio.Server | None = None
        self._connections: Connections | None = None
        self._turns = FairTurns()
        self._commit: asyncio.Task[str | None] | None = None
        self.port = settings.port
        self._ready = False
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._gauges = {name: Gauge(name, about, registry=self._registry) for name, about in _COUNTS.items()}
        about = "Whether a long connection to a chat platform hears"
        self._hearing = Gauge("zhiban_connection_hears", about, ["connection"], registry=self._registry)

    def application(self) -> web.Application:
        """The whole application."""
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[_watched, _never_500, _as_it_is, self._in_turn])
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._readiness)
        app.router.add_get("/metrics", self._metrics)
        for mount in self._mounts:
            mount(app)
        return app

    async def start(self) -> None:
        """Listen; port 0 takes a free one (``self.port`` says which)."""
        self._runner = runner = web.AppRunner(
            self.application(),
            access_log=None,
            shutdown_timeout=SHUTDOWN_SECONDS,
            keepalive_timeout=self._settings.idle_seconds,
            auto_decompress=False,
        )
        await runner.setup()
        if runner.server is None:
            raise RuntimeError("aiohttp made no server")
        self._connections = Connections(self._settings, runner.server)
        loop = asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(
                self._connections.accept, self._settings.host, self._settings.port, backlog=AT_ONCE
            )
        except OSError as error:
            why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            where = f"{self._settings.host}:{self._settings.port}"
            raise ConfigError([Line("", Told("service/port_taken", where=where, why=why), "en")]) from None
        for listening in self._listening.sockets:
            with socket.socket(fileno=os.dup(listening.fileno())) as same:
                same.listen(BACKLOG)  # asyncio has one number for both
        self.port = self._listening.sockets[0].getsockname()[1]
        self._ready = True

    async def stop(self) -> None:
        self._ready = False
        if self._listening is not None:
            self._listening.close()
        if self._connections is not None:
            self._connections.end()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _health(self, _request: web.Request) -> web.Response:
        """200 only while the loop runs and the store commits."""
        why = await self.refusal()
        if why is None:
            return web.json_response({"status": "ok"})
        return web.json_response({"status": "down", "store": why}, status=503)

    @web.middleware
    async def _in_turn(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Whoever sends hundreds of whole requests at once waits for his own, not we for all of them."""
        connection = connection_of(request.transport)
        if connection is None:
            return await handler(request)
        async with self._turns.of(connection.address):
            if _gone(request):
                return web.Response(status=400)  # it comes again: nobody told it that it was heard
            connection.worked_on = True
            return await handler(request)

    async def refusal(self) -> str | None:
        """Why the store does not commit within two seconds; None where it does. Whoever asks meanwhile gets the same answer: one
        commit for all."""
        if self._commit is None or self._commit.done():
            self._commit = asyncio.create_task(self._commits())
        return await asyncio.shield(self._commit)

    async def _commits(self) -> str | None:
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                await self._store.write(touch)
        except Temporary as error:  # its own reason: a small write of somebody else may have gone well since
            return error.reason
        except TimeoutError:
            why = self._store.condition.trouble
            return why.value if why else "does not commit"
        return None

    async def _readiness(self, _request: web.Request) -> web.Response:
        """200 only while it takes messages and every long connection hears; else which does not, since when and why."""
        deaf = dict(self._ears.deaf())
        ready = self._ready and not deaf
        return web.json_response({"ready": ready} | ({"deaf": deaf} if deaf else {}), status=200 if ready else 503)

    async def counts(self) -> dict[str, int]:
        """What waits and what failed, by the names of the metrics."""
        return {f"zhiban_{name}": count for name, count in (await self._store.read(counts)).items()}

    async def _metrics(self, _request: web.Request) -> web.Response:
        counts = await self.counts()
        for name, gauge in self._gauges.items():
            gauge.set(counts[name])
        for connection, hears in self._ears.hears().items():
            self._hearing.labels(connection).set(hears)
        return web.Response(body=generate_latest(self._registry), content_type="text/plain", charset="utf-8")


@web.middleware
async def _watched(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Tell the connection whose turn it is."""
    connection = connection_of(request.transport)
    if connection is None:
        return await handler(request)
    connection.began(has_body=request.body_exists)
    request.content.on_eof(connection.body_came)
    try:
        return await handler(request)
    finally:
        connection.ended()
        failure = request.content.exception()
        if failure is not None:  # it is kept there, and would keep what was sent until the next collection of garbage
            failure.__traceback__ = failure.__context__ = None


@web.middleware
async def _as_it_is(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """No platform packs what it sends; unpacking for whoever comes would let a few kilobytes hold up everybody."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        return web.json_response({"error": "send the body as it is, without Content-Encoding"}, status=415)
    return await handler(request)


@web.middleware
async def _never_500(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A bug shows a plain line; the log has where it happened, never what was sent."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status >= 400:
            return web.json_response({"error": error.reason}, status=error.status)
        raise
    except web.RequestPayloadError:
        return web.json_response({"error": "the body is not what its header says"}, status=400)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            return _bug(request, error)
        return web.json_response({"error": "Not Found"}, status=404)  # no file has such a name
    except Exception as error:
        return _bug(request, error)


def _bug(request: web.Request, error: Exception) -> web.Response:
    if _gone(request) and isinstance(error, ConnectionError | RuntimeError):  # aiohttp's words for it
        return web.Response(status=400)  # nobody is there to be answered
    log.error("web: %s %s: %s", request.method, request.match_info.route.resource, where(error))
    return web.json_response({"error": "internal error"}, status=500)


def _gone(request: web.Request) -> bool:
    """Whether whoever asked has gone meanwhile, or was let go."""
    return request.transport is None or request.transport.is_closing()
