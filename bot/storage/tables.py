"""The tables of the four mechanisms. Times are aware UTC (plain ``datetime`` fields; see decisions on SQLModel).

``owner`` is the process that took a row up, ``lease_until`` the true time until which it stays that process's although
nothing is heard of it.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

TableModel = type[SQLModel]


def table_of(model: TableModel) -> Table:
    """The Core table behind a table model."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel does not declare the attribute it makes
    return table


class InboxState(StrEnum):
    NEW = "new"
    DONE = "done"
    PARKED = "parked"


class OutboxState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class DeadlineState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    CANCELLED = "cancelled"
    PARKED = "parked"


class InboxRow(SQLModel, table=True):
    """One accepted event; unique by platform and message id, so that a repeat ends here."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("platform", "key", name="uq_inbox_platform_key"),
        Index("ix_inbox_state", "state", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    key: str
    chat: str
    kind: str
    body: str
    sent_at: datetime
    received_at: datetime
    state: str = InboxState.NEW
    attempts: int = 0
    next_try: datetime
    owner: str | None = None
    lease_until: datetime | None = None
    error: str | None = None


class OutboxRow(SQLModel, table=True):
    """One message to send. ``key`` is the client key; ``post`` names the message an update rewrites."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_ready", "state", "priority", "next_try", "id"),
        Index("ix_outbox_platform_id", "target", "platform_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    adapter: str
    target: str
    priority: int
    op: str
    template: str
    about: str | None = Field(default=None, index=True)
    reply_to: str | None = None
    post: str | None = None
    body: str
    state: str = OutboxState.QUEUED
    attempts: int = 0
    created_at: datetime
    next_try: datetime
    owner: str | None = None
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    platform_id: str | None = None
    uncertain: bool = False
    error: str | None = None


class DeadlineRow(SQLModel, table=True):
    """Something due at a time, one per (kind, key). ``real`` says which clock judges it."""

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("kind", "key", name="uq_deadline_kind_key"),
        Index("ix_deadline_due", "state", "real", "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    key: str
    due_at: datetime
    real: bool = False
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    state: str = DeadlineState.WAITING
    attempts: int = 0
    next_try: datetime | None = None
    owner: str | None = None
    lease_until: datetime | None = None
    fired_at: datetime | None = None
    late: float | None = None
    error: str | None = None


class CronRow(SQLModel, table=True):
    """A job's one run of a local date."""

    __tablename__ = "cron_run"

    job: str = Field(primary_key=True)
    local_date: date = Field(primary_key=True)
    scheduled_at: datetime
    ran_at: datetime
    missed: bool = False


class AuditRow(SQLModel, table=True):
    """One line of the audit log; ``hash`` covers the line and ``prev``, the hash of the line before."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_target", "target", "seq"),)

    seq: int = Field(primary_key=True)
    at: datetime
    actor: str
    action: str
    target: str
    outcome: str
    code: str | None = None
    detail: str = "{}"
    prev: str
    hash: str


class MetaRow(SQLModel, table=True):
    """Small facts of the service itself (first start, audit anchor)."""

    __tablename__ = "meta"

    name: str = Field(primary_key=True)
    value: str
