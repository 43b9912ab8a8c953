"""Who is on duty is answered from the roster, not made a ticket; expectations are read off the committed roster by eye.

The clock stands at 10:00 of Wednesday 2026-10-14: 温若川 is on site for 市府, his phone ends in 013.
"""

import pytest

from bot.core.events import Envelope, Message
from bot.core.people import Account
from tests.support.desk import Desk

NOW = [
    "谁值班",
    "谁值班？",
    "谁在值班啊",
    "现在谁值班",
    "请问现在是谁在值班呢？",
    "值班电话多少",
    "值班电话是多少？",
    "值班电话",
    "值班人员电话多少",
    "值班工程师的联系方式",
    "值班的是谁",
    "值班人员是谁",
    "你好，请问谁值班？",
    "麻烦问一下值班电话",
    "有人值班吗",
    "怎么联系值班人员",
    "谁的班",
    "市府谁值班",
    "谁是今天的值班",
    "谁在岗",
    "值班电话发我一下",
    "值班座机多少",
    "找值班的打哪个电话",
    "值班表发一下",
    "值班人员名单",
    "晚上找谁",
    "紧急联系人是谁",
    "值班电话没人接",
    "@值班 电话多少",
    "@值班 今天谁",
    "Can I get the on-call phone number?",
    "who do I call",
    "who's the duty engineer",
    "who is on duty",
    "Who's on duty now?",
    "who is on call?",
    "duty phone number",
    "what is the on-call number?",
]


@pytest.mark.parametrize("line", NOW)
async def test_8_16_who_is_on_duty_is_answered_from_the_roster(desk: Desk, line: str) -> None:
    (answer,) = await desk.says("lixiao", line, chat="shifuban")
    assert "温若川 13800000013" in answer.text
    assert "GD-" not in (await desk.says("lixiao", "/status", chat="shifuban"))[0].text


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("今天谁值班", "10-14"),
        ("谁今天值班", "10-14"),
        ("今晚谁值班？", "10-14"),
        ("明天谁值班", "10-15"),
        ("明天值班的是谁", "10-15"),
        ("后天是谁值班呀", "10-16"),
        ("昨天谁值班", "10-13"),
        ("周六谁值班", "10-17"),
        ("下周一谁值班", "10-19"),
        ("这周末谁值班", "10-17"),
        ("10月20日谁值班", "10-20"),
        ("20号谁值班", "10-20"),
        ("明天值班电话多少", "10-15"),
        ("who is on duty tomorrow?", "10-15"),
    ],
)
async def test_8_16_another_day_is_answered_for_that_day(desk: Desk, line: str, day: str) -> None:
    (answer,) = await desk.says("lixiao", line, chat="shifuban")
    assert answer.text.startswith(day)
    assert "1380000" in answer.text


@pytest.mark.parametrize(
    "line", ["@值班 谁值班", "@值班 值班电话多少", "谁值班 @值班", "/谁值班", "/值班 电话", "@值班 值班 电话", "/值班"]
)
async def test_8_16_it_may_be_asked_of_the_bot_too(desk: Desk, line: str) -> None:
    for user in ("lixiao", "wen", "duan", "jiang"):
        (answer,) = await desk.says(user, line, chat="shifuban")
        assert "温若川 13800000013" in answer.text


@pytest.mark.parametrize(
    "line", ["值班系统打不开", "值班电话打不通了，OA也登录不上", "今天谁值班，OA打不开了", "值班表导出报错"]
)
async def test_8_16_a_fault_about_duty_is_a_fault(desk: Desk, line: str) -> None:
    said = await desk.says("lixiao", line, chat="shifuban")
    assert "已收到" in said[0].text


@pytest.mark.parametrize(
    "line",
    [
        "谁值班谁负责",
        "不管谁值班都一样",
        "我今天值班",
        "值班辛苦了",
        "值班表怎么导出",
        "谁动了值班表",
        "请各单位报值班电话",
        "各单位统计值班电话",
        "@值班 你是谁",
    ],
)
async def test_8_16_what_asks_for_something_else_is_not_answered_so(desk: Desk, line: str) -> None:
    said = await desk.says("lixiao", line, chat="shifuban")
    assert not any("紧急联系人" in message.text for message in said)


async def test_8_16_a_stranger_is_told_in_the_group_what_concerns_the_group_and_elsewhere_nothing(desk: Desk) -> None:
    now = desk.clock.now()
    for chat in ("shifuban", "dingtalk:dm:staff-unknown"):
        account = Account("dingtalk", "staff-unknown")
        await desk.app.inbox.accept(Message(Envelope(f"m-{chat}", account, None, chat, now, now), "谁值班"))
        await desk.settle()
    (answer,) = await desk.bot("shifuban")
    assert "温若川 13800000013" in answer.text
    assert "政数局" not in answer.text


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("明天谁值班，电话多少", "10-15"),
        ("明天谁值班电话多少", "10-15"),
        ("明天谁值班、怎么联系", "10-15"),
        ("请问后天是谁值班，联系方式是什么？", "10-16"),
        ("谁值班和电话", ""),
        ("值班电话是什么", ""),
        ("谁值班，怎么联系他", ""),
        ("谁在值班？电话是多少？", ""),
        ("who is on duty tomorrow and what's the number?", "10-15"),
        ("who is on call, phone number?", ""),
    ],
)
async def test_8_16_who_is_on_duty_and_how_to_reach_him_is_one_question(desk: Desk, line: str, day: str) -> None:
    (answer,) = await desk.says("lixiao", line, chat="shifuban")
    assert (day or "温若川 13800000013") in answer.text
    assert "GD-" not in answer.text


@pytest.mark.parametrize(
    "line", ["谁值班，电话打不通", "谁值班，电话没人接", "谁值班谁负责", "值班系统电话多少都改不了"]
)
async def test_8_16_what_says_more_than_that_is_no_question_for_the_roster(desk: Desk, line: str) -> None:
    said = await desk.says("lixiao", line, chat="shifuban")
    assert not any("温若川 13800000013 驻场" in message.text for message in said)
