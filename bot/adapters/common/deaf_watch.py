"""Watches the long connections: that one is deaf is told to the operators once, and once that it hears again.

At once where people have to mend it or another process took it over; else when it has not been a good one for a minute, for most
lines come back by themselves. The word goes by another platform where the operator has an account there; where he has none, to
the duty room as well, which often is reached another way and in any case has to look at the groups itself meanwhile.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from bot.adapters.common.listening import Deaf, Listening
from bot.core.content import Priority
from bot.core.errors import Temporary
from bot.core.ports import Clock
from bot.work.work import Transactions, Work
from data.site import LOCAL

log = logging.getLogger(__name__)
EVERY = 2.0  # seconds between two looks
GRACE = 60.0  # seconds in which a line may come back before anybody is told


class DeafWatch:
    """The connections of all platforms."""

    def __init__(self, connections: Sequence[Listening], transactions: Transactions) -> None:
        self._connections = connections
        self._transactions = transactions
        self._clock: Clock = transactions.runtime.clock
        self._told: set[Listening] = set()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(EVERY)
            await self.look()

    async def look(self) -> None:
        """Say what is news. What the store cannot take now is said at the next look."""
        for connection in self._connections:
            try:
                await self._one(connection)
            except Temporary as error:
                log.error("listening: the operators could not be told of %s: %s", connection.name, error.reason)

    def deaf(self) -> Mapping[str, str]:
        """What does not hear at this moment, each with since when and why."""
        found = ((connection.name, connection.deaf) for connection in self._connections)
        return {name: f"{deaf.last.why}, since {deaf.since:%Y-%m-%dT%H:%M:%SZ}" for name, deaf in found if deaf}

    def hears(self) -> Mapping[str, bool]:
        """Every connection, and whether it hears."""
        return {connection.name: connection.deaf is None for connection in self._connections}

    def long_deaf(self) -> bool:
        """Whether one does not hear that somebody must know of."""
        return any(_worth_a_word(connection) for connection in self._connections)

    async def _one(self, connection: Listening) -> None:
        if connection in self._told:
            if connection.steady:
                await self._do(connection, _say_again)
                self._told.remove(connection)
            return
        deaf = connection.deaf
        if deaf is not None and _worth_a_word(connection):
            log.error("listening: %s does not hear: %s", connection.name, deaf.last.why)
            await self._do(connection, partial(_say_deaf, deaf=deaf))
            self._told.add(connection)

    async def _do(self, connection: Listening, say: Callable[[Work, Listening], None]) -> None:
        source = f"deaf:{connection.name}:{self._clock.real().isoformat()}"
        await self._transactions.do(source, lambda work: say(work, connection))


def _say_deaf(work: Work, connection: Listening, deaf: Deaf) -> None:
    work.audit("connection", connection.name, "deaf", why=deaf.last.why)
    for to in _listeners(work, connection.platform):
        work.say(
            "ops/deaf",
            to,
            priority=Priority.ESCALATION,
            beside=connection.platform,
            platform=connection.platform,
            name=connection.name,
            cause=deaf.last.cause.value,
            why=deaf.last.why,
            since=deaf.since,
        )


def _say_again(work: Work, connection: Listening) -> None:
    work.audit("connection", connection.name)
    for to in _listeners(work, connection.platform):
        work.say(
            "ops/hears_again",
            to,
            priority=Priority.ESCALATION,
            beside=connection.platform,
            platform=connection.platform,
            name=connection.name,
        )


def _worth_a_word(connection: Listening) -> bool:
    deaf: Deaf | None = connection.deaf
    return deaf is not None and (deaf.last.mending or connection.troubled >= GRACE)


def _listeners(work: Work, platform: str) -> list[str]:
    """The chats in which it is said."""
    operators = work.operators()
    others = [name for name in work.settings.adapters if name not in {platform, LOCAL}]
    beside = any(work.site.account_of(operator.id, name) for operator in operators for name in others)
    room = work.site.duty_room
    return [*(f"dm-{operator.id}" for operator in operators), *([room.id] if room and not beside else [])]
