"""How a Matrix message is called: ``$event``, and in a thread ``$event>$root`` (the thread's first event).

The thread is part of the name, so that an answer finds it without asking the homeserver.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageId:
    """``thread`` is empty outside of threads."""

    event: str
    thread: str = ""

    def __str__(self) -> str:
        return f"{self.event}>{self.thread}" if self.thread else self.event


def parse(name: str | None) -> MessageId | None:
    """The reverse; None for what is no event of Matrix (a command typed elsewhere, a deadline)."""
    event, _, thread = (name or "").partition(">")
    return MessageId(event, thread) if event.startswith("$") else None
