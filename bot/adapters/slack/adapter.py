"""Slack, put together: one route or one socket in, the Web API out."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from bot.adapters.common.http import Http
from bot.adapters.common.ingress import Ingress
from bot.adapters.slack.api import Api
from bot.adapters.slack.door import Door
from bot.adapters.slack.format import BUTTONS, TEXT, escaped_length
from bot.adapters.slack.incoming import Reader
from bot.adapters.slack.outgoing import Poster
from bot.adapters.slack.settings import PATH, SlackSettings
from bot.adapters.slack.socket_mode import SocketMode
from bot.adapters.slack.tenant import Tenant
from bot.adapters.slack.verify import Verifier, check_origin
from bot.core.events import FileRef
from bot.core.people import Chat
from bot.core.ports import Capabilities, Hears, Outgoing, Rate
from bot.settings import Settings

DIRECT = Capabilities(
    most_buttons=BUTTONS, text_limit=TEXT, measure=escaped_length, rates=(Rate(1, 1.0),)
)  # a message a second and channel (Slack sheet 6); a person's own chat hears everything


class SlackAdapter:
    """One app in one workspace."""

    name = "slack"

    def __init__(self, settings: Settings, ingress: Ingress) -> None:
        slack = settings.section(SlackSettings)
        token, signing, app_token = map(_plain, (slack.bot_token, slack.signing_secret, slack.app_token))
        self._ingress = ingress
        self._http = Http(proxy=slack.proxy)
        self._api = api = Api(self._http, slack.api_base_url, token)
        self._tenant = Tenant(api, slack.team_id)
        self._verifier = Verifier(signing, self._tenant) if signing else None
        self._reader = Reader(ingress, self._tenant, slack.command, slack.name)
        self._door = Door(self._keep, token, slack.api_base_url)
        only_called = slack.hears == "mentions"
        self._poster = Poster(api, ingress, settings.state_dir, may_look=not only_called)
        self._socket = SocketMode(self._http, api, app_token, ingress, self._take) if app_token else None
        # Without the history scopes nothing can be looked up: a repeat is marked, and goes one at a time.
        called = replace(DIRECT, hears=Hears.MENTIONS, client_keys=False, call=f"@{slack.name}")
        self._group = called if only_called else DIRECT

    def capabilities(self, chat: Chat) -> Capabilities:
        """Groups hear everything, or only what calls the bot (``slack.hears``)."""
        return DIRECT if chat.private else self._group

    async def send(self, out: Outgoing) -> str:
        """Post or update; ``channel:ts`` of the message. Raises ``Temporary`` or ``Rejected``."""
        return await self._poster.send(out)

    async def fetch(self, file: FileRef, limit: int) -> bytes:
        """A file that somebody sent. Raises ``Temporary`` or ``Rejected``."""
        return await self._api.fetch(file.key, limit)

    def mount(self, app: web.Application) -> None:
        """Add the one route; with Socket Mode alone there is none."""
        if self._verifier is not None:
            app.router.add_post(PATH, self._ingress.route(partial(self._receive, self._verifier)))

    def workers(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Who we are, and the socket where one is wanted."""
        socket = {"slack socket": self._socket.run} if self._socket else {}
        return {"slack identity": self._tenant.run, **socket}

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _receive(self, verifier: Verifier, request: web.Request) -> web.Response:
        """Answered after the commit."""
        return await self._door.dispatch(*await verifier.verified(request, self._ingress.wall()))

    async def _take(self, payload: dict[str, Any], sent_at: datetime) -> web.Response:
        """One payload that came through the socket."""
        check_origin(payload, self._tenant)
        return await self._door.dispatch(payload, sent_at)

    async def _keep(self, payload: dict[str, Any], sent_at: datetime) -> None:
        event = self._reader.read(payload, sent_at)
        if event is not None:
            await self._ingress.accept(event)


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
