"""An urgent fault of a vendor's system calls the vendor, too, and the engineer reads what came of it (SOP 4.1).

The oracle is what a platform got, and what it would not take.
"""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.content import Op
from bot.core.people import Account
from data.load.site import load_site
from tests.stories.test_fault_truth import Platform, untrue
from tests.support.desk import Desk, make_settings, open_desk
from tests.support.paths import EXAMPLE

ONE = "GD-20261014-001"
URGENT = "整个单位的VPN都连不上，全部用户都用不了"
RUAN, HIS = "dm-ruan", "阮征 13800000034（VPN 服务商）"


@pytest.fixture
async def platform(tmp_path: Path, empty_db: Path) -> AsyncIterator[tuple[Desk, Platform]]:
    platform = Platform(name="local")
    async with open_desk(tmp_path / "state", empty_db) as desk:
        desk.app.sender._adapters = {"local": platform}  # the one seam of a sender under test
        yield desk, platform


def posted(platform: Platform, chat: str) -> list[str]:
    return [out.post.text for out in platform.got if out.chat == chat and out.op is Op.POST]


def page_of(platform: Platform, chat: str = "dm-wen") -> str:
    """The engineer's page as it stands last."""
    return [text for text in platform.texts(chat) if text.startswith(f"{ONE} · ")][-1]


@pytest.mark.parametrize("group", ["shifuban", "minzheng"])
async def test_8_27_an_urgent_vendor_fault_calls_the_vendor_in_the_group_or_not(
    platform: tuple[Desk, Platform], group: str
) -> None:
    desk, chats = platform
    await desk.says("lixiao", URGENT, chat=group)
    (told,) = posted(chats, RUAN)
    assert ONE in told
    assert URGENT in told
    assert "紧急" in told
    assert "温若川 13800000013" in told
    assert f"正在通知厂商 {HIS}" in page_of(chats)
    await desk.later(seconds=2)
    assert f"已通知厂商 {HIS}" in page_of(chats)
    assert posted(chats, "dm-hemu"), "the lead is told as before"
    assert untrue(chats.got) == []


async def test_8_27_a_fault_that_becomes_urgent_calls_the_vendor_with_the_words_that_raised_it(
    platform: tuple[Desk, Platform],
) -> None:
    desk, chats = platform
    await desk.says("lixiao", "我的VPN连不上", chat="shifuban")
    assert posted(chats, RUAN) == [], "he is mentioned in the group"
    assert f"群里已请厂商 {HIS} 协助" in page_of(chats)
    await desk.says("zhao", URGENT, chat="shifuban")
    (told,) = posted(chats, RUAN)
    assert URGENT in told


@pytest.mark.parametrize("way", ["vendor vpn", "vpn"])
async def test_8_27_an_urgent_fault_that_is_sent_to_a_vendor_calls_him(
    platform: tuple[Desk, Platform], way: str
) -> None:
    desk, chats = platform
    await desk.says("lixiao", "整个单位的OA都打不开，全部用户都用不了", chat="shifuban")
    assert posted(chats, RUAN) == []
    await desk.says("hemu", f"/route {ONE} {way}", chat="duty-room")
    assert len(posted(chats, RUAN)) == 1
    await desk.later(seconds=2)
    assert f"已通知厂商 {HIS}" in page_of(chats)


async def test_8_27_a_vendors_fault_made_urgent_by_hand_calls_him(platform: tuple[Desk, Platform]) -> None:
    desk, chats = platform
    await desk.says("lixiao", "我的VPN连不上", chat="shifuban")
    await desk.says("hemu", f"/route {ONE} urgent", chat="duty-room")
    assert len(posted(chats, RUAN)) == 1


async def test_8_27_a_vendor_whom_no_message_reaches_is_to_be_called(platform: tuple[Desk, Platform]) -> None:
    desk, chats = platform
    chats.gone = frozenset({RUAN})
    await desk.says("lixiao", URGENT, chat="shifuban")
    await desk.later(seconds=2)
    assert f"没能发给厂商 {HIS}，请打电话" in page_of(chats)
    assert any(text.startswith(ONE) and f"没能发给厂商 {HIS}，请直接打电话" in text for text in posted(chats, "dm-wen"))
    assert not any("已通知厂商" in text for out in chats.got for text in [out.post.text])


async def test_8_27_a_vendors_message_that_waits_is_said_to_wait(platform: tuple[Desk, Platform]) -> None:
    desk, chats = platform
    chats.deaf = frozenset({RUAN})
    await desk.says("lixiao", URGENT, chat="shifuban")
    await desk.later(seconds=15)
    assert "正在通知厂商" in page_of(chats)
    assert [text for text in posted(chats, "dm-wen") if f"给厂商 {HIS}的消息还没有发出，请直接打电话" in text]


