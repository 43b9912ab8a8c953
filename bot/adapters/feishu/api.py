"""Feishu's HTTP interface as we use it: one token for all calls, errors by their code, never by the HTTP status."""

import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.adapters.common.http import Answer, Http
from bot.adapters.common.tokens import AccessToken, Issued, issued
from bot.adapters.feishu.codes import Kind, check, code_of, kind_of
from bot.core.errors import Rejected, Temporary
from bot.core.ports import Clock

FILE_LIMIT = 30 * 1024 * 1024  # bytes

Form = Callable[[], aiohttp.FormData]  # made anew for each attempt: a form can be sent once


class Api:
    """The app's calls. Raises ``Temporary`` or ``Rejected``; a token that has run out is renewed once for all."""

    def __init__(self, http: Http, base: str, app_id: str, app_secret: str, clock: Clock) -> None:
        self._http = http
        self._base = base.rstrip("/") + "/open-apis"
        self._app = {"app_id": app_id, "app_secret": app_secret}
        self._token = AccessToken("feishu", self._ask_for_token, clock)

    async def send(self, to: str, direct: bool, kind: str, content: str, uuid: str) -> str:
        """A new message in a group, or to a person; its id."""
        body = {"receive_id": to, "msg_type": kind, "content": content, "uuid": uuid}
        params = {"receive_id_type": "open_id" if direct else "chat_id"}
        return _message_id(await self._call("POST", "/im/v1/messages", json=body, params=params))

    async def reply(self, message: str, kind: str, content: str, uuid: str) -> str:
        """An answer to a message, shown under it; its id."""
        body = {"msg_type": kind, "content": content, "uuid": uuid}
        return _message_id(await self._call("POST", f"/im/v1/messages/{quote(message, safe='')}/reply", json=body))

    async def change(self, message: str, content: str) -> None:
        """Another card for one that was sent."""
        await self._call("PATCH", f"/im/v1/messages/{quote(message, safe='')}", json={"content": content})

    async def upload(self, name: str, data: bytes) -> str:
        """A file for a message; its key."""
        if len(data) > FILE_LIMIT:
            raise Rejected("a file of more than 30 MB")

        def form() -> aiohttp.FormData:
            made = aiohttp.FormData()
            made.add_field("file_type", "stream")
            made.add_field("file_name", name)
            made.add_field("file", io.BytesIO(data), filename=name, content_type="application/octet-stream")
            return made

        answer = await self._call("POST", "/im/v1/files", form=form)
        return _text(answer, "data", "file_key")

    async def fetch(self, key: str, limit: int) -> bytes:
        """A file that somebody sent, by its message and its key."""
        message, _, file = key.partition(" ")
        url = f"{self._base}/im/v1/messages/{quote(message, safe='')}/resources/{quote(file, safe='')}"
        headers = {"Authorization": f"Bearer {await self._token.get()}"}
        return await self._http.content(url, limit, headers=headers, params={"type": "file"})

    async def own_open_id(self) -> str:
        """The bot's own account, as mentions name it."""
        return _text(await self._call("GET", "/bot/v3/info"), "bot", "open_id")

    async def look(self, message: str) -> list[dict[str, Any]]:
        """A message as it stands; of a forwarded record its messages behind it."""
        answer = await self._call("GET", f"/im/v1/messages/{quote(message, safe='')}")
        data = answer.get("data")
        items = data.get("items") if isinstance(data, dict) else None
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []

    async def _call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: dict[str, str] | None = None,
        form: Form | None = None,
    ) -> dict[str, Any]:
        async def ask(token: str) -> Answer:
            headers = {"Authorization": f"Bearer {token}"}
            data = form() if form else None
            return await self._http.json(
                method, self._base + path, json=json, data=data, headers=headers, params=params
            )

        answer = await self._token.used(ask, lambda answer: kind_of(code_of(answer)) is Kind.TOKEN)
        check(answer)
        return answer.data

    async def _ask_for_token(self) -> Issued:
        answer = await self._http.json("POST", f"{self._base}/auth/v3/tenant_access_token/internal", json=self._app)
        code = code_of(answer)
        if code != 0 and kind_of(code) is not Kind.BUSY:
            raise Rejected(f"check app_id and app_secret (code {code})")
        check(answer)
        return issued(answer.data.get("tenant_access_token"), answer.data.get("expire"))


def file_content(key: str) -> str:
    """The content of a file message."""
    return json.dumps({"file_key": key})


def _message_id(data: dict[str, Any]) -> str:
    return _text(data, "data", "message_id")


def _text(data: dict[str, Any], part: str, name: str) -> str:
    inner = data.get(part)
    value = inner.get(name) if isinstance(inner, dict) else None
    if not isinstance(value, str) or not value:
        raise Temporary(f"an answer without {name}", uncertain=True)
    return value
