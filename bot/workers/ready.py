"""What of the outbox may go now, a group a place, and how long the rest has to wait."""

from datetime import datetime

from bot.storage import outbox_rows
from bot.storage.outbox_rows import Place, Queued
from bot.storage.store import Tx
from bot.workers.outbox import overtaken
from bot.workers.pace import Pace

BATCH = 200  # rows looked at in one turn
Groups = dict[Place, list[Queued]]


def ready(tx: Tx, pace: Pace, busy: set[Place], now: datetime) -> tuple[Groups, float | None]:
    """(rows that may go, by place; seconds until more may). A change that a later one overtook is dropped."""
    groups: Groups = {}
    waits: list[float] = []
    passed = set(busy)
    while True:
        rows = outbox_rows.queued(tx, BATCH, passed)
        held = _sort(rows, pace, now, groups, waits)
        if len(rows) < BATCH or not held:
            break
        passed |= held | groups.keys()  # a target with a long queue must not hide the others
    stale = [row for group in groups.values() for row in overtaken(group)]
    for row in stale:
        groups[row.place].remove(row)
    outbox_rows.drop(tx, [row.id for row in stale])
    return groups, min((wait for wait in waits if wait > 0), default=None)


def _sort(rows: list[Queued], pace: Pace, now: datetime, groups: Groups, waits: list[float]) -> set[Place]:
    """Put into ``groups`` what may go now, into ``waits`` how long the rest has to; the targets that wait."""
    held: set[tuple[Place, int]] = set()
    for row in rows:
        lane = (row.place, row.priority)
        wait = max((row.next_try - now).total_seconds(), pace.wait(row.place, now, groups))
        if lane in held or wait > 0:
            held.add(lane)
            waits.append(wait)
            continue
        groups.setdefault(row.place, []).append(row)
    return {place for place, _ in held}
