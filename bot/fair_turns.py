"""Which request is worked on next: one of each client address in turn, so that nobody's thousand hold up somebody's one.

Below it the connections are bounded (``bot.listener``), above it the chats have their turns (``bot.workers.turns``).
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_WORK = (
    32  # requests that are worked on together: enough for the store to commit in groups, few for whoever comes next
)
WORK_SECONDS = (
    0.05  # who is not answered by then waits for somebody (a body, a long poll, a slow disk): the next one begins
)


class FairTurns:
    """At most ``at_work`` requests begin together; who waits is taken address by address, of each the oldest first."""

    def __init__(self, at_work: int = AT_WORK) -> None:
        self._free = at_work
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def of(self, address: str) -> AsyncIterator[None]:
        """Wait for the turn of ``address``; the place is given on at the end, or once it has been held long enough."""
        await self._begin(address)
        place = _Place(self)
        try:
            yield
        finally:
            place.give_on()

    async def _begin(self, address: str) -> None:
        if self._free and not self._waiting:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(address, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it had just been given a place
                self.give_on()
            raise

    def give_on(self) -> None:
        """A place is free: it is the next address's."""
        while self._waiting:
            address, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[address] = turns
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class _Place:
    """A place that is given on once."""

    def __init__(self, turns: FairTurns) -> None:
        self._turns: FairTurns | None = turns
        self._timer = asyncio.get_running_loop().call_later(WORK_SECONDS, self.give_on)

    def give_on(self) -> None:
        self._timer.cancel()
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.give_on()
