"""It still does not work: whoever works on it hears that, also in the same words as before (decisions: Truth)."""

import pytest

from tests.support.desk import Desk

ONE = "GD-20261014-001"


@pytest.mark.parametrize("words", ["OA还是打不开", "OA打不开", "还是不行", "OA登不上"])
async def test_8_7_what_still_fails_reaches_who_works_on_it(desk: Desk, words: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.later(minutes=6)
    said = await desk.says("lixiao", words, chat="shifuban")
    (told,) = [message for message in said if message.chat == "dm-wen"]
    assert words in told.text
    (group,) = [message for message in said if message.chat == "shifuban"]
    assert ONE in group.text


async def test_8_7_a_joiner_that_still_cannot_work_is_heard_too(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("zhao", "我也打不开OA", chat="shifuban")
    await desk.later(minutes=1)
    await desk.says("wen", "收到", chat="shifuban")
    said = await desk.says("zhao", "我这边OA还是打不开", chat="shifuban")
    assert any("我这边OA还是打不开" in message.text for message in said if message.chat == "dm-wen")


async def test_8_7_he_hears_it_once_in_a_while(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    first = await desk.says("lixiao", "OA还是打不开", chat="shifuban")
    again = await desk.says("lixiao", "OA还是打不开", chat="shifuban")
    assert any(message.chat == "dm-wen" for message in first)
    assert not any(message.chat == "dm-wen" for message in again)


async def test_8_7_before_anybody_answers_the_same_words_are_no_news(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await desk.says("lixiao", "OA还是打不开", chat="shifuban")
    assert not any(message.chat == "dm-wen" and not message.shown["updated"] for message in said)
