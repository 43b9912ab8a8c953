"""Fresh lines of each kind of issue 8's hearing; the oracle is what stands in the local chats afterwards."""

import pytest

from bot.core.events import Envelope, Message
from bot.core.people import Account
from tests.support.desk import Desk, Said


async def hears(desk: Desk, text: str, *, user: str = "lixiao", chat: str = "shifuban") -> list[Said]:
    """What the bot says to a message that an adapter took for one to it."""
    before = {said.id for place in (chat, "dm-wen") for said in await desk.bot(place)}
    now = desk.clock.now()
    envelope = Envelope(f"m{len(before)}", Account("local", user), user, chat, now, now)
    await desk.app.inbox.accept(Message(envelope, text, to_bot=True))
    await desk.settle()
    return [said for place in (chat, "dm-wen") for said in await desk.bot(place) if said.id not in before]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("今天哪位老师值班", "10-14 周三"),
        ("哪位工程师在值班", "10:00 值班"),
        ("前天谁值班", "10-12 周一"),
        ("大前天谁值班", "10-11 周日"),
        ("上周五谁值班", "10-09 周五"),
        ("下周末谁值班", "10-24 周六"),
        ("下周三谁值班", "10-21 周三"),
        ("三十一号谁值班", "10-31 周六"),
    ],
)
async def test_8_16_who_is_on_duty_is_answered_for_the_day_that_was_asked(desk: Desk, line: str, day: str) -> None:
    (answer,) = await desk.says("lixiao", line, chat="shifuban")
    assert answer.text.startswith(day)


@pytest.mark.parametrize(
    "line",
    [
        "国庆谁值班",
        "元旦值班电话多少",
        "下周谁值班",
        "这周谁值班",
        "下个月谁值班",
        "下下周三谁值班",
        "11月谁值班",
    ],
)
async def test_8_16_of_a_day_that_cannot_be_read_nobody_elses_shift_is_told(desk: Desk, line: str) -> None:
    (answer,) = await desk.says("lixiao", line, chat="shifuban")
    assert "不是日期" in answer.text
    assert "138" not in answer.text


async def test_8_16_the_command_reads_the_same_days(desk: Desk) -> None:
    (answer,) = await desk.says("lixiao", "/值班 前天", chat="shifuban")
    assert answer.text.startswith("10-12 周一")


@pytest.mark.parametrize(
    "line",
    [
        "@bot `/ping x`",
        "@bot “/ping x”",
        "@bot ```ping x```",
        "@值班 '／ping x'",
        "```\n/ping x\n```",
        '"/ping x"',
        "`/PING x`",
    ],
)
@pytest.mark.parametrize("user", ["lixiao", "zhou"])
async def test_8_12_a_command_in_quotes_or_code_is_told_how_to_type_it_and_opens_no_ticket(
    desk: Desk, user: str, line: str
) -> None:
    (answer,) = await hears(desk, line, user=user)
    assert answer.text.endswith("请直接发：/ping x")


