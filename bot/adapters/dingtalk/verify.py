"""DingTalk's one signature, for custom robots and for callbacks alike (DingTalk sheet 2.1, 2.2)."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.adapters.common.ingress import BadRequest, body_of, check_fresh, one_header, strict_json


def sign(timestamp: str, secret: str) -> str:
    """Base64 of HMAC-SHA256 with the secret over ``timestamp`` (milliseconds) and the secret. It covers no body."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def signed(timestamp: str, signature: str, secret: str) -> bool:
    """Whether the signature is right; compared in constant time."""
    return hmac.compare_digest(signature.encode(), sign(timestamp, secret).encode())


class Verifier:
    """``corp_id`` is checked where it is set."""

    def __init__(self, app_secret: str, robot_code: str, corp_id: str) -> None:
        self._secret = app_secret
        self._robot_code = robot_code
        self._corp_id = corp_id

    async def verified(self, request: web.Request, now: datetime) -> dict[str, Any]:
        """The callback. The signature covers no body, so a replay within its five minutes ends at the message's id."""
        timestamp, signature = one_header(request, "timestamp"), one_header(request, "sign")
        body = await body_of(request)
        check_fresh(timestamp, now, per_second=1000)
        if not signed(timestamp, signature, self._secret):
            raise BadRequest(401, "bad_signature")
        data = strict_json(body)
        if data.get("robotCode", self._robot_code) != self._robot_code:
            raise BadRequest(403, "wrong_receiver")
        if self._corp_id and data.get("chatbotCorpId") != self._corp_id:
            raise BadRequest(403, "wrong_tenant")
        return data
