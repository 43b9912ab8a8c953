"""The roster's table: every shift that was ever known, with the time through which it was."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class ShiftRow(SQLModel, table=True):
    """A shift as it was known from ``recorded_at`` until just before ``replaced_at``, to this day while that is empty.

    ``source`` is where it was first written so: a file with its line, or a person. Rows are never changed otherwise and
    never deleted.
    """

    __tablename__ = "roster_shift"
    __table_args__ = (
        Index("ix_roster_shift_time", "starts_at", "ends_at"),
        Index("ix_roster_shift_replaced", "replaced_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    day: date
    post: str
    slot: str
    starts_at: datetime
    ends_at: datetime
    person: str
    note: str
    source: str
    recorded_at: datetime
    replaced_at: datetime | None = None
