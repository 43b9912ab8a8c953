"""Which shifts of the roster stand in each other's way."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.core.problems import Problems, Told
from data.model import Slot
from data.shifts import Shift


@dataclass(frozen=True, slots=True)
class Placed:
    """A shift and where it was written."""

    shift: Shift
    path: Path
    line: int

    @property
    def source(self) -> str:
        """The file, by its folder, and the line."""
        return f"{self.path.parent.name}/{self.path.name}:{self.line}"


def find_overlaps(placed: Iterable[Placed], problems: Problems) -> None:
    """Two people in one slot of a post at the same minute, or one person on site at two posts, is a fault at the later.

    Only the standby slot may hold several.
    """
    last: dict[tuple[str, ...], Placed] = {}
    for item in sorted(placed, key=lambda item: (item.shift.start, str(item.path), item.line)):
        shift = item.shift
        keys: list[tuple[str, ...]] = [(shift.post, shift.slot.value)] if shift.slot is not Slot.STANDBY else []
        if shift.slot is Slot.ONSITE:
            keys.append((shift.person,))
        clashes = [last[key] for key in keys if key in last and last[key].shift.end > shift.start]
        for other in clashes[:1]:
            said = f"{shift.date} {shift.post} {shift.window} {shift.person}"
            before = f"{other.shift.post} {other.shift.window} {other.shift.person} ({other.path.name}:{other.line})"
            problems.add(item.path, item.line, Told("roster/overlap", this=said, other=before), "overlap")
        for key in keys:
            if key not in last or last[key].shift.end < shift.end:
                last[key] = item
