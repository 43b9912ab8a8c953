"""A quick statement writes and reads what SQLAlchemy's own path does, for every type of column, and NULL."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select

from bot.storage.dialects.dialect import Upsert
from bot.storage.statements import Statement
from bot.storage.store import Tx
from bot.storage.tables import DeadlineRow, table_of
from tests.support.kit import Kit

TABLE = table_of(DeadlineRow)
NAMES = tuple(column.name for column in TABLE.columns if column.name not in {"id", "key"})
INSERT = Statement(insert(TABLE).values({name: bindparam(name) for name in ("key", *NAMES)}))
SELECT = Statement(select(*(TABLE.c[name] for name in NAMES)).where(TABLE.c.key == bindparam("which")))
BEIJING = timezone(timedelta(hours=8))
PLAIN: dict[str, Any] = {
    "kind": "x",
    "due_at": datetime(2026, 10, 14, 1, tzinfo=UTC),
    "state": "waiting",
    "attempts": 0,
}


@pytest.mark.parametrize(
    "values",
    [
        PLAIN | {"real": False, "payload": {}},
        PLAIN | {"real": True, "payload": {"名": ["盖章", None, 1.5, True]}, "late": 0.25, "error": "x"},
        PLAIN | {"real": True, "payload": {}, "next_try": datetime(2026, 10, 14, 9, 0, 0, 7, BEIJING)},
        PLAIN | {"real": False, "payload": {}, "lease_until": datetime(2026, 12, 31, 23, 59, 59, 999999, UTC)},
    ],
)
async def test_both_ways_write_and_read_the_same(kit: Kit, values: dict[str, Any]) -> None:
    whole = dict.fromkeys(NAMES) | values

    def write(tx: Tx) -> tuple[Any, ...]:
        INSERT.count(tx, values | {"key": "quick"})
        tx.connection.execute(insert(TABLE), whole | {"key": "own"})
        (read,) = SELECT.rows(tx, {"which": "own"})
        return read

    assert await kit.store.write(write) == tuple(whole[name] for name in NAMES)
    stored = await kit.store.read(lambda s: s.connection().exec_driver_sql("SELECT * FROM deadline").fetchall())
    (quick, own) = ((row.kind, *row[3:]) for row in stored)  # all but the id and the key
    assert quick == own


async def test_what_an_upsert_gives_back_is_of_its_columns_types(kit: Kit) -> None:
    given: dict[str, Any] = {name: bindparam(name) for name in ("key", *NAMES)}
    back = (TABLE.c.due_at, TABLE.c.real, TABLE.c.payload, TABLE.c.lease_until)
    upsert = Statement(Upsert(TABLE, ("kind", "key"), given, replaces=("due_at", "real"), returning=back))
    values = PLAIN | {"key": "k", "real": True, "payload": {"n": 1}}
    for due in (values["due_at"], values["due_at"] + timedelta(minutes=5)):
        (read,) = await kit.store.write(lambda tx, due=due: upsert.rows(tx, values | {"due_at": due}))  # type: ignore[misc]  # a default binds the loop's value
        assert read == (due, True, {"n": 1}, None)


async def test_a_time_without_a_zone_is_refused_and_not_taken_for_the_machines(kit: Kit) -> None:
    naive = PLAIN | {"key": "k", "real": False, "payload": {}, "due_at": datetime(2026, 10, 14, 9)}  # noqa: DTZ001  # what is refused
    with pytest.raises(ValueError, match="zone"):
        await kit.store.write(lambda tx: INSERT.count(tx, naive))
