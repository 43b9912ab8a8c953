"""What staff say to the bot alone about a fault that waits: only a plain "I take it" stops its clock (decisions: Hearing)."""

import pytest

from tests.support.desk import Desk

ONE, TWO = "GD-20261014-001", "GD-20261014-002"


async def urgent(desk: Desk) -> None:
    await desk.says("lixiao", "全市OA都打不开了，紧急", chat="shifuban")


async def waits(desk: Desk, number: str = ONE) -> bool:
    (listed,) = await desk.says("shen", "/status", chat="duty-room")
    line = next(line for line in listed.text.splitlines() if line.startswith(number))
    return "还剩" in line or "超时" in line


@pytest.mark.parametrize(
    "line",
    [
        *(
            "打温若川电话没人接",
            "温若川在处理吗？",
            "让唐叙处理一下",
            f"让周予安处理 {ONE}",
            "OA是不是又挂了",
            "请乔望看一下",
        ),
        *("我让唐叙看一下", "我在开车，看不了，找别人", "谁在处理OA", "处理得怎么样了", "OA 这个月第三次了"),
        *(f"{ONE}", f"{ONE} 是什么情况", f"{ONE} 影响多少人", f"看到 {ONE} 了", f"{ONE} what is this about"),
        *(
            "我来问一下值班经理",
            "我去看看日程",
            "我去开会了",
            "周予安在处理",
            "我在机房外面",
            "先吃饭",
            "查一下周予安的电话",
        ),
        *("I will be late", "Zhou is looking", "I have a meeting", "the OA again"),
        *("is anybody looking at the OA?", "let Zhou look at it", "I cannot look at it now, ask Zhou"),
    ],
)
async def test_8_6_what_a_lead_says_to_the_bot_alone_is_no_answer(desk: Desk, line: str) -> None:
    await urgent(desk)
    await desk.says("hemu", line, chat="dm-hemu")
    assert await waits(desk)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "收到",
            "好的，我来看",
            "我来处理",
            "马上看",
            "在处理了",
            "正在查",
            "收到，我马上去机房",
            "知道了",
            "OA 我在排查",
            "我来看看OA",
            "我在处理这个问题",
            "OA一直在转圈，我来处理",
            f"{ONE} 收到",
            f"我来处理 {ONE}",
            "我正在看数据库",
            "好",
            "处理中",
            "好的马上处理",
            "收到我来看",
            "在路上了",
            "收到，OA 今天第三次了",
        ),
        *(
            "on it",
            "Got it, looking now",
            "I'll take it",
            f"{ONE} on it",
            "I am looking into the OA now",
            "ok, checking the logs",
        ),
    ],
)
async def test_8_6_a_plain_word_that_he_takes_it_is_one(desk: Desk, line: str) -> None:
    await urgent(desk)
    await desk.says("hemu", line, chat="dm-hemu")
    assert not await waits(desk)


@pytest.mark.parametrize("line", [f"让周予安处理 {ONE}", "请周予安看一下", "转给周予安"])
async def test_8_16_who_names_a_colleague_in_words_is_told_how_to_hand_it_over(desk: Desk, line: str) -> None:
    await urgent(desk)
    (answer,) = await desk.says("hemu", line, chat="dm-hemu")
    assert f"/assign {ONE} 周予安" in answer.text


async def test_8_6_the_ticket_that_a_line_names_is_the_one_it_is_about(desk: Desk) -> None:
    await urgent(desk)
    await desk.says("sun", "民政局全局OA都进不去，紧急", chat="minzheng")
    await desk.says("wen", f"收到 {TWO}", chat="dm-wen")
    assert await waits(desk, ONE)
    assert not await waits(desk, TWO)


async def test_8_6_who_answered_is_not_the_one_who_says_that_it_works(desk: Desk) -> None:
    await desk.says("sun", "WPS打不开", chat="minzheng")
    said = await desk.later(minutes=10)
    rung = next(message for message in said if message.chat == "dm-hemu")
    await desk.says("zhou", "收到", chat="minzheng")
    await desk.says("zhou", "已恢复", chat="minzheng")
    await desk.later(minutes=3)
    await desk.says("sun", "好了", chat="minzheng")
    after = next(message for message in await desk.bot("dm-hemu") if message.id == rung.id)
    assert "周予安 10:10 已响应" in after.text
    assert "10:13 已恢复" in after.text
    for chat in ("dm-hemu", "dm-wen"):
        assert not any("孙禾 10:1" in message.text for message in await desk.bot(chat))
