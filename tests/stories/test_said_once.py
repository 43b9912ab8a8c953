"""What is done twice is said once: who does it again gets one short line of his own, or a card that stays as it is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core.content import Op
from tests.stories.test_ended_buttons import TAKEN, Act, Play, Record, later, says, taps
from tests.support.desk import Desk, open_desk

ONE, ROOM = "GD-20261014-001", "duty-room"
REPORT = says("lixiao", "OA打不开了")
PAGE, RUNG = (REPORT,), (REPORT, later(11), taps("hemu", "route", "dm-hemu"))


@pytest.fixture
async def play(tmp_path: Path, empty_db: Path) -> AsyncIterator[Play]:
    record = Record()
    async with open_desk(tmp_path / "state", empty_db) as desk:
        desk.app.sender._adapters = {"local": record}  # the one seam of a sender under test
        yield Play(desk, record)


@dataclass(frozen=True)
class Twice:
    """``first`` changes something and says so; ``again`` is the same once more, by ``who``."""

    before: tuple[Act, ...]
    first: Act
    again: Act
    who: str


DOUBLES = {
    "re-routed by two": Twice(
        PAGE, says("hemu", f"/route {ONE} vendor wps", ROOM), says("fang", f"/route {ONE} wps", ROOM), "fang"
    ),
    "re-routed in a group": Twice(
        PAGE, says("hemu", f"/route {ONE} urgent"), says("hemu", f"/转派 {ONE} 紧急"), "hemu"
    ),
    "re-routed to where it is": Twice(
        (), REPORT, says("hemu", f"/route {ONE} internal", ROOM), "hemu"
    ),
    "re-routed to the vendor it has": Twice(
        (), says("lixiao", "WPS打不开"), says("hemu", f"/route {ONE} third_party", ROOM), "hemu"
    ),
    "handed over": Twice(
        PAGE, says("hemu", f"/assign {ONE} 周予安", ROOM), says("fang", f"/指派 {ONE} @周予安"), "fang"
    ),
    "handed over when answered": Twice(
        (REPORT, TAKEN), says("hemu", f"/assign {ONE} 周予安", ROOM), says("fang", f"/assign {ONE} zhou", ROOM), "fang"
    ),
    "claimed": Twice(PAGE, says("wen", f"/claim {ONE}"), says("wen", f"/claim {ONE}"), "wen"),
    "answered, then claimed": Twice(PAGE, TAKEN, says("wen", f"/认领 {ONE}"), "wen"),
    "claimed together": Twice(
        (REPORT, says("sun", "OA打不开了", "minzheng")), says("wen", "/claim 1 2", ROOM), says("qiao", "/claim 1 2", ROOM), "qiao"
    ),
    "a fault": Twice(
        (says("sun", "@值班 那个电子章的事", "minzheng"),), says("wen", f"/isfault {ONE}"), says("hemu", f"/isfault {ONE}"), "hemu"
    ),
    "no fault": Twice(PAGE, says("wen", f"/notfault {ONE}"), says("hemu", f"/notfault {ONE}"), "hemu"),
    "closed": Twice((REPORT, TAKEN), says("wen", f"/resolve {ONE}"), says("hemu", f"/结单 {ONE}"), "hemu"),
    "passed on by hand": Twice(
        (later(24 * 60),), says("wen", "/sent shiweiban", ROOM), says("hemu", "/sent shiweiban", ROOM), "hemu"
    ),
}  # fmt: skip


@pytest.mark.parametrize("double", [pytest.param(double, id=name) for name, double in DOUBLES.items()])
async def test_8_27_the_same_twice_is_said_once(play: Play, double: Twice) -> None:
    for act in double.before:
        await act(play)
    told = len(play.record.got)
    await double.first(play)
    assert len(play.record.got) > told
    told, kept = len(play.record.got), await record_of(play.desk)
    await double.again(play)
    said = play.record.got[told:]
    assert [(out.chat, out.op) for out in said] == [(f"dm-{double.who}", Op.POST)], "one line, to him alone"
    assert "\n" not in said[0].post.text
    assert await record_of(play.desk) == kept


async def test_8_27_a_button_pressed_by_two_is_said_once(play: Play) -> None:
    for act in RUNG:
        await act(play)
    ((message, (chat, post)),) = [(m, kept) for m, kept in play.record.messages.items() if "转给谁" in kept[1].text]
    action = f"reroute:{ONE}:seal"
    assert action in [button.action for button in post.buttons]
    await play.presses("hemu", message, action, chat)
    told = len(play.record.got)
    await play.presses("hemu", message, action, chat)
    assert [(out.chat, out.post.text) for out in play.record.got[told:]] == [
        ("dm-hemu", f"{ONE} 已经转电子印章服务商，没有再通知，不用再操作。")
    ]


async def test_8_27_not_yet_of_two_people_is_said_once_and_later_anew(play: Play) -> None:
    await play.says("lixiao", "OA打不开了")
    await play.says("zhao", "OA也打不开，急")
    await play.says("wen", "收到")
    await play.says("wen", "已恢复")
    await play.taps("lixiao", "still", "shifuban")
    told = len(play.record.got)
    await play.says("zhao", f"/reopen {ONE}")
    (said,) = play.record.got[told:]
    assert (said.chat, said.post.text) == (
        "shifuban",
        f"{ONE} 还没恢复，已经转告过 温若川 13800000013，急的话请直接打电话。",
    )
    await play.later(6)
    told = len(play.record.got)
    await play.says("zhao", f"/reopen {ONE}")
    assert "dm-wen" in [out.chat for out in play.record.got[told:]]


async def test_8_27_who_takes_back_twice_is_told_of_once(play: Play) -> None:
    await play.says("lixiao", "OA打不开了")
    await play.says("zhao", "OA也打不开，急")
    await play.says("zhao", "撤回")
    told = len(play.record.got)
    await play.says("zhao", "撤回")
    assert play.record.got[told:] == []
    await play.says("zhao", "@值班 撤回")
    assert [out.post.text.count("\n") for out in play.record.got[told:]] == [0]


async def test_8_27_there_and_back_are_two_changes(play: Play) -> None:
    await play.says("lixiao", "OA打不开了")
    for way in ("vendor wps", "internal", "vendor wps"):
        told = len(play.record.got)
        await play.says("hemu", f"/route {ONE} {way}", ROOM)
        assert "shifuban" in [out.chat for out in play.record.got[told:]]


async def record_of(desk: Desk) -> list[tuple[object, ...]]:
    """Every ticket and everything on its record, as the database has them."""
    tickets = text("SELECT number, state, route, severity, owner, vendor, unsure FROM ticket")
    events = text("SELECT ticket, happening, person FROM ticket_event")
    return await desk.app.store.read(
        lambda session: [tuple(row) for query in (tickets, events) for row in session.connection().execute(query)]
    )
