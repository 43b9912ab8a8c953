"""The audit log: a hash chain in the same transaction as what it records, and its check.

Each line's hash covers the line and the hash before it, so an edited or deleted line is found; a cut tail is found only
against an anchor (sequence and hash) kept elsewhere (fact 20).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlmodel import Session

from bot.storage.tables import AuditRow, table_of

GENESIS = "0" * 64
_table = table_of(AuditRow)
_HEAD = select(_table.c.seq, _table.c.hash).order_by(_table.c.seq.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did or was refused; ``actor`` is a person id, an account, or ``system``."""

    at: datetime
    actor: str
    action: str
    target: str
    outcome: str = "ok"
    code: str | None = None
    detail: str = "{}"


@dataclass(frozen=True, slots=True)
class Line:
    """A stored entry with its place in the chain."""

    seq: int
    entry: Entry
    prev: str
    hash: str


def append(connection: Connection, entries: Sequence[Entry]) -> None:
    """Add ``entries`` behind the head."""
    if not entries:
        return
    head = connection.execute(_HEAD).first()
    seq, prev = (head.seq, head.hash) if head else (0, GENESIS)
    rows = []
    for entry in entries:
        seq += 1
        digest = _digest(seq, entry, prev)
        rows.append({"seq": seq, **_columns(entry), "prev": prev, "hash": digest})
        prev = digest
    connection.execute(insert(_table), rows)


def _columns(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ("at", "actor", "action", "target", "outcome", "code", "detail")}


def _digest(seq: int, entry: Entry, prev: str) -> str:
    line = [seq, entry.at.isoformat(), entry.actor, entry.action, entry.target, entry.outcome, entry.code, entry.detail]
    try:
        return hashlib.sha256((prev + json.dumps(line, ensure_ascii=False)).encode()).hexdigest()
    except TypeError:  # bytes, which are no text of ours
        raise UnreadableError(seq) from None


class UnreadableError(Exception):
    """A row holds what Zhiban never writes: ``seq`` is the first such row."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"row {seq} was altered: it holds what Zhiban never writes")
        self.seq = seq


def lines(session: Session) -> Iterator[Line]:
    """The log, oldest first. Raises ``UnreadableError``."""
    rows, last = session.connection().execute(select(_table).order_by(_table.c.seq)), 0
    while True:
        try:
            row = next(rows, None)
        except (ValueError, TypeError):  # a time that is none
            raise UnreadableError(last + 1) from None
        if row is None:
            return
        last = row.seq
        entry = Entry(row.at, row.actor, row.action, row.target, row.outcome, row.code, row.detail)
        yield Line(row.seq, entry, row.prev, row.hash)


def verify(chain: Iterable[Line], *anchors: tuple[int, str] | None) -> str | None:
    """The first thing that is wrong, as one line naming its row; None when the chain holds.

    An anchor is a (sequence, hash or its beginning) noted earlier outside the database: the chain must still contain it.
    """
    noted: dict[int, list[str]] = {}
    for sequence, digest in filter(None, anchors):
        noted.setdefault(sequence, []).append(digest)
    try:
        return _first_wrong(chain, noted)
    except UnreadableError as error:
        return str(error)


def _first_wrong(chain: Iterable[Line], noted: Mapping[int, Sequence[str]]) -> str | None:
    expected, prev = 1, GENESIS
    for line in chain:
        if line.seq != expected:
            return f"row {expected} is missing: the log goes on with row {line.seq}"
        if line.prev != prev or _digest(line.seq, line.entry, line.prev) != line.hash:
            return f"row {line.seq} was altered, or the row before it was"
        if not all(line.hash.startswith(digest) for digest in noted.get(line.seq, ())):
            return f"row {line.seq} is not the one that was anchored"
        expected, prev = expected + 1, line.hash
    last = max(noted, default=0)
    return f"rows after {expected - 1} were cut off: row {last} was anchored" if last >= expected else None


def hash_of(session: Session, sequence: int) -> str | None:
    """The hash of one row; None where it is not there."""
    return session.connection().execute(select(_table.c.hash).where(_table.c.seq == sequence)).scalar()


def head(session: Session) -> tuple[int, str]:
    """The last row's sequence and hash: what to anchor."""
    row = session.connection().execute(_HEAD).first()
    return (row.seq, row.hash) if row else (0, GENESIS)
