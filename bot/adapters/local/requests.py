"""A request of the local chat's interface: its JSON and numbers, and its errors as plain lines."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.adapters.local import incoming
from bot.adapters.local.door import at_this_machine
from bot.core.errors import Temporary

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def plain(handler: Handler) -> Handler:
    """Errors as ``{"error": …}`` with 4xx, and 503 where a repeat may help."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            at_this_machine(request)
            return await handler(request)
        except incoming.BadRequest as error:
            return json_response({"error": error.message}, error.status)
        except Temporary:
            return web.json_response({"error": "busy, please repeat"}, status=503, headers={"Retry-After": "1"})

    return guarded


async def json_of(request: web.Request) -> Any:
    try:
        data = json.loads(await request.read())
        json.dumps(data, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError):
        raise incoming.BadRequest("the body must be JSON") from None
    return data


def json_response(data: Any, status: int = 200) -> web.Response:
    return web.json_response(text=json.dumps(data, ensure_ascii=False), status=status)


def number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise incoming.BadRequest(f"{name} must be a number")
    return int(text)
