"""Who calls for somebody is told how his ticket stands; the oracle is what stands in the local chats afterwards."""

import pytest

from tests.stories.test_8_fresh_hearing import hears
from tests.support.desk import Desk


@pytest.mark.parametrize("text", ["有人处理了吗", "打印机的事解决没"])
async def test_8_16_what_is_overdue_is_answered_to_who_asks_after_it_without_a_mention(desk: Desk, text: str) -> None:
    await desk.says("lixiao", "OA打不开", chat="shifuban")
    await desk.later(minutes=12)
    assert any("已超过时限" in said.text for said in await desk.says("lixiao", text, chat="shifuban"))


@pytest.mark.parametrize("text", ["我们急得不行", "打印机的事解决没", "我问的撤回的事呢", "转人工"])
async def test_8_16_who_calls_the_bot_for_somebody_hears_how_his_ticket_stands(desk: Desk, text: str) -> None:
    await desk.says("lixiao", "OA打不开", chat="shifuban")
    assert any("正在转给" in said.text for said in await hears(desk, text))
