"""What a vendor who was asked in his direct chat says there is his answer: the engineer reads it, and he is not called silent."""

from collections.abc import Sequence

import pytest

from tests.support.desk import Desk, Said

ONE, TWO = "GD-20261014-001", "GD-20261014-002"
HIS = "阮征 13800000034（VPN 服务商）"


def new_in(said: Sequence[Said], chat: str) -> list[str]:
    return [m.text for m in said if m.chat == chat and not m.shown["updated"]]


@pytest.mark.parametrize(
    "line", ["收到", "证书已经续了", "收到，通道正在排查", "VPN 网关连不上，我们在看", "[图片] 日志"]
)
async def test_8_7_a_vendors_words_in_his_own_chat_reach_the_engineer(desk: Desk, line: str) -> None:
    await desk.says("sun", "VPN连不上", chat="minzheng")
    said = await desk.says("ruan", line, chat="dm-ruan")
    (told,) = new_in(said, "dm-wen")
    assert told.startswith(ONE)
    assert HIS in told
    assert f"“{line}”" in told
    assert new_in(said, "dm-ruan") == [f"已记到 {ONE}，正在转给 温若川 13800000013。"]
    assert new_in(said, "minzheng") == [], "no answer to the group, which waits for its engineer"


async def test_8_7_his_silence_is_counted_from_his_words(desk: Desk) -> None:
    await desk.says("sun", "VPN连不上", chat="minzheng")
    await desk.says("wen", "收到", chat="dm-wen")
    await desk.later(minutes=20)
    await desk.says("ruan", "收到，通道正在排查", chat="dm-ruan")
    assert not any("没有回话" in m.text for m in await desk.later(minutes=29))
    (chased,) = [m for m in await desk.later(minutes=1) if "没有回话" in m.text]
    assert "已 30 分没有回话" in chased.text


async def test_8_7_what_he_calls_done_is_asked_about_where_it_was_reported(desk: Desk) -> None:
    await desk.says("sun", "VPN连不上", chat="minzheng")
    await desk.says("wen", "收到", chat="dm-wen")
    said = await desk.says("ruan", "已恢复，证书续了", chat="dm-ruan")
    (question,) = new_in(said, "minzheng")
    assert "阮征 说已处理好，您那边恢复了吗" in question
    assert new_in(said, "dm-ruan") == [f"已在 民政局交流群 问：{ONE}（VPN）恢复了吗。"]
    assert any("“已恢复，证书续了”" in text for text in new_in(said, "dm-wen"))
    (listed,) = await desk.says("hemu", "/status", chat="duty-room")
    assert ONE in listed.text


async def test_8_7_what_nobody_has_answered_a_vendor_does_not_end(desk: Desk) -> None:
    await desk.says("sun", "VPN连不上", chat="minzheng")
    (question,) = new_in(await desk.says("ruan", "已恢复", chat="dm-ruan"), "minzheng")
    assert "就按已恢复结束" not in question
    await desk.later(hours=2)
    (listed,) = await desk.says("hemu", "/status", chat="duty-room")
    assert ONE in listed.text


async def test_8_7_of_several_he_is_asked_which_and_one_that_he_names_or_quotes_is_meant(desk: Desk) -> None:
    await desk.says("sun", "VPN连不上", chat="minzheng")
    await desk.says("wu", "VPN一直断线", chat="guozi")
    said = await desk.says("ruan", "收到", chat="dm-ruan")
    (which,) = new_in(said, "dm-ruan")
    assert ONE in which
    assert TWO in which
    assert new_in(said, "dm-wen") == []
    (told,) = new_in(await desk.says("ruan", f"{TWO} 收到", chat="dm-ruan"), "dm-wen")
    assert told.startswith(TWO)
    card = next(m for m in await desk.bot("dm-ruan") if m.text.startswith(ONE))
    (told,) = new_in(await desk.says("ruan", "证书已经续了", chat="dm-ruan", reply_to=card.id), "dm-wen")
    assert told.startswith(ONE)


@pytest.mark.parametrize("line", ["在吗", "今天谁值班"])
async def test_8_7_a_hello_or_another_question_of_his_is_no_answer(desk: Desk, line: str) -> None:
    await desk.says("sun", "VPN连不上", chat="minzheng")
    said = await desk.says("ruan", line, chat="dm-ruan")
    assert new_in(said, "dm-ruan")
    assert not any("正在转给" in text for text in new_in(said, "dm-ruan"))
    assert new_in(said, "dm-wen") == []


async def test_8_7_with_nothing_open_he_is_told_so(desk: Desk) -> None:
    assert "没有算作对工单的回复" in (await desk.says("ruan", "证书已经续了", chat="dm-ruan"))[0].text
    await desk.says("sun", "短信收不到验证码", chat="minzheng")
    assert "没有算作对工单的回复" in (await desk.says("ruan", "证书已经续了", chat="dm-ruan"))[0].text, (
        "another vendor's"
    )
