"""An end said to the bot alone, a no of somebody else, who is called though it is over: what fresh lines found."""

from pathlib import Path

import pytest

from tests.stories.test_fault_truth import Platform
from tests.support.desk import Desk, Said, make_settings, open_desk

ONE, TWO = "GD-20261014-001", "GD-20261014-002"


def new_in(said: list[Said], chat: str) -> list[str]:
    return [m.text for m in said if m.chat == chat and not m.shown["updated"]]


def asked(said: list[Said], number: str = ONE) -> list[Said]:
    """The new questions with "是，结束"."""
    return [m for m in said if not m.shown["updated"] and f"resolved:{number}" in m.actions]


async def status(desk: Desk) -> str:
    return (await desk.says("hemu", "/status", chat="duty-room"))[0].text


async def test_8_7_an_engineers_end_in_his_own_chat_is_asked_about_where_it_was_reported(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "在处理了", chat="dm-wen")
    said = await desk.says("wen", "已恢复，重启了服务", chat="dm-wen")
    (question,) = asked(said)
    assert question.chat == "shifuban"
    assert "温若川 说已处理好" in question.text
    (told,) = new_in(said, "dm-wen")
    assert "已在 市府办交流群 问" in told
    assert ONE in told
    await desk.says("lixiao", "好了", chat="shifuban")
    assert "没有未结的工单" in await status(desk)


async def test_8_7_an_engineer_ends_by_word_what_was_reported_to_the_bot_alone(desk: Desk) -> None:
    await desk.says("lixiao", "VPN连不上，急", chat="dm-lixiao")
    await desk.says("wen", "收到，马上看", chat="dm-wen")
    said = await desk.says("wen", "好了", chat="dm-wen")
    (question,) = asked(said)
    assert question.chat == "dm-lixiao"
    assert "已问 李晓" in new_in(said, "dm-wen")[0]
    await desk.says("lixiao", "可以了，谢谢", chat="dm-lixiao")
    assert "没有未结的工单" in await status(desk)


