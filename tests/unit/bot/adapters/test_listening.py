"""The one rule for long connections: how long each pause is, when it counts as deaf, what a platform's own pause looks like."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.adapters.common.listening import Cause, Deaf, Ended, Listening
from bot.adapters.common.pauses import pause_asked
from bot.storage.clock import ManualClock
from tests.support.desk import WORKDAY

LOST, TAKEN = Ended("lost"), Ended("taken over", cause=Cause.TAKEN_OVER)


class Line:
    """A connection whose pauses move the clock; ``pauses`` is how long each was."""

    def __init__(self) -> None:
        self.clock = ManualClock(WORKDAY)
        self.pauses: list[float] = []
        self.listening = Listening("slack", "slack socket", self.clock)
        self.listening.sleep = self._sleep

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.later(seconds)

    def later(self, seconds: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(seconds=seconds))

    async def lives(self, seconds: float, ended: Ended = LOST) -> None:
        """One connection, how long it stands, and the pause behind it."""
        with self.listening.standing():
            self.later(seconds)
        await self.listening.again(ended)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.mark.parametrize(
    ("lived", "ended", "table"),
    [
        (0, LOST, [1, 2, 4, 8, 16, 30, 60, 60]),
        (5, LOST, [1, 2, 4, 8, 16, 30, 60, 60]),
        (61, LOST, [1, 1, 1, 1]),
        (0, TAKEN, [30, 120, 240, 240]),
        (240, TAKEN, [30, 120, 240, 240]),
        (601, TAKEN, [30, 30, 30]),
    ],
)
async def test_8_14_the_pause_grows_until_a_connection_lasts(
    line: Line, lived: float, ended: Ended, table: list[float]
) -> None:
    for _ in table:
        await line.lives(lived, ended)
    assert all(0.8 * most <= pause <= most for pause, most in zip(line.pauses, table, strict=True)), line.pauses
    assert max(line.pauses) < 300, "sooner than the first reminder of a ticket"


async def test_8_14_two_that_lost_the_same_line_do_not_come_back_together(line: Line) -> None:
    others = [Line() for _ in range(20)]
    for other in others:
        await other.lives(0)
    assert len({other.pauses[0] for other in others}) > 10


@pytest.mark.parametrize("ended", [LOST, TAKEN])
async def test_8_14_the_platform_s_own_pause_is_kept(line: Line, ended: Ended) -> None:
    for asked in (90.0, 700.0):
        await line.listening.again(Ended(ended.why, asked, ended.cause))
    assert line.pauses == [90.0, 700.0]
    await line.listening.again(Ended(ended.why, 0.5, ended.cause))
    assert line.pauses[2] > 1, "a shorter one does not undo ours"


async def test_8_14_deaf_says_since_when_and_why_and_ends_with_a_connection(line: Line) -> None:
    began = line.clock.real()
    assert line.listening.deaf == Deaf(began, Ended("not connected yet"))
    with line.listening.standing():
        assert not line.listening.deaf
        line.later(100)
    at = line.clock.real()
    await line.listening.again(TAKEN)
    assert line.listening.deaf == Deaf(at, TAKEN)


async def test_8_14_a_changeover_is_never_deaf(line: Line) -> None:
    """Two stand for a while; the old one ends later."""
    with line.listening.standing():
        line.later(3600)
        await line.listening.again(Ended("changes over"))
        assert line.pauses[-1] <= 1
        with line.listening.standing():
            assert not line.listening.deaf
    assert line.listening.deaf


DATE = {"Date": "Wed, 14 Oct 2026 02:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "data", "seconds"),
    [
        ({"Retry-After": "30"}, {}, 30),
        ({"Retry-After": "1.5"}, {}, 1.5),
        ({"Retry-After": "99999"}, {}, 3600),
        ({"Retry-After": "Wed, 14 Oct 2026 02:01:30 GMT", **DATE}, {}, 90),
        ({"Retry-After": "Wed, 14 Oct 2026 01:59:00 GMT", **DATE}, {}, None),
        ({"Retry-After": "Wed, 14 Oct 2026 02:01:30 GMT"}, {}, None),
        ({"x-ogw-ratelimit-reset": "7"}, {}, 7),
        ({"X-RateLimit-Reset": "3"}, {}, 3),
        ({"X-RateLimit-Reset": "1791943245", **DATE}, {}, 45),
        ({"Retry-After": "soon"}, {"retry_after_ms": 2500}, 2.5),
        ({}, {"retry_after_ms": 2500}, 2.5),
        ({}, {"retry_after_ms": "2500"}, None),
        ({}, {"retry_after_ms": True}, None),
        ({"Retry-After": "0"}, {}, None),
        ({"Retry-After": "-5"}, {}, None),
        ({"Retry-After": "٣"}, {}, None),
        ({}, {}, None),
    ],
)
def test_8_14_the_pause_that_a_platform_asks_for(
    headers: dict[str, str], data: dict[str, object], seconds: float | None
) -> None:
    assert pause_asked(headers, data) == seconds


async def test_8_14_waiting_can_be_ended(line: Line) -> None:
    """A stop of the service must not wait for the pause."""
    line.listening.sleep = asyncio.sleep
    waiting: asyncio.Future[None] = asyncio.ensure_future(line.listening.again(TAKEN))
    await asyncio.sleep(0)
    waiting.cancel()
    stopped: Callable[[], bool] = waiting.cancelled
    await asyncio.gather(waiting, return_exceptions=True)
    assert stopped()
