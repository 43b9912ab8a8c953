"""One plain line as the fault desk takes it."""

from dataclasses import dataclass

from bot.core.events import Envelope
from bot.work.understanding import Understanding
from handlers.faults.model import Ticket


@dataclass(frozen=True, slots=True)
class Heard:
    """A line with the open tickets that it may be about, newest first, and the one it quotes.

    ``elsewhere``: it quotes, or stands in the thread of, something that is about no ticket.
    """

    line: Understanding
    envelope: Envelope
    to_bot: bool
    tickets: list[Ticket]
    quoted: Ticket | None
    elsewhere: bool = False

    @property
    def who(self) -> str:
        return self.envelope.person or self.envelope.account.user_id
