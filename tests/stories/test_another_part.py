"""What else somebody says while his ticket is open: another trouble is heard, and is no word about the first (decisions: Ends)."""

import pytest

from tests.support.desk import Desk

ONE, TWO = "GD-20261014-001", "GD-20261014-002"


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("登录页面打不开", "附件传不上去"),
        ("账号被锁定了登不进去", "密码忘了进不去"),
        ("系统打不开", "电脑蓝屏了"),
        ("the portal page is down", "attachments cannot be uploaded"),
    ],
)
async def test_8_7_another_trouble_of_the_same_system_reaches_the_engineer_once(
    desk: Desk, first: str, then: str
) -> None:
    await desk.says("zhao", first, chat="shifuban")
    said = await desk.says("zhao", then, chat="shifuban")
    assert any(then in m.text for m in said if m.chat == "dm-wen")
    assert [m.text for m in said if m.chat == "shifuban" and not m.shown["updated"]] == [
        f"已记到 {ONE}，正在转给 温若川 13800000013。"
    ]
    assert await desk.says("zhao", then, chat="shifuban") == []


@pytest.mark.parametrize(
    ("first", "then"), [("OA打不开了", "系统还是打不开"), ("登录页面打不开", "登录页面真的打不开啊")]
)
async def test_8_7_the_same_trouble_said_again_is_not_passed_on(desk: Desk, first: str, then: str) -> None:
    await desk.says("zhao", first, chat="shifuban")
    assert await desk.says("zhao", then, chat="shifuban") == []


async def asked_whether_over(desk: Desk, report: str) -> None:
    await desk.says("lixiao", report, chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("wen", "已恢复，您再试试", chat="shifuban")


@pytest.mark.parametrize("line", ["OA附件打不开", "/报障 OA附件打不开", "首页打不开"])
async def test_8_7_a_report_of_another_part_is_no_answer_to_whether_the_first_is_over(desk: Desk, line: str) -> None:
    await asked_whether_over(desk, "看不到待办")
    said = await desk.says("lixiao", line, chat="shifuban")
    assert any(f"工单 {TWO}" in m.text for m in said)
    assert not any("还没恢复" in m.text for m in said)
    assert not any("没有恢复" in m.text for m in said)


@pytest.mark.parametrize("line", ["还是看不到待办", "待办又看不到了", "还是打不开", "待办列表是空的"])
async def test_8_7_the_same_trouble_is_one(desk: Desk, line: str) -> None:
    await asked_whether_over(desk, "看不到待办")
    said = await desk.says("lixiao", line, chat="shifuban")
    assert not any(TWO in m.text for m in said)
    assert any("还没恢复" in m.text for m in said if m.chat == "dm-wen")


async def test_8_7_who_says_again_what_of_his_own_has_ended_answers_no_question_of_another(desk: Desk) -> None:
    await desk.says("zhao", "WPS打不开", chat="shifuban")
    await desk.says("lixiao", "打印不了公文", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.says("lixiao", "好了", chat="shifuban")
    await desk.says("wen", "WPS已恢复，您再试试", chat="shifuban")
    said = await desk.says("lixiao", "没好，还是报错", chat="shifuban")
    assert not any(ONE in m.text for m in said), [m.text for m in said]
    assert any("协同办公" in m.text for m in said if m.chat == "dm-wen")