async def test_8_7_of_several_that_an_engineer_has_he_is_asked_which_is_over(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("sun", "VPN连不上", chat="minzheng")
    await desk.says("wen", f"/claim {ONE} {TWO}", chat="dm-wen")
    (answer,) = new_in(await desk.says("wen", "已恢复", chat="dm-wen"), "dm-wen")
    assert "/resolve GD-20261122-003" in answer
    page = next(m for m in await desk.bot("dm-wen") if m.text.startswith(TWO))
    said = await desk.says("wen", "修好了", chat="dm-wen", reply_to=page.id)
    assert [m.chat for m in asked(said, TWO)] == ["minzheng"]
    assert asked(said) == []


@pytest.mark.parametrize("line", ["快好了", "中午吃什么", "重启一下应该就行"])
async def test_8_7_other_words_in_his_own_chat_ask_nobody(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="dm-wen")
    assert asked(await desk.says("wen", line, chat="dm-wen")) == []


async def test_8_7_headquarters_is_not_called_for_what_is_called_done_and_is_when_it_is_not_over(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.later(minutes=45)
    await desk.says("wen", "已恢复", chat="shifuban")
    assert new_in(await desk.later(minutes=30), "dm-hq") == []
    await desk.says("lixiao", "还是不行", chat="shifuban")
    (called,) = new_in(await desk.later(minutes=10), "dm-hq")
    assert ONE in called


async def test_8_7_headquarters_hears_nothing_of_what_closed_by_itself(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.later(minutes=45)
    await desk.says("wen", "已恢复", chat="shifuban")
    assert new_in(await desk.later(hours=4), "dm-hq") == []


@pytest.mark.parametrize("line", ["还没好啊", "没恢复啊", "还是不行", "又断了"])
async def test_8_7_a_no_of_somebody_else_of_the_group_keeps_open_what_is_called_done(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("wen", "已处理好，您再试试", chat="shifuban")
    said = await desk.says("zhao", line, chat="shifuban")
    assert any(f"赵一帆 说还没恢复：“{line}”" in text for text in new_in(said, "dm-wen"))
    assert not any("没有回复" in m.text for m in await desk.later(minutes=90))


@pytest.mark.parametrize("line", ["没有", "好的", "谢谢", "还没吃饭"])
async def test_8_7_other_words_of_somebody_else_are_no_no(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("wen", "已处理好，您再试试", chat="shifuban")
    assert await desk.says("zhao", line, chat="shifuban") == []


async def test_8_7_when_the_last_who_still_reports_it_says_that_it_works_nobody_is_escalated_to(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("zhao", "+1", chat="shifuban")
    await desk.says("lixiao", "看错了不用管", chat="shifuban")
    (question,) = asked(await desk.says("zhao", "我这好了", chat="shifuban"))
    assert "1 小时内没有回复，就按已恢复结束" in question.text
    said = await desk.later(minutes=61)
    assert not any("超时" in m.text for m in said)
    assert any("按 赵一帆 说的已恢复结束" in m.text for m in said)


async def test_8_7_while_another_still_reports_it_one_mans_fine_ends_nothing(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("zhao", "+1", chat="shifuban")
    await desk.says("lixiao", "好了", chat="shifuban")
    assert any("超时" in m.text for m in await desk.later(minutes=11))


@pytest.mark.parametrize("line", ["我这边没有", "我的还没有", "我们这没呢", "办公室也没好", "我这边不行", "我这台还没"])
async def test_8_7_who_says_that_his_own_side_does_not_work_yet_is_heard(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA登录不上", chat="shifuban")
    await desk.says("zhao", "我也登不上OA", chat="shifuban")
    await desk.says("wen", "已处理好", chat="shifuban")
    await desk.says("zhao", "我这好了", chat="shifuban")
    said = await desk.says("lixiao", line, chat="shifuban")
    assert any(f"李晓 说还没恢复：“{line}”" in text for text in new_in(said, "dm-wen"))
    assert f"{ONE} · 市府办交流群" in await status(desk)


@pytest.mark.parametrize("hours", [5, 23])
async def test_8_7_down_again_hours_later_is_about_what_he_reported_last(desk: Desk, hours: int) -> None:
    await desk.says("lixiao", "VPN连不上", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("wen", "好了", chat="shifuban")
    await desk.later(hours=hours)
    said = await desk.says("lixiao", "又连不上了", chat="shifuban")
    assert any("（VPN）" in text and "阮征" in text for text in new_in(said, "shifuban")), new_in(said, "shifuban")


async def test_8_7_down_again_of_somebody_else_or_without_again_is_guessed_as_before(desk: Desk) -> None:
    await desk.says("lixiao", "VPN连不上", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("wen", "好了", chat="shifuban")
    await desk.later(hours=23)
    assert any(
        "（协同办公）" in text for text in new_in(await desk.says("zhao", "又打不开了", chat="shifuban"), "shifuban")
    )


async def test_8_6_whom_no_message_reaches_is_not_said_to_be_getting_ones_words(tmp_path: Path, empty_db: Path) -> None:
    platform = Platform(name="local")
    platform.gone = frozenset({"dm-wen", "dm-hemu", "dm-shen"})
    async with open_desk(tmp_path / "state", empty_db) as desk:
        desk.app.sender._adapters = {"local": platform}  # the one seam of a sender under test
        await desk.says("lixiao", "OA打不开了", chat="shifuban")
        await desk.later(minutes=16)
        await desk.says("lixiao", "怎么没人回", chat="shifuban")
        (answer,) = [text for text in platform.texts("shifuban") if "还没有人响应" in text]
        assert "没能发给 温若川、何牧、沈砚" in answer
        assert "正在转给" not in answer


async def test_8_6_an_engineer_whom_no_page_reaches_is_made_up_for_by_his_lead(tmp_path: Path, empty_db: Path) -> None:
    platform = Platform(name="local")
    platform.gone = frozenset({"dm-wen"})
    async with open_desk(tmp_path / "state", empty_db) as desk:
        desk.app.sender._adapters = {"local": platform}
        await desk.says("lixiao", "OA打不开了", chat="shifuban")
        await desk.later(minutes=5)
        (told,) = platform.texts("dm-hemu")
        assert "没能发给 温若川" in told
        assert "电话：温若川 13800000013" in told
        await desk.later(minutes=5, seconds=5)
        assert len(platform.texts("dm-hemu")) == 2 + 1, "5, 8 and 10 minutes"


@pytest.mark.parametrize(
    "line", ["???", "？？", "在吗", "急！！", "麻烦看一下", "到底管不管", "都十几分钟了", "这么久了", "温工在吗"]
)
async def test_8_7_an_impatient_line_on_an_overdue_ticket_is_answered(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=12)
    said = await desk.says("lixiao", line, chat="shifuban")
    assert any("还没有人响应" in text for text in new_in(said, "shifuban"))
    assert any("李晓 在催" in text for text in new_in(said, "dm-wen"))


@pytest.mark.parametrize("line", ["合同续签找谁", "发票开具应该找谁", "加账号联系谁"])
async def test_8_16_whom_to_ask_about_a_matter_is_not_answered_with_the_roster(desk: Desk, line: str) -> None:
    said = await desk.says("lixiao", line, chat="shifuban")
    assert not any("10:00 值班" in m.text for m in said)


@pytest.mark.parametrize("line", ["有问题找谁", "该找谁", "市府这边有事找谁"])
async def test_8_16_whom_to_call_is_answered_with_the_roster(desk: Desk, line: str) -> None:
    assert any("10:00 值班" in text for text in new_in(await desk.says("lixiao", line, chat="shifuban"), "shifuban"))


@pytest.mark.parametrize(
    "line", ["a restart should do it", "a reboot should do the trick", "clearing the cache should fix it"]
)
async def test_8_15_what_should_do_it_has_not_been_done(tmp_path: Path, empty_db: Path, line: str) -> None:
    async with open_desk(tmp_path / "en", empty_db, settings=make_settings(tmp_path / "en", locale="en")) as office:
        await office.says("lixiao", "The portal won't load", chat="shifuban")
        await office.says("wen", "on it", chat="shifuban")
        assert asked(await office.says("wen", line, chat="shifuban")) == []
        assert len(asked(await office.says("wen", "that should do it", chat="shifuban"))) == 1


@pytest.mark.parametrize(
    "line", ["my bad, wrong password", "sorry, I had caps lock on", "my mistake, typed the wrong user name"]
)
async def test_8_15_an_own_mistake_that_names_its_cause_takes_back(tmp_path: Path, empty_db: Path, line: str) -> None:
    async with open_desk(tmp_path / "en", empty_db, settings=make_settings(tmp_path / "en", locale="en")) as office:
        await office.says("lixiao", "OA is down, cannot log in", chat="shifuban")
        said = await office.says("lixiao", line, chat="shifuban")
        assert new_in(said, "shifuban") == []
        assert await office.later(minutes=30) == []


@pytest.mark.parametrize("line", ["算了，我打电话吧", "算了，我直接找温工", "算了，我下午再弄"])
async def test_8_7_who_gives_up_waiting_takes_nothing_back(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("lixiao", line, chat="shifuban")
    assert "还剩" in await status(desk)


@pytest.mark.parametrize("line", ["乌龙，我网断了", "虚惊一场，我电脑死机了", "误报，我密码过期了"])
async def test_8_7_what_is_taken_back_with_its_own_cause_is_taken_back(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("lixiao", line, chat="shifuban")
    assert "没有未结的工单" in await status(desk)


@pytest.mark.parametrize("line", ["已经好了一半", "修好一部分了", "处理好大半了"])
async def test_8_7_half_of_an_end_is_none(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    assert asked(await desk.says("wen", line, chat="shifuban")) == []


async def test_8_6_the_words_that_raised_it_stand_on_the_page_once(desk: Desk) -> None:
    urgent = "我们整个单位都登不上OA了，领导在开会要用"
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=3)
    said = await desk.says("zhao", urgent, chat="shifuban")
    (page,) = new_in(said, "dm-wen")
    assert page.count(urgent) == 1
    assert "最早由 李晓 反映：“OA打不开了”" in page


async def test_8_6_nobody_is_said_to_have_confirmed_what_nobody_confirmed(desk: Desk) -> None:
    await desk.says("lixiao", "整个单位OA都打不开了", chat="shifuban")
    await desk.says("lixiao", "好了", chat="shifuban")
    said = await desk.later(minutes=61)
    (told,) = new_in(said, "dm-hemu")
    assert "确认" not in told
    assert "李晓 说已恢复，11:00 结束" in told


async def test_8_7_where_to_call_stands_on_a_line_of_its_own(tmp_path: Path, empty_db: Path) -> None:
    async with open_desk(tmp_path / "en", empty_db, settings=make_settings(tmp_path / "en", locale="en")) as office:
        await office.says("lixiao", "The portal won't load", chat="shifuban")
        await office.later(minutes=12)
        said = await office.says("lixiao", "any update?", chat="shifuban")
        assert "\nIf it is urgent, please call 温若川 13800000013" in "".join(new_in(said, "shifuban"))


@pytest.mark.parametrize(
    "line",
    ["又挂了，继续处理", "没恢复，重新弄", "还是不行，我再看看", "好像还有问题，我再看看", "down again, looking"],
)
async def test_8_7_an_engineer_who_finds_it_not_over_takes_his_question_back(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("wen", "已恢复，您再试试", chat="shifuban")
    await desk.later(minutes=5)
    await desk.says("wen", line, chat="shifuban")
    assert not [m for m in await desk.bot("shifuban") if f"resolved:{ONE}" in m.actions]
    said = await desk.later(minutes=90)
    assert not any("已恢复结束" in m.text for m in said)
    assert any("没有新消息" in text for text in new_in(said, "dm-wen")), "it is watched again"
    assert len(asked(await desk.says("wen", "这次真的恢复了", chat="shifuban"))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "还有问题随时找我",
        "如果还不行再找我",
        "您那边还有问题吗",
        "后面要是又断了就喊我",
        "if it goes down again, ping me",
    ],
)
async def test_8_7_an_engineers_offer_of_help_takes_no_question_back(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("wen", "已恢复，您再试试", chat="shifuban")
    await desk.says("wen", line, chat="shifuban")
    assert [m for m in await desk.bot("shifuban") if f"resolved:{ONE}" in m.actions]


async def test_8_7_a_vendor_who_finds_it_not_over_takes_his_question_back(desk: Desk) -> None:
    await desk.says("lixiao", "盖章盖不了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("duan", "修好了", chat="shifuban")
    await desk.says("duan", "又挂了，再查一下", chat="shifuban")
    assert not any("已恢复结束" in m.text for m in await desk.later(minutes=90))


async def test_8_7_who_asks_the_bot_alone_after_what_he_reported_in_a_group_is_answered_there(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=12)
    said = await desk.says("lixiao", "怎么还没人处理", chat="dm-lixiao")
    (answer,) = new_in(said, "dm-lixiao")
    assert "已超过时限 2 分，还没有人响应" in answer
    assert "急的话请直接打电话：温若川 13800000013" in answer
    assert new_in(said, "shifuban") == []
    assert any("李晓 在催" in text for text in new_in(said, "dm-wen"))


@pytest.mark.parametrize(("line", "told"), [("看错了，不用管", "已撤回"), ("好了", "已在 市府办交流群 问")])
async def test_8_7_what_he_says_to_the_bot_alone_of_his_report_in_a_group_is_heard(
    desk: Desk, line: str, told: str
) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    (answer,) = new_in(await desk.says("lixiao", line, chat="dm-lixiao"), "dm-lixiao")
    assert told in answer
    assert not any("超时" in m.text for m in await desk.later(minutes=30))


async def test_8_7_a_yes_to_the_bot_alone_ends_what_was_asked_in_the_group(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("wen", "已恢复", chat="shifuban")
    (answer,) = new_in(await desk.says("lixiao", "可以了", chat="dm-lixiao"), "dm-lixiao")
    assert "已办结" in answer
    await desk.says("sun", "VPN连不上", chat="minzheng")
    assert "没看出您遇到了什么问题" in new_in(await desk.says("lixiao", "怎么还没好", chat="dm-lixiao"), "dm-lixiao")[0]


async def test_8_7_a_no_to_the_bot_alone_is_passed_on_and_noted_there(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("wen", "已恢复", chat="shifuban")
    said = await desk.says("lixiao", "还是不行", chat="dm-lixiao")
    assert [text for text in new_in(said, "dm-lixiao") if f"{ONE} 继续处理" in text]
    assert any("李晓 说还没恢复" in text for text in new_in(said, "dm-wen"))


@pytest.mark.parametrize("line", ["都好了，谢谢", "两个都可以了", "both work now"])
async def test_8_7_a_yes_to_all_that_is_asked_ends_all(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("lixiao", "VPN连不上", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("wen", "都好了", chat="shifuban")
    await desk.says("lixiao", line, chat="shifuban")
    assert "没有未结的工单" in await status(desk)


@pytest.mark.parametrize("line", ["好了", "VPN好了"])
async def test_8_7_a_yes_to_one_of_two_ends_one(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("lixiao", "VPN连不上", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("wen", "都好了", chat="shifuban")
    await desk.says("lixiao", line, chat="shifuban")
    shown = await status(desk)
    assert ONE in shown
    assert TWO not in shown


async def test_8_7_both_taken_back_are_both_taken_back(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("lixiao", "VPN连不上", chat="shifuban")
    await desk.says("lixiao", "都不用看了，是我自己网线掉了", chat="shifuban")
    assert "没有未结的工单" in await status(desk)


async def test_8_7_a_colleagues_printer_and_a_hello_to_the_bot_touch_no_ticket(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    (hello,) = await desk.says("lixiao", "在吗", chat="dm-lixiao")
    assert hello.text.startswith("在的")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("wen", "已恢复", chat="shifuban")
    for line in ("打印机又卡纸了", "空调还是不行", "食堂今天又没菜了"):
        assert await desk.says("zhao", line, chat="shifuban") == []


@pytest.mark.parametrize(
    ("first", "more"),
    [
        ("OA登录不上", "OA里的附件都不见了"),
        ("OA登录不上", "@值班 附件上传不了，提示系统错误"),
        ("公文打不开", "会议室也打不开"),
        ("OA很慢", "/fault OA登录不上"),
        ("财务系统打不开", "人事系统也打不开了"),
        ("挂号系统打不开", "医保系统连不上"),
        ("OA公文打不开", "会议系统打不开"),
        ("The payroll system is down", "the travel portal is down, too"),
    ],
)
async def test_8_6_another_trouble_that_a_reporter_adds_to_his_ticket_reaches_the_engineer(
    desk: Desk, first: str, more: str
) -> None:
    await desk.says("lixiao", first, chat="shifuban")
    said = await desk.says("lixiao", more, chat="shifuban")
    words = more.removeprefix("@值班 ").removeprefix("/fault ")
    (told,) = [m for m in said if m.chat == "dm-wen" and not m.shown["updated"]]
    assert "GD-20261014-001" in told.text
    assert f"李晓：“{words}”" in told.text
    (kept,) = [m.text for m in said if m.chat == "shifuban"]
    assert kept == "已记到 GD-20261014-001，正在转给 温若川 13800000013。"
    again = [m.chat for m in await desk.says("lixiao", more, chat="shifuban") if not m.shown["updated"]]
    called = more.startswith(("@", "/"))  # then it is a chase, and he is answered
    assert again == (["dm-wen", "shifuban"] if called else []), "the same again tells nobody anything"


async def test_8_6_what_says_the_same_in_other_words_is_only_kept(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    for again in ("OA还是登录不上", "OA打不开，一直转圈", "打不开", "系统还是打不开", "这个系统进不去"):
        assert not [m for m in await desk.says("lixiao", again, chat="shifuban") if m.chat == "dm-wen"]


async def test_8_3_a_reporter_who_adds_and_adds_is_passed_on_a_few_times(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    parts = ("公文", "会议室", "日程", "待办", "督办", "通讯录", "审批", "请假")
    told = [
        m for part in parts for m in await desk.says("lixiao", f"{part}不见了", chat="shifuban") if m.chat == "dm-wen"
    ]
    assert len(told) == 5


@pytest.mark.parametrize("ends", [("wen", "/resolve {}", "dm-wen"), ("wen", "已恢复", "shifuban")])
async def test_8_7_a_report_of_another_system_is_no_no_to_whether_this_one_works(
    desk: Desk, ends: tuple[str, str, str]
) -> None:
    await desk.says("lixiao", "挂号系统打不开", chat="shifuban")
    await desk.says("zhao", "我这也打不开", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    who, words, where = ends
    await desk.says(who, words.format(ONE), chat=where)
    said = await desk.says("lixiao", "处方系统卡死了", chat="shifuban")
    assert not any("还没恢复" in m.text or "还没有恢复" in m.text for m in said)
    assert any(text.startswith(TWO) and "李晓：“处方系统卡死了”" in text for text in new_in(said, "dm-wen"))
    again = await desk.says("lixiao", "挂号系统还是打不开", chat="shifuban")
    assert any(f"{ONE}" in text and "李晓 说还没恢复" in text for text in new_in(again, "dm-wen"))
