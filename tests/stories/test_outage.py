"""A platform that is down for half an hour, and a person who floods a group (faults F52, F58)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.content import Op
from bot.core.errors import Temporary
from bot.core.ports import Outgoing
from tests.support.desk import Desk, open_desk
from tests.support.kit import Obedient

STAMP = "电子印章盖不了章，点了没反应"


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


async def test_after_half_an_hour_down_everything_arrives_within_two_minutes_and_only_the_newest_state(
    platform: tuple[Desk, Outage],
) -> None:
    desk, outage = platform
    outage.down = True
    await desk.says("lixiao", STAMP, chat="shifuban")
    await desk.says("sun", "OA 登录不上，一直转圈", chat="minzheng")
    await desk.later(minutes=12)
    await desk.says("wen", "收到，马上看", chat="shifuban")
    await desk.later(minutes=18)
    assert outage.got == []
    outage.down = False
    back = desk.clock.now()
    await desk.later(minutes=2)
    waiting = await desk.app.web.counts()
    assert waiting["zhiban_outbox_waiting"] == 0
    assert desk.clock.now() - back <= timedelta(minutes=2)
    shown = [out.post.text for out in outage.got if out.chat == "shifuban" and out.op is Op.POST]
    assert any("GD-20261014-001" in text for text in shown)
    states: dict[str | None, set[str]] = {}
    for out in outage.got:
        if out.op is Op.UPDATE:
            states.setdefault(out.message, set()).add(out.post.text)
    assert states, "the receipts were never brought up to date"
    assert {len(texts) for texts in states.values()} == {1}, "older states were sent as well as the newest"
    answered = [out for out in outage.got if out.chat == "shifuban" and out.op is Op.UPDATE]
    assert "已响应" in answered[-1].post.text
    director = [out.post.text for out in outage.got if out.chat == "dm-shen"]
    assert any("GD-20261014-002" in text for text in director), "the timer of the unanswered one did not run"


async def test_a_flood_by_one_person_is_one_ticket_and_nobody_else_waits(desk: Desk) -> None:
    for number in range(150):
        await desk.says("lixiao", f"{STAMP} {number}", chat="shifuban", settle=False)
    await desk.says("sun", "OA 登录不上，一直转圈", chat="minzheng", settle=False)
    await desk.settle()
    assert len(await desk.bot("shifuban")) == 1
    assert len([said for said in await desk.bot("dm-wen") if "GD-20261014-001" in said.text]) == 1
    assert any("GD-20261014-002" in said.text for said in await desk.bot("minzheng"))
