"""The way in from a chat platform: what every webhook is checked for, and how it becomes an event of ours.

Never 500: a request that is not of the platform's form is answered 4xx with its code, put on the audit log, and nothing of it
is kept (faults F44, F45). 200 is answered only after the commit.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NoReturn

from aiohttp import web

from bot.adapters.common.listening import Listening
from bot.core.bugs import where
from bot.core.errors import Temporary
from bot.core.events import Envelope, Message, Tap
from bot.core.people import STRANGER, Account, Person
from bot.core.ports import Rate
from bot.storage import meta
from bot.storage.store import Store, Tx
from bot.work.inbox import Inbox
from bot.work.runtime import Runtime
from bot.work.work import Transactions
from bot.workers.rate_limit import SlidingWindow

log = logging.getLogger(__name__)
BODY_LIMIT = 1024 * 1024  # bytes
BODY_SECONDS = 5.0
FRESH_SECONDS = 300.0
DEEPEST = 100  # levels of JSON
TARGET = 100  # characters of a refused address put on record: anybody may make one of thousands
_AUDITED = (Rate(30, 60),)  # refusals of one kind put on record; more of them a minute are only counted

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BadRequest(Exception):
    """A request that is refused: ``status`` for the sender, ``code`` for the audit log."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Ingress:
    """One platform's door."""

    def __init__(self, platform: str, inbox: Inbox, transactions: Transactions) -> None:
        self.platform = platform
        self.runtime: Runtime = transactions.runtime
        self.store: Store = transactions.store
        self._inbox = inbox
        self._transactions = transactions
        self._audited = SlidingWindow()
        self._more: dict[str, int] = {}
        self.connections: list[Listening] = []

    def listening(self, name: str) -> Listening:
        """A long connection by which the platform is heard: while it is not, the service is not ready and says so."""
        self.connections.append(Listening(self.platform, name, self.runtime.clock))
        return self.connections[-1]

    def wall(self) -> datetime:
        """What the machine's clock shows: for signatures, which others made with theirs."""
        return self.runtime.clock.wall()

    def route(self, handler: Handler) -> Handler:
        """``handler`` with its refusals answered and put on record, and 503 where a repeat may help."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except BadRequest as error:
                await self.refuse(error.code, request.path[:TARGET])
                return web.json_response({"error": error.code}, status=error.status)
            except Temporary:
                return web.json_response({"error": "busy"}, status=503, headers={"Retry-After": "1"})

        return guarded

    def envelope(self, *, key: str, user: str, chat: str, sent_at: datetime, direct: bool = False) -> Envelope:
        """Who, where and when, in our terms. ``chat`` is the platform's id; of a ``direct`` chat only the user counts.

        A known person's direct chat is ``dm-PERSON``; what nobody declared keeps the platform's own id (``slack:C1``).
        """
        site, now = self.runtime.site(), self.runtime.clock.now()
        account = Account(self.platform, user)
        person = site.person_of(account)
        known = site.chat_at(self.platform, chat)
        if direct:
            place = f"dm-{person.id}" if person else f"{self.platform}:{STRANGER}{user}"
        else:
            place = known.id if known else f"{self.platform}:{chat}"
        return Envelope(key, account, person.id if person else None, place, min(sent_at, now), now)

    def people(self, users: Iterable[str]) -> tuple[str, ...]:
        """The persons behind accounts of the platform; who is unknown is left out."""
        return tuple(person.id for person in map(self.person, users) if person)

    async def accept(self, event: Message | Tap, also: Callable[[Tx], None] | None = None) -> bool:
        """Commit the event, and what ``also`` writes with it; False when it was here before, and then nothing is written.

        Raises ``Temporary`` when it could not be kept in time.
        """
        return await self._inbox.accept(event, also)

    async def holds(self, event: Message | Tap) -> bool:
        """Whether the event that is kept under this one's key is this very one."""
        return await self._inbox.holds(event)

    async def seen(self, key: str) -> bool:
        """Whether an event with that key is kept."""
        return await self._inbox.has(self.platform, key)

    def person(self, user: str) -> Person | None:
        """Whose account this is; None for a stranger's."""
        return self.runtime.site().person_of(Account(self.platform, user))

    async def noted(self, name: str) -> str | None:
        """What :meth:`note` kept under ``name``, for ever."""
        return await self.store.read(lambda session: meta.value_of(session, name))

    async def note(self, name: str, value: str) -> None:
        """Keep a small fact of the platform's own: how far its stream was read. Raises ``Temporary`` when it cannot be kept."""
        await self.store.write(lambda tx: meta.keep(tx, name, value))

    async def refuse(self, code: str, target: str) -> None:
        """Put one refusal on the audit log; of a flood only the first of each minute, with how many were left out."""
        now = self.runtime.clock.real()
        if self._audited.wait(code, _AUDITED, now) > 0:
            self._more[code] = self._more.get(code, 0) + 1
            return
        self._audited.note(code, _AUDITED, now)
        more = self._more.pop(code, 0)
        detail = {"unrecorded": more} if more else {}
        try:
            await self._transactions.do(
                f"refused:{self.platform}", lambda work: work.audit("webhook", target, "refused", code, **detail)
            )
        except Temporary:
            log.warning("ingress: %s refused a request (%s); the store was busy", self.platform, code)
        except Exception as error:
            log.error("ingress: a refusal could not be recorded: %s", where(error))


