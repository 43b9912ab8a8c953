"""How many connections there may be to our listener, in all, of one client address, and of bytes that are not answered yet.

Whoever has kept us waiting longest gives way to whoever comes, so that a thousand half-sent requests of one address cost nobody
else a turn, nor even others of that address. A request that is whole is answered (decisions: Doors); where all places are taken by
such, the newest that is not worked on yet gives way, of the address that has most, to one that has fewer.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable

from bot.connection import CHUNK, Connection
from bot.settings import ServerSettings

log = logging.getLogger(__name__)
LARGEST = 11 * 1024 * 1024  # bytes of one request: an upload of the local chat with what is around it
HELD = 16 * 1024 * 1024  # bytes of all requests that are not answered yet
ROOM = HELD * 3 // 4  # bytes that are left of them once some had to give way: looking for whom costs a look at all
LONG_SECONDS = 5.0  # an answer that takes this long is a stream or a long poll, whose client comes again by itself


class Connections:
    """All connections of one listener; ``accept`` makes the protocol of the next."""

    def __init__(self, limits: ServerSettings, serve: Callable[[], asyncio.Protocol]) -> None:
        self.limits = limits
        self.serve = serve
        self.taken = memoryview(bytearray(CHUNK))  # one for all: what is taken is handed on at once
        self._by_address: dict[str, set[Connection]] = {}
        self._count = 0
        self._held = 0

    def accept(self) -> Connection:
        """The protocol of a connection that is about to be made."""
        return Connection(self)

    def admit(self, new: Connection) -> bool:
        """Count ``new``, if need be in the place of one that keeps us waiting; False where nobody gives way."""
        same = self._by_address.get(new.address, set())
        if len(same) >= self.limits.per_address and not self._one_gives_way(same):
            log.warning("web: %s has %d requests under way, no more are taken from there", new.address, len(same))
            return False
        if self._count >= self.limits.connections and not self._anybody_gives_way(same):
            log.warning("web: %d requests are under way, no more are taken", self._count)
            return False
        self._by_address.setdefault(new.address, set()).add(new)
        self._count += 1
        return True

    def leave(self, gone: Connection) -> None:
        """``gone`` does not count any more."""
        same = self._by_address.get(gone.address, set())
        if gone in same:
            same.remove(gone)
            self._count -= 1
            if not same:
                del self._by_address[gone.address]
        self.release(gone)

    def hold(self, by: Connection, size: int) -> None:
        """``by`` has sent this much more of a request; of too much in all, those who hold most without being done give way."""
        by.held += size
        self._held += size
        if by.held > LARGEST:
            self._close(by, "sent a request beyond all measure")
        if self._held > HELD:
            waiting = sorted((one for one in self._all() if one.waits and one.held), key=lambda one: one.held)
            while waiting and self._held > ROOM:
                self._close(waiting.pop(), "held too much of what is not sent to its end")

    def release(self, by: Connection) -> None:
        """What ``by`` had sent was dealt with."""
        self._held -= by.held
        by.held = 0

    def end(self) -> None:
        """Close those that have asked for nothing yet; the others are aiohttp's to end."""
        for one in list(self._all()):
            if not one.asked:
                one.abort()

    def _anybody_gives_way(self, same: set[Connection]) -> bool:
        """Who has most connections is asked first, and nobody who has fewer than the new one's address, ``same``.

        Where all that they asked for is whole, the newest of the most that nobody works on yet is let go.
        """
        groups = sorted(
            (group for group in self._by_address.values() if len(group) > len(same) or group is same), key=len
        )
        if any(self._one_gives_way(group) for group in reversed(groups)):
            return True
        queued = [one for one in groups[-1] if not one.worked_on] if groups and len(groups[-1]) > len(same) + 1 else []
        if queued:
            self._close(max(queued, key=lambda one: one.since), "gave way, its address had most of all under way")
        return bool(queued)

    def _one_gives_way(self, among: Iterable[Connection]) -> bool:
        found = min(among, key=lambda one: (not one.waits, one.since), default=None)
        if found is None or not (found.waits or found.seconds > LONG_SECONDS):
            return False
        self._close(found, "gave way, it had kept us waiting longest")
        return True

    def _close(self, one: Connection, why: str) -> None:
        log.warning("web: a connection of %s %s", one.address, why)
        self.leave(one)
        one.abort()

    def _all(self) -> Iterable[Connection]:
        return (one for same in self._by_address.values() for one in same)
