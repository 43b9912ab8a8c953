"""The recorder: a chat platform as plain as can be, a separate HTTP server that keeps what we post and delivers what people say.

It is the oracle of the crash tests, and a pattern for a real adapter: events are answered 200 only after their commit, 503
when they should come again; what is sent carries a client key where the platform takes one (``recorder.client_keys``), else a
repeat that may be one is marked.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from aiohttp import web

from bot.adapters.common.ingress import Ingress
from bot.adapters.common.pauses import pause_asked
from bot.adapters.recorder.settings import RecorderSettings
from bot.core.content import Op
from bot.core.errors import Rejected, Temporary
from bot.core.events import Envelope, Message, Tap
from bot.core.people import Account, Chat
from bot.core.ports import Capabilities, Clock, Outgoing
from bot.settings import Settings

REPEATED = "(补发) "
_SECONDS = aiohttp.ClientTimeout(total=8, connect=3)
_TEXTS = ("key", "user", "chat")


class RecorderAdapter:
    """Posts to the recorder, and takes its deliveries at ``POST /recorder/events``."""

    name = "recorder"

    def __init__(self, settings: Settings, ingress: Ingress) -> None:
        mine = settings.section(RecorderSettings)
        self._can = Capabilities(client_keys=mine.client_keys)
        self._url = mine.url.rstrip("/")
        self._ingress = ingress
        self._runtime = ingress.runtime
        self._session: aiohttp.ClientSession | None = None

    def capabilities(self, _chat: Chat) -> Capabilities:
        """The same everywhere."""
        return self._can

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    def mount(self, app: web.Application) -> None:
        """Add the one route to ``app``."""
        app.router.add_post("/recorder/events", self._receive)

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """None: the recorder calls us."""
        return {}

    async def send(self, out: Outgoing) -> str:
        """Post it; returns the recorder's message id. Raises ``Temporary`` or ``Rejected``."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_SECONDS)
        try:
            async with self._session.post(f"{self._url}/posts", json=self._body(out)) as answer:
                if answer.status == 200:
                    return str((await answer.json())["id"])
                if answer.status == 429 or answer.status >= 500:
                    raise Temporary(f"status {answer.status}", pause_asked(answer.headers))
                raise Rejected(f"status {answer.status}")
        except aiohttp.ClientConnectorError as error:
            raise Temporary(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Temporary(type(error).__name__, uncertain=True) from None

    def _body(self, out: Outgoing) -> dict[str, Any]:
        keys = self._can.client_keys
        again = out.repeated and not keys and out.op is Op.POST  # a change made twice is one change
        body: dict[str, Any] = {
            "chat": out.chat,
            "op": out.op.value,
            "text": REPEATED + out.post.text if again else out.post.text,
            "buttons": [button.action for button in out.post.buttons],
            "mentions": [mention.person for mention in out.post.mentions],
            "message": out.message,
            "reply_to": out.reply_to,
        }
        return body | {"client_key": out.client_key} if keys else body

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            data = json.loads((await request.read()).decode())
            json.dumps(data, ensure_ascii=False).encode()  # a lone surrogate is no text
        except (ValueError, RecursionError):
            return web.json_response({"error": "the body must be JSON"}, status=400)
        event = self._event(data)
        if event is None:
            return web.json_response({"error": "not an event of a known chat"}, status=400)
        try:
            fresh = await self._ingress.accept(event)
        except Temporary:
            return web.json_response({"error": "busy, please repeat"}, status=503)
        return web.json_response({"fresh": fresh})

    def _event(self, data: Any) -> Message | Tap | None:
        """A message (``text``) or a tap (``action``, ``message``) of a chat on this platform."""
        if not isinstance(data, dict) or not all(isinstance(data.get(name), str) and data[name] for name in _TEXTS):
            return None
        chat = self._runtime.site().chat(data["chat"])
        if chat is None or not chat.known or not (chat.direct or chat.platform == self.name):
            return None
        envelope = _envelope(data, self._runtime.clock)
        match data:
            case {"text": str(text)}:
                return Message(envelope, text, data.get("reply_to"), to_bot=chat.direct)
            case {"action": str(action), "message": str(message)}:
                return Tap(envelope, action, message)
            case _:
                return None


def _envelope(data: dict[str, Any], clock: Clock) -> Envelope:
    now = clock.now()
    return Envelope(data["key"], Account(RecorderAdapter.name, data["user"]), None, data["chat"], now, now)
