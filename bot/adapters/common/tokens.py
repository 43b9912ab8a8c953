"""A platform's access token: asked for once however many wait, kept until shortly before its end, renewed when refused."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.core.errors import Rejected, Temporary
from bot.core.ports import Clock

log = logging.getLogger(__name__)
MARGIN = timedelta(minutes=5)  # before its end, or half of its life, that a token is not used any more
WRONG_SECONDS = 60.0  # until wrong credentials are tried again: somebody has to mend them, and some platforms shut out
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Issued:
    """A token and how many seconds the platform keeps it."""

    token: str
    seconds: int


class AccessToken:
    """The token of one app.

    ``ask`` makes the platform's call and reads the answer. It raises ``Temporary``, whose pause is kept to, or ``Rejected``
    where the credentials are wrong. Both reach the caller as ``Temporary``: nothing was sent, and what waits goes out later.
    """

    def __init__(self, app: str, ask: Callable[[], Awaitable[Issued]], clock: Clock) -> None:
        self._app = app
        self._ask = ask
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._good_until = self._closed_until = clock.real()
        self._failures = 0
        self._why = ""

    async def used(self, call: Callable[[str], Awaitable[T]], refused: Callable[[T], bool]) -> T:
        """The answer of ``call`` with a token; once more with a new one where the answer says that it is refused."""
        token = await self.get()
        answer = await call(token)
        return await call(await self.get(token)) if refused(answer) else answer

    async def get(self, refused: str = "") -> str:
        """A token other than ``refused``. Who waits for the same attempt has its failure, too."""
        if self._good(refused):
            return self._token
        failures = self._failures
        async with self._lock:
            if self._good(refused):
                return self._token
            left = self._left(self._closed_until)
            if left > 0 or failures != self._failures:
                raise Temporary(self._why, left or None)
            await self._renew()
            return self._token

    def _good(self, refused: str) -> bool:
        return self._token not in {"", refused} and self._left(self._good_until) > 0

    def _left(self, until: datetime) -> float:
        return max((until - self._clock.real()).total_seconds(), 0)

    async def _renew(self) -> None:
        try:
            issued = await self._ask()
        except Temporary as error:
            raise self._failed(error.reason, error.retry_after) from None
        except Rejected as error:
            log.error("%s: no access token: %s", self._app, error.reason)
            raise self._failed(error.reason, WRONG_SECONDS) from None
        life = timedelta(seconds=issued.seconds)
        self._token, self._good_until = issued.token, self._clock.real() + max(life - MARGIN, life / 2)

    def _failed(self, reason: str, pause: float | None) -> Temporary:
        self._failures += 1
        self._why = f"no access token: {reason}"
        if pause:
            self._closed_until = self._clock.real() + timedelta(seconds=pause)
        return Temporary(self._why, pause)


def issued(token: object, seconds: object) -> Issued:
    """The fields of an answer as a token. ``Temporary`` where they are none."""
    if not isinstance(token, str) or not token or not isinstance(seconds, int):
        raise Temporary("an answer without one")
    return Issued(token, seconds)