async def body_of(request: web.Request, limit: int = BODY_LIMIT, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body; 413 beyond ``limit`` bytes without reading on, 408 when it does not come within ``seconds``."""
    if request.content_length is not None and request.content_length > limit:
        raise BadRequest(413, "too_large")
    data = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_any():
                data += chunk
                if len(data) > limit:
                    raise BadRequest(413, "too_large")
    except TimeoutError:
        raise BadRequest(408, "too_slow") from None
    except (ConnectionError, web.PayloadAccessError):
        raise BadRequest(400, "bad_body") from None
    return bytes(data)


def one_header(request: web.Request, name: str) -> str:
    """The header's one value; missing it is unsigned (401), twice is ambiguous and not ASCII is no value (400)."""
    values = request.headers.getall(name, [])
    return _one(values, 401, "bad_signature")


def one_query(request: web.Request, name: str) -> str:
    """The query parameter's one value; 400 when it is missing, there twice, or not ASCII."""
    return _one(request.query.getall(name, []), 400, "bad_body")


def _one(values: list[str], status: int, code: str) -> str:
    if not values:
        raise BadRequest(status, code)
    if len(values) > 1:
        raise BadRequest(400, "ambiguous")
    if not values[0].isascii():
        raise BadRequest(400, "bad_body")
    return values[0]


def strict_json(body: bytes | str) -> dict[str, Any]:
    """The JSON object of a body; 400 for anything else: no UTF-8, NaN, a lone surrogate, too deep, another type."""
    try:
        text = body.decode() if isinstance(body, bytes) else body
        if text.count("{") + text.count("[") > DEEPEST:
            _check_depth(text)
        data = json.loads(text, parse_constant=_no_constant)
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise BadRequest(400, "bad_body") from None
    if not isinstance(data, dict):
        raise BadRequest(400, "bad_body")
    return data


def _check_depth(text: str) -> None:
    depth, quoted, escaped = 0, False, False
    for char in text:
        if quoted:
            quoted, escaped = not (char == '"' and not escaped), char == "\\" and not escaped
        elif char == '"':
            quoted = True
        elif char in "[{":
            depth += 1
            if depth > DEEPEST:
                raise ValueError("too deep")
        elif char in "]}":
            depth -= 1


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def check_fresh(timestamp: str, now: datetime, window: float = FRESH_SECONDS, per_second: int = 1) -> datetime:
    """The time a request was signed at; 400 when it is no number, 401 when it is more than ``window`` seconds off."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 16):
        raise BadRequest(400, "bad_body")
    seconds = int(timestamp) / per_second
    if abs(now.timestamp() - seconds) > window:
        raise BadRequest(401, "stale")
    return datetime.fromtimestamp(seconds, UTC)
