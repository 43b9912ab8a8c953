"""Slack's Web API: one method call, its answer sorted into what is tried again and what is given up (Slack sheet 6)."""

import logging
import re
from io import BytesIO
from typing import Any

from bot.adapters.common.http import Http
from bot.core.errors import Rejected, Temporary

log = logging.getLogger(__name__)
_BUSY = {"ratelimited", "rate_limited", "service_unavailable", "team_added_to_org", "request_timeout"}
_PERHAPS = {"internal_error", "fatal_error"}  # "some aspect of the operation may have succeeded"
_OURS = {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope"}
OURS_SECONDS = 60.0  # until somebody has given the app a good token or scope again, nothing is lost
_CODE = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)


class Refused(Rejected):
    """``ok: false`` for good; ``reason`` is Slack's error code."""


class Unauthorised(Temporary):
    """The token or a scope is not good: it is for the operator to mend, and the message waits."""


class Foreign(Temporary):
    """What answered is not Slack, or knows not this method: it may be a gateway that lets only some of them through."""


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

    async def _call(self, method: str, token: str | None, **body: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token or self._token}"}
        answer = await self._http.json("POST", self._base + method, headers=headers, **body)
        if answer.data.get("ok") is True:
            return answer.data
        raise _error(method, answer.status, answer.data.get("error"))


def _error(method: str, status: int, error: Any) -> Exception:
    if not (isinstance(error, str) and _CODE.fullmatch(error)):
        return Foreign(f"{method}: no answer of Slack's, status {status}", uncertain=True)
    if error in _BUSY:
        return Temporary(f"{method}: {error}")
    if error in _PERHAPS:
        return Temporary(f"{method}: {error}", uncertain=True)
    if error in _OURS:
        log.error("slack: %s: %s; messages wait", method, error)
        return Unauthorised(f"{method}: {error}", OURS_SECONDS)
    return Refused(error)
