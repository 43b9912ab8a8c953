"""A wall clock that a test can make jump under a service, and that clock alone: libfaketime, steered by a file."""

import os
import shutil
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
import pytest

from tests.support.until import eventually

MISSING = "faketime is not installed: apt-get install faketime"


@dataclass(frozen=True, slots=True)
class WallClock:
    """``environ`` is what the service is started with."""

    file: Path
    environ: dict[str, str]

    def jump(self, seconds: str) -> None:
        """``+3600``: an hour ahead of the true time, from now on."""
        self.file.write_text(f"{seconds}\n")


def wall_clock(folder: Path) -> WallClock:
    """True time at first. Skips where libfaketime is missing; fails in CI."""
    if shutil.which("faketime") is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    clock = WallClock(
        folder / "offset",
        {
            "LD_PRELOAD": "libfaketime.so.1",
            "FAKETIME_TIMESTAMP_FILE": str(folder / "offset"),
            "FAKETIME_CACHE_DURATION": "1",  # seconds; reading the file at each look at a clock took more than the service itself
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # else threads that wait for each other look again all the time
            "LD_LIBRARY_PATH": ":".join(str(p) for p in Path("/usr/lib").glob("*/faketime")),
        },
    )
    clock.jump("+0")
    return clock


async def jumped(clock: WallClock, seconds: str, url: str) -> None:
    """Let the clock jump and wait until the service at ``url`` has it, by the ``Date`` of what it answers."""
    clock.jump(seconds)

    async def there() -> bool:
        async with aiohttp.request("GET", f"{url}/readyz") as answer:
            ahead = parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()
        return abs(ahead - float(seconds)) < 5

    await eventually(there)
