"""A sliding window per target: never more than the platform's count in any span of its seconds."""

from collections import defaultdict, deque
from collections.abc import Hashable
from datetime import datetime, timedelta

from bot.core.ports import Rate


class SlidingWindow:
    """Remembers the sends of the last window per target. Lives in memory; the sender fills it from the outbox at its start."""

    def __init__(self) -> None:
        self._sent: dict[Hashable, deque[datetime]] = defaultdict(deque)

    def wait(self, target: Hashable, rates: tuple[Rate, ...], now: datetime) -> float:
        """Seconds until ``target`` may take one more within each of ``rates``; 0 when it may now."""
        if not rates:
            return 0.0
        sent = self._sent[target]
        oldest = now - timedelta(seconds=max(rate.seconds for rate in rates))
        while sent and sent[0] <= oldest:
            sent.popleft()
        return max(_wait(sent, rate, now) for rate in rates)

    def note(self, target: Hashable, rates: tuple[Rate, ...], at: datetime) -> None:
        """One message went to ``target``; ``at`` is when the platform had it, so that its own count is never ahead."""
        if rates:
            self._sent[target].append(at)


def _wait(sent: deque[datetime], rate: Rate, now: datetime) -> float:
    if len(sent) < rate.count:
        return 0.0
    free = sent[-rate.count] + timedelta(seconds=rate.seconds)
    return max(0.0, (free - now).total_seconds())
