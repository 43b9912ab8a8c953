"""One person, or one group, reports more than anybody could work on: nobody is paged for each line, and nothing is lost."""

from pathlib import Path

import pytest

from tests.support.desk import Desk, make_settings, open_desk

SYSTEMS = ("盖章没反应", "OA打不开", "VPN连不上", "WPS打不开", "短信收不到", "云盘打不开", "网络断了", "扫码登录不了")
GROUPS = ("shifuban", "minzheng", "fangkong", "guozi", "gongxin", "tongji", "weijian")


async def _flood(desk: Desk, count: int) -> None:
    """One reporter, every system in one group after the other."""
    for number in range(count):
        group, words = GROUPS[number // len(SYSTEMS) % len(GROUPS)], SYSTEMS[number % len(SYSTEMS)]
        last_of_group = words == SYSTEMS[-1] or number == count - 1
        await desk.says("lixiao", f"{words}，第{number}次", chat=group, settle=last_of_group)


async def _tickets(desk: Desk) -> int:
    return sum(line.entry.action == "ticket" and line.entry.outcome == "opened" for line in await desk.audit())


async def test_8_3_120_reports_of_one_person_open_six_tickets_and_say_so_once(desk: Desk) -> None:
    await _flood(desk, 120)
    assert await _tickets(desk) == 6
    told = [m for group in GROUPS for m in await desk.bot(group) if "不再逐条回复" in m.text]
    assert len(told) == 1
    assert told[0].text.startswith("您在 10 分钟内报了很多次，这一条和接下来的都记在 GD-20261014-006 里，")
    leads = [m for person in desk.site.people for m in await desk.bot(f"dm-{person}") if "不再另开工单" in m.text]
    assert len(leads) == 1
    assert "李晓 在 " in leads[0].text


async def test_8_3_a_flood_over_all_groups_at_once_is_bounded_and_told_once(desk: Desk) -> None:
    for number in range(120):
        words = f"{SYSTEMS[number % len(SYSTEMS)]}，第{number}次"
        await desk.says("lixiao", words, chat=GROUPS[number % len(GROUPS)], settle=number == 119)
    assert await _tickets(desk) <= 30
    told = [m for group in GROUPS for m in await desk.bot(group) if "不再逐条回复" in m.text]
    assert len(told) == 1
    pages = [m for person in desk.site.people for m in await desk.bot(f"dm-{person}") if "李晓：“" in m.text]
    assert len(pages) <= 6 * 3, "six faults, each to whoever is on duty in the groups and the vendor"


async def test_8_3_one_fault_told_in_every_group_is_one_fault(desk: Desk) -> None:
    for group in GROUPS:
        await desk.says("lixiao", "盖章没反应", chat=group)
    assert await _tickets(desk) == len(GROUPS)


async def test_8_3_what_was_kept_reaches_the_engineer_in_one_message(desk: Desk) -> None:
    await _flood(desk, 20)
    later = await desk.later(minutes=11)
    (digest,) = [m for m in later if "之后又来了" in m.text]
    assert "之后又来了 14 条，没有另开工单" in digest.text
    assert "李晓：“网络断了，第6次”" in digest.text
    assert "另有 6 条不同的话" in digest.text
    assert [m for m in await desk.later(hours=2) if "之后又来了" in m.text] == []


async def test_8_3_who_goes_on_stays_limited_and_who_pauses_is_heard_anew(desk: Desk) -> None:
    await _flood(desk, 10)
    for number in range(14):
        await desk.later(minutes=1)
        said = await desk.says("lixiao", f"{SYSTEMS[number % 8]}，又一次", chat="tongji")
        assert [m for m in said if m.chat == "tongji"] == [], "once told, he is not told each time"
    assert await _tickets(desk) == 6
    await desk.later(minutes=11)
    await desk.says("lixiao", "网络断了", chat="tongji")
    assert await _tickets(desk) == 7


async def test_8_3_others_still_page_while_somebody_floods(desk: Desk) -> None:
    await _flood(desk, 60)
    said = await desk.says("zhao", "整个单位都登不上OA了，全部用不了", chat="weijian")
    paged = {m.chat for m in said if m.chat.startswith("dm-") and "赵一帆" in m.text}
    assert {"dm-shen"} < paged, "the engineer on duty and the director hear of it at once"


async def test_8_3_the_flooders_own_first_alarm_opens_a_ticket_and_his_next_ones_do_not(desk: Desk) -> None:
    await _flood(desk, 8)
    assert await _tickets(desk) == 6
    for number in range(5):
        await desk.says("lixiao", f"{SYSTEMS[number]}，全单位都用不了了", chat="tongji")
    assert await _tickets(desk) == 7


async def test_8_3_a_group_has_its_limit_and_somebody_news_alarm_goes_beyond_it(tmp_path: Path, empty_db: Path) -> None:
    settings = make_settings(tmp_path, capabilities={"reports": {"per_person": 100, "per_chat": 4}})
    async with open_desk(tmp_path, empty_db, settings=settings) as desk:
        for words in SYSTEMS[:4]:
            await desk.says("lixiao", words, chat="shifuban")
        kept = await desk.says("zhao", "云盘打不开", chat="shifuban")
        assert [m.text[:9] for m in kept if m.chat == "shifuban"] == ["这个群 10 分钟"]
        assert await _tickets(desk) == 4
        await desk.says("sun", "全单位网络都断了，都用不了", chat="shifuban")
        assert await _tickets(desk) == 5


async def test_8_3_staff_who_pass_reports_on_are_not_counted(desk: Desk) -> None:
    for number, group in enumerate(GROUPS):
        await desk.says("gu", f"/fault {SYSTEMS[number]}", chat=group)
    assert await _tickets(desk) == len(GROUPS)


async def test_8_3_a_flood_in_a_direct_chat_is_told_as_one(desk: Desk) -> None:
    for number in range(10):
        await desk.says("lixiao", f"{SYSTEMS[number % 8]}，第{number}次", chat="dm-lixiao", settle=number == 9)
    leads = [m for person in desk.site.people for m in await desk.bot(f"dm-{person}") if "不再另开工单" in m.text]
    assert [lead.text.partition("：")[0] for lead in leads] == ["李晓 在单聊里短时间内报了很多次"]


@pytest.mark.parametrize("line", ["/restart oa3", "/restrat oa3", "/ping x", "@值班 /mine", "/oncall，"])
async def test_8_3_of_a_flood_of_commands_ten_are_answered_and_the_next_is_told_so(desk: Desk, line: str) -> None:
    for _ in range(60):
        await desk.says("lixiao", line, chat="shifuban", settle=False)
    await desk.settle()
    answers = [said.text for said in await desk.bot("shifuban")]
    assert len(answers) == 11
    assert [text.startswith("您一分钟里发了很多命令") for text in answers] == [*[False] * 10, True]
    assert any("GD-20261014-001" in said.text for said in await desk.says("lixiao", "OA打不开了", chat="shifuban"))
    assert await desk.says("sun", "/ping x", chat="minzheng"), "somebody else is answered"
    await desk.later(minutes=1)
    (again,) = await desk.says("lixiao", line, chat="shifuban")
    assert not again.text.startswith("您一分钟里发了很多命令")


async def test_8_3_reports_and_people_with_a_role_are_not_counted(desk: Desk) -> None:
    for _ in range(12):
        assert await desk.says("hemu", "/status", chat="duty-room")
    for _ in range(12):
        await desk.says("lixiao", "/mine", chat="shifuban")
    (told, *_) = await desk.says("lixiao", "/fault OA打不开了", chat="shifuban")
    assert "GD-20261014-001" in told.text
