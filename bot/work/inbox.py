"""Intake: store an event once, and only then may the platform hear 200 (architecture: Promises)."""

import asyncio
from collections.abc import Callable
from typing import Any

from bot.core.ports import Clock
from bot.storage import inbox_rows
from bot.storage.store import Store, StoreUnavailable, Tx
from bot.work.envelopes import Incoming, pack

INTAKE_SECONDS = 0.8  # an intake that cannot commit within this answers 503; platforms retry (decisions: Store)


class Inbox:
    """The one door for events from outside."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def accept(self, event: Incoming, also: Callable[[Tx], None] | None = None) -> bool:
        """Commit ``event``, and what ``also`` writes with it; False when it was here before (nothing is written then).

        Raises ``StoreUnavailable`` when it could not be committed in time: the caller answers 503.
        """
        kind, body = pack(event)
        envelope = event.envelope
        row = {
            "platform": envelope.account.platform,
            "key": envelope.key,
            "chat": envelope.chat,
            "kind": kind,
            "body": body,
            "sent_at": envelope.sent_at,
            "received_at": envelope.received_at,
            "next_try": self._clock.real(),
        }
        write = self._store.submit(lambda tx: _insert(tx, row, also), "inbox")
        try:
            async with asyncio.timeout(INTAKE_SECONDS):
                return await asyncio.shield(write)
        except TimeoutError:
            write.add_done_callback(_forget)
            raise StoreUnavailable("intake took too long") from None

    async def holds(self, event: Incoming) -> bool:
        """Whether the event kept under this key is this very one; a platform's keys need no such question, people's do."""
        envelope = event.envelope
        found = await self._store.read(
            lambda session: inbox_rows.find(session, envelope.account.platform, envelope.key)
        )
        return found == (envelope.chat, *pack(event))

    async def has(self, platform: str, key: str) -> bool:
        """Whether an event of that platform is kept under that key."""
        return await self._store.read(lambda session: inbox_rows.find(session, platform, key)) is not None


def _forget(write: "asyncio.Future[bool]") -> None:
    if not write.cancelled():
        write.exception()  # answered 503 already; the platform's retry finds the row, or writes it


def _insert(tx: Tx, row: dict[str, Any], also: Callable[[Tx], None] | None) -> bool:
    if not inbox_rows.insert(tx, row):
        return False
    if also is not None:
        also(tx)
    tx.wake("inbox")
    return True
