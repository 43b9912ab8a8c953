"""The one place that asks for the time: duty time and true time, both anchored to a clock that cannot jump.

Wall time is read once, at start; from then on both clocks follow the monotonic clock (CLOCK_BOOTTIME where there is one, so
that a suspended machine counts), and a wall clock that jumps is noticed, not followed (faults F34 to F37).
"""

import json
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

JUMP = 2.0  # seconds between wall and monotonic before it is called a jump
TELL_AGAIN = 600.0  # seconds between two words about the clock
ANCHOR, RESERVE = "demo-clock.json", 1.0  # the demo's file, and the seconds of true time that it is ahead


def _wall() -> datetime:
    return datetime.now(UTC)


def _monotonic() -> float:
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boottime) if boottime is not None else time.monotonic()


class SystemClock:
    """``now`` is duty time, ``real`` true time. Duty time runs ``speed`` times as fast from ``duty_start`` on."""

    def __init__(self, speed: float = 1.0, duty_start: datetime | None = None) -> None:
        self.speed = speed
        self._wall0 = _wall()
        self._mono0 = _monotonic()
        self._duty0 = duty_start or self._wall0

    def real(self) -> datetime:
        return self._wall0 + timedelta(seconds=_monotonic() - self._mono0)

    def now(self) -> datetime:
        return self._duty0 + timedelta(seconds=(_monotonic() - self._mono0) * self.speed)

    def wall(self) -> datetime:
        return _wall()

    def real_seconds(self, duty_seconds: float) -> float:
        return duty_seconds / self.speed

    def jump(self) -> float:
        """Seconds the wall clock is ahead of true elapsed time; 0 when it is within tolerance."""
        ahead = (_wall() - self.real()).total_seconds()
        return ahead if abs(ahead) > JUMP else 0.0


class Jumps:
    """What people have heard of the wall clock: each jump once, the way back too, and at most a word in ten minutes."""

    def __init__(self) -> None:
        self._told = 0.0
        self._quiet_until = float("-inf")

    def news(self, jump: float, at: float) -> float | None:
        """Seconds the wall clock moved since the last word, when that is worth one; ``at`` is monotonic."""
        moved = jump - self._told
        if abs(moved) <= JUMP or at < self._quiet_until:
            return None
        self._told, self._quiet_until = jump, at + TELL_AGAIN
        return moved


class DemoClock(SystemClock):
    """A fast clock that never steps back, over restarts and kills: no time is told before the folder says that it may have been.

    What it reserves is a second of true time at a time; after a kill the next one goes on at the end of that.
    """

    def __init__(self, state_dir: Path, speed: float, duty_start: datetime) -> None:
        super().__init__(speed, duty_start)
        self._path = state_dir / ANCHOR
        self._reserving = threading.Lock()
        self._reserved = duty_start
        state_dir.mkdir(parents=True, exist_ok=True)
        self.now()

    def now(self) -> datetime:
        now = super().now()
        if now >= self._reserved:
            with self._reserving:
                self._reserved = max(self._reserved, now + timedelta(seconds=RESERVE * self.speed))
                _write(self._path, self._reserved, self.speed)
        return now

    def stop(self) -> None:
        """Note the very time reached: nobody asks any more."""
        with self._reserving:
            _write(self._path, super().now(), self.speed)


def demo_clock(state_dir: Path, speed: float) -> DemoClock:
    """A clock whose duty time goes on where the last run left it; the anchor lives in ``state_dir/demo-clock.json``.

    At speed 1, and on a first start, duty time is wall time. A demo that ran fast never steps back, so no deadline
    moves into the future.
    """
    path = state_dir / ANCHOR
    wall = _wall()
    start = wall
    if path.exists():
        start = max(wall, datetime.fromisoformat(json.loads(path.read_text("utf-8"))["duty"]))
    return DemoClock(state_dir, speed, start)


def _write(path: Path, duty: datetime, speed: float) -> None:
    """Atomically."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"duty": duty.isoformat(), "speed": speed}), "utf-8")
    os.replace(part, path)


class ManualClock:
    """A clock that stands still until it is moved: for tests and for ``zhiban simulate``."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._real = self._now

    def now(self) -> datetime:
        return self._now

    def real(self) -> datetime:
        return self._real

    def wall(self) -> datetime:
        return self._real

    def real_seconds(self, duty_seconds: float) -> float:
        return duty_seconds

    def jump(self) -> float:
        return 0.0

    def move_to(self, when: datetime) -> None:
        """Move both clocks forward by the same span; time never runs backwards."""
        span = max(timedelta(0), when - self._now)
        self._now += span
        self._real += span
