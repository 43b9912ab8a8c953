"""The business owner is no member of most groups: she answers the bot, which passes her words on, and ends what is no fault."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from data.load.site import load_site
from tests.support.desk import Desk, Said, open_desk
from tests.support.paths import EXAMPLE

ONE, TWO = "GD-20261014-001", "GD-20261014-002"
PRICE = "想加一个报表模块，多少钱"  # a request, open until somebody ends it
RENEWAL = "系统授权到期了怎么续费报价"  # a question, which its answer ends
OFFER = "按模块收费，报价单明天发给您"


def new_in(said: Sequence[Said], chat: str) -> list[str]:
    return [m.text for m in said if m.chat == chat and not m.shown["updated"]]


async def card(desk: Desk, number: str = ONE) -> Said:
    return next(m for m in await desk.bot("dm-jiang") if m.text.startswith(f"{number} · "))


def verbs(message: Said) -> list[str]:
    """The verbs of the buttons."""
    return [action.partition(":")[0] for action in message.actions]


async def test_8_27_who_is_not_in_the_group_is_told_to_answer_here(desk: Desk) -> None:
    await desk.says("lixiao", PRICE, chat="shifuban")
    page = await card(desk)
    assert "您不在这个群里，请直接在这里回复，我替您转到群里" in page.text
    assert "请在群里回复" not in page.text
    assert verbs(page) == ["claim", "resolve"], "nor may she give it on"


async def test_8_27_a_member_of_the_group_answers_there(tmp_path: Path, empty_db: Path) -> None:
    site = load_site(EXAMPLE, tmp_path, "Asia/Shanghai")
    group = site.chats["shifuban"]
    chats = {**site.chats, "shifuban": dataclasses.replace(group, members=(*group.members, "jiang"))}
    async with open_desk(tmp_path / "state", empty_db, site=dataclasses.replace(site, chats=chats)) as desk:
        await desk.says("lixiao", PRICE, chat="shifuban")
        assert "请在群里回复" in (await card(desk)).text


@pytest.mark.parametrize("claims", [False, True])
@pytest.mark.parametrize("asked", [PRICE, RENEWAL])
async def test_8_27_her_words_go_to_the_group_as_her_answer(desk: Desk, asked: str, claims: bool) -> None:
    await desk.says("lixiao", asked, chat="shifuban")
    if claims:
        await desk.taps("jiang", await card(desk), "claim")
    said = await desk.says("jiang", OFFER, chat="dm-jiang")
    assert new_in(said, "shifuban") == [f"@李晓 {ONE}：江晚 13800000002（商务）回复：“{OFFER}”"]
    assert new_in(said, "dm-jiang") == [f"正在转到 市府办交流群：您对 {ONE} 的回复。"]
    (listed,) = await desk.says("hemu", "/status", chat="duty-room")
    assert "待回复" not in listed.text


async def test_8_27_to_who_asked_the_bot_alone_they_go_as_well(desk: Desk) -> None:
    await desk.says("lixiao", PRICE, chat="dm-lixiao")
    assert "请直接在这里回复，我替您转给他" in (await card(desk)).text
    said = await desk.says("jiang", OFFER, chat="dm-jiang")
    assert OFFER in new_in(said, "dm-lixiao")[0]


async def test_8_27_of_several_she_says_which(desk: Desk) -> None:
    await desk.says("lixiao", PRICE, chat="shifuban")
    await desk.says("sun", PRICE, chat="minzheng")
    (which,) = await desk.says("jiang", OFFER, chat="dm-jiang")
    assert ONE in which.text
    assert TWO in which.text
    said = await desk.says("jiang", OFFER, chat="dm-jiang", reply_to=(await card(desk, TWO)).id)
    assert new_in(said, "shifuban") == []
    assert OFFER in new_in(said, "minzheng")[0]


@pytest.mark.parametrize("line", ["在吗", "谢谢", "今天谁值班", "OA打不开了", "怎么修改密码"])
async def test_8_27_what_she_says_for_herself_no_group_reads(desk: Desk, line: str) -> None:
    await desk.says("lixiao", PRICE, chat="shifuban")
    said = await desk.says("jiang", line, chat="dm-jiang")
    assert new_in(said, "shifuban") == []
    assert new_in(said, "dm-jiang")


async def test_8_27_what_may_be_about_her_own_fault_no_group_reads_until_she_quotes(desk: Desk) -> None:
    await desk.says("lixiao", PRICE, chat="shifuban")
    await desk.says("jiang", "OA打不开了", chat="dm-jiang")
    await desk.says("wen", f"{TWO} 收到", chat="dm-wen")
    assert new_in(await desk.says("jiang", "好了", chat="dm-jiang"), "shifuban") == []
    said = await desk.says("jiang", OFFER, chat="dm-jiang", reply_to=(await card(desk)).id)
    assert OFFER in new_in(said, "shifuban")[0]


async def test_8_27_what_she_took_she_ends_as_done_and_it_is_no_fault(desk: Desk) -> None:
    await desk.says("lixiao", PRICE, chat="shifuban")
    await desk.taps("jiang", await card(desk), "claim")
    taken = await card(desk)
    assert verbs(taken) == ["resolve"]
    assert "您在这里的回复，我会转到群里" in taken.text
    reminders = [m for m in await desk.later(minutes=31) if m.chat == "dm-jiang" and "没有新消息" in m.text]
    (reminder,) = reminders
    assert verbs(reminder) == ["resolve"]
    assert "在群里说" not in reminder.text
    (mine,) = await desk.says("jiang", "/mine", chat="dm-jiang")
    for message in (taken, reminder, mine):
        assert "已恢复" not in str(message.shown)
        assert "已办结" in str(message.shown)
    await desk.taps("jiang", taken, "resolve")
    assert "没有未结的工单" in (await desk.says("hemu", "/status", chat="duty-room"))[0].text
