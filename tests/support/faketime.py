"""A wall clock that a test can make jump under a service, and that clock alone: libfaketime, steered by a file."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

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
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "LD_LIBRARY_PATH": ":".join(str(p) for p in Path("/usr/lib").glob("*/faketime")),
        },
    )
    clock.jump("+0")
    return clock
