"""Slack's Web API: one method call, its answer sorted into what is tried again and what is given up (Slack sheet 6)."""

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from bot.adapters.common.http import Http
from bot.adapters.slack.codes import Refused, check
from bot.core.errors import Rejected


class Api:
    """Calls methods with the bot's token."""

    def __init__(self, http: Http, base_url: str, token: str) -> None:
        self._http = http
        self._base = base_url.rstrip("/") + "/"
        self._token = token

    async def call(self, method: str, *, token: str | None = None, **arguments: Any) -> dict[str, Any]:
        """The answer of ``method``, arguments as JSON. Raises ``Temporary`` or ``Rejected``."""
        return await self._call(method, token, json=arguments)

    async def form(self, method: str, **arguments: str) -> dict[str, Any]:
        """The same for the methods that read no JSON: arguments as a form."""
        return await self._call(method, None, data=arguments)

    async def put(self, url: str, body: bytes) -> None:
        """Send a file's bytes where ``files.getUploadURLExternal`` said; the address is its own permit."""
        answer = await self._http.json(
            "POST", url, data=BytesIO(body), headers={"Content-Type": "application/octet-stream"}
        )
        if answer.status != 200:
            raise Refused(f"file upload: status {answer.status}")

    async def fetch(self, url: str, limit: int) -> bytes:
        """A file that somebody sent. The token goes to Slack's own file server alone: a linked file lies anywhere."""
        asked, base = urlsplit(url), urlsplit(self._base)
        if (asked.scheme, asked.netloc) not in {(base.scheme, f"files.{base.netloc}"), (base.scheme, base.netloc)}:
            raise Rejected("a file that does not lie at Slack")
        data = await self._http.content(url, limit, headers={"Authorization": f"Bearer {self._token}"})
        if data.lstrip()[:15].lower() == b"<!doctype html>":  # its sign-in page, with 200
            raise Rejected("the app lacks the scope files:read")
        return data

    async def _call(self, method: str, token: str | None, **body: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token or self._token}"}
        answer = await self._http.json("POST", self._base + method, headers=headers, **body)
        check(method, answer)
        return answer.data
