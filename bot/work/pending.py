"""Rows of a batch that are not written yet: what was said, armed and put on record, written in bulk."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, insert

from bot.storage import audit_log
from bot.storage.dialects.dialect import Upsert
from bot.storage.statements import Statement
from bot.storage.store import Tx
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
_SAY = Statement(insert(_outbox).values({name: bindparam(name) for name in _SAID}))
_SET = Statement(
    Upsert(
        _deadline,
        key=("kind", "key"),
        values={name: bindparam(name) for name in ("kind", "key", *_ARMED)},
        replaces=_ARMED,
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
            _SAY.many(tx, self.outbox)
            tx.wake("outbox")
        self.arm(tx)
        audit_log.append(tx.connection, self.audits)
        self.outbox, self.audits = [], []

    def arm(self, tx: Tx) -> None:
        """Write the deadlines alone."""
        if self.deadlines:
            latest = {(row["kind"], row["key"]): row for row in self.deadlines}  # the last word of a batch counts
            _SET.many(tx, latest.values())
            tx.wake("deadlines")
            self.deadlines = []
