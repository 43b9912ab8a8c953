"""Whether a long connection hears, and when it is opened again: the one rule for every platform's.

The pause before another try grows, with jitter, up to a minute; what the platform asks us to wait is waited. A connection counts
as a good one, and the next pause is short again, only after it stood for a while: one that greets and closes, over and over,
is not. Where only people can mend it, or another process took the connection over, it is tried more rarely, but sooner than
the first reminder of a ticket is due.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.ports import Clock

log = logging.getLogger(__name__)
AGAIN = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 60.0)  # seconds after so many connections that did not last
MENDING = (30.0, 120.0, 240.0)  # seconds, where people have to do something first
STEADY, UNDISPUTED = 60.0, 600.0  # seconds after which a connection counts as a good one; as one that nobody takes over
JITTER = 0.8  # the least part of a pause of ours: many that lost the same line must not come back together


class Cause(StrEnum):
    """What kind of end it was; all but ``LOST`` are for people to mend."""

    LOST = "lost"
    TAKEN_OVER = "taken_over"  # by another connection of the same bot
    REFUSED = "refused"  # our credentials
    SWITCHED_OFF = "switched_off"  # on the platform's side


@dataclass(frozen=True, slots=True)
class Ended:
    """Why a connection is no more, or is to be left; ``retry_after``: seconds that the platform asks us to wait."""

    why: str
    retry_after: float | None = None
    cause: Cause = Cause.LOST

    @property
    def mending(self) -> bool:
        """Whether it stays so until people do something."""
        return self.cause is not Cause.LOST


@dataclass(frozen=True, slots=True)
class Deaf:
    """Since when a connection does not hear, and how the last try ended."""

    since: datetime
    last: Ended


class Listening:
    """One connection, however often it is opened. ``platform`` is whose; ``sleep`` waits (a test's own moves the clock)."""

    def __init__(self, platform: str, name: str, clock: Clock) -> None:
        self.platform = platform
        self.name = name
        self.sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
        self._clock = clock
        self._open = 0  # a platform's changeover has two for a while
        self._opened_at = clock.real()
        self._lived = 0.0
        self._tries = 0
        self._silent_since = self._troubled_since = clock.real()
        self._ended = Ended("not connected yet")

    @property
    def deaf(self) -> Deaf | None:
        """What keeps it from hearing at this moment; None while it hears."""
        return None if self._open else Deaf(self._silent_since, self._ended)

    @property
    def steady(self) -> bool:
        """It hears, and has for a while."""
        return bool(self._open) and self._age() >= STEADY

    @property
    def troubled(self) -> float:
        """Seconds since it was last a good one; 0 while it is."""
        return 0.0 if self.steady else (self._clock.real() - self._troubled_since).total_seconds()

    @contextmanager
    def standing(self) -> Iterator[None]:
        """For as long as one connection hears."""
        if not self._open:
            self._opened_at = self._clock.real()
            log.info("%s is connected", self.name)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self._fell_silent()

    async def again(self, ended: Ended) -> None:
        """Note how a connection ended (or that it will) and wait until the next may be opened."""
        self._ended = ended
        lived = self._age() if self._open else self._lived
        self._lived = 0.0
        if lived >= (UNDISPUTED if ended.mending else STEADY):
            self._tries = 0
        ladder = MENDING if ended.mending else AGAIN
        pause = ladder[min(self._tries, len(ladder) - 1)] * random.uniform(JITTER, 1.0)  # noqa: S311  # jitter, no secret
        pause = max(pause, ended.retry_after or 0.0)
        self._tries += 1
        level = logging.INFO if self._open else logging.ERROR if ended.mending else logging.WARNING
        log.log(level, "%s: %s; next try in %.0f s", self.name, ended.why, pause)
        await self.sleep(pause)

    def _fell_silent(self) -> None:
        self._silent_since = self._clock.real()
        self._lived = self._age()
        if self._lived >= STEADY:
            self._troubled_since = self._silent_since

    def _age(self) -> float:
        return (self._clock.real() - self._opened_at).total_seconds()
