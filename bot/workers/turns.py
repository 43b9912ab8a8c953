"""Fair turns: whose event is handled next when several chats have some, so that nobody's hundred lines hold up somebody's one."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import zip_longest

from bot.storage.inbox_rows import Accepted


class Turns:
    """Remembers in which order the chats had their turns: who has waited longest for one comes first."""

    def __init__(self) -> None:
        self._had: dict[str, int] = {}
        self._count = 0

    def had(self, chat: str) -> None:
        """An event of ``chat`` is being handled."""
        self._count += 1
        self._had[chat] = self._count

    def forget_all_but(self, chats: Collection[str]) -> None:
        """Only ``chats`` still wait; the others begin anew."""
        self._had = {chat: turn for chat, turn in self._had.items() if chat in chats}

    def of(self, fronts: Mapping[str, int]) -> list[str]:
        """The chats in the order of their turns; ``fronts`` has the oldest event of each."""
        return sorted(fronts, key=lambda chat: (self._had.get(chat, 0), fronts[chat]))

    def order(self, rows: Sequence[Accepted]) -> list[Accepted]:
        """One event of each chat, then the second of each, and so on; each chat's own as they came."""
        queues: dict[str, list[Accepted]] = defaultdict(list)
        for row in rows:
            queues[row.chat].append(row)
        if len(queues) < 2:
            return list(rows)
        turns = self.of({chat: queue[0].id for chat, queue in queues.items()})
        return [row for turn in zip_longest(*(queues[chat] for chat in turns)) for row in turn if row is not None]
