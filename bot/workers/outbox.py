"""The outbox as the sender sees it: what became of the messages that it took up, and how that is written down."""

import json
from dataclasses import dataclass
from datetime import datetime

from bot.core.content import Op, from_json
from bot.core.ports import Outgoing
from bot.storage import outbox_rows
from bot.storage.outbox_rows import Place, Queued
from bot.storage.store import Tx


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: sent, to be tried again, or failed."""

    row: Queued
    sent: str | None = None
    again: datetime | None = None
    moot: bool = False
    unsure: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """One place's turn: what became of its rows, and the rows that were not tried after the first that did not go."""

    place: Place
    outcomes: list[Outcome]
    left: list[Queued]


def note(tx: Tx, finished: list[Served], owner: str, now: datetime) -> list[Outcome]:
    """Write down what became of the rows that ``owner`` took up; gives those that failed for good."""
    outcomes = [outcome for served in finished for outcome in served.outcomes]
    left = [row for served in finished for row in served.left]
    failed = [o for o in outcomes if o.sent is None and o.again is None and not o.moot]
    outbox_rows.sent(tx, {o.row.id: o.sent for o in outcomes if o.sent is not None}, now)
    again = [(o.row.id, o.again, o.unsure, o.why) for o in outcomes if o.again]
    outbox_rows.again(tx, [*again, *((row.id, row.next_try, row.uncertain, row.error) for row in left)], owner)
    outbox_rows.drop(tx, [o.row.id for o in outcomes if o.moot])
    outbox_rows.failed(tx, {o.row.id: o.why for o in failed}, owner)
    return failed


def overtaken(rows: list[Queued]) -> list[Queued]:
    """Updates that a later update of the same post makes pointless: only the newest state is shown."""
    newest = {row.post: row.id for row in rows if row.op == Op.UPDATE}
    return [row for row in rows if row.op == Op.UPDATE and newest[row.post] != row.id]


def outgoing(row: Queued, address: str, message: str | None, *, direct: bool) -> Outgoing:
    """The row as the adapter takes it; ``address`` is where it goes there, ``message`` what an update changes.

    Its time is part of the client key: platforms remember keys, and after a restored backup or with a new state folder the
    rows are numbered from an earlier place again.
    """
    return Outgoing(
        chat=row.target,
        address=address,
        direct=direct,
        op=Op(row.op),
        client_key=f"{row.key}.{row.created_at.timestamp() * 1000:.0f}",
        post=from_json(json.loads(row.body)),
        message=message,
        reply_to=row.reply_to,
        repeated=row.uncertain,
    )
