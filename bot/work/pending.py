"""Rows of a batch that are not written yet: what was said, armed and put on record, written in bulk."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, insert
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.storage import audit_log
from bot.storage.statements import Quick
from bot.storage.store import Tx, driver
from bot.storage.tables import DeadlineRow, OutboxRow, table_of

_outbox = table_of(OutboxRow)
_deadline = table_of(DeadlineRow)
_SAID = (
    "key",
    "adapter",
    "target",
    "priority",
    "op",
    "template",
    "about",
    "reply_to",
    "post",
    "body",
    "state",
    "attempts",
    "uncertain",
    "created_at",
    "next_try",
)
_ARMED = ("due_at", "real", "payload", "state", "attempts", "next_try", "error")
_SAY = Quick(insert(_outbox).values({name: bindparam(name) for name in _SAID}))
_UPSERT = upsert(_deadline).values({name: bindparam(name) for name in ("kind", "key", *_ARMED)})
_SET = Quick(
    _UPSERT.on_conflict_do_update(
        index_elements=["kind", "key"], set_={name: _UPSERT.excluded[name] for name in _ARMED}
    )
)


@dataclass
class Pending:
    """What the events of a batch left to write; a failing event's own are thrown away before they come here."""

    outbox: list[dict[str, Any]] = field(default_factory=list)
    deadlines: list[dict[str, Any]] = field(default_factory=list)
    audits: list[audit_log.Entry] = field(default_factory=list)

    def extend(self, other: "Pending") -> None:
        self.outbox += other.outbox
        self.deadlines += other.deadlines
        self.audits += other.audits

    def flush(self, tx: Tx) -> None:
        """Write everything; wake who has to hear of it."""
        if self.outbox:
            _SAY.many(driver(tx.connection), self.outbox)
            tx.wake("outbox")
        self.arm(tx)
        audit_log.append(tx.connection, self.audits)
        self.outbox, self.audits = [], []

    def arm(self, tx: Tx) -> None:
        """Write the deadlines alone."""
        if self.deadlines:
            latest = {(row["kind"], row["key"]): row for row in self.deadlines}  # the last word of a batch counts
            _SET.many(driver(tx.connection), latest.values())
            tx.wake("deadlines")
            self.deadlines = []
