"""The fault desk's tables."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel


class TicketRow(SQLModel, table=True):
    """A ticket; the columns are explained at ``handlers.faults.model.Ticket``."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_chat", "chat", "state", "opened_at"),
        Index("ix_ticket_system", "system", "state", "opened_at"),
        Index("ix_ticket_incident", "incident", "state", "opened_at"),
        Index("ix_ticket_state", "state", "respond_by"),
    )

    number: str = Field(primary_key=True)
    incident: str
    kind: str
    state: str
    chat: str
    system: str | None = None
    route: str
    severity: int
    unsure: bool
    reporter: str
    reporter_name: str
    text: str
    message: str = Field(index=True)
    opened_at: datetime
    received_at: datetime
    respond_by: datetime | None = None
    engineer: str
    vendor: str | None = None
    owner: str | None = None
    rung: int = 0
    joined: int = 0
    breached_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    confirmed: bool = False
    remedy: str | None = None
    card: str | None = None
    card_chat: str | None = None


class IncidentRow(SQLModel, table=True):
    """What several tickets have in common; there from its first ticket on, whose number it has (decisions: Tickets and incidents).

    It is over when none of its tickets is open: they say so, and it is not kept a second time. ``system`` is what the
    first ticket was about when it opened.
    """

    __tablename__ = "incident"

    number: str = Field(primary_key=True)
    system: str | None = None
    opened_at: datetime


class TicketPostRow(SQLModel, table=True):
    """A post about a ticket, by the key that ``work.say`` gave; ``rewritten``: it shows every change by itself."""

    __tablename__ = "ticket_post"

    key: str = Field(primary_key=True)
    ticket: str
    rewritten: bool


class TicketEventRow(SQLModel, table=True):
    """One happening of a ticket with its evidence: who, when (the platform's time), and which message."""

    __tablename__ = "ticket_event"

    id: int | None = Field(default=None, primary_key=True)
    ticket: str = Field(index=True)
    at: datetime
    happening: str
    person: str | None = None
    message: str | None = Field(default=None, index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class PageRow(SQLModel, table=True):
    """Somebody was told of an incident at a rung, on behalf of ``ticket`` (30 groups do not page thirty times).

    ``post`` is the key of the message when it is one that is rewritten later.
    """

    __tablename__ = "page"

    incident: str = Field(primary_key=True)
    rung: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    ticket: str
    at: datetime
    post: str | None = None


class TicketCounterRow(SQLModel, table=True):
    """The last number given out on a local date."""

    __tablename__ = "ticket_counter"

    local_date: date = Field(primary_key=True)
    last: int
