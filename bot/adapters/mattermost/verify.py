"""Whether a request is Mattermost's: by the token of the webhook or command. Buttons carry a signature of ours (``buttons``)."""

import hmac
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from pydantic import SecretStr

from bot.adapters.common.ingress import BadRequest, body_of, strict_json

_FIELDS = 200  # of a form, at most


class Verifier:
    """One door with the tokens that open it."""

    def __init__(self, tokens: tuple[SecretStr, ...]) -> None:
        self._tokens = [token.get_secret_value().encode() for token in tokens]

    async def verified(self, request: web.Request) -> dict[str, Any]:
        """The fields of a request that has one of the tokens, which are compared in constant time."""
        fields = await fields_of(request)
        token = fields.get("token")
        given = token.encode() if isinstance(token, str) else b""
        right = [hmac.compare_digest(given, known) for known in self._tokens]
        if not any(right):
            raise BadRequest(401, "bad_signature")
        return fields


async def fields_of(request: web.Request) -> dict[str, Any]:
    """The body as one mapping: a form or JSON, whichever the webhook was set up with."""
    body = await body_of(request)
    if request.content_type == "application/json":
        return strict_json(body)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except ValueError:
        raise BadRequest(400, "bad_body") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise BadRequest(400, "ambiguous")
    return dict(pairs)
