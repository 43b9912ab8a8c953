"""What became of a day's announcement: the groups still waiting for it, and those that get it by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CursorResult, update
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, select

from bot.storage.tables import table_of


class ByHandRow(SQLModel, table=True):
    """One group of one date; ``post`` is the key of the list that the engineer taps on."""

    __tablename__ = "duty_by_hand"

    day: date = Field(primary_key=True)
    chat: str = Field(primary_key=True)
    engineer: str
    post: str = Field(index=True)
    sent_by: str | None = None
    sent_at: datetime | None = None


_table = table_of(ByHandRow)


@dataclass(frozen=True, slots=True)
class ByHand:
    """The same as a plain record."""

    day: date
    chat: str
    engineer: str
    post: str
    sent_by: str | None = None
    sent_at: datetime | None = None


def add(session: Session, rows: Iterable[ByHand], post: str) -> None:
    """Note the groups of a list that was just said as ``post``."""
    for row in rows:
        session.add(ByHandRow(day=row.day, chat=row.chat, engineer=row.engineer, post=post))


def mark_sent(session: Session, day: date, chat: str, by: str, at: datetime) -> bool:
    """The guarded update of a tap; False when the group was done already, or never on a list."""
    waiting = (_table.c.day == day, _table.c.chat == chat, _table.c.sent_by.is_(None))
    result = session.connection().execute(update(_table).where(*waiting).values(sent_by=by, sent_at=at))
    return isinstance(result, CursorResult) and result.rowcount == 1


def days_unsent(session: Session, since: date, before: date) -> list[date]:
    """The days from ``since`` on and before ``before`` of which a group still waits for its text."""
    left = (_table.c.day >= since, _table.c.day < before, _table.c.sent_by.is_(None))
    return list(session.connection().execute(sa_select(_table.c.day).where(*left).distinct()).scalars())


def list_with(session: Session, day: date, chat: str) -> list[ByHand]:
    """Every group of the list that ``chat`` stands on, in its order; empty when there is none."""
    row = session.get(ByHandRow, (day, chat))
    if row is None:
        return []
    rows = session.exec(select(ByHandRow).where(ByHandRow.post == row.post)).all()
    return [ByHand(r.day, r.chat, r.engineer, r.post, r.sent_by, r.sent_at) for r in rows]
