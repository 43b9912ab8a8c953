"""One plain line as the fault desk takes it."""

from dataclasses import dataclass

from bot.core.events import Envelope
from bot.work.understanding import Understanding
from handlers.faults.model import Ticket


@dataclass(frozen=True, slots=True)
class Heard:
    """A line with the open tickets of its chat, newest first, and the one it quotes."""

    line: Understanding
    envelope: Envelope
    to_bot: bool
    tickets: list[Ticket]
    quoted: Ticket | None

    @property
    def who(self) -> str:
        return self.envelope.person or self.envelope.account.user_id
