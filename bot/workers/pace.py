"""How soon a place may be sent to: its platform's rates, one message at a time, and the pauses that it asked for."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from bot.core.ports import Capabilities, Rate
from bot.storage.outbox_rows import Place, Queued
from bot.workers.rate_limit import SlidingWindow


class Pace:
    """Of every place; ``can`` tells what its platform can do there, None for a platform or chat that is no more."""

    def __init__(self, can: Callable[[Place], Capabilities | None]) -> None:
        self._can = can
        self._window = SlidingWindow()
        self._asked_to_wait: dict[Place, datetime] = {}

    def note(self, place: Place, at: datetime, rates: tuple[Rate, ...] | None = None) -> None:
        """Something was sent there then; under ``rates``, where they are known already."""
        if rates is None:
            can = self._can(place)
            rates = can.rates if can is not None else ()
        self._window.note(place, rates, at)

    def asked_to_wait(self, place: Place, until: datetime) -> None:
        """The platform wants nothing more for that place before then."""
        self._asked_to_wait[place] = until

    def wait(self, place: Place, now: datetime, groups: Mapping[Place, Collection[Queued]]) -> float:
        """Seconds until the next may go, beside what goes in this turn (``groups``).

        What a platform asks us to wait is kept by all priorities: an escalation that knocks meanwhile is refused, and may
        prolong it.
        """
        can = self._can(place)
        if can is None:
            return 0.0
        if (asked := self._asked_to_wait.get(place)) is not None:
            if asked > now:
                return (asked - now).total_seconds()
            del self._asked_to_wait[place]
        if groups.get(place) and (can.rates or not can.client_keys):
            return 0.001
        return self._window.wait(place, can.rates, now)
