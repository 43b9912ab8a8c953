"""What every crash test does: see the service die at its point, start it again, and ask the recorder for repeats."""

import signal
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from bot.adapters.recorder.adapter import REPEATED
from tests.support.process import Service

PASSINGS = 3  # the rounds of ``make crash`` kill at the first, second and third passing in turn


def passing(point: str, first: int, round_: int) -> dict[str, str]:
    """The environment that kills at ``point``; ``first`` is its first passing that meets an event."""
    return {"ZHIBAN_CRASH_AT": f"{point}:{first + round_ % PASSINGS}"}


async def killed_and_restarted(zhiban: Service, environ: Mapping[str, str] | None = None) -> float:
    """See it die by SIGKILL and start it again without the variable; when it serves again."""
    assert await zhiban.ended() == -signal.SIGKILL, zhiban.log()
    zhiban.start(environ)
    await zhiban.ready()
    return time.time()


def assert_repeats(posts: list[dict[str, Any]], client_keys: bool) -> None:
    """With client keys nothing stands twice; without them at most one message of a chat does, and it is marked."""
    new = [p for p in posts if p["op"] == "post"]
    seen = Counter((p["chat"], p["text"].removeprefix(REPEATED)) for p in new)
    twice = [key for key, count in seen.items() if count > 1]
    marked = [p for p in new if p["text"].startswith(REPEATED)]
    if client_keys:
        assert (twice, marked) == ([], [])
        return
    assert all(seen[key] == 2 for key in twice)
    assert max(Counter(chat for chat, _ in twice).values(), default=0) <= 1, twice
    assert {(p["chat"], p["text"].removeprefix(REPEATED)) for p in marked} >= set(twice)
    assert max(Counter(p["chat"] for p in marked).values(), default=0) <= 1
