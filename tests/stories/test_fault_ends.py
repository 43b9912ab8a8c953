"""How a fault ends in the words of those who take part: not yet, yes, no, taken back, asked after (decisions: Ends)."""

import pytest

from tests.support.desk import Desk, Said

NUMBER = "GD-20261014-001"


def in_group(said: list[Said]) -> list[str]:
    return [m.text for m in said if m.chat == "shifuban" and not m.shown["updated"]]


def asks(said: list[Said]) -> int:
    """How many new questions with "是，结束" were put."""
    return len([m for m in said if not m.shown["updated"] and f"resolved:{NUMBER}" in m.actions])


async def card(desk: Desk) -> str:
    return next(m.text for m in await desk.bot("shifuban") if f"工单 {NUMBER}" in m.text)


async def answered(desk: Desk, report: str = "OA打不开了") -> None:
    await desk.says("lixiao", report, chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")


async def called_done(desk: Desk) -> None:
    await answered(desk)
    assert asks(await desk.says("wen", "已恢复，您再试试", chat="shifuban")) == 1


@pytest.mark.parametrize(
    "line",
    ["10分钟后恢复", "正在恢复中", "马上好", "应该快好了", "已处理，预计半小时恢复", "好了告诉您", "还没好，快了"],
)
async def test_8_7_an_end_still_to_come_is_noted_and_never_asked_about(desk: Desk, line: str) -> None:
    await answered(desk)
    for _ in range(3):
        assert await desk.says("wen", line, chat="shifuban") == []
    assert "温若川 10:00 已响应" in await card(desk)


async def test_8_7_whether_all_is_well_is_asked_once(desk: Desk) -> None:
    await answered(desk, "盖章盖不了")
    said = await desk.says("wen", "已恢复", chat="shifuban")
    for who, line in (("wen", "已恢复，请重试"), ("duan", "修好了"), ("zhou", "恢复了")):
        said += await desk.says(who, line, chat="shifuban")
    assert asks(said) == 1


@pytest.mark.parametrize(
    "line", ["好了，谢谢", "是的", "可以了", "恢复了，谢谢", "嗯嗯", "OK", "不用了，好了", "没事了"]
)
async def test_8_7_a_plain_yes_ends_it_and_asks_nothing_more(desk: Desk, line: str) -> None:
    await called_done(desk)
    said = await desk.says("lixiao", line, chat="shifuban")
    assert asks(said) == 0
    assert "已恢复" in await card(desk)
    assert await desk.later(hours=3) == []


async def test_8_7_the_buttons_of_an_answered_question_go(desk: Desk) -> None:
    await called_done(desk)
    await desk.says("lixiao", "没有，还是转圈", chat="shifuban")
    assert not [m for m in await desk.bot("shifuban") if f"resolved:{NUMBER}" in m.actions]
    assert any("还没有恢复，继续处理" in m.text for m in await desk.bot("shifuban"))


async def test_8_7_an_acknowledgement_is_no_yes(desk: Desk) -> None:
    await called_done(desk)
    for line in ("好的", "收到", "谢谢", "我试试"):
        assert await desk.says("lixiao", line, chat="shifuban") == []
    assert "已响应" in await card(desk)


@pytest.mark.parametrize(
    "line", ["没有", "还没", "没恢复", "还是不行", "又不行了", "刚好一会又挂了", "没好，还是转圈", "还是老样子"]
)
async def test_8_7_a_plain_no_tells_the_engineer_with_its_words_and_he_may_be_asked_for_again(
    desk: Desk, line: str
) -> None:
    await called_done(desk)
    said = await desk.says("lixiao", line, chat="shifuban")
    (told,) = [m.text for m in said if m.chat == "dm-wen" and not m.shown["updated"]]
    assert f"李晓 说还没恢复：“{line}”" in told
    assert any(f"{NUMBER} 继续处理" in text for text in in_group(said))
    assert not any("没有回复" in m.text for m in await desk.later(minutes=61)), "no end by itself after a no"
    assert asks(await desk.says("wen", "这次真的恢复了", chat="shifuban")) == 1


async def test_8_7_an_engineer_who_asks_himself_is_answered_without_a_second_question(desk: Desk) -> None:
    await answered(desk)
    assert await desk.says("wen", "现在可以了吗？", chat="shifuban") == []
    assert asks(await desk.says("lixiao", "可以了，谢谢", chat="shifuban")) == 0
    assert "已恢复" in await card(desk)


async def test_8_7_without_an_answer_it_closes_after_the_stated_time_and_says_so(desk: Desk) -> None:
    await answered(desk)
    (question,) = [m for m in await desk.says("wen", "已恢复", chat="shifuban") if m.chat == "shifuban"]
    assert "1 小时内没有回复，就按已恢复结束" in question.text
    assert await desk.later(minutes=59) == [], "nobody is reminded of what he called done"
    said = await desk.later(minutes=1)
    (closed,) = in_group(said)
    assert "1 小时没有回复，按 温若川 说的已恢复结束" in closed
    assert await desk.later(hours=2) == []
    said = await desk.says("lixiao", "没恢复啊", chat="shifuban")
    assert any(f"{NUMBER} 继续处理" in text for text in in_group(said)), "his no is heard three hours later, too"


async def test_8_7_a_doubtful_yes_ends_it_and_a_relapse_is_about_the_same_ticket(desk: Desk) -> None:
    await called_done(desk)
    await desk.says("lixiao", "好像好了", chat="shifuban")
    said = await desk.says("lixiao", "又不行了", chat="shifuban")
    assert any(f"{NUMBER} 继续处理" in text for text in in_group(said))


async def test_8_7_a_relapse_after_a_sure_yes_is_a_new_ticket_about_the_same_system(desk: Desk) -> None:
    await answered(desk, "VPN连不上")
    await desk.says("wen", "已恢复", chat="shifuban")
    await desk.says("lixiao", "好了", chat="shifuban")
    said = await desk.says("lixiao", "又不行了", chat="shifuban")
    assert any("GD-20261014-002（VPN）" in text for text in in_group(said))


@pytest.mark.parametrize(
    "line",
    [
        "撤回",
        "是我自己网线掉了",
        "搞错了，没事",
        "不用了",
        "不用了谢谢",
        "取消报障",
        "没事了",
        "是我密码输错了",
        "误报，抱歉",
        "原来是网线松了",
    ],
)
async def test_8_7_what_is_taken_back_does_not_escalate(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("lixiao", line, chat="shifuban")
    assert "已由 李晓 撤回" in await card(desk)
    assert await desk.later(minutes=90) == []


@pytest.mark.parametrize("line", ["没事干", "文件撤回不了", "怎么撤回公文", "没事，慢慢来", "会议取消了", "好的"])
async def test_8_7_words_that_only_look_like_it_take_nothing_back(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("lixiao", line, chat="shifuban")
    assert "会在 10:10 前回复您" in await card(desk)


async def test_8_7_what_is_taken_back_after_an_answer_ends_and_its_engineer_hears_it(desk: Desk) -> None:
    await answered(desk)
    said = await desk.says("lixiao", "不用了，是我自己网线掉了", chat="shifuban")
    assert any("已撤回，不用处理" in m.text for m in said if m.chat == "dm-wen" and not m.shown["updated"])
    assert asks(said) == 0
    assert await desk.later(hours=2) == []


async def test_8_7_one_of_several_who_takes_his_back_ends_nothing_for_the_others(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("zhao", "我也打不开", chat="shifuban")
    (said,) = in_group(await desk.says("lixiao", "不用了，是我自己网线掉了", chat="shifuban"))
    assert "李晓 已撤回自己的反映；另有 1 人反映同样情况" in said
    assert any("还剩 5 分" in m.text for m in await desk.later(minutes=5))
    await desk.says("zhao", "我也是自己网线的问题，不用看了", chat="shifuban")
    assert "撤回" in await card(desk)


async def test_8_7_a_reporter_who_says_it_works_is_not_escalated_while_he_is_asked(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    assert asks(await desk.says("lixiao", "好了", chat="shifuban")) == 1
    assert not any("超时" in m.text for m in await desk.later(minutes=59))
    assert any("按 李晓 说的已恢复结束" in m.text for m in await desk.later(minutes=1))


async def test_8_7_a_no_to_his_own_yes_starts_the_ladder_where_it_stood(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("lixiao", "好了", chat="shifuban")
    await desk.later(minutes=12)
    said = await desk.says("lixiao", "又不行了", chat="shifuban")
    assert any("超时未响应" in m.text for m in said if m.chat == "dm-hemu")


async def test_8_7_asking_after_an_overdue_ticket_is_answered_and_passed_on(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    assert await desk.says("lixiao", "怎么样了", chat="shifuban") == [], "in time, the receipt has said it"
    await desk.later(minutes=13)
    said = await desk.says("lixiao", "有人管吗？", chat="shifuban")
    (answer,) = in_group(said)
    assert "已超过时限 3 分，还没有人响应。已提醒 温若川 13800000013、何牧 13800000011。" in answer
    assert "急的话请直接打电话：温若川 13800000013" in answer
    urged = {m.chat for m in said if "李晓 在催：“有人管吗？”" in m.text}
    assert urged == {"dm-wen", "dm-hemu"}
    assert answer.endswith("您的话正在转给 温若川、何牧。")
    assert await desk.says("lixiao", "到底有没有人", chat="shifuban") == [], "not twice within minutes"
    await desk.later(minutes=6)
    assert in_group(await desk.says("zhao", "怎么样了", chat="shifuban")), (
        "somebody else of the group is answered as well"
    )


async def test_8_6_who_asks_after_it_late_is_told_of_those_alone_who_get_his_words(desk: Desk) -> None:
    """The director was told by the ladder, and hears nothing of this."""
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=31)
    said = await desk.says("lixiao", "有人管吗？", chat="shifuban")
    (answer,) = in_group(said)
    assert "沈砚 138" in answer
    assert {m.chat for m in said if "李晓 在催" in m.text} == {"dm-wen", "dm-hemu"}
    assert answer.endswith("您的话正在转给 温若川、何牧。")


async def test_8_27_nobody_is_offered_a_button_that_he_may_not_press(desk: Desk) -> None:
    """Up to the last step, which tells the operators: they hand no ticket on."""
    await desk.says("lixiao", "全市OA都打不开了，紧急", chat="shifuban")
    for _ in range(30):
        await desk.later(minutes=5)
    people = desk.site.people
    seen = {person: [action for m in await desk.bot(f"dm-{person}") for action in m.actions] for person in people}
    assert any("GD-" in m.text and "一直无人回复" in m.text for m in await desk.bot("dm-qin"))
    for verb, route in (("route", "route"), ("claim", "claim")):
        offered = {person for person, actions in seen.items() if any(a.startswith(f"{verb}:") for a in actions)}
        assert offered, verb
        may = desk.app.routes.commands[route]
        assert {person for person in offered if not may.open_to(people[person])} == set(), verb


async def test_8_7_asking_the_bot_is_answered_at_any_time(desk: Desk) -> None:
    await answered(desk)
    (answer,) = in_group(await desk.says("lixiao", "@值班 怎么样了", chat="shifuban"))
    assert "由 温若川 13800000013 处理中" in answer


async def test_8_7_a_report_to_the_bot_alone_is_not_sent_to_a_group(desk: Desk) -> None:
    said = await desk.says("qian", "OA打不开了", chat="dm-qian")
    (receipt,) = [m.text for m in said if m.chat == "dm-qian"]
    assert "补充情况直接发给我即可" in receipt
    assert "群" not in receipt
    page = next(m for m in said if m.chat == "dm-tang")
    assert "私聊报障" in page.text
    said = await desk.taps("tang", page, "notfault")
    assert not any("群里" in m.text for m in said if m.chat == "dm-qian")


async def test_8_7_the_number_to_call_stays_on_what_is_answered(desk: Desk) -> None:
    await answered(desk)
    assert "电话 13800000013" in await card(desk)
    await desk.taps("wen", next(m for m in await desk.bot("dm-wen") if NUMBER in m.text), "resolve")
    assert "温若川 13800000013 处理" in await card(desk)


async def test_8_7_a_vendors_word_asks_and_neither_stops_the_clock_nor_closes(desk: Desk) -> None:
    await desk.says("lixiao", "盖章盖不了", chat="shifuban")
    assert asks(await desk.says("duan", "修好了", chat="shifuban")) == 1
    assert any("超时未响应" in m.text for m in await desk.later(minutes=10) if m.chat == "dm-hemu")
    await desk.later(minutes=60)
    assert "仍未响应" in await card(desk)


async def test_8_7_another_who_reports_it_after_it_was_called_done_is_heard_as_a_no(desk: Desk) -> None:
    await called_done(desk)
    said = await desk.says("zhao", "我还是打不开", chat="shifuban")
    assert any("赵一帆 说还没恢复：“我还是打不开”" in m.text for m in said if m.chat == "dm-wen")
    assert not any("没有回复" in m.text for m in await desk.later(minutes=61))


async def test_8_7_a_bare_no_hours_after_an_end_is_about_something_else(desk: Desk) -> None:
    await answered(desk)
    await desk.taps("wen", next(m for m in await desk.bot("dm-wen") if NUMBER in m.text), "resolve")
    await desk.later(hours=2)
    assert await desk.says("lixiao", "没有", chat="shifuban") == []
    said = await desk.says("lixiao", "没恢复啊", chat="shifuban")
    assert any(f"{NUMBER} 继续处理" in text for text in in_group(said))


FOLLOW_UP = "GD-20261014-002"
REOPEN = f"/reopen {NUMBER}"


async def ended(desk: Desk, last: str) -> None:
    """A fault of the VPN, ended by who reported it in these words or by an engineer's /notfault."""
    await answered(desk, "VPN连不上")
    if last.startswith("/"):
        await desk.says("wen", last, chat="duty-room")
    else:
        await desk.says("wen", "好了", chat="shifuban")
        await desk.says("lixiao", last, chat="shifuban")
    assert "没有未结的工单" in (await desk.says("hemu", "/status", chat="duty-room"))[0].text


@pytest.mark.parametrize("last", ["好了", "/notfault 1"])
@pytest.mark.parametrize("hours", [0.04, 24, 71])
async def test_8_7_reopen_after_an_end_that_stays_is_a_new_report_of_the_same(
    desk: Desk, last: str, hours: float
) -> None:
    await ended(desk, last)
    await desk.later(hours=hours)
    said = await desk.says("lixiao", REOPEN, chat="shifuban")
    (receipt,) = in_group(said)
    assert "已收到" in receipt
    assert "（VPN）" in receipt
    pages = [m.text for m in said if f"：“{REOPEN}：VPN连不上”" in m.text]
    assert pages, "the engineer reads what he typed and what it was about"


async def test_8_7_reopen_twice_opens_one(desk: Desk) -> None:
    await ended(desk, "好了")
    await desk.says("lixiao", REOPEN, chat="shifuban")
    (again,) = in_group(await desk.says("lixiao", REOPEN, chat="shifuban"))
    assert f"{FOLLOW_UP} 还没恢复，已经转告过 温若川" in again


async def test_8_7_reopen_long_after_the_end_or_of_somebody_else_opens_nothing(desk: Desk) -> None:
    await ended(desk, "好了")
    assert "已经结束" in (await desk.says("wen", REOPEN, chat="duty-room"))[0].text
    await desk.later(hours=73)
    assert "已经结束" in in_group(await desk.says("lixiao", REOPEN, chat="shifuban"))[0]
