"""When a message that did not go is tried again, when it is given up, and when the log says what keeps messages waiting."""

import logging
import random
from datetime import datetime, timedelta

from bot.core.errors import Temporary
from bot.storage.outbox_rows import Queued
from bot.workers.outbox import Outcome

log = logging.getLogger(__name__)
BACKOFF = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0)  # seconds, with jitter; the last one repeats
PATIENCE = 20  # attempts after which a platform's own pause is at least ours: "in a second" for hours means down
COMPLAIN = 2  # attempts after which a trouble is worth a line in the log,
COMPLAIN_EVERY = timedelta(minutes=5)  # one for all the messages that meet it
GIVE_UP = 360  # attempts, about six hours at the longest pause; then the message is failed and told


class Retries:
    """What becomes of a message after a failure that may pass."""

    def __init__(self) -> None:
        self._complained: dict[tuple[str, str], datetime] = {}

    def again(self, row: Queued, error: Temporary, now: datetime) -> Outcome:
        """The next try, or the end of patience."""
        if row.attempts >= GIVE_UP:
            return Outcome(row, why=error.reason)
        pause = BACKOFF[min(row.attempts, len(BACKOFF) - 1)] * random.uniform(0.8, 1.0)  # noqa: S311  # jitter, no secret
        seconds = pause if error.retry_after is None else error.retry_after
        if row.attempts >= PATIENCE:
            seconds = max(seconds, pause)
        if row.attempts >= COMPLAIN:
            self._complain(row.adapter, error.reason, now)
        return Outcome(
            row, again=now + timedelta(seconds=seconds), unsure=row.uncertain or error.uncertain, why=error.reason
        )

    def _complain(self, adapter: str, why: str, now: datetime) -> None:
        """Say in the log what keeps messages waiting (fault F54); whoever sets a platform up sees nothing else of it."""
        last = self._complained.get((adapter, why))
        if last is None or now - last >= COMPLAIN_EVERY:
            self._complained[adapter, why] = now
            log.warning(
                "outbox: %s takes no message now (%s); what is to be said waits and is tried again", adapter, why
            )
