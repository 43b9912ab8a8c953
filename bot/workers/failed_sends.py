"""What follows from messages that do not go: another way for an escalation, a word to the people who run Zhiban."""

import logging
from collections.abc import Iterable
from datetime import datetime

from bot.core.content import Priority
from bot.storage import outbox_rows
from bot.storage.store import Tx
from bot.work.work import Work
from bot.workers.outbox import Outcome, Served
from data.site import Site

log = logging.getLogger(__name__)
SWITCH = 5  # failures of an escalation, about half a minute, before a second channel is tried too (fault F48)


def by_another_way(tx: Tx, finished: Iterable[Served], site: Site, platforms: Iterable[str], now: datetime) -> None:
    """An escalation that one platform would not take for half a minute goes to the person on another one, too."""
    for row in (o.row for served in finished for o in served.outcomes if o.again and o.row.attempts == SWITCH):
        chat = site.chat(row.target)
        if row.priority == Priority.ESCALATION and chat is not None and chat.person:
            others = (name for name in platforms if name != row.adapter and site.account_of(chat.person, name))
            other = next(others, None)
            if other is not None:
                outbox_rows.copy(tx, row, other, now)


def tell_failed(work: Work, outcome: Outcome) -> None:
    """A message that failed for good is told to the people who run Zhiban and the group's lead; never about a telling itself."""
    row = outcome.row
    work.audit("send", row.target, "failed", outcome.why, template=row.template)
    log.error("outbox: row %s to %s failed for good: %s", row.id, row.target, outcome.why)
    if row.template.startswith("ops/"):
        return
    chat = work.site.chat(row.target)
    lead = work.site.lead_of(work.site.post_of(chat)) if chat is not None and chat.known else None
    for person in dict.fromkeys((*work.operators(), *([lead] if lead else ()))):
        work.say("ops/send_failed", f"dm-{person.id}", chat=chat, reason=outcome.why)
