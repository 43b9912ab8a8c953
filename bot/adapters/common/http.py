"""The way out to a chat platform's HTTP interface: one session, bounded in time and size, errors sorted for the sender."""

import json as json_module
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.adapters.common.pauses import pause_asked
from bot.core.content import Op
from bot.core.errors import Rejected, Temporary
from bot.core.ports import Capabilities, Outgoing

REPEATED = "(补发) "
TOTAL_SECONDS, CONNECT_SECONDS = 8.0, 3.0
ANSWER_LIMIT = 1024 * 1024  # bytes
FILE_SECONDS = 60.0  # for a file that somebody sent


@dataclass(frozen=True, slots=True)
class Answer:
    """What a platform answered; ``data`` is the JSON object, empty when the body is none."""

    status: int
    headers: Mapping[str, str]
    data: dict[str, Any]

    @property
    def pause(self) -> float | None:
        """Seconds that it asks us to wait; None where it asks for none."""
        return pause_asked(self.headers, self.data)


class Http:
    """Requests without redirects and with the certificate always checked; ``ca_file`` adds an authority of one's own."""

    def __init__(
        self, *, proxy: str = "", ca_file: str = "", total: float = TOTAL_SECONDS, answer_limit: int = ANSWER_LIMIT
    ) -> None:
        self._answer_limit = answer_limit
        self._proxy = proxy or None
        self._ca_file = ca_file
        self._timeout = aiohttp.ClientTimeout(total=total, connect=CONNECT_SECONDS)
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """The one session, opened on first use."""
        if self._session is None:
            context = ssl.create_default_context(cafile=self._ca_file) if self._ca_file else True
            connector = aiohttp.TCPConnector(ssl=context, limit=100)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, proxy=self._proxy, json_serialize=_compact
            )
        return self._session

    async def json(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        data: Any = None,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
    ) -> Answer:
        """One request. 429 and 5xx raise ``Temporary``, as does no answer; every other status is the caller's to judge.

        After a request that writes was sent, no answer means that nobody knows: ``uncertain``.
        """
        writes = method != "GET"
        try:
            request = self.session().request(
                method, url, json=json, data=data, headers=headers, params=params, allow_redirects=False
            )
            async with request as answer:
                if answer.status == 429 or answer.status >= 500:
                    pause = pause_asked(answer.headers) or pause_asked({}, await _said_of(answer, self._answer_limit))
                    raise Temporary(f"status {answer.status}", pause, uncertain=writes and answer.status >= 500)
                return Answer(answer.status, answer.headers, _object(await _read(answer, self._answer_limit)))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Temporary(type(error).__name__) from None
        except (TimeoutError, aiohttp.ClientError) as error:
            raise Temporary(type(error).__name__, uncertain=writes) from None

    async def content(
        self, url: str, limit: int, *, headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None
    ) -> bytes:
        """The bytes of a file, at most ``limit`` of them; ``Rejected`` for more and for every answer but 200."""
        try:
            request = self.session().get(
                url, headers=headers, params=params, allow_redirects=False, timeout=aiohttp.ClientTimeout(FILE_SECONDS)
            )
            async with request as answer:
                if answer.status == 429 or answer.status >= 500:
                    raise Temporary(f"status {answer.status}", pause_asked(answer.headers))
                if answer.status != 200:
                    raise Rejected(f"status {answer.status}")
                return await _file(answer, limit)
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            raise Temporary(type(error).__name__) from None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()


async def _said_of(answer: aiohttp.ClientResponse, limit: int) -> dict[str, Any]:
    """The JSON object of a refusal; empty where there is none: what matters is its status."""
    try:
        return _object(await _read(answer, limit))
    except (aiohttp.ClientError, TimeoutError, Temporary):
        return {}


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    data = bytearray()
    async for chunk in answer.content.iter_any():
        data += chunk
        if len(data) > limit:
            raise Temporary("an answer beyond all measure", uncertain=True)
    return bytes(data)


async def _file(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    data = bytearray()
    async for chunk in answer.content.iter_any():
        data += chunk
        if len(data) > limit:
            raise Rejected(f"more than {limit // 2**20} MiB")
    return bytes(data)


def _compact(data: Any) -> str:
    """Chinese as itself: as an escape each character would take twice the bytes of a platform's limit."""
    return json_module.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json_module.loads(body.decode())
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def marked(out: Outgoing, can: Capabilities) -> str:
    """The text; marked where it may be there already and no client key protects (a change made twice is one change)."""
    again = out.repeated and not can.client_keys and out.op is Op.POST
    return REPEATED + out.post.text if again else out.post.text
