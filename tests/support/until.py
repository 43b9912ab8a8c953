"""Waiting for something outside, bounded: asks again and again, and fails when it never comes true."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Return as soon as ``condition()`` holds."""
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {seconds:g} s")


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """The same for a question that is asked over the network; bounded by the wall clock."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not await condition():
        if loop.time() > end:
            raise AssertionError(f"not within {seconds:g} s")
        await asyncio.sleep(0.03)
