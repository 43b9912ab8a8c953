"""A platform that is down for half an hour, and a person who floods a group (faults F52, F58)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.content import Op
from bot.core.errors import Temporary
from bot.core.ports import Outgoing
from tests.support.desk import Desk, open_desk
from tests.support.kit import Obedient

STAMP = "电子印章盖不了章，点了没反应"
CALLED = ("dm-wen", "dm-hemu", "dm-shen")
"""The engineer, the lead and the director of the post."""


class Outage(Obedient):
    """Takes everything, or while ``down`` nothing."""

    down = False

    async def send(self, out: Outgoing) -> str:
        if self.down:
            raise Temporary("status 503")
        return await super().send(out)


@pytest.fixture
async def platform(tmp_path: Path, empty_db: Path) -> AsyncIterator[tuple[Desk, Outage]]:
    outage = Outage(name="local")
    async with open_desk(tmp_path / "state", empty_db) as desk:
        desk.app.sender._adapters = {"local": outage}  # the one seam of a sender under test
        yield desk, outage


async def rows(desk: Desk, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What the database has."""
    return await desk.app.store.read(lambda s: [tuple(row) for row in s.connection().exec_driver_sql(query, values)])


async def half_an_hour(desk: Desk, outage: Outage) -> None:
    """Nothing gets out; one report is answered meanwhile, one is not."""
    outage.down = True
    await desk.says("lixiao", STAMP, chat="shifuban")
    await desk.says("sun", "OA 登录不上，一直转圈", chat="minzheng")
    await desk.later(minutes=12)
    await desk.says("wen", "收到，马上看", chat="shifuban")
    await desk.later(minutes=18)


async def test_after_half_an_hour_down_everything_arrives_within_two_minutes_and_only_the_newest_state(
    platform: tuple[Desk, Outage],
) -> None:
    desk, outage = platform
    await half_an_hour(desk, outage)
    assert outage.got == []
    ((known,),) = await rows(desk, "SELECT max(id) FROM outbox")
    outage.down = False
    back = desk.clock.now()
    await desk.later(minutes=2)
    waiting = await desk.app.web.counts()
    assert waiting["zhiban_outbox_waiting"] == 0
    assert desk.clock.now() - back <= timedelta(minutes=2)
    shown = [out.post.text for out in outage.got if out.chat == "shifuban" and out.op is Op.POST]
    assert any("GD-20261014-001" in text for text in shown)
    states: dict[str, list[str]] = {}
    changes = "SELECT post, state FROM outbox WHERE op = 'update' AND id <= ? ORDER BY id"
    for post, state in await rows(desk, changes, known):  # what changes later, as others are told, is news of its own
        states.setdefault(post, []).append(state)
    assert max(len(each) for each in states.values()) > 1, "nothing changed twice while the platform was down"
    assert all(set(each[:-1]) <= {"dropped"} for each in states.values()), (
        "older states were sent as well as the newest"
    )
    answered = [out for out in outage.got if out.chat == "shifuban" and out.op is Op.UPDATE]
    assert "已响应" in answered[-1].post.text
    director = [out.post.text for out in outage.got if out.chat == "dm-shen"]
    assert any("GD-20261014-002" in text for text in director), "the timer of the unanswered one did not run"


async def test_what_could_not_be_said_in_time_is_said_once_and_as_things_stand_now(
    platform: tuple[Desk, Outage],
) -> None:
    """Half an hour late, "还剩 5 分" is untrue, and five messages say what one says (decisions: Truth, Quiet catching up)."""
    desk, outage = platform
    await half_an_hour(desk, outage)
    await desk.later(seconds=20)  # so long the group's line looks for what has left
    outage.down = False
    await desk.later(minutes=2)
    said = [out for out in outage.got if out.op is Op.POST]
    rungs = {
        chat: [out.post.text for out in said if out.chat == chat and "超时未响应" in out.post.text] for chat in CALLED
    }
    assert {chat: len(texts) for chat, texts in rungs.items()} == dict.fromkeys(CALLED, 1)
    assert all("GD-20261014-002（民政局交流群 · 协同办公，30 分）" in texts[0] for texts in rungs.values())
    assert not [out for out in said if "还剩" in out.post.text]
    assert "温若川，消息还没有发出" not in rungs["dm-wen"][0], "he reads it"
    assert not [out for out in said if out.chat == "shifuban" and "正在通知" in out.post.text], (
        "it was answered long ago"
    )
    (breach,) = [out.post.text for out in said if out.chat == "minzheng" and "未响应" in out.post.text]
    assert breach.startswith("GD-20261014-002（协同办公）已过 30 分未响应")
    assert "何牧" in breach
    assert "沈砚" in breach


async def test_a_flood_by_one_person_is_one_ticket_and_nobody_else_waits(desk: Desk) -> None:
    for number in range(150):
        await desk.says("lixiao", f"{STAMP} {number}", chat="shifuban", settle=False)
    await desk.says("sun", "OA 登录不上，一直转圈", chat="minzheng", settle=False)
    await desk.settle()
    assert len(await desk.bot("shifuban")) == 1
    assert len([said for said in await desk.bot("dm-wen") if "GD-20261014-001" in said.text]) == 1
    assert any("GD-20261014-002" in said.text for said in await desk.bot("minzheng"))
