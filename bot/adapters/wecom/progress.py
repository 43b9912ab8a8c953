"""A post that takes several messages: a retry goes on with the first one that did not go."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

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
