"""Tickets of a database that an earlier version made live on: their incident, their clock, what was posted about them."""

import sqlite3
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.storage import schema
from bot.storage.migrations.upgrade import upgrade
from bot.work.work import Work
from handlers.faults import store
from tests.support.desk import WORKDAY, Desk, make_settings, open_desk

OPENED = WORKDAY.strftime("%Y-%m-%d 02:00:00.000000")  # 10:00 in Shanghai
RESPOND_BY = OPENED.replace("02:00", "02:10")
INSERT = """INSERT INTO ticket (number, incident, chat, system, opened_at, received_at, respond_by, kind, state, route, severity,
unsure, reporter, reporter_name, text, message, engineer, rung, joined, confirmed) VALUES (?, ?, ?, ?, ?, ?, ?,
'fault', 'waiting', 'internal', 2, 0, 'lixiao', '李晓', 'x', 'm1', 'wen', 0, 0, 0)"""
POST = """INSERT INTO outbox (key, adapter, target, priority, op, template, about, body, state, attempts, created_at,
next_try, sent_at, platform_id, uncertain) VALUES (?, 'local', 'dm-wen', 1, ?, ?, ?, '{}', 'sent', 1, ?, ?, ?, ?, 0)"""
ONE, TWO, ALONE = "GD-20261014-001", "GD-20261014-002", "GD-20261014-003"


def made_before(state: Path) -> Settings:
    """A database of the version before incidents had a table: two groups without OA, one without VPN, no pages yet."""
    settings = make_settings(state)
    state.mkdir(parents=True)
    upgrade(settings.database, "0002")
    with sqlite3.connect(settings.database) as connection:
        for number, incident, chat, system in (
            (ONE, ONE, "shifuban", "oa"),
            (TWO, ONE, "fangkong", "oa"),
            (ALONE, ALONE, "gongxin", "vpn"),
        ):
            connection.execute(INSERT, (number, incident, chat, system, OPENED, OPENED, RESPOND_BY))
        times = (OPENED, OPENED, OPENED)
        connection.execute(POST, ("i901.2", "post", "faults/page", ALONE, *times, "old-page"))
        connection.execute(POST, ("i901.3/1", "post", "faults/rung", ALONE, *times, "old-piece"))
        connection.execute(POST, ("i901.3", "post", "faults/rung", ALONE, *times, "old-rung"))
        connection.execute("INSERT INTO ticket_counter VALUES ('2026-10-14', 3)")
    connection.close()
    return settings


async def test_the_incidents_of_old_tickets_are_there_and_another_group_joins_them(tmp_path: Path) -> None:
    settings = made_before(tmp_path / "state")
    schema.prepare(settings.database)
    with sqlite3.connect(settings.database) as connection:
        found = connection.execute("SELECT number, system, opened_at FROM incident ORDER BY number").fetchall()
    connection.close()
    assert found == [(ONE, "oa", OPENED), (ALONE, "vpn", OPENED)]
    async with open_desk(tmp_path / "state", None) as desk:
        await desk.says("zhao", "OA打不开了", chat="minzheng")
        assert await incident_of(desk, "minzheng") == ONE
        await desk.says("zhao", "盖章用不了了", chat="minzheng")
        assert await incident_of(desk, "minzheng") == "GD-20261014-005"


@pytest.mark.parametrize("quoted", ["old-page", "old-piece", "old-rung"])
async def test_a_yes_that_quotes_an_old_post_takes_its_ticket(tmp_path: Path, quoted: str) -> None:
    settings = made_before(tmp_path / "state")
    schema.prepare(settings.database)
    async with open_desk(tmp_path / "state", None) as desk:
        await desk.says("wen", "收到", chat="dm-wen", reply_to=quoted)
        assert await states(desk) == {ONE: "waiting", TWO: "waiting", ALONE: "answered"}


async def states(desk: Desk) -> dict[str, str]:
    """The states of the old tickets."""

    def look(work: Work) -> dict[str, str]:
        found = [store.get(work, number) for number in (ONE, TWO, ALONE)]
        return {ticket.number: ticket.state.value for ticket in found if ticket}

    return await desk.app.transactions.do("states", look)


async def incident_of(desk: Desk, chat: str) -> str:
    """The incident of the newest open ticket of a chat."""
    return await desk.app.transactions.do(f"look:{chat}", lambda work: store.open_in(work, chat)[0].incident)
