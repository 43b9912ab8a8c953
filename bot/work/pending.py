"""Rows of a batch that are not written yet: what was said, armed and put on record, written in bulk."""

from dataclasses import dataclass, field
from typing import Any

from bot.storage import audit_log, deadline_rows, outbox_rows
from bot.storage.store import Tx


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
            outbox_rows.say(tx, self.outbox)
            tx.wake("outbox")
        self.arm(tx)
        audit_log.append(tx.connection, self.audits)
        self.outbox, self.audits = [], []

    def arm(self, tx: Tx) -> None:
        """Write the deadlines alone."""
        if self.deadlines:
            latest = {(row["kind"], row["key"]): row for row in self.deadlines}  # the last word of a batch counts
            deadline_rows.arm(tx, latest.values())
            tx.wake("deadlines")
            self.deadlines = []
