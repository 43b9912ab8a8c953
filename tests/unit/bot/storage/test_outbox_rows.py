"""The outbox's rows, each statement beside rows that it must not touch; the database is the witness."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from bot.storage import outbox_rows
from bot.storage.outbox_rows import Place, Queued
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
            return outbox_rows.drop_like(session, about="t1", priority=10)

    assert await kit.store.write(drop) == 2
    states = {key: row.state for key, row in (await rows_of(kit)).items()}
    assert states == {"moot": "dropped", "moot too": "dropped", "other": "queued", "reply": "queued", "sent": "sent"}


async def test_what_waits_is_read_by_its_place_urgent_first(kit: Kit) -> None:
    """A place is a chat on a platform: what holds up the one holds up none of its other ways."""
    await given(
        kit,
        {"key": "reply"},
        {"key": "urgent", "priority": 10},
        {"key": "elsewhere", "adapter": "feishu"},
        {"key": "other chat", "target": "gongxin"},
        {"key": "sent", "state": "sent"},
    )

    async def waits(limit: int, *passed: Place) -> list[str]:
        return [row.key for row in await kit.store.write(partial(outbox_rows.queued, limit=limit, passed=passed))]

    assert await waits(9) == ["urgent", "reply", "elsewhere", "other chat"]
    assert await waits(2) == ["urgent", "reply"]
    assert await waits(9, ("local", "shifuban")) == ["elsewhere", "other chat"]
    assert await waits(9, ("local", "shifuban"), ("feishu", "gongxin")) == ["elsewhere", "other chat"]


async def test_what_did_not_go_is_noted_with_its_reason_by_whom_it_was_left_to(kit: Kit) -> None:
    await given(kit, *({"key": key} for key in "abcd"))
    rows = await all_queued(kit)
    for owner, some in (("me", rows[:2]), ("another", rows[2:])):
        await kit.store.write(partial(outbox_rows.claim, rows=some, owner=owner, now=at(1)))
    tries = [(rows[0].id, at(9), True, "slow"), (rows[2].id, at(9), True, "slow")]
    await kit.store.write(partial(outbox_rows.again, rows=tries, owner="me"))
    await kit.store.write(partial(outbox_rows.failed, rows={rows[1].id: "gone", rows[3].id: "gone"}, owner="me"))
    found = {
        key: (row.state, row.next_try, row.uncertain, row.error, row.owner, row.lease_until)
        for key, row in (await rows_of(kit)).items()
    }
    assert found == {
        "a": ("queued", at(9), True, "slow", None, None),
        "b": ("failed", at(0), False, "gone", "me", None),
        "c": ("sending", at(0), False, None, "another", at(61)),
        "d": ("sending", at(0), False, None, "another", at(61)),
    }
