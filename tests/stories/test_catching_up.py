"""After a pause of the service: every timer once, with its age; nothing that would only have repeated it in between."""

from datetime import timedelta

import pytest

from bot.adapters.local import store as record
from tests.stories.test_fault_ladder import rungs
from tests.support.desk import Desk, Said


async def pauses(desk: Desk, span: timedelta) -> list[Said]:
    """The service does nothing for so long; what the bot says when it goes on."""
    before = await desk.app.store.read(record.last_cursor)
    desk.clock.move_to(desk.clock.now() + span)
    await desk.settle()
    return await desk.bot_since(before)


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (9, {"dm-wen": 1}),
        (12, {"dm-wen": 1, "dm-hemu": 1}),
        (16, {"dm-wen": 1, "dm-hemu": 1, "dm-shen": 1}),
        (60, {"dm-wen": 1, "dm-hemu": 1, "dm-shen": 1}),
        (600, {"dm-wen": 1, "dm-hemu": 1, "dm-shen": 1, "dm-qin": 1}),
    ],
)
async def test_8_10_after_a_pause_everybody_is_told_once(desk: Desk, minutes: int, told: dict[str, int]) -> None:
    """An hour's pause had nine repeats at once; ten hours', twelve."""
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await pauses(desk, timedelta(minutes=minutes))
    chats = [chat for chat, _ in rungs(said)]
    assert {chat: chats.count(chat) for chat in chats} == told


async def test_8_10_the_one_that_is_told_says_how_old_it_is(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await pauses(desk, timedelta(minutes=62))
    (director,) = [m for m in said if m.chat == "dm-shen"]
    assert "1 小时 2 分" in director.text
    breaches = [m for m in said if m.chat == "shifuban" and "未响应" in m.text and not m.shown["updated"]]
    assert len(breaches) == 1
    audit = await desk.audit()
    assert [line.entry.outcome for line in audit if line.entry.action == "ticket"].count("breached") == 1


async def test_8_10_the_repeats_go_on_in_their_time_afterwards(desk: Desk) -> None:
    """Every five minutes after the fifteenth, as if nothing had been."""
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await pauses(desk, timedelta(minutes=62))
    assert rungs(await desk.later(minutes=2, seconds=59)) == []
    assert [chat for chat, _ in rungs(await desk.later(seconds=1))] == ["dm-shen"]
    assert [chat for chat, _ in rungs(await desk.later(minutes=10))] == ["dm-shen"] * 2
    assert [chat for chat, _ in rungs(await desk.later(minutes=5))] == ["dm-qin"]
    assert rungs(await desk.later(hours=3)) == []


async def test_8_10_what_was_claimed_and_forgotten_says_how_long_it_is_quiet(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到，马上看", chat="shifuban")
    said = await pauses(desk, timedelta(minutes=95))
    (reminder,) = [m for m in said if m.chat == "dm-wen" and not m.shown["updated"]]
    assert "1 小时 35 分" in reminder.text
    later = await desk.later(minutes=30)
    (lead,) = [m for m in later if m.chat == "dm-hemu"]
    assert "2 小时 5 分" in lead.text


@pytest.mark.parametrize(("days", "age"), [(1, "25 小时"), (8, "8 天")])
async def test_8_10_what_was_called_done_before_a_pause_ends_with_its_true_age(desk: Desk, days: int, age: str) -> None:
    await desk.says("chu", "收不到短信", chat="weijian")
    await desk.says("tang", "收到", chat="weijian")
    await desk.says("tang", "好了", chat="weijian")
    said = await pauses(desk, timedelta(days=days, hours=1 if days == 1 else 0))
    (ended,) = [m for m in said if "没有回复，按 唐叙 说的已恢复结束" in m.text]
    assert f"{age}没有回复" in ended.text
    (card,) = [m for m in said if m.chat == "weijian" and "已恢复（唐叙" in m.text]
    assert f"10-{14 + days} 1" in card.text, "closed on another day than it was reported"
    assert not [m for m in said if "请追一下" in m.text], "nobody is chased for what is called done"


async def test_8_10_a_vendor_is_chased_again_when_it_was_not_over(desk: Desk) -> None:
    await desk.says("chu", "收不到短信", chat="weijian")
    await desk.says("tang", "收到", chat="weijian")
    await desk.says("tang", "好了", chat="weijian")
    assert not [m for m in await desk.later(minutes=40) if "请追一下" in m.text]
    await desk.says("chu", "还是收不到", chat="weijian")
    assert [m.chat for m in await desk.later(minutes=30) if "请追一下" in m.text] == ["dm-tang"]
