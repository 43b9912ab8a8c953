"""What a Slack message is called: ``C1:1700.1``, in a thread ``C1:1700.2:1700.1`` (channel, ts, the thread's first ts).

With its thread in the id, an answer to any message of a thread lands in that thread; Slack itself names only the first
message of a thread, so what people write there quotes that one.
"""

import re
from dataclasses import dataclass

_ID = re.compile(r"([A-Z][A-Z0-9]{1,63}):([0-9]{1,10}\.[0-9]{1,9})(?::([0-9]{1,10}\.[0-9]{1,9}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class MessageId:
    """One message; ``thread`` is the ts of the first message of the thread it stands in, empty outside a thread."""

    channel: str
    ts: str
    thread: str = ""

    @property
    def root(self) -> str:
        """The ts that an answer in the same thread names."""
        return self.thread or self.ts

    def __str__(self) -> str:
        inside = self.thread and self.thread != self.ts
        return f"{self.channel}:{self.ts}:{self.thread}" if inside else f"{self.channel}:{self.ts}"


def parse(text: str | None) -> MessageId | None:
    """The message of an id; None for what is none (a slash command has no message)."""
    match = _ID.fullmatch(text or "")
    return MessageId(match[1], match[2], match[3] or "") if match else None
