"""slack-bolt's app, and the one place where what Slack says is kept: HTTP and Socket Mode both come through here.

The committing middleware stands before everything else of bolt's, its authorisation too. Bolt by itself answers 200 with the
commit unfinished, after a listener's exception, and after an ``auth.test`` that failed; here there is no listener, and nothing
is answered 200 before ``keep`` has returned. Signatures are checked in front, over the bytes and on the service's clock.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.common.ingress import BadRequest

Keep = Callable[[dict[str, Any], datetime], Awaitable[None]]


class Commit(AsyncMiddleware):
    """Keeps the event and ends there; the first contact (``url_verification``) is bolt's to answer.

    A class and not a function: what bolt injects into functions it reads from the payload without looking at its shape.
    """

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        try:
            if req.body.get("type") == "url_verification":
                if not isinstance(req.body.get("challenge"), str):
                    raise BadRequest(400, "bad_body")
                return await next()
            await self._keep(req.body, req.context["sent_at"])
        except Exception as error:
            req.context["failure"] = error
            return BoltResponse(status=503)
        return BoltResponse(status=200)


class Door:
    """``keep(payload, sent_at)`` commits one event or raises."""

    def __init__(self, keep: Keep, token: str, base_url: str) -> None:
        self._app = AsyncApp(
            name="zhiban",
            client=AsyncWebClient(token=token, base_url=base_url),
            signing_secret="checked in front",  # noqa: S106  # see the module
            before_authorize=Commit(keep),
            request_verification_enabled=False,
            ssl_check_enabled=False,
            ignoring_self_events_enabled=False,
            attaching_function_token_enabled=False,
        )

    async def dispatch(self, payload: dict[str, Any], sent_at: datetime) -> web.Response:
        """Bolt's answer. Raises what ``keep`` raised, and ``BadRequest`` for shapes that bolt itself stumbles over."""
        try:
            request = AsyncBoltRequest(mode="socket_mode", body=payload, context={"sent_at": sent_at})
        except (AttributeError, IndexError, KeyError, TypeError, RecursionError):
            raise BadRequest(400, "bad_body") from None
        answer = await self._app.async_dispatch(request)
        failure = request.context.get("failure")
        if failure is not None:
            raise failure
        return await to_aiohttp_response(answer)
