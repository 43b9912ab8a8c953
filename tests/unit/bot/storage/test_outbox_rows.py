"""The outbox's rows, each statement beside rows that it must not touch; the database is the witness."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from bot.storage import outbox_rows
from bot.storage.outbox_rows import Queued
from bot.storage.store import Tx
from bot.storage.tables import OutboxRow, table_of
from tests.support.desk import WORKDAY
from tests.support.kit import Kit

ROWS = table_of(OutboxRow)


def at(seconds: float) -> datetime:
    return WORKDAY + timedelta(seconds=seconds)


async def given(kit: Kit, *rows: dict[str, Any]) -> None:
    """Messages that wait, where ``rows`` say nothing else."""
    where = {"adapter": "local", "target": "shifuban", "priority": 20, "op": "post", "template": "help/pong"}
    about = {"about": None, "reply_to": None, "post": None, "body": "{}", "uncertain": False}
    times = {"state": "queued", "attempts": 0, "created_at": WORKDAY, "next_try": WORKDAY}
    await kit.store.write(lambda tx: outbox_rows.say(tx, [where | about | times | row for row in rows]))


async def rows_of(kit: Kit) -> dict[str, Any]:
    """The rows as they stand, by key."""
    return await kit.store.read(lambda s: {row.key: row for row in s.connection().execute(select(ROWS))})


async def all_queued(kit: Kit) -> list[Queued]:
    return await kit.store.read(lambda s: list(outbox_rows.everything(s)))


async def test_everything_that_was_said_in_its_order(kit: Kit) -> None:
    await given(kit, {"key": "b", "priority": 30}, {"key": "a", "state": "dropped"})
    assert [(row.id, row.key) for row in await all_queued(kit)] == [(1, "b"), (2, "a")]


async def test_the_same_by_another_platform_is_a_message_of_its_own(kit: Kit) -> None:
    """What was said is the same; that it was tried, failed, or answered something there is not."""
    tried = {"about": "t1", "reply_to": "p9", "post": "card", "body": '{"x": 1}', "attempts": 5, "uncertain": True}
    await given(kit, {"key": "k", "priority": 10, "next_try": at(99)} | tried)
    (row,) = await all_queued(kit)
    await kit.store.write(lambda tx: outbox_rows.copy(tx, row, "feishu", at(30)))
    _, other = await all_queued(kit)
    said = ("target", "priority", "op", "template", "about", "post", "body", "created_at")
    assert [getattr(other, name) for name in said] == [getattr(row, name) for name in said]
    assert (other.key, other.adapter, other.reply_to, other.attempts) == ("k@feishu", "feishu", None, 0)
    assert (other.uncertain, other.error, other.next_try) == (False, None, at(30))
    stands = await rows_of(kit)
    assert [stands[key].state for key in ("k", "k@feishu")] == ["queued", "queued"]
    assert (stands["k"].attempts, stands["k"].next_try) == (5, at(99))


async def test_what_was_sent_lately_with_its_place(kit: Kit) -> None:
    await given(kit, {"key": "before"}, {"key": "then"}, {"key": "since", "target": "gongxin"}, {"key": "waits"})
    for number, seconds in ((1, 9), (2, 10), (3, 11)):
        await kit.store.write(partial(outbox_rows.sent, rows={number: f"p{number}"}, now=at(seconds)))
    assert await kit.store.read(lambda s: outbox_rows.lately_sent(s, at(10))) == [(("local", "gongxin"), at(11))]


async def test_an_earlier_post_that_is_no_more_has_neither_id_nor_state(kit: Kit) -> None:
    await given(kit, {"key": "a"})
    assert await kit.store.read(lambda s: outbox_rows.earlier(s, "a")) == (None, "queued")
    assert await kit.store.read(lambda s: outbox_rows.earlier(s, "gone")) == (None, None)


async def test_what_became_pointless_is_dropped_where_it_still_waits(kit: Kit) -> None:
    about = {"about": "t1", "priority": 10}
    await given(
        kit,
        {"key": "moot"} | about,
        {"key": "moot too"} | about,
        {"key": "other"} | about | {"about": "t2"},
        {"key": "reply"} | about | {"priority": 20},
        {"key": "sent"} | about | {"state": "sent"},
    )

    def drop(tx: Tx) -> int:
        with Session(tx.connection, join_transaction_mode="rollback_only") as session:
            return outbox_rows.drop_about(session, "t1", 10)

    assert await kit.store.write(drop) == 2
    states = {key: row.state for key, row in (await rows_of(kit)).items()}
    assert states == {"moot": "dropped", "moot too": "dropped", "other": "queued", "reply": "queued", "sent": "sent"}
