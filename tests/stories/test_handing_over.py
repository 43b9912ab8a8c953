"""A ticket in other hands: whoever gave it reads who has it now and how to reach him, whoever has it reads who gave it."""

import pytest

from tests.support.desk import Desk

ONE = "GD-20261014-001"


@pytest.mark.parametrize("line", [f"/assign {ONE} 周予安", "/指派 1 周予安"])
async def test_8_16_a_lead_reads_who_has_the_ticket_now_and_until_when(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")  # 10:00, to be answered by 10:10
    said = await desk.says("hemu", line, chat="duty-room")
    (answer,) = [message.text for message in said if message.chat == "duty-room"]
    assert "由 周予安 13800000012 跟进，请在 10:10 前回复" in answer
    (page,) = [message.text for message in said if message.chat == "dm-zhou"]
    assert "何牧 已转给 周予安。" in page


async def test_8_16_what_is_overdue_is_not_called_running_on(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await desk.later(minutes=10)
    rung = next(message for message in said if message.chat == "dm-hemu")
    (ways,) = await desk.taps("hemu", rung, "route")
    said = await desk.taps("hemu", ways, f"assign:{ONE}:zhou")
    (answer,) = [message.text for message in said if message.chat == "dm-hemu" and not message.shown["updated"]]
    assert "由 周予安 13800000012 跟进，已过 10:10 的时限" in answer


async def test_8_16_a_question_has_no_clock_and_is_not_said_to_have_one(desk: Desk) -> None:
    await desk.says("lixiao", "请问怎么导出公文", chat="shifuban")
    said = await desk.says("hemu", f"/assign {ONE} 周予安", chat="duty-room")
    (answer,) = [message.text for message in said if message.chat == "duty-room"]
    assert "由 周予安 13800000012 跟进，还没有回复" in answer


async def test_8_16_whoever_takes_it_himself_was_given_it_by_nobody(desk: Desk) -> None:
    said = await desk.says("lixiao", "OA打不开了", chat="shifuban")
    assert not any("已转给" in message.text for message in said)
    said = await desk.says("zhou", f"/assign {ONE} 周予安", chat="duty-room")
    assert not any("已转给 周予安。" in message.text for message in said if message.chat == "dm-zhou")


async def test_8_7_a_list_keeps_what_was_said_of_an_address_and_not_its_path(desk: Desk) -> None:
    line = "麻烦看下 https://oa.example.gov.cn/wui/index.html#/main/portal/1 打开白屏，点什么都没反应"
    await desk.says("lixiao", line, chat="shifuban")
    (listed,) = await desk.says("hemu", "/status", chat="duty-room")
    assert "“麻烦看下 oa.example.gov.cn/… 打开白屏，点什么都没反应”" in listed.text
