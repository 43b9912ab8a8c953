"""The deadlines' rows, each statement beside rows that it must not touch; the database is the witness."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from bot.storage import deadline_rows
from bot.storage.store import Tx
from bot.storage.tables import DeadlineRow, table_of
from tests.support.desk import WORKDAY
from tests.support.kit import Kit

ROWS = table_of(DeadlineRow)


def at(seconds: float) -> datetime:
    return WORKDAY + timedelta(seconds=seconds)


async def given(kit: Kit, *rows: dict[str, Any]) -> None:
    """Deadlines that wait, due in a minute, where ``rows`` say nothing else."""
    plain = {"kind": "k", "due_at": at(60), "real": False, "payload": {}, "state": "waiting", "attempts": 0}
    nobody = {"next_try": None, "error": None, "owner": None, "lease_until": None}
    await kit.store.write(lambda tx: deadline_rows.arm(tx, [plain | nobody | row for row in rows]))


async def column(kit: Kit, *names: str) -> dict[str, tuple[Any, ...]]:
    """What stands in these columns, for each key."""

    def read(session: Session) -> dict[str, tuple[Any, ...]]:
        found = session.connection().execute(select(ROWS).order_by(ROWS.c.id))
        return {row.key: tuple(getattr(row, name) for name in names) for row in found}

    return await kit.store.read(read)


async def test_what_is_taken_back_waits_no_more_and_nothing_else_is(kit: Kit) -> None:
    await given(kit, {"key": "a"}, {"key": "b"}, {"key": "c", "kind": "other"}, {"key": "d", "state": "done"})

    async def taken(kind: str, key: str) -> bool:
        def cancel(tx: Tx) -> bool:
            with Session(tx.connection, join_transaction_mode="rollback_only") as session:
                return deadline_rows.cancel(session, kind, key)

        return await kit.store.write(cancel)

    assert [await taken("k", key) for key in ("a", "a", "c", "d", "e")] == [True, False, False, False, False]
    assert await column(kit, "state") == {"a": ("cancelled",), "b": ("waiting",), "c": ("waiting",), "d": ("done",)}


async def test_what_became_of_a_try_is_noted_at_its_row_while_it_waits(kit: Kit) -> None:
    await given(kit, {"key": "a"}, {"key": "b"}, {"key": "c", "state": "done"})
    numbers = {key: number for key, (number,) in (await column(kit, "id")).items()}
    for key in ("a", "c"):
        await kit.store.write(partial(deadline_rows.set_values, row=numbers[key], values={"attempts": 4}))
    assert await column(kit, "attempts") == {"a": (4,), "b": (0,), "c": (0,)}


async def test_what_is_due_is_judged_by_its_own_clock_oldest_first(kit: Kit) -> None:
    """Of one moment the one that was set first; no more than are asked for."""
    await given(
        kit,
        {"key": "true 80", "due_at": at(80), "real": True},
        {"key": "duty 80", "due_at": at(80)},
        {"key": "true 50", "due_at": at(50), "real": True},
        {"key": "duty 50", "due_at": at(50)},
        {"key": "failed", "due_at": at(10), "next_try": at(61)},
        {"key": "anothers", "due_at": at(10), "owner": "b", "lease_until": at(99)},
        {"key": "done", "due_at": at(10), "state": "done"},
    )

    async def due(duty: float, true: float, limit: int = 9) -> list[str]:
        look = partial(deadline_rows.due, duty=at(duty), true=at(true), me="a", limit=limit)
        return [row.key for row in await kit.store.read(lambda s: look(s.connection()))]

    assert await due(80, 49) == ["duty 50", "duty 80"]
    assert await due(49, 50) == ["true 50"]
    assert await due(50, 60) == ["true 50", "duty 50"]
    assert await due(80, 60) == ["true 50", "duty 50", "duty 80"]
    assert await due(0, 80) == ["true 50", "true 80"]
    assert await due(80, 60, limit=2) == ["true 50", "duty 50"]
    assert await due(10, 61) == ["failed", "true 50"]


async def test_it_is_claimed_once_and_as_it_was_read(kit: Kit) -> None:
    await given(kit, {"key": "a", "lease_until": at(70)}, {"key": "b"})
    read = partial(deadline_rows.due, duty=at(60), true=at(60), me="me", limit=9)
    row, other = await kit.store.read(lambda s: read(s.connection()))
    await given(kit, {"key": "b", "due_at": at(61)})  # set anew in the meantime
    claim = partial(deadline_rows.claim, now=at(62), late=2.0, owner="me")
    assert [await kit.store.write(partial(claim, row=one)) for one in (row, row, other)] == [True, False, False]
    assert await column(kit, "state", "fired_at", "late", "owner", "lease_until") == {
        "a": ("done", at(62), 2.0, "me", None),
        "b": ("waiting", None, None, None, None),
    }


async def first(kit: Kit, look: Callable[[Session], datetime | None]) -> float | None:
    found = await kit.store.read(look)
    return (found - WORKDAY).total_seconds() if found else None


async def test_the_next_is_the_earliest_of_its_clock_that_was_not_tried(kit: Kit) -> None:
    await given(
        kit,
        {"key": "late", "due_at": at(50)},
        {"key": "early", "due_at": at(40)},
        {"key": "tried", "due_at": at(10), "next_try": at(70)},
        {"key": "done", "due_at": at(20), "state": "done"},
        {"key": "true time", "due_at": at(30), "real": True},
    )
    assert await first(kit, lambda s: deadline_rows.first_due(s, real=False)) == 40
    assert await first(kit, lambda s: deadline_rows.first_due(s, real=True)) == 30


async def test_another_try_is_mine_at_its_time_and_anothers_after_its_lease(kit: Kit) -> None:
    """The hands: mine at 9; nobody's at 8; b's, whose lease ends at 90; b's, whose lease has ended, at 7."""
    mine = {"key": "mine", "next_try": at(9), "owner": "a", "lease_until": at(95)}
    held = {"key": "held", "next_try": at(1), "owner": "b", "lease_until": at(90)}
    left = {"key": "left", "next_try": at(7), "owner": "b", "lease_until": at(-1)}
    free = {"key": "free", "next_try": at(8)}
    apart = (
        {"key": "done", "state": "done", "next_try": at(2)},
        {"key": "not tried", "owner": "b", "lease_until": at(3)},
    )

    async def again(me: str = "a") -> float | None:
        return await first(kit, lambda s: deadline_rows.first_retry(s, me, WORKDAY))

    await given(kit, *apart)
    assert await again() is None
    await given(kit, held)
    assert (await again(), await again("b")) == (90, 1)
    await given(kit, mine)
    assert await again() == 9
    await given(kit, free)
    assert await again() == 8
    await given(kit, left)
    assert await again() == 7


async def test_what_a_life_before_was_to_try_again_is_nobodys_and_ready(kit: Kit) -> None:
    lease = {"next_try": at(30), "owner": "b", "lease_until": at(90)}
    await given(
        kit, {"key": "tried"} | lease, {"key": "parked", "state": "parked"} | lease, {"key": "waits", "owner": "b"}
    )
    await kit.store.write(lambda tx: deadline_rows.release(tx, at(5)))
    assert await column(kit, "next_try", "owner", "lease_until") == {
        "tried": (at(5), None, None),
        "parked": (at(30), "b", at(90)),
        "waits": (None, "b", None),
    }
