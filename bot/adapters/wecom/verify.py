"""The door of an encrypted callback, the same for the self-built app and the AI bot: lets in only what the platform sent.

In this order: query parameters, signature, freshness, replay, and only then decryption (WeCom 90238, 101033). WeCom states no
replay window; ours is 300 s by the timestamp, and within it a signature comes again only as the platform's own retry, which
follows within seconds.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot.adapters.common.ingress import BadRequest, Ingress, body_of, check_fresh, one_query
from bot.adapters.wecom.crypto import Crypto, CryptoError

RETRY = timedelta(seconds=20)  # the platform asks three times, 5 s each (WeCom 90238)
MOST = 20_000  # signatures remembered
_QUERY = ("msg_signature", "timestamp", "nonce")


@dataclass(frozen=True, slots=True)
class Opened:
    """A callback that is believed. ``stamp`` identifies the request; ``sent_at`` is the URL's time, ``nonce`` the URL's."""

    message: bytes
    nonce: str
    sent_at: datetime
    stamp: tuple[str, str, str]


class Verifier:
    """One callback address with its secrets."""

    def __init__(self, crypto: Crypto, ingress: Ingress) -> None:
        self._crypto = crypto
        self._ingress = ingress
        self._seen: OrderedDict[tuple[str, str, str], datetime] = OrderedDict()

    async def echo(self, request: web.Request) -> web.Response:
        """``GET``: the address is checked by sending back what ``echostr`` hides, plain."""
        # base64 has no blank: a bare "+" was read as one
        opened = self._open(request, one_query(request, "echostr").replace(" ", "+"))
        return web.Response(body=opened.message, content_type="text/plain", charset="utf-8")

    async def verified(self, request: web.Request, encrypted_of: Callable[[bytes], str]) -> Opened:
        """``POST``: the decrypted message; ``encrypted_of`` takes the ciphertext out of the body (XML or JSON).

        Raises ``BadRequest``. Whoever handles the message calls :meth:`remember` once it is committed.
        """
        for name in _QUERY:
            one_query(request, name)
        return self._open(request, encrypted_of(await body_of(request)))

    def remember(self, opened: Opened) -> None:
        """This request is done: the same one again is a retry for a few seconds, and then a replay."""
        self._seen.setdefault(opened.stamp, self._ingress.wall())
        while len(self._seen) > MOST:
            self._seen.popitem(last=False)

    def _open(self, request: web.Request, encrypted: str) -> Opened:
        signature, timestamp, nonce = (one_query(request, name) for name in _QUERY)
        try:
            self._crypto.verify(signature, timestamp, nonce, encrypted)
            sent_at = check_fresh(timestamp, self._ingress.wall())
            self._no_replay((signature, timestamp, nonce))
            message = self._crypto.decrypt(encrypted)
        except CryptoError as error:
            raise BadRequest(error.kind.status, error.kind.value) from None
        return Opened(message, nonce, sent_at, (signature, timestamp, nonce))

    def _no_replay(self, stamp: tuple[str, str, str]) -> None:
        first = self._seen.get(stamp)
        if first is not None and self._ingress.wall() - first > RETRY:
            raise BadRequest(401, "replayed")
