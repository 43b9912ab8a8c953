"""A question that somebody takes on is not answered by that: whoever asked still waits (decisions: Truth)."""

import pytest

from tests.support.desk import Desk

ONE = "GD-20261014-001"
QUESTION = "请问公文怎么导出PDF？"


async def listed(desk: Desk) -> str:
    (status,) = await desk.says("shen", "/status", chat="duty-room")
    return status.text


@pytest.mark.parametrize("line", ["收到", "在看", "我来处理", "on it"])
async def test_8_6_a_word_that_he_takes_it_leaves_a_question_open(desk: Desk, line: str) -> None:
    await desk.says("lixiao", QUESTION, chat="shifuban")
    await desk.says("wen", line, chat="shifuban")
    assert ONE in await listed(desk)
    page = next(m for m in await desk.bot("dm-wen") if ONE in m.text)
    assert "已答复" not in page.text
    assert f"resolve:{ONE}" in page.actions
    assert f"notfault:{ONE}" not in page.actions
    await desk.says("wen", "点右上角的导出，选PDF就行", chat="shifuban")
    assert ONE not in await listed(desk)


async def test_8_6_a_question_taken_with_the_button_waits_for_its_answer(desk: Desk) -> None:
    await desk.says("lixiao", QUESTION, chat="shifuban")
    page = next(m for m in await desk.bot("dm-wen") if ONE in m.text)
    await desk.taps("wen", page, "claim")
    assert ONE in await listed(desk)
    await desk.says("wen", f"/resolve {ONE}", chat="dm-wen")
    assert ONE not in await listed(desk)


async def test_8_6_an_answer_to_a_question_ends_it_at_once(desk: Desk) -> None:
    await desk.says("lixiao", QUESTION, chat="shifuban")
    await desk.says("wen", "点右上角的导出，选PDF就行，您试一下", chat="shifuban")
    assert ONE not in await listed(desk)


async def test_8_6_words_about_a_fault_end_no_question_beside_it(desk: Desk) -> None:
    await desk.says("lixiao", QUESTION, chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("zhao", "VPN连不上", chat="shifuban")
    await desk.says("wen", "VPN正在排查", chat="shifuban")
    assert ONE in await listed(desk)
