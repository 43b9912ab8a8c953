"""The bot account's REST interface, as far as it is needed (``/api/v4``)."""

import base64
import hashlib
import io
import re
from collections.abc import Awaitable
from typing import Any, TypeVar

from bot.adapters.common.http import Answer, Http
from bot.adapters.mattermost.codes import check, error_id
from bot.core.errors import Rejected, Temporary

ID = re.compile(r"[a-z0-9]{26}", re.ASCII)  # of posts, users and channels
T = TypeVar("T")


class Api:
    """Reads and writes with the bot's token. What it looked up once, names and direct channels, it keeps."""

    def __init__(self, http: Http, url: str, token: str) -> None:
        self._http = http
        self._base = f"{url.rstrip('/')}/api/v4"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._me: dict[str, Any] = {}
        self._direct: dict[str, str] = {}
        self._names: dict[str, str] = {}

    async def me(self) -> dict[str, Any]:
        """The bot's own user: ``id``, ``username``."""
        if not self._me:
            answer = await self._call("GET", "/users/me")
            check(answer)
            self._me = {"id": _text(answer, "id"), "username": _text(answer, "username")}
        return self._me

    async def direct(self, user: str) -> str:
        """The channel between the bot and one person."""
        if user not in self._direct:
            answer = await self._call("POST", "/channels/direct", json=[(await self.me())["id"], user])
            check(answer)
            self._direct[user] = _text(answer, "id")
        return self._direct[user]

    async def username(self, user: str) -> str | None:
        """The name that mentions a person; None when there is no such user."""
        if user not in self._names:
            answer = await self._call("GET", f"/users/{user}") if ID.fullmatch(user) else None
            if answer is None or answer.status == 404:
                return None
            check(answer)
            self._names[user] = _text(answer, "username")
        return self._names[user]

    async def post(self, body: dict[str, Any], client_key: str) -> str:
        """Create a post; its id. The server drops a repeat of ``client_key`` within 30 seconds, longer it does not remember.

        A thread hangs on its first message only: an answer to an answer is put there, or beside it when that is gone.
        """
        me = await certain(self.me())
        body = body | {"pending_post_id": f"{me['id']}:{_short(client_key)}"}
        answer = await self._call("POST", "/posts", json=body)
        if answer.status == 400 and body.get("root_id") and "root_id" in error_id(answer):
            found = await certain(self.look(body["root_id"]))
            body["root_id"] = found.get("root_id", "") if found else ""
            answer = await self._call("POST", "/posts", json=body)
        check(answer)
        return _text(answer, "id")

    async def patch(self, post: str, body: dict[str, Any]) -> None:
        """Change a post of the bot."""
        check(await self._call("PUT", f"/posts/{post}/patch", json=body))

    async def upload(self, channel: str, name: str, media_type: str, data: bytes) -> str:
        """Store a file for a channel; the id that a post names."""
        params = {"channel_id": channel, "filename": name}
        answer = await self._call("POST", "/files", params=params, data=io.BytesIO(data), content_type=media_type)
        check(answer)
        infos = answer.data.get("file_infos")
        if not isinstance(infos, list) or not infos or not isinstance(infos[0], dict):
            raise Temporary("an upload without file_infos")
        return str(infos[0].get("id"))

    async def fetch(self, file: str, limit: int) -> bytes:
        """A file that somebody sent, by its id."""
        if not ID.fullmatch(file):
            raise Rejected("no id of a file")
        return await self._http.content(f"{self._base}/files/{file}", limit, headers=self._headers)

    async def look(self, post: str) -> dict[str, Any] | None:
        """A post as the server has it; None when the bot may not see it, and nothing but ``delete_at`` when it is gone."""
        answer = await self._call("GET", f"/posts/{post}")
        if answer.status == 403:
            return None
        if answer.status == 404:
            return {"delete_at": 1}
        check(answer)
        return answer.data

    async def _call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: io.BytesIO | None = None,
        params: dict[str, str] | None = None,
        content_type: str = "",
    ) -> Answer:
        headers = self._headers | ({"Content-Type": content_type} if content_type else {})
        return await self._http.json(method, self._base + path, json=json, data=data, params=params, headers=headers)


async def certain(call: Awaitable[T]) -> T:
    """A step before the post itself: when it fails, nothing was posted for sure."""
    try:
        return await call
    except Temporary as error:
        raise Temporary(error.reason, error.retry_after) from None


def _text(answer: Answer, name: str) -> str:
    value = answer.data.get(name)
    if not isinstance(value, str) or not value:
        raise Temporary(f"an answer without {name}", uncertain=True)
    return value


def _short(client_key: str) -> str:
    """26 lower-case letters and digits, as Mattermost's own ids are."""
    return base64.b32encode(hashlib.sha256(client_key.encode()).digest()).decode().lower()[:26]