async def test_8_27_the_answer_of_an_engineer_keeps_no_word_from_the_vendor(platform: tuple[Desk, Platform]) -> None:
    desk, chats = platform
    chats.deaf = frozenset({RUAN})
    await desk.says("lixiao", URGENT, chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    chats.deaf = frozenset()
    await desk.later(minutes=1)
    assert [text for text in posted(chats, RUAN) if URGENT in text]


async def test_8_27_a_silent_vendor_of_an_urgent_fault_is_chased(platform: tuple[Desk, Platform]) -> None:
    desk, chats = platform
    await desk.says("lixiao", URGENT, chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.later(minutes=31)
    assert any("阮征 13800000034 已 30 分没有回话" in text for text in posted(chats, "dm-wen"))


async def test_8_27_of_an_outage_of_many_groups_the_vendor_is_called_a_few_times(
    platform: tuple[Desk, Platform],
) -> None:
    desk, chats = platform
    for group in ("shifuban", "minzheng", "guozi", "fangkong", "gongxin", "tongji", "zhengshuju", "weijian"):
        await desk.says("lixiao", URGENT, chat=group)
    assert 1 <= len(posted(chats, RUAN)) <= 5


async def test_8_27_where_no_contact_is_known_the_engineer_reads_that(tmp_path: Path, empty_db: Path) -> None:
    site = load_site(EXAMPLE, tmp_path, "Asia/Shanghai")
    site = dataclasses.replace(site, vendors={name: one for name, one in site.vendors.items() if name != "vpn"})
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        desk.app.sender._adapters = {"local": (chats := Platform(name="local"))}
        await desk.says("lixiao", URGENT, chat="shifuban")
        assert "没有登记VPN的厂商联系人，请自行联系厂商。" in page_of(chats)


async def test_8_27_a_contact_without_an_account_is_shown_with_his_phone(tmp_path: Path, empty_db: Path) -> None:
    """On a platform where he has none, nobody writes to the duty room in his name and calls that "told"."""
    site = load_site(EXAMPLE, tmp_path, "Asia/Shanghai")
    people = {
        name: dataclasses.replace(person, accounts=() if name == "ruan" else (Account("wecom", name),))
        for name, person in site.people.items()
    }
    site = dataclasses.replace(site, people=people)
    settings = make_settings(tmp_path / "state", adapters=("local", "wecom"))
    async with open_desk(tmp_path / "state", empty_db, site=site, settings=settings) as desk:
        chats = Platform(name="wecom")
        desk.app.sender._adapters = {"local": chats, "wecom": chats}
        await desk.says("lixiao", URGENT, chat="shifuban")
        await desk.later(seconds=2)
        assert posted(chats, RUAN) == []
        assert f"机器人发不到厂商 {HIS}，请打电话" in page_of(chats)
        assert not any(URGENT in text for text in posted(chats, "duty-room"))


async def test_8_27_how_the_vendor_was_told_stays_on_the_answered_page(platform: tuple[Desk, Platform]) -> None:
    desk, chats = platform
    await desk.says("lixiao", URGENT, chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.later(seconds=2)
    assert f"已通知厂商 {HIS}" in page_of(chats)
    assert "已响应" in page_of(chats)


ENDS = {
    "taken back": ([("lixiao", "不好意思，不用处理了", "shifuban")], "报障人已撤回，不用处理。"),
    "no fault": ([("wen", f"/notfault {ONE}", "dm-wen")], "温若川 已标为不是故障。"),
    "works": (
        [("wen", "收到", "shifuban"), ("wen", "已恢复", "shifuban"), ("lixiao", "好了", "shifuban")],
        "已恢复。",
    ),
}


@pytest.mark.parametrize("how", ENDS)
async def test_8_6_the_vendors_card_says_that_it_is_over(platform: tuple[Desk, Platform], how: str) -> None:
    desk, chats = platform
    lines, wanted = ENDS[how]
    await desk.says("lixiao", URGENT, chat="shifuban")
    asked = len(posted(chats, RUAN))
    for user, text, chat in lines:
        await desk.says(user, text, chat=chat)
    told = chats.texts(RUAN)[-1]
    assert told.startswith(f"{ONE}（")
    assert told.splitlines()[0].endswith(wanted)
    assert URGENT in told, "he has to know which it was"
    last = [out.post for out in chats.got if out.chat == RUAN][-1]
    assert last.buttons == ()
    assert len(posted(chats, RUAN)) == asked, "in the place of what asked him"


async def test_8_6_the_vendor_is_asked_again_where_it_is_not_over(platform: tuple[Desk, Platform]) -> None:
    desk, chats = platform
    await desk.says("lixiao", URGENT, chat="shifuban")
    await desk.says("wen", f"/resolve {ONE}", chat="dm-wen")
    assert "已恢复" in chats.texts(RUAN)[-1]
    await desk.says("lixiao", "还是不行", chat="shifuban")
    told = chats.texts(RUAN)[-1]
    assert told.startswith(f"{ONE} · ")
    assert "温若川 13800000013 跟进" in told


async def test_8_6_a_former_vendor_is_told_once(platform: tuple[Desk, Platform]) -> None:
    desk, chats = platform
    await desk.says("lixiao", URGENT, chat="shifuban")
    await desk.says("hemu", f"/route {ONE} internal", chat="duty-room")
    moved = chats.texts(RUAN)[-1]
    assert "您不用再处理" in moved
    await desk.says("lixiao", "不好意思，不用处理了", chat="shifuban")
    assert chats.texts(RUAN)[-1] == moved
