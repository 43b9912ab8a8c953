"""Words outside a message's text field, and parts of which nobody knows what they are: a report is heard all the same."""

from typing import Any

import pytest

from bot.adapters.wecom import words
from bot.core.events import Message
from tests.support.platforms.wecom import FakeWecom
from tests.unit.bot.adapters.wecom.conftest import Wecom

BROKEN = "OA 登录不上，一直转圈"
IMAGE = {"msgtype": "image", "image": {"url": "https://media.example/x", "aeskey": "k"}}
RECORD = {
    "title": "群聊的聊天记录",
    "item": [
        {"msgtype": "text", "text": {"content": BROKEN}, "from": {"name": "某处室"}},
        {**IMAGE, "from": 7},
        {"msgtype": "chatrecord", "chatrecord": {"item": [{"msgtype": "text", "text": {"content": "财务也是"}}]}},
        {"content": "没有种类的话"},
        3,
    ],
}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"msgtype": "mixed", "mixed": {"msg_item": [{"msgtype": "text", "text": {"content": "@值班"}}, IMAGE]}}, "@bot [图片]"),
        ({"msgtype": "mixed", "mixed": {"msg_item": [{"msgtype": "text", "text": {"content": BROKEN}}, 1, {"msgtype": 5},
                                                     {"msgtype": "brand_new"}]}},
         f"@bot {BROKEN}\n[消息]\n[消息]"),
        ({"msgtype": "mixed", "mixed": "x"}, "@bot [消息]"),
        ({"msgtype": "chatrecord", "chatrecord": RECORD},
         f"@bot 转自 某处室：{BROKEN}\n转自：[图片]\n转自：转自：财务也是\n转自：没有种类的话"),
        ({"msgtype": "chatrecord", "chatrecord": {"title": "群聊的聊天记录"}}, "@bot [聊天记录] 群聊的聊天记录"),
        ({"msgtype": "link", "link": {"title": "错误页", "desc": "OA 打不开", "url": "https://oa.example/1"}},
         "@bot [链接] 错误页 OA 打不开 https://oa.example/1"),
        ({"msgtype": "file", "file": {"url": "https://media.example/f", "aeskey": "k", "name": "err.log"}}, "@bot [文件] err.log"),
        ({"msgtype": "template_card", "template_card": {"main_title": {"title": "告警", "desc": "OA 宕机"}}},
         "@bot [卡片] 告警 OA 宕机"),
        ({"msgtype": "voice", "voice": {}}, "@bot [语音]"),
        ({"msgtype": "voice"}, "@bot [语音]"),
        ({"msgtype": "text"}, "@bot [消息]"),
        ({"msgtype": "text", "text": {"content": 7}}, "@bot [消息]"),
        ({"msgtype": "text", "text": {"content": "@值班"}}, "@bot"),
        ({"msgtype": "brand_new", "brand_new": {"text": BROKEN}}, f"@bot [消息] {BROKEN}"),
        ({"msgtype": "brand_new", "brand_new": [1]}, "@bot [消息]"),
    ],
)  # fmt: skip
async def test_8_13_words_are_heard_wherever_they_stand(
    fake: FakeWecom, wecom: Wecom, body: dict[str, object], text: str
) -> None:
    assert await fake.post(fake.bot_message("lixiao", "shifuban", body)) == 200
    (message,) = await wecom.heard()
    assert isinstance(message, Message)
    assert message.text == text


@pytest.mark.parametrize(
    "odd",
    [
        {"quote": 5},
        {"quote": {"msgtype": 7}},
        {"response_url": 9},
        {"create_time": "now"},
        {"chattype": "absent"},
        {"nobody_knows": {"a": [1]}},
    ],
    ids=str,
)
async def test_8_13_an_odd_second_field_costs_nothing(fake: FakeWecom, wecom: Wecom, odd: dict[str, Any]) -> None:
    said = {"msgtype": "text", "text": {"content": f"@值班 {BROKEN}"}, **odd}
    sealed = fake.bot_message("lixiao", "shifuban", {n: v for n, v in said.items() if v != "absent"})
    assert await fake.post(sealed) == 200
    (message,) = await wecom.heard()
    assert isinstance(message, Message)
    assert (message.text, message.envelope.chat) == (f"@bot {BROKEN}", "shifuban")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"MsgType": "link", "Title": "错误页", "Description": "OA 打不开", "Url": "https://oa.example/1"},
         "[链接] 错误页 OA 打不开 https://oa.example/1"),
        ({"MsgType": "voice", "MediaId": "m", "Recognition": "盖章盖不了"}, "[语音] 盖章盖不了"),
        ({"MsgType": "text"}, "[消息]"),
        ({"MsgType": "text", "Content": ""}, "[消息]"),
        ({"MsgType": "brand_new", "Title": BROKEN}, f"[消息] {BROKEN}"),
    ],
)  # fmt: skip
async def test_8_13_what_the_app_hears_beside_text(
    fake: FakeWecom, wecom: Wecom, fields: dict[str, str], text: str
) -> None:
    assert await fake.post(fake.app_message("zhou", fields)) == 200
    (message,) = await wecom.heard()
    assert isinstance(message, Message)
    assert message.text == text


def test_8_13_records_within_records_end_somewhere() -> None:
    inner: dict[str, Any] = {"msgtype": "text", "text": {"content": BROKEN}}
    for _ in range(500):
        inner = {"msgtype": "chatrecord", "chatrecord": {"item": [inner]}}
    assert words.said(inner, "chatrecord").startswith("转自")
