"""Whether a request is Slack's: signed over its bytes with our secret, a moment ago, for our workspace (Slack sheet 1)."""

import hmac
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.adapters.common.ingress import BadRequest, body_of, check_fresh, one_header, strict_json
from bot.adapters.slack.tenant import Tenant

_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
_FIELDS = 64  # of one form
_RESPONSE_HOSTS = ("hooks.slack.com", "hooks.slack.com:443")


class Verifier:
    """Signatures are slack_sdk's; how old a request may be is judged on the service's clock, before its body is read."""

    def __init__(self, signing_secret: str, tenant: Tenant) -> None:
        self._signer = SignatureVerifier(signing_secret)
        self._tenant = tenant

    async def verified(self, request: web.Request, now: datetime) -> tuple[dict[str, Any], datetime]:
        """The payload and the time it was signed. Raises ``BadRequest``: headers are judged before a byte of the body."""
        signature = one_header(request, "X-Slack-Signature")
        stamp = one_header(request, "X-Slack-Request-Timestamp")
        signed_at = check_fresh(stamp, now)
        if not _SIGNATURE.fullmatch(signature):
            raise BadRequest(401, "bad_signature")
        body = await body_of(request)
        try:
            right = self._signer.generate_signature(timestamp=stamp, body=body)
        except UnicodeDecodeError:  # slack_sdk signs text, and Slack sends nothing else
            raise BadRequest(400, "bad_body") from None
        if right is None or not hmac.compare_digest(signature, right):
            raise BadRequest(401, "bad_signature")
        payload = payload_of(request.content_type, body)
        check_origin(payload, self._tenant)
        return payload, signed_at


def check_origin(payload: dict[str, Any], tenant: Tenant) -> None:
    """Refuse what is for another workspace, or names an address to answer to that is not Slack's; through the socket, too."""
    if payload.get("type") != "url_verification":
        tenant.check(payload)
        check_response_url(payload)


def payload_of(content_type: str, body: bytes) -> dict[str, Any]:
    """What the body says: an event as JSON, a slash command as a form, a button as JSON in a form's ``payload``."""
    if content_type != "application/x-www-form-urlencoded":
        return strict_json(body)
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_FIELDS
        )
    except ValueError:
        raise BadRequest(400, "bad_body") from None
    form: dict[str, Any] = dict(pairs)
    if len(form) != len(pairs):
        raise BadRequest(400, "ambiguous")
    return strict_json(form["payload"]) if "payload" in form else form


def check_response_url(payload: dict[str, Any]) -> None:
    """Refuse an address to answer to that is not Slack's own: exact host, https, nothing else (bad inputs S25 to S27; fault F55).

    We never call it; but a request that carries a foreign one is not what Slack sends.
    """
    url = payload.get("response_url")
    if url is None or url == "":
        return
    if not isinstance(url, str) or not _allowed(url):
        raise BadRequest(400, "response_url_not_allowed")


def _allowed(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and parts.netloc in _RESPONSE_HOSTS  # a user or another port would stand in it