@pytest.mark.parametrize("line", ["`/restart oa3`", "@bot “重启 oa3”", "@bot `/confirm R1`"])
async def test_8_12_a_command_in_quotes_is_not_carried_out(desk: Desk, line: str) -> None:
    (answer,) = await hears(desk, line, user="zhou", chat="duty-room")
    assert "请直接发：/" in answer.text
    assert await desk.app.store.read(lambda s: list(s.connection().exec_driver_sql("SELECT id FROM run"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "`/fault OA 打不开`",
        "“OA 打不开”",
        "```\nOA 打不开，ORA-01017\n```",
        "“重启”之后还是打不开“OA”",
        "@bot “重启 之后还是打不开”",
    ],
)
async def test_8_12_a_report_in_quotes_or_code_is_one(desk: Desk, line: str) -> None:
    said = await hears(desk, line)
    assert any("已收到" in message.text for message in said)


@pytest.mark.parametrize("line", ["“/nope”", "`/data/app`", "“好的”", "`ping x`"])
async def test_8_12_other_words_in_quotes_are_talk(desk: Desk, line: str) -> None:
    assert await desk.says("zhou", line, chat="shifuban") == []


@pytest.mark.parametrize(
    "line",
    [
        "大家好，请问今天谁值班？",
        "谁值班 @温若川",
        "早上好，值班电话多少",
        "各位好 谁值班",
        "晚上好！今天值班的是哪位 @温若川 @周予安",
    ],
)
async def test_8_16_a_salutation_and_who_is_called_are_no_part_of_the_question(desk: Desk, line: str) -> None:
    (answer,) = await desk.says("lixiao", line, chat="shifuban")
    assert "温若川 13800000013" in answer.text
    assert "GD-" not in answer.text


@pytest.mark.parametrize(
    "line", ["who is on call next week?", "who's on call during Christmas", "who was on call last friday"]
)
async def test_8_16_an_english_day_that_cannot_be_read_is_asked_back(desk: Desk, line: str) -> None:
    (answer,) = await desk.says("lixiao", line, chat="shifuban")
    assert "不是日期" in answer.text


@pytest.mark.parametrize("line", ["/？", "/?", "@bot --help", "@bot -h", "@bot 用法", "/--help"])
async def test_8_16_who_asks_for_help_gets_it_however_he_writes_it(desk: Desk, line: str) -> None:
    (answer,) = await desk.says("lixiao", line, chat="shifuban")
    assert "/oncall" in answer.text
    assert "GD-2026" not in answer.text


@pytest.mark.parametrize("thing", ["[位置] 市府大楼", "[群名片]", "[个人名片] 李晓", "[位置] 1号楼 (三层)"])
async def test_8_13_the_name_of_a_place_or_card_reports_nothing(desk: Desk, thing: str) -> None:
    (answer,) = await hears(desk, f"@bot {thing}")
    assert "请用一句话说说哪里不正常" in answer.text


@pytest.mark.parametrize("title", ["群聊的聊天记录", "王敏和李晓的聊天记录"])
async def test_8_13_of_a_record_that_cannot_be_read_words_are_asked_for(desk: Desk, title: str) -> None:
    receipt, page = await hears(desk, f"@bot [聊天记录] {title}")
    assert "请再用一句话说说哪里不正常" in receipt.text
    assert title in page.text


@pytest.mark.parametrize("line", ["[位置] 市府大楼的 OA 打不开", "@bot [位置] 市府大楼\nOA 打不开"])
async def test_8_13_a_report_behind_a_place_is_one(desk: Desk, line: str) -> None:
    said = await hears(desk, line)
    assert any("补充情况" in message.text for message in said)


BROKEN = "OA 打不开，一直转圈"


@pytest.mark.parametrize(
    "line",
    [
        "> 处理好了\n没好",
        "> 好了，谢谢\n> 多谢\n我这边还没好",
        "＞已处理好，您那边恢复了吗？\n没有",
        "@bot > 好了\n还不行",
    ],
)
async def test_8_what_a_reporter_quotes_by_hand_ends_nothing(desk: Desk, line: str) -> None:
    await desk.says("lixiao", BROKEN, chat="shifuban")
    said = await desk.says("lixiao", line, chat="shifuban")
    assert not any("已恢复" in message.text for message in said)


@pytest.mark.parametrize("line", ["> 收到，马上看\n中午食堂吃什么", "> 处理好了\n> 收到\n周五的材料谁来交"])
async def test_8_what_an_engineer_quotes_by_hand_answers_nothing(desk: Desk, line: str) -> None:
    await desk.says("lixiao", BROKEN, chat="shifuban")
    await desk.says("wen", line, chat="shifuban")
    assert "已响应" not in "".join(message.text for message in await desk.bot("shifuban"))


async def test_8_what_he_says_below_it_does(desk: Desk) -> None:
    await desk.says("lixiao", BROKEN, chat="shifuban")
    await desk.says("wen", f"> {BROKEN}\n收到，马上看", chat="shifuban")
    assert "已响应" in (await desk.bot("shifuban"))[0].text


@pytest.mark.parametrize(
    "line", [f"> {BROKEN}\n帮忙看下", f"> {BROKEN}\n", f"> 前面有人说过\n{BROKEN}", ">_< OA 打不开\n急", f"> {BROKEN}"]
)
async def test_8_12_a_report_that_is_passed_on_by_quoting_it_is_heard_with_all_its_words(desk: Desk, line: str) -> None:
    said = await desk.says("lixiao", line, chat="shifuban")
    assert any("已收到" in message.text for message in said)
    assert any(line.split("\n")[0] in message.text for message in said if message.chat == "dm-wen")
