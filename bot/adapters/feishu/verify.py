"""Whether a request comes from Feishu: signature, time and token are checked before anything in it counts (Feishu sheet 1.3)."""

import hmac
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.adapters.common.ingress import BadRequest, body_of, check_fresh, one_header, strict_json
from bot.adapters.feishu.crypto import decrypt, event_signature

_SIGNATURE, _TIMESTAMP, _NONCE = "X-Lark-Signature", "X-Lark-Request-Timestamp", "X-Lark-Request-Nonce"


class Verifier:
    """Checks a request and opens its body.

    With an Encrypt Key everything must be signed and encrypted; only the check of the address when it is set up may come
    unsigned, since the platform does not promise a signature there. Without one the verification token alone stands.
    """

    def __init__(self, app_id: str, verification_token: str, encrypt_key: str | None) -> None:
        self._app_id = app_id
        self._token = verification_token.encode()
        self._key = encrypt_key

    async def verified(self, request: web.Request, now: datetime) -> dict[str, Any]:
        """The event of the request, decrypted. Raises ``BadRequest``."""
        body = await body_of(request)
        data = strict_json(body)
        if self._key is None:
            self._check_token(data)
            return data
        if _SIGNATURE in request.headers:
            self._check_signature(self._key, request, body, now)
            data = self._decrypted(self._key, data)
        else:
            data = self._unsigned(self._key, data)
        self._check_token(data)
        return data

    def _check_signature(self, key: str, request: web.Request, body: bytes, now: datetime) -> None:
        timestamp, nonce = one_header(request, _TIMESTAMP), one_header(request, _NONCE)
        given = one_header(request, _SIGNATURE)
        check_fresh(timestamp, now)
        if not hmac.compare_digest(given, event_signature(timestamp, nonce, key, body)):
            raise BadRequest(401, "bad_signature")

    def _unsigned(self, key: str, data: dict[str, Any]) -> dict[str, Any]:
        """The address check. Whatever else is wrong looks the same from outside: no oracle for somebody's guesses."""
        try:
            inner = self._decrypted(key, data)
        except BadRequest:
            raise BadRequest(401, "bad_signature") from None
        if inner.get("type") != "url_verification":
            raise BadRequest(401, "bad_signature")
        return inner

    def _decrypted(self, key: str, data: dict[str, Any]) -> dict[str, Any]:
        encrypted = data.get("encrypt")
        if not isinstance(encrypted, str):
            raise BadRequest(400, "bad_body")
        try:
            plain = decrypt(key, encrypted)
        except ValueError:
            raise BadRequest(400, "bad_body") from None
        return strict_json(plain)

    def _check_token(self, data: dict[str, Any]) -> None:
        """Schema 2.0 has token and app in ``header``, 1.0 and the address check at the top."""
        header = data.get("header")
        place = header if isinstance(header, dict) else data
        token, app_id = place.get("token"), place.get("app_id", self._app_id)
        if not isinstance(token, str) or not hmac.compare_digest(token.encode(), self._token):
            raise BadRequest(401, "bad_signature")
        if app_id != self._app_id:
            raise BadRequest(403, "wrong_receiver")
