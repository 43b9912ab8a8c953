"""Nobody answers: 5, 8, 10, 15 minutes and on; and everything that stops it."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.local import incoming
from bot.adapters.local import store as record
from bot.core.events import Message
from data.load.site import load_site
from data.model import Audience, Policy, Rung
from tests.support.desk import Desk, Said, open_desk
from tests.support.paths import EXAMPLE

LADDER = ("dm-wen", "dm-hemu", "dm-shen", "dm-qin")


def rungs(said: list[Said]) -> list[tuple[str, str]]:
    """(chat, first line) of what the ladder said, without the cards that are rewritten in place."""
    return [
        (m.chat, m.text.splitlines()[0])
        for m in said
        if m.chat in LADDER and not m.shown["updated"] and "已响应" not in m.text
    ]


async def arrives(desk: Desk, user: str, text: str, chat: str, sent_ago: timedelta) -> list[Said]:
    """A message that the platform delivers late."""
    message = incoming.message(desk.site, desk.clock, chat, {"user": user, "text": text})
    envelope = dataclasses.replace(message.envelope, sent_at=message.envelope.received_at - sent_ago)
    late: Message = dataclasses.replace(message, envelope=envelope)
    before = await desk.app.store.read(record.last_cursor)
    await desk.app.inbox.accept(late, lambda tx: record.put_spoken(tx, late, envelope.received_at))
    await desk.settle()
    return await desk.bot_since(before)


async def test_each_rung_at_its_minute_and_no_earlier(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    assert rungs(await desk.later(minutes=4, seconds=59)) == []
    assert rungs(await desk.later(seconds=1)) == [("dm-wen", "还剩 5 分：GD-20261014-001（市府办交流群 · 协同办公）")]
    assert rungs(await desk.later(minutes=3)) == [("dm-wen", "还剩 2 分：GD-20261014-001（市府办交流群 · 协同办公）")]
    assert rungs(await desk.later(minutes=1, seconds=59)) == []
    at_ten = await desk.later(seconds=1)
    assert rungs(at_ten) == [("dm-hemu", "超时未响应：GD-20261014-001（市府办交流群 · 协同办公，10 分）")]
    lead = next(m for m in at_ten if m.chat == "dm-hemu")
    assert "已提醒 温若川 3 次，未回复。" in lead.text
    assert lead.actions == ["claim:GD-20261014-001", "route:GD-20261014-001"]
    group = [m for m in at_ten if m.chat == "shifuban"]
    assert any(m.text == "GD-20261014-001（协同办公）已过 10 分未响应，已上报 何牧 13800000011。" for m in group)
    assert any(m.shown["card"] and m.shown["card"]["tone"] == "breach" for m in group)
    at_fifteen = rungs(await desk.later(minutes=5))
    assert at_fifteen == [("dm-shen", "超时未响应：GD-20261014-001（市府办交流群 · 协同办公，15 分）")]


async def test_the_last_rung_repeats_and_then_the_operators_hear(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=15)
    repeats = rungs(await desk.later(minutes=60))
    assert [chat for chat, _ in repeats] == ["dm-shen"] * 12
    assert [chat for chat, _ in rungs(await desk.later(minutes=5))] == ["dm-qin"]
    assert rungs(await desk.later(minutes=60)) == []
    assert ("GD-20261014-001", "unanswered") in [(r.entry.target, r.entry.outcome) for r in await desk.audit()]


async def test_other_groups_that_wait_stand_on_a_line_of_their_own(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("sun", "OA打不开了", chat="minzheng")
    (rung, *_) = [m for m in await desk.later(minutes=10) if m.chat == "dm-hemu"]
    assert "同样未响应：民政局交流群" in rung.text.splitlines()


async def test_words_of_the_engineer_stop_it(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=2)
    said = await desk.says("zhou", "收到，马上看", chat="shifuban")
    card = next(m for m in said if m.chat == "shifuban")
    assert "周予安 10:02 已响应（用时 2 分）" in card.text
    assert card.shown["card"]["tone"] == "quiet"
    assert rungs(await desk.later(minutes=28)) == []


async def test_nobody_elses_words_stop_it(desk: Desk) -> None:
    await desk.says("lixiao", "盖章盖不了", chat="shifuban")
    for user, line in (
        ("lixiao", "收到"),
        ("zhao", "好的，马上看"),
        ("duan", "收到，我们马上处理"),
        ("wen", "各位领导，今天的值班工程师是温若川"),
        ("wen", "中午吃什么"),
    ):
        await desk.says(user, line, chat="shifuban")
    await desk.says("wen", "收到，马上看", chat="minzheng")
    assert [chat for chat, _ in rungs(await desk.later(minutes=10))] == ["dm-wen", "dm-wen", "dm-hemu"]


async def test_an_answer_in_time_that_arrives_late_takes_the_breach_back(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=30)
    said = await arrives(desk, "wen", "收到，马上看", "shifuban", timedelta(minutes=20, seconds=1))
    told = {m.chat for m in said if "超时记录已撤销" in m.text}
    assert told == {"dm-hemu", "dm-shen", "shifuban"}
    card = next(m for m in said if m.shown["updated"] and m.chat == "shifuban")
    assert "温若川 10:09 已响应（用时 10 分）" in card.text
    assert "taken_back" in [line.entry.outcome for line in await desk.audit()]


async def test_an_answer_past_the_limit_leaves_the_breach(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=12)
    said = await desk.says("wen", "收到", chat="shifuban")
    assert any("用时 12 分，超过时限" in m.text for m in said if m.chat == "shifuban")
    (rung, lead) = sorted((m for m in said if m.chat == "dm-hemu"), key=lambda m: not m.shown["updated"])
    assert "温若川 10:12 已响应" in lead.text
    assert not lead.shown["updated"], "he was paged, so he is told"
    assert (rung.actions, rung.shown["card"]["tone"]) == ([], "quiet"), "what called for him calls no more"
    assert "温若川 10:12 已响应" in rung.text
    assert "taken_back" not in [line.entry.outcome for line in await desk.audit()]


async def test_words_sent_before_the_report_answer_nothing(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=1)
    await arrives(desk, "wen", "收到，马上看", "shifuban", timedelta(minutes=2))
    assert [chat for chat, _ in rungs(await desk.later(minutes=4))] == ["dm-wen"]


async def test_a_report_delivered_two_hours_late_escalates_at_once_and_says_so(desk: Desk) -> None:
    said = await arrives(desk, "lixiao", "OA打不开了", "shifuban", timedelta(hours=2))
    assert any("消息延迟 2 小时送达" in m.text for m in said if m.chat == "shifuban")
    chats = [chat for chat, _ in rungs(said)]
    assert chats.index("dm-hemu") < chats.index("dm-shen")
    assert all("这条提醒晚了" in m.text for m in said if m.chat == "dm-hemu")


async def test_after_downtime_everybody_is_told_once_and_in_order(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    desk.clock.move_to(desk.clock.now() + timedelta(minutes=16))
    before = await desk.app.store.read(record.last_cursor)
    await desk.settle()
    said = await desk.bot_since(before)
    assert sorted(chat for chat, _ in rungs(said)) == ["dm-hemu", "dm-shen", "dm-wen"]
    assert "这条提醒晚了 6 分" in next(m for m in said if m.chat == "dm-hemu").text
    assert rungs(await desk.later(minutes=3, seconds=59)) == []


async def test_an_escalation_that_became_moot_is_not_sent(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    desk.clock.move_to(desk.clock.now() + timedelta(minutes=10))
    for _ in range(3):
        await desk.app.waker.step()
    said = await desk.says("wen", "收到", chat="shifuban", settle=False)
    await desk.app.dispatcher.step()
    await desk.settle()
    said = await desk.bot("dm-hemu")
    assert said == []


async def test_a_rung_with_nobody_on_it_is_skipped_at_once(tmp_path: Path, empty_db: Path) -> None:
    site = load_site(EXAMPLE, tmp_path, "Asia/Shanghai")
    policy: Policy = site.sla[-1]
    ladder = (
        Rung(timedelta(minutes=5), (Audience.ENGINEER,)),
        Rung(timedelta(minutes=10), (Audience.LEAD,), breach=True),
        Rung(timedelta(minutes=15), (Audience.DIRECTOR,)),
    )
    posts = {**site.posts, "shifu": dataclasses.replace(site.posts["shifu"], lead=None)}
    site = dataclasses.replace(site, sla=(dataclasses.replace(policy, rungs=ladder),), posts=posts)
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        await desk.says("lixiao", "OA打不开了", chat="shifuban")
        await desk.later(minutes=9, seconds=59)
        assert await desk.bot("dm-shen") == []
        assert rungs(await desk.later(seconds=1)) == [
            ("dm-shen", "超时未响应：GD-20261014-001（市府办交流群 · 协同办公，10 分）")
        ]
        assert rungs(await desk.later(minutes=9)) == []
        assert len(rungs(await desk.later(minutes=1))) == 1


async def test_claimed_and_forgotten_reminds_the_engineer_then_the_lead(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("zhou", "收到，马上看", chat="shifuban")
    await desk.later(minutes=20)
    await desk.says("zhou", "还在排查，稍等", chat="shifuban")
    assert await desk.later(minutes=29) == []
    (reminder,) = await desk.later(minutes=1)
    assert (reminder.chat, "30 分没有新消息" in reminder.text) == ("dm-zhou", True)
    (lead,) = [m for m in await desk.later(minutes=30) if m.chat != "dm-hq"]
    assert (lead.chat, "周予安 13800000012" in lead.text) == ("dm-hemu", True)


async def test_8_6_an_escalation_that_is_over_still_says_what_it_was_about(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=12)
    said = [m for m in await desk.says("wen", "收到", chat="shifuban") if m.chat == "dm-hemu"]
    (rung,) = [m for m in said if m.shown["updated"]]
    (news,) = [m for m in said if not m.shown["updated"]]
    assert rung.text != news.text, "the same line twice, one below the other"
    assert "温若川 10:12 已响应" in rung.text
    assert "李晓：“OA打不开了”" in rung.text


DAY = "GD-20261014"


async def lead_paged(desk: Desk, *reports: tuple[str, str]) -> Said:
    """The one page that the lead gets of the same trouble of several groups."""
    for user, chat in reports:
        await desk.says(user, "VPN连不上", chat=chat)
    (page,) = [m for m in await desk.later(minutes=10) if m.chat == "dm-hemu" and "未响应" in m.text]
    assert all(f"{DAY}-00{n}" in page.text for n in range(1, len(reports) + 1))
    return page


async def as_it_stands(desk: Desk, page: Said) -> Said:
    return next(m for m in await desk.bot("dm-hemu") if m.id == page.id)


@pytest.mark.parametrize(("here", "answered", "rest"), [("shifuban", "001", "002"), ("minzheng", "002", "001")])
async def test_8_6_a_page_of_two_goes_on_with_the_one_that_waits(
    desk: Desk, here: str, answered: str, rest: str
) -> None:
    page = await lead_paged(desk, ("lixiao", "shifuban"), ("sun", "minzheng"))
    await desk.says("wen", "VPN我在看，稍等", chat=here)
    now = await as_it_stands(desk, page)
    first, second, *others = now.text.splitlines()
    assert first.startswith("还没有响应")
    assert second.startswith(f"{DAY}-{rest} · ")
    assert "电话：温若川 13800000013" in others
    assert [line for line in others if line.startswith(f"{DAY}-{answered}（") and "温若川 10:10 已响应" in line]
    assert now.actions == [f"claim:{DAY}-{rest}", f"route:{DAY}-{rest}"]
    await desk.taps("hemu", now, now.actions[0])
    over = await as_it_stands(desk, page)
    assert over.actions == []
    assert "还没有响应" not in over.text
    assert [line for line in over.text.splitlines() if line.startswith(f"{DAY}-{rest}（") and "何牧" in line]
    assert over.shown["card"]["tone"] == "quiet"


async def test_8_6_a_page_of_three_keeps_one_button_for_the_two_that_wait(desk: Desk) -> None:
    page = await lead_paged(desk, ("lixiao", "shifuban"), ("sun", "minzheng"), ("wu", "guozi"))
    await desk.says("lixiao", "不好意思，不用处理了", chat="shifuban")
    now = await as_it_stands(desk, page)
    assert f"{DAY}-001（市府办交流群）报障人已撤回。" in now.text.splitlines()
    assert now.actions == [f"claim:{DAY}-002,003", f"route:{DAY}-002"]
    await desk.taps("hemu", now, now.actions[0])
    over = await as_it_stands(desk, page)
    assert over.actions == []
    assert over.text.count("何牧 10:10 已响应") == 2
    waiting = await desk.says("hemu", "/mine", chat="dm-hemu")
    assert f"{DAY}-003" in waiting[-1].text
