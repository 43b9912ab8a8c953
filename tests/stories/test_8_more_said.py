"""What a reporter says further of his open ticket reaches its engineer, and who speaks to the bot is never met with silence."""

import pytest

from tests.support.desk import Desk

ONE = "GD-20261014-001"


@pytest.mark.parametrize(
    "then",
    [
        "/data/WEAVER 目录满了，OA 登录不上",
        "目录满了，OA 登录不上",
        "磁盘满了，OA 登录不上",
        "OA 打不开，报 502",
        "OA 登不上，ORA-01017",
        "10.154.54.58 上的 OA 打不开",
        "OA 打不开，三楼的都这样",
        "OA 打不开，重启过浏览器也不行",
        "从早上九点开始 OA 就打不开",
        "附件上传不了，提示系统错误",
        "/zhiban /data/WEAVER 满了，OA 登录不上",
    ],
)
@pytest.mark.parametrize("called", ["", "@值班 "])
async def test_8_7_what_a_reporter_adds_reaches_the_engineer_and_he_is_told_so(
    desk: Desk, then: str, called: str
) -> None:
    await desk.says("lixiao", "OA 打不开", chat="shifuban")
    said = await desk.says("lixiao", called + then, chat="shifuban")
    words = then.removeprefix("/zhiban ")
    assert any(words in m.text and "报障人还说" in m.text for m in said if m.chat == "dm-wen")
    assert any(f"已记到 {ONE}，正在转给 温若川" in m.text for m in said if m.chat == "shifuban")


@pytest.mark.parametrize(
    "then",
    [
        "OA打不开",
        "OA 还是打不开",
        "系统还是打不开",
        "OA登不上",
        "OA真的打不开啊",
        "OA 打不开，急",
        "OA怎么还是打不开呢",
    ],
)
async def test_8_7_the_same_again_is_no_news(desk: Desk, then: str) -> None:
    await desk.says("lixiao", "OA 打不开", chat="shifuban")
    said = await desk.says("lixiao", then, chat="shifuban")
    assert [m.text for m in said if not m.shown["updated"]] == []


@pytest.mark.parametrize("then", ["OA打不开", "OA 还是打不开", "OA登不上", "系统还是打不开"])
async def test_8_7_but_said_to_the_bot_it_is_answered_with_how_the_ticket_stands(desk: Desk, then: str) -> None:
    await desk.says("lixiao", "OA 打不开", chat="shifuban")
    for _ in range(2):
        said = await desk.says("lixiao", f"@值班 {then}", chat="shifuban")
        (answer,) = [m for m in said if m.chat == "shifuban" and not m.shown["updated"]]
        assert ONE in answer.text
        assert "温若川 13800000013" in answer.text


async def test_8_7_what_was_passed_on_is_not_passed_on_twice(desk: Desk) -> None:
    await desk.says("lixiao", "OA 打不开", chat="shifuban")
    await desk.says("lixiao", "/data/WEAVER 目录满了，OA 登录不上", chat="shifuban")
    assert await desk.says("lixiao", "/data/WEAVER 目录满了，OA 登录不上", chat="shifuban") == []
    (answer,) = [
        m
        for m in await desk.says("lixiao", "@值班 目录满了，OA 登录不上", chat="shifuban")
        if m.chat == "shifuban" and not m.shown["updated"]
    ]
    assert ONE in answer.text


async def test_8_7_a_fault_typed_again_as_a_command_is_answered(desk: Desk) -> None:
    await desk.says("lixiao", "OA 打不开", chat="shifuban")
    said = await desk.says("lixiao", "/报障 OA 打不开", chat="shifuban")
    assert any(ONE in m.text for m in said if m.chat == "shifuban")
