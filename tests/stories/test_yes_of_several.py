"""A fault that several reported: a yes of one is not everybody's, and who has not said it is asked by name (decisions: Ends)."""

import pytest

from tests.support.desk import Desk

ONE = "GD-20261014-001"


async def reported_by_two(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("zhao", "我也打不开", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")


async def ticket(desk: Desk) -> str:
    (listed,) = await desk.says("hemu", "/status", chat="duty-room")
    return listed.text


async def test_8_7_who_said_no_is_asked_by_name_when_the_other_says_yes(desk: Desk) -> None:
    await reported_by_two(desk)
    await desk.says("wen", "已恢复", chat="shifuban")
    await desk.says("zhao", "还是不行", chat="shifuban")
    *_, asked = await desk.says("lixiao", "好了", chat="shifuban")
    assert asked.text == f"@赵一帆 {ONE}（协同办公）李晓 那边好了，您那边恢复了吗？"
    assert asked.mentions == ["zhao"]
    await desk.says("zhao", "好了", chat="shifuban")
    assert "没有未结的工单" in await ticket(desk)


async def test_8_7_a_question_about_ones_own_report_names_nobody_else(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    *_, asked = await desk.says("lixiao", "好了", chat="shifuban")
    assert asked.text.splitlines()[0] == f"{ONE}（协同办公）已恢复？"


@pytest.mark.parametrize("order", [("lixiao", "zhao"), ("zhao", "lixiao")])
async def test_8_7_after_an_end_by_staff_it_is_confirmed_once_all_have_said_so(
    desk: Desk, order: tuple[str, str]
) -> None:
    await reported_by_two(desk)
    said = await desk.says("wen", f"/resolve {ONE}", chat="duty-room")
    end = next(message for message in said if message.actions == [f"still:{ONE}"])

    async def offers() -> list[str]:
        return next(message for message in await desk.bot("shifuban") if message.id == end.id).actions

    first, second = order
    assert await desk.says(first, "好了，谢谢", chat="shifuban") == []
    assert await offers() == [f"still:{ONE}"]
    await desk.says(second, "好了", chat="shifuban")
    assert await offers() == []


async def test_8_7_the_yes_of_one_leaves_the_no_to_the_other(desk: Desk) -> None:
    await reported_by_two(desk)
    await desk.says("wen", f"/resolve {ONE}", chat="duty-room")
    await desk.says("lixiao", "好了", chat="shifuban")
    *_, noted = await desk.says("zhao", "还是打不开", chat="shifuban")
    assert ONE in noted.text
    assert f"{ONE} · " in await ticket(desk)
