"""Waiting for something outside: asks again and again, and fails when it never comes true.

The bound is there to end a test that has failed, so it is generous: on a busy machine things take ten times as long.
"""

import asyncio
from collections.abc import Awaitable, Callable

BOUND = 45.0  # seconds
SOONEST, LATEST = 0.01, 0.2  # seconds between two questions: what takes long is asked for less and less often


async def until(condition: Callable[[], bool], seconds: float = BOUND) -> None:
    """Return as soon as ``condition()`` holds."""

    async def holds() -> bool:
        return condition()

    await eventually(holds, seconds)


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = BOUND) -> None:
    """The same for a question that is asked over the network; bounded by the wall clock."""
    loop = asyncio.get_running_loop()
    end, pause = loop.time() + seconds, SOONEST
    while not await condition():
        if loop.time() > end:
            raise AssertionError(f"not within {seconds:g} s")
        await asyncio.sleep(pause)
        pause = min(pause * 1.25, LATEST)
