"""Named crash points: with ``ZHIBAN_CRASH_AT=<name>[:n]`` the process kills itself at the n-th passing (contract: crash points)."""

import os
import signal
import threading

_lock = threading.Lock()


class CrashPoint:
    """One armed point of this process; ``passed`` counts and kills."""

    def __init__(self, spec: str) -> None:
        self.name, _, count = spec.partition(":")
        self._left = int(count or 1)

    def passed(self) -> None:
        with _lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def point(name: str) -> None:
    """Pass the point ``name``; does nothing unless the environment arms it."""
    spec = os.environ.get("ZHIBAN_CRASH_AT")
    if not spec:
        return
    armed = _armed.setdefault(spec, CrashPoint(spec))
    if armed.name == name:
        armed.passed()


_armed: dict[str, CrashPoint] = {}
