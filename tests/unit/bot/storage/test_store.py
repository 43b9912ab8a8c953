"""A write commits with its neighbours and fails alone, and nothing is committed that was not answered."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from bot.core.errors import ConfigError, Temporary
from bot.core.events import Message
from bot.storage.store import Store, StoreUnavailable, Tx
from bot.work.understanding import Understanding
from bot.work.work import Work
from tests.support.kit import Kit

NAMES = "SELECT name FROM meta ORDER BY name"


def put(tx: Tx, name: str) -> str:
    tx.connection.exec_driver_sql("INSERT INTO meta (name, value) VALUES (?, 'x')", (name,))
    return name


def rows(database: Path, query: str = NAMES) -> list[str]:
    """What a stranger to the service sees."""
    with sqlite3.connect(database) as connection:
        found = [row[0] for row in connection.execute(query)]
    connection.close()
    return found


async def test_a_failing_write_does_not_hurt_its_neighbours(kit: Kit, database: Path) -> None:
    def broken(tx: Tx) -> None:
        put(tx, "half")
        raise ValueError("a bug")

    results = await asyncio.gather(
        *(kit.store.write(fn) for fn in (lambda tx: put(tx, "a"), broken, lambda tx: put(tx, "b"))),
        return_exceptions=True,
    )
    assert [type(r) for r in results] == [str, ValueError, str]
    assert rows(database) == ["a", "b"]


async def test_many_waiting_writes_share_commits(kit: Kit, database: Path) -> None:
    gate = asyncio.gather(*(kit.store.write(lambda tx, n=n: put(tx, f"{n:03}")) for n in range(200)))  # type: ignore[misc]  # a default binds the loop's value
    await gate
    assert rows(database) == [f"{n:03}" for n in range(200)]


async def test_readers_see_only_what_is_committed(kit: Kit, database: Path) -> None:
    seen: list[list[str]] = []

    def look_in_between(tx: Tx) -> None:
        put(tx, "inside")
        seen.append(rows(database))

    await kit.store.write(look_in_between)
    assert seen == [[]]
    assert await kit.column(NAMES) == ["inside"]


@pytest.mark.parametrize("quick", [False, True])
async def test_a_full_disk_commits_nothing_and_answers_everybody(kit: Kit, database: Path, quick: bool) -> None:
    """The handler's failure is swallowed by the dispatcher; still nothing behind it may commit by itself (fault F27)."""

    @kit.on.message()
    def answer(event: Message, _line: Understanding, work: Work) -> bool:
        if quick:
            row = (work.actor_name + event.envelope.key, event.text * 10)
            work.within().driver().execute("INSERT INTO meta (name, value) VALUES (?, ?)", row)
        else:
            work.session.flush()
        work.say("help/pong", event.envelope.chat, text=event.text * 10)
        return True

    for n in range(12):
        await kit.accept(f"e{n}", "字" * 200)
    await kit.store.write(lambda tx: limit_pages(tx, 3))
    with pytest.raises(StoreUnavailable):
        await kit.dispatcher().step()
    states = rows(database, "SELECT state FROM inbox")
    answers = rows(database, "SELECT key FROM outbox")
    assert (set(states), answers) == ({"new"}, [])

    await kit.store.write(lambda tx: limit_pages(tx, 100_000))
    done = 0
    while batch := await kit.dispatcher().step():  # a batch that takes long gives way
        done += batch
    assert done == 12
    assert len(rows(database, "SELECT key FROM outbox")) == 12


async def test_intake_on_a_full_disk_is_refused_and_nothing_acknowledged_is_lost(kit: Kit, database: Path) -> None:
    await kit.store.write(lambda tx: limit_pages(tx, 3))
    accepted = set()
    for n in range(200):
        try:
            await kit.accept(f"e{n}", "字" * 300)
        except Temporary:
            break
        accepted.add(f"e{n}")
    else:
        pytest.fail("the disk never filled")
    assert set(rows(database, "SELECT key FROM inbox")) == accepted


@pytest.mark.usefixtures("intake_in_time")
async def test_a_locked_database_answers_503_in_time_and_loses_nothing(kit: Kit, database: Path) -> None:
    """Another writer holds the file: each intake is refused within a second, the platform's retries arrive (fault F24)."""
    loop = asyncio.get_running_loop()
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waits: list[float] = []
    while True:
        begun = loop.time()
        try:
            await kit.accept("e1")
            break
        except Temporary:
            waits.append(loop.time() - begun)
            if len(waits) == 3:
                other.execute("ROLLBACK")
    other.close()
    assert len(waits) == 3
    assert min(waits) < 1.0  # a busy machine may add to some
    assert rows(database, "SELECT key FROM inbox") == ["e1"]


async def test_a_database_that_another_program_holds_at_the_start_is_named(tmp_path: Path) -> None:
    """A writer that died at its start would leave every later write waiting for ever."""
    path = tmp_path / "zhiban.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE meta (name TEXT)")
    other.execute("BEGIN EXCLUSIVE")
    store = Store(path)
    with pytest.raises(ConfigError, match="locked"):
        store.open()
    await store.close()
    other.close()


def limit_pages(tx: Tx, more: int) -> None:
    """Let the database grow by ``more`` pages and no further: a disk that fills up."""
    count = tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    tx.connection.exec_driver_sql(f"PRAGMA max_page_count={count + more}")
