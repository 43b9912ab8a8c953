"""A sliding window per target: never more than the platform's count in any span of its seconds."""

from collections import defaultdict, deque
from datetime import datetime, timedelta

from bot.core.ports import Rate


class SlidingWindow:
    """Remembers the sends of the last window per target. Lives in memory: after a restart the platform's own refusal holds."""

    def __init__(self) -> None:
        self._sent: dict[str, deque[datetime]] = defaultdict(deque)

    def wait(self, target: str, rate: Rate | None, now: datetime) -> float:
        """Seconds until ``target`` may take one more; 0 when it may now."""
        if rate is None:
            return 0.0
        sent = self._sent[target]
        start = now - timedelta(seconds=rate.seconds)
        while sent and sent[0] <= start:
            sent.popleft()
        if len(sent) < rate.count:
            return 0.0
        return (sent[-rate.count] - start).total_seconds()

    def note(self, target: str, rate: Rate | None, now: datetime) -> None:
        """One message went to ``target``."""
        if rate is not None:
            self._sent[target].append(now)
