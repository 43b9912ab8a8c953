"""The roster's history: what its files say is compared with what was known, and the difference is written.

Files are import and export; the rows answer for ever who was on duty at any minute, by what is known now or was known then.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from sqlalchemy import RowMapping, insert, or_, select, update
from sqlmodel import Session

from bot.storage.tables import table_of
from data.model import Slot
from data.roster.tables import ShiftRow
from data.shifts import Roster, Shift, in_order, month_of

_table = table_of(ShiftRow)
_rows = _table.c


@dataclass(frozen=True, slots=True)
class Known:
    """A shift, where it was written, and since when and until when it was known so."""

    shift: Shift
    source: str
    recorded_at: datetime
    replaced_at: datetime | None


def synchronise(session: Session, roster: Roster, now: datetime) -> int:
    """Write what ``roster`` says otherwise than the current rows; how many rows were added or replaced.

    Where no file has a month any more, what is over of it stays known: taking a file away is no correction. Nor is it one that
    somebody who was on duty is not there any more.
    """
    left = {replace(shift, person="") for shift in roster.former}
    current, wanted = _current(session), dict.fromkeys(roster.shifts)  # aware times are equal in every zone
    gone = [
        row
        for shift, row in current.items()
        if shift not in wanted
        and replace(shift, person="") not in left
        and (month_of(shift.date) in roster.months or shift.end > now)
    ]
    new = [shift for shift in wanted if shift not in current]
    if gone:
        session.connection().execute(update(_table).where(_rows.id.in_(gone)).values(replaced_at=now))
    if new:
        session.connection().execute(insert(_table), [_values(roster, shift, now) for shift in new])
    return len(gone) + len(new)


def on_duty(session: Session, moment: datetime, known_at: datetime, tz: tzinfo) -> list[Known]:
    """The shifts that cover ``moment`` by what was known at ``known_at``, in the roster's order."""
    by_then = (_rows.recorded_at <= known_at, or_(_rows.replaced_at.is_(None), _rows.replaced_at > known_at))
    query = select(_table).where(_rows.starts_at <= moment, _rows.ends_at > moment, *by_then)
    found = [_known(row, tz) for row in session.connection().execute(query).mappings()]
    return sorted(found, key=lambda known: in_order(known.shift))


def _current(session: Session) -> dict[Shift, int]:
    query = select(_table).where(_rows.replaced_at.is_(None))
    return {_known(row, UTC).shift: row["id"] for row in session.connection().execute(query).mappings()}


def _known(row: RowMapping, tz: tzinfo) -> Known:
    shift = Shift(
        date=row["day"],
        post=row["post"],
        slot=Slot(row["slot"]),
        start=row["starts_at"].astimezone(tz),
        end=row["ends_at"].astimezone(tz),
        person=row["person"],
        note=row["note"],
    )
    return Known(shift, row["source"], row["recorded_at"], row["replaced_at"])


def _values(roster: Roster, shift: Shift, now: datetime) -> dict[str, object]:
    return {
        "day": shift.date,
        "post": shift.post,
        "slot": shift.slot.value,
        "starts_at": shift.start.astimezone(UTC),
        "ends_at": shift.end.astimezone(UTC),
        "person": shift.person,
        "note": shift.note,
        "source": roster.sources.get(shift, ""),
        "recorded_at": now,
    }
