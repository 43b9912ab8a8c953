"""The client-server API, as far as it is needed (``/_matrix/client/v3``, uploads under ``/_matrix/media/v3``)."""

import asyncio
import io
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.adapters.common.http import Answer, Http
from bot.adapters.matrix.codes import check
from bot.core.errors import Rejected, Temporary

_MXC = re.compile(r"mxc://([A-Za-z0-9.:\[\]-]{1,255})/([A-Za-z0-9_-]{1,255})", re.ASCII)
SYNC_SECONDS = 30.0  # how long the homeserver may hold a request for news


class Api:
    """One bot account's calls. ``slow`` is the connection for what waits on purpose."""

    def __init__(self, http: Http, slow: Http, homeserver: str, token: str) -> None:
        self._http = http
        self._slow = slow
        self._base = homeserver.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._me = ""
        self._asking = asyncio.Lock()

    async def me(self) -> str:
        """The bot's own id (``@zhiban:example.org``), asked for once."""
        async with self._asking:
            if not self._me:
                self._me = text(await self._get("/account/whoami"), "user_id")
        return self._me

    async def sync(self, since: str, filter_json: str, *, patient: bool) -> dict[str, Any]:
        """What is new behind ``since``; ``patient``: held back while there is nothing."""
        wait = str(int(SYNC_SECONDS * 1000)) if since and patient else "0"
        params = {"timeout": wait, "filter": filter_json, "set_presence": "online"} | (
            {"since": since} if since else {}
        )
        return await self._get("/sync", params, http=self._slow)

    async def messages(self, room: str, start: str, end: str, filter_json: str) -> dict[str, Any]:
        """A page of a room's events from ``start`` back to ``end``."""
        params = {"dir": "b", "from": start, "to": end, "limit": "100", "filter": filter_json}
        return await self._get(f"/rooms/{_id(room)}/messages", params)

    async def event(self, room: str, event: str) -> dict[str, Any] | None:
        """One event, its newest edit bundled with it; None where the bot may not see it."""
        answer = await self._call("GET", f"/rooms/{_id(room)}/event/{_id(event)}")
        if answer.status in {403, 404}:
            return None
        check(answer)
        return answer.data

    async def send(self, room: str, kind: str, txn: str, content: Mapping[str, Any]) -> str:
        """Send an event; its id. The homeserver answers a repeated ``txn`` with the first one's id."""
        path = f"/rooms/{_id(room)}/send/{_id(kind)}/{_id(txn)}"
        return text(await self._put(path, content), "event_id", uncertain=True)

    async def fetch(self, address: str, limit: int) -> bytes:
        """A file by its ``mxc://server/id``."""
        match = _MXC.fullmatch(address)
        if match is None:
            raise Rejected("no address of a file")
        path = f"{_id(match[1])}/{_id(match[2])}"
        url = f"{self._base}/_matrix/client/v1/media/download/{path}"
        return await self._http.content(url, limit, headers=self._headers)

    async def redact(self, room: str, event: str, txn: str) -> None:
        """Take an event of the bot's back."""
        await self._put(f"/rooms/{_id(room)}/redact/{_id(event)}/{_id(txn)}", {})

    async def reactions(self, room: str, event: str) -> list[dict[str, Any]]:
        """The newest reactions to an event, the bot's own and others'."""
        found = await self._get(
            f"/rooms/{_id(room)}/relations/{_id(event)}/m.annotation/m.reaction", {"limit": "100"}, version="v1"
        )
        chunk = found.get("chunk")
        return [item for item in chunk if isinstance(item, dict)] if isinstance(chunk, list) else []

    async def read_up_to(self, room: str, event: str) -> None:
        """Show people that the bot has their message."""
        check(await self._call("POST", f"/rooms/{_id(room)}/receipt/m.read/{_id(event)}", json={}))

    async def join(self, room: str) -> None:
        check(await self._call("POST", f"/rooms/{_id(room)}/join", json={}))

    async def leave(self, room: str) -> None:
        check(await self._call("POST", f"/rooms/{_id(room)}/leave", json={}))

    async def create_direct(self, user: str) -> str:
        """A new room for the bot and one person."""
        body = {"preset": "trusted_private_chat", "is_direct": True, "invite": [user]}
        answer = await self._call("POST", "/createRoom", json=body)
        check(answer)
        return text(answer.data, "room_id", uncertain=True)

    async def membership(self, room: str, user: str) -> str:
        """``join``, ``invite``, ``leave``, ``ban``; empty where the person was never there or the bot is not."""
        answer = await self._call("GET", f"/rooms/{_id(room)}/state/m.room.member/{_id(user)}")
        if answer.status in {403, 404}:
            return ""
        check(answer)
        return text(answer.data, "membership")

    async def account_data(self, kind: str) -> dict[str, Any]:
        """What the homeserver keeps for the bot under ``kind``; empty where nothing is kept."""
        answer = await self._call("GET", f"/user/{_id(await self.me())}/account_data/{_id(kind)}")
        if answer.status == 404:
            return {}
        check(answer)
        return answer.data

    async def keep_account_data(self, kind: str, data: Mapping[str, Any]) -> None:
        await self._put(f"/user/{_id(await self.me())}/account_data/{_id(kind)}", data)

    async def upload(self, name: str, media_type: str, data: bytes) -> str:
        """Store a file; its ``mxc://`` address."""
        answer = await self._http.json(
            "POST",
            f"{self._base}/_matrix/media/v3/upload",
            data=io.BytesIO(data),
            params={"filename": name},
            headers=self._headers | {"Content-Type": media_type},
        )
        check(answer)
        return text(answer.data, "content_uri", uncertain=True)

    async def _get(
        self, path: str, params: dict[str, str] | None = None, *, http: Http | None = None, version: str = "v3"
    ) -> dict[str, Any]:
        answer = await self._call("GET", path, params=params, http=http, version=version)
        check(answer)
        return answer.data

    async def _put(self, path: str, content: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self._call("PUT", path, json=content)
        check(answer)
        return answer.data

    async def _call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: dict[str, str] | None = None,
        http: Http | None = None,
        version: str = "v3",
    ) -> Answer:
        url = f"{self._base}/_matrix/client/{version}{path}"
        return await (http or self._http).json(method, url, json=json, params=params, headers=self._headers)


def text(data: Mapping[str, Any], name: str, *, uncertain: bool = False) -> str:
    """A field that must be there; ``uncertain``: what was asked for may have been done all the same."""
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise Temporary(f"an answer without {name}", uncertain=uncertain)
    return value


def _id(value: str) -> str:
    return quote(value, safe="")
