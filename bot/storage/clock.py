"""The one place that asks for the time: duty time and true time, both anchored to a clock that cannot jump.

Wall time is read once, at start; from then on both clocks follow the monotonic clock (CLOCK_BOOTTIME where there is one, so
that a suspended machine counts), and a wall clock that jumps is noticed, not followed (faults F34 to F37).
"""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

JUMP = 2.0  # seconds between wall and monotonic before it is called a jump
TELL_AGAIN = 600.0  # seconds between two words about the clock


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


def demo_clock(state_dir: Path, speed: float) -> SystemClock:
    """A fast clock whose duty time goes on where the last run left it; the anchor lives in ``state_dir/demo-clock.json``.

    At speed 1, and on a first start, duty time is wall time. A demo that ran fast never steps back, so no deadline
    moves into the future.
    """
    path = state_dir / "demo-clock.json"
    wall = _wall()
    start = wall
    if path.exists():
        start = max(wall, datetime.fromisoformat(json.loads(path.read_text("utf-8"))["duty"]))
    clock = SystemClock(speed, start)
    remember(clock, state_dir)
    return clock


def remember(clock: SystemClock, state_dir: Path) -> None:
    """Note the duty time reached, atomically."""
    path = state_dir / "demo-clock.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"duty": clock.now().isoformat(), "speed": clock.speed}), "utf-8")
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
