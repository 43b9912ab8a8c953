"""A yes or no to a run in somebody's own words: nothing runs, and he is told what waits and how to say it (issue 8: Truth)."""

import pytest

from tests.support.desk import Desk, Said
from tests.unit.handlers.runs.rooms import ROOM, code, run

YES = "R1（/start oa3）在等确认，这样说不算确认。请点那条消息上的按钮，或只发 /confirm R1。"
NO = "R1（/start oa3）还没有结束，这样说不会取消。请点那条消息上的按钮，或只发 /cancel R1。"


async def asked(desk: Desk, user: str = "zhou", line: str = "/start oa3") -> Said:
    *_, question = await desk.says(user, line, chat=ROOM)
    return question


@pytest.mark.parametrize(
    "words",
    [
        *(
            "确认",
            "确认了",
            "确认执行",
            "我确认！",
            "同意",
            "批准",
            "R1 确认",
            "确认 R1",
            "确认R1",
            "R1可以执行",
            "r1 ok",
        ),
        *(
            "@值班 R1 确认",
            "@值班 R1 同意",
            "@值班 好的",
            "confirmed",
            "Approve it",
            "R1: go ahead",
            "R1 👍",
            "Ｒ１　确认",
            "/确认R1",
            "/R1 确认",
        ),
    ],
)
async def test_8_9_a_yes_in_own_words_is_answered_with_how_to_say_it(runs: Desk, words: str) -> None:
    await asked(runs)
    *_, answer = await runs.says("wen", words, chat=ROOM)
    assert answer.text == YES
    assert await code(runs) == ("refused", "yes_in_words")
    assert (await run(runs)).state.value == "asked"


@pytest.mark.parametrize(
    "words", ["拒绝", "R1 拒绝", "不同意", "@值班 不行", "R1 先别", "reject", "@值班 R1 no", "/取消r1"]
)
async def test_8_9_a_no_in_own_words_is_answered_with_how_to_say_it(runs: Desk, words: str) -> None:
    await asked(runs)
    *_, answer = await runs.says("wen", words, chat=ROOM)
    assert answer.text == NO
    assert (await run(runs)).state.value == "asked"


@pytest.mark.parametrize("words", ["好的", "可以", "确认", "不行"])
async def test_8_9_below_the_plan_any_yes_or_no_is_meant_for_it(runs: Desk, words: str) -> None:
    question = await asked(runs)
    *_, answer = await runs.says("wen", words, chat=ROOM, reply_to=question.id)
    assert answer.text == (NO if words == "不行" else YES)


@pytest.mark.parametrize(
    "words", ["好的", "可以", "不行", "确认一下时间", "谁确认过 oa3", "R1 是哪个版本", "R9 确认", "先确认再说"]
)
async def test_8_9_talk_in_a_room_is_left_alone(runs: Desk, words: str) -> None:
    await asked(runs)
    assert await runs.says("wen", words, chat=ROOM) == []


async def test_8_9_a_yes_below_something_else_is_about_that(runs: Desk) -> None:
    await asked(runs)
    *_, pong = await runs.says("qiao", "/ping x", chat=ROOM)
    assert await runs.says("wen", "确认", chat=ROOM, reply_to=pong.id) == []


async def test_8_9_who_may_not_confirm_hears_what_the_exact_words_would_say(runs: Desk) -> None:
    await asked(runs)
    *_, own = await runs.says("zhou", "确认", chat=ROOM)
    assert own.text == "您是 R1 的申请人，要由另一人确认（工程师、负责人、总监）。"
    assert await runs.says("lixiao", "确认", chat=ROOM) == []


async def test_8_9_a_yes_that_comes_second_hears_who_was_first(runs: Desk) -> None:
    await asked(runs)
    await runs.says("wen", "/confirm R1", chat=ROOM)
    *_, late = await runs.says("qiao", "R1 确认", chat=ROOM)
    assert late.text == "R1 已由 温若川 确认，不用再确认。"


async def test_8_9_of_several_that_wait_all_are_named(runs: Desk) -> None:
    await asked(runs)
    await asked(runs, line="/start oa4")
    *_, answer = await runs.says("wen", "确认", chat=ROOM)
    assert answer.text.startswith("R1（/start oa3）、R2（/start oa4）在等确认，这样说不算确认。")


@pytest.mark.parametrize("typed", ["/confirmR1", "/Confirmr1", "/confirm-R1"])
async def test_8_9_a_number_that_touches_its_command_is_told_with_a_blank(runs: Desk, typed: str) -> None:
    await asked(runs)
    *_, answer = await runs.says("wen", typed, chat=ROOM)
    assert "您是不是要 /confirm R1？" in answer.text
    assert (await run(runs)).state.value == "asked"


async def test_8_9_a_yes_to_what_was_cancelled_hears_that_it_was_never_run(runs: Desk) -> None:
    await asked(runs)
    await runs.says("wen", "/cancel R1", chat=ROOM)
    *_, late = await runs.says("qiao", "/confirm R1", chat=ROOM)
    assert late.text == "R1 已取消，没有执行。"
    assert await code(runs) == ("refused", "already_used")


async def test_8_9_a_yes_to_what_was_rejected_hears_that_it_was_never_run(runs: Desk) -> None:
    question = await asked(runs)
    await runs.taps("wen", question, "reject")
    *_, late = await runs.says("qiao", "/confirm R1", chat=ROOM)
    assert late.text == "R1 已被拒绝，没有执行。"


@pytest.mark.parametrize("line", ["/拒绝 R1", "@值班 拒绝 R1", "/reject R1"])
async def test_8_9_the_word_of_the_button_is_a_no_where_it_is_typed(runs: Desk, line: str) -> None:
    await asked(runs)
    *_, answer = await runs.says("wen", line, chat=ROOM)
    assert "R1（/start oa3）已由 温若川 取消。" in answer.text
    assert (await run(runs)).state.value == "cancelled"
