"""How many commands somebody without a role may send within a minute (fault F58): a whole group reads the answers."""

from collections import deque
from datetime import datetime, timedelta

MOST = 10
SPAN = timedelta(minutes=1)
_KNOWN = 1_000  # senders that are remembered before those of more than a minute ago are forgotten


class Patience:
    """Counts the commands of each sender. It is not kept over a restart: who floods on is counted anew."""

    def __init__(self) -> None:
        self._sent: dict[str, deque[datetime]] = {}

    def beyond(self, who: str, at: datetime) -> int:
        """By how many the commands that ``who`` sent within a minute, with this one, are too many."""
        if len(self._sent) > _KNOWN:
            self._sent = {name: times for name, times in self._sent.items() if at - times[-1] < SPAN}
        times = self._sent.setdefault(who, deque(maxlen=MOST + 2))
        while times and at - times[0] >= SPAN:
            times.popleft()
        times.append(at)
        return len(times) - MOST
