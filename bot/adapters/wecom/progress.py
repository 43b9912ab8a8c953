"""A post that takes several messages: each counts for the pace, and a retry goes on with the first one that did not go."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot.core.errors import Temporary
from bot.core.ports import Clock, Rate
from bot.workers.rate_limit import SlidingWindow

T = TypeVar("T")
MOST = 1000  # posts under way that are remembered


class Progress:
    """How far each post got. In memory: after a crash the post goes again from its start, marked 补发."""

    def __init__(self) -> None:
        self._done: OrderedDict[str, int] = OrderedDict()

    async def go(self, key: str, steps: Sequence[Callable[[], Awaitable[object]]]) -> None:
        """Take the steps of post ``key`` that were not taken yet; an error of a step is the caller's."""
        for number in range(self._done.get(key, 0), len(steps)):
            await steps[number]()
            self._done[key] = number + 1
            while len(self._done) > MOST:
                self._done.popitem(last=False)
        self._done.pop(key, None)


class Paced:
    """The platform's pace counted in its own messages; the sender above counts posts, which may be several."""

    def __init__(self, clock: Clock, *rates: Rate) -> None:
        self._clock = clock
        self._rates = rates
        self._window = SlidingWindow()

    async def go(self, target: str, step: Callable[[], Awaitable[T]]) -> T:
        """Take a step if one more message may go to ``target`` now; else ``Temporary`` with how long it has to wait."""
        wait = self._window.wait(target, self._rates, self._clock.real())
        if wait > 0:
            raise Temporary("the chat's pace", retry_after=wait)
        try:
            return await step()
        finally:
            self._window.note(target, self._rates, self._clock.real())
