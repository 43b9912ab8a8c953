"""A report in plain words: receipt, page, joining, other systems, other groups."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.local import incoming
from bot.core.people import Account, Chat
from data.load.site import load_site
from handlers.faults import store
from handlers.faults.model import Ticket
from tests.support.desk import WORKDAY, Desk, Said, make_settings, open_desk
from tests.support.paths import EXAMPLE


def texts(said: list[Said], chat: str) -> list[str]:
    return [message.text for message in said if message.chat == chat]


async def test_receipt_names_number_engineer_phone_and_time_in_the_same_breath(desk: Desk) -> None:
    said = await desk.says("lixiao", "盖章又用不了了", chat="shifuban")
    (receipt,) = [m for m in said if m.chat == "shifuban"]
    assert "GD-20261014-001（电子印章）" in receipt.text
    assert "温若川 13800000013 会在 10:10 前回复您" in receipt.text
    assert "段宁 13800000032" in receipt.text
    assert receipt.mentions == ["wen", "duan"]
    assert receipt.shown["card"]["tone"] == "open"
    assert receipt.shown["card"]["countdown"] == {
        "start": "2026-10-14T02:00:00+00:00",
        "due": "2026-10-14T02:10:00+00:00",
        "ended": None,
    }
    (page,) = [m for m in said if m.chat == "dm-wen"]
    assert "李晓：“盖章又用不了了”" in page.text
    assert "请在 10:10 前回复" in page.text
    assert [a.partition(":")[0] for a in page.actions] == ["claim", "route", "notfault", "resolve"]


async def test_words_that_would_turn_round_the_line_are_repeated_straight(desk: Desk) -> None:
    said = await desk.says("lixiao", "盖章\u202e用不了了\u0007", chat="shifuban")
    (page,) = [m for m in said if m.chat == "dm-wen"]
    assert "李晓：“盖章 用不了了”" in page.text


async def test_the_same_trouble_joins_without_a_new_clock(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=4)
    said = await desk.says("zhao", "我也打不开", chat="shifuban")
    assert any("已并入 GD-20261014-001" in text for text in texts(said, "shifuban"))
    assert "另有 1 人反映" in (await desk.bot("dm-wen"))[-1].text
    reminded = await desk.later(minutes=1)
    assert texts(reminded, "dm-wen")[0].startswith("还剩 5 分：GD-20261014-001")
    assert await desk.later(minutes=2) == []
    assert not any("002" in m.text for m in await desk.bot("shifuban"))


async def test_a_bare_plus_one_joins_and_without_anything_open_says_nothing(desk: Desk) -> None:
    assert await desk.says("zhao", "+1", chat="shifuban") == []
    await desk.says("lixiao", "VPN连不上", chat="shifuban")
    said = await desk.says("zhao", "+1", chat="shifuban")
    assert any("已并入 GD-20261014-001" in text for text in texts(said, "shifuban"))


async def test_another_system_in_the_group_is_a_ticket_of_its_own(desk: Desk) -> None:
    await desk.says("lixiao", "盖章盖不了", chat="shifuban")
    said = await desk.says("zhao", "VPN连不上", chat="shifuban")
    assert any("GD-20261014-002（VPN）" in text for text in texts(said, "shifuban"))


async def test_a_wider_report_raises_the_ticket_and_keeps_its_clock(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=2)
    said = await desk.says("zhao", "整个办公室的OA都登录不上了，全部用户打不开", chat="shifuban")
    assert {m.chat for m in said} >= {"dm-hemu", "dm-shen", "shifuban"}
    card = next(m for m in await desk.bot("shifuban") if "已收到" in m.text)
    assert "紧急" in card.text
    assert "10:10" in card.text


async def test_urgent_reaches_lead_and_director_at_once(desk: Desk) -> None:
    said = await desk.says("wu", "整个委都登录不上了", chat="guozi")
    assert {m.chat for m in said} == {"guozi", "dm-wen", "dm-hemu", "dm-shen"}


async def test_small_talk_thanks_and_chasers_open_nothing(desk: Desk) -> None:
    for line in ("大家早上好", "谢谢", "怎么样了", "[图片]", "今天下午三点开会"):
        assert await desk.says("lixiao", line, chat="shifuban") == []


async def test_the_reporters_own_second_line_is_on_record_and_not_answered(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    assert await desk.says("lixiao", "还是打不开", chat="shifuban") == []


async def test_direct_words_to_the_bot_go_to_the_post_of_the_reporters_group(desk: Desk) -> None:
    said = await desk.says("qian", "OA打不开了", chat="dm-qian")
    assert "唐叙 13800000023" in texts(said, "dm-qian")[0]
    assert texts(said, "dm-tang")


async def test_fault_command_opens_whatever_the_words(desk: Desk) -> None:
    said = await desk.says("lixiao", "/报障 签章这边有点怪", chat="shifuban")
    assert "GD-20261014-001（电子印章）" in texts(said, "shifuban")[0]
    empty = await desk.says("lixiao", "/fault", chat="shifuban")
    assert "请写明情况" in empty[0].text


async def test_a_group_that_no_bot_can_enter_is_answered_through_the_engineer(desk: Desk) -> None:
    said = await desk.says("wen", "用户反映OA打不开了", chat="shiweiban")
    assert {m.chat for m in said} == {"dm-wen"}
    assert any(text.startswith("请转发到 市委办微信群：\n已收到") for text in texts(said, "dm-wen"))


async def test_words_to_the_bot_that_mean_nothing_known_are_asked_of_the_engineer_alone(desk: Desk) -> None:
    said = await desk.says("lixiao", "@值班 那个东西又那样了你们晓得吧", chat="shifuban")
    page = next(m for m in said if m.chat == "dm-wen")
    assert "不确定是不是故障" in page.text
    assert "计时照常" in page.text
    assert not any(m.actions for m in said if m.chat == "shifuban")
    (reminder,) = texts(await desk.later(minutes=5), "dm-wen")
    assert "还剩 5 分" in reminder
    await desk.taps("wen", page, "isfault")
    assert "不确定" not in next(m for m in await desk.bot("dm-wen") if m.id == page.id).text


async def test_thirty_groups_are_one_incident_and_page_nobody_thirty_times(tmp_path: Path, empty_db: Path) -> None:
    site = load_site(EXAMPLE, tmp_path, "Asia/Shanghai")
    groups = {
        f"g{n}": Chat(f"g{n}", f"第{n}群", post="shifu", region="shifu", members=("lixiao", "duan")) for n in range(30)
    }
    site = dataclasses.replace(site, chats={**site.chats, **groups})
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        for group in groups:
            await desk.says("lixiao", "盖章盖不了", chat=group)
            await desk.later(seconds=2)
        for group in groups:
            (receipt,) = await desk.bot(group)
            assert "已收到" in receipt.text
        assert len(await desk.bot("dm-wen")) == 5, "the first few groups page by themselves"
        (together,) = [m for m in await desk.later(minutes=1) if m.chat == "dm-wen" and not m.shown["updated"]]
        assert together.text.count("李晓：“盖章盖不了”") == 30, "the others are told together, each in its own words"
        said = await desk.later(minutes=14)
        assert [m.text.split("：")[0] for m in said if m.chat == "dm-wen" and "提醒" in m.text] == [
            "还剩 5 分",
            "还剩 2 分",
        ]
        assert len([m for m in said if m.chat == "dm-hemu"]) == 1
        assert len([m for m in said if m.chat == "dm-shen"]) == 1
        page = next(m for m in await desk.bot("dm-wen") if "claim" in str(m.actions) and "一并响应" in m.text)
        await desk.taps("wen", page, "claim")
        for group in groups:
            assert any("温若川 10:16 已响应" in m.text for m in await desk.bot(group))
        quiet = await desk.later(minutes=20)
        assert not [m for m in quiet if m.chat in {"dm-hemu", "dm-shen"}]


async def test_8_3_a_report_reads_no_more_tickets_when_many_groups_report_the_same(
    tmp_path: Path, empty_db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    to_ticket = store._to_ticket
    site = load_site(EXAMPLE, tmp_path, "Asia/Shanghai")
    groups = {f"g{n}": Chat(f"g{n}", f"第{n}群", post="shifu", region="shifu", members=("lixiao",)) for n in range(29)}
    site = dataclasses.replace(site, chats={**site.chats, **groups})

    def counted(row: Any) -> Ticket:
        read[-1] += 1
        return to_ticket(row)

    monkeypatch.setattr(store, "_to_ticket", counted)
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        for group in groups:
            read.append(0)
            await desk.says("lixiao", "盖章盖不了", chat=group)
            read.append(0)
            await desk.later(seconds=2)
    of_report = read[::2]
    assert of_report[8] > 0, "nothing was counted"
    assert of_report[28] <= of_report[8]  # neither is one of those after which the pages are rewritten


async def test_who_is_on_duty_changes_exactly_at_six(tmp_path: Path, empty_db: Path) -> None:
    before = WORKDAY.replace(hour=17, minute=59, second=59)
    async with open_desk(tmp_path / "a", empty_db, start=before) as desk:
        assert "温若川" in texts(await desk.says("lixiao", "OA打不开了", chat="shifuban"), "shifuban")[0]
        said = await desk.later(minutes=5)
        assert {m.chat for m in said} == {"dm-wen", "dm-su"}, "its owner, and who is on duty now"
    async with open_desk(tmp_path / "b", empty_db, start=WORKDAY.replace(hour=18)) as desk:
        assert "苏明" in texts(await desk.says("lixiao", "OA打不开了", chat="shifuban"), "shifuban")[0]


async def test_a_stranger_may_report_and_is_named_by_his_account(desk: Desk) -> None:
    body = {"user": "lixiao", "text": "OA打不开了"}
    message = incoming.message(desk.site, desk.clock, "shifuban", body)
    envelope = dataclasses.replace(message.envelope, account=Account("local", "visitor-7"), person=None)
    await desk.app.inbox.accept(dataclasses.replace(message, envelope=envelope))
    await desk.settle()
    assert "visitor-7：“OA打不开了”" in (await desk.bot("dm-wen"))[0].text
    assert "已收到" in (await desk.bot("shifuban"))[0].text


async def test_the_same_story_in_english(tmp_path: Path, empty_db: Path) -> None:
    settings = make_settings(tmp_path / "state", locale="en")
    async with open_desk(tmp_path / "state", empty_db, settings=settings) as desk:
        said = await desk.says("lixiao", "盖章盖不了", chat="shifuban")
        assert "Engineer on duty @温若川 13800000013 will answer by 10:10." in texts(said, "shifuban")[0]
        await desk.says("zhao", "我也是", chat="shifuban")
        said = await desk.later(minutes=20)
        assert any(text.startswith("5 min left: GD-20261014-001") for text in texts(said, "dm-wen"))
        await desk.says("wen", "收到", chat="shifuban")
        (offer,) = await desk.says("wen", "已恢复", chat="shifuban")
        said = await desk.taps("lixiao", offer, "still")
        assert any("stays open" in text for text in texts(said, "shifuban"))
        await desk.later(minutes=90)
        await desk.says("sun", "系统授权到期了怎么续费报价", chat="minzheng")
        assert "to be answered" in (await desk.says("wen", "/status", chat="duty-room"))[0].text
        for verb in ("route", "notfault"):
            page = next(m for m in await desk.bot("dm-wen") if "notfault:GD-20261014-001" in m.actions)
            await desk.taps("wen", page, verb)
        assert not any("处理出错" in m.text for m in await desk.bot("dm-qin"))


async def test_how_the_bot_was_called_is_not_part_of_what_is_repeated(desk: Desk) -> None:
    await desk.says("lixiao", "@bot 电子印章盖不了章，点了没反应", chat="shifuban")
    (page,) = await desk.bot("dm-wen")
    assert "李晓：“电子印章盖不了章，点了没反应”" in page.text
