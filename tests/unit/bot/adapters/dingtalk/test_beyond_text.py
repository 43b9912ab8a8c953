"""Words outside a message's text field, and fields of which nobody knows what they are: a report is heard all the same."""

import json
from typing import Any

import pytest

from bot.adapters.dingtalk.adapter import DingtalkAdapter
from bot.core.events import FileRef, Message
from tests.support.platforms.dingtalk import FakeDingtalk
from tests.support.platforms.lone import Lone

BROKEN = "OA 登录不上，一直转圈"


async def hears(ding: FakeDingtalk, lone: Lone[DingtalkAdapter], change: dict[str, Any]) -> Message:
    body = {**ding.body("lixiao", "dm-lixiao", BROKEN), **change}
    assert await ding.deliver({name: value for name, value in body.items() if value != "absent"}) == 200
    (message,) = await lone.heard()
    assert isinstance(message, Message)
    return message


RECORD = [
    {"senderNick": "某处室", "msgType": "text", "content": BROKEN},
    {"senderNick": 5, "msgType": "picture", "content": {"downloadCode": "x"}},
    {"msgtype": "richText", "content": {"richText": [{"text": "财务也是"}]}},
    7,
]


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (
            {"msgtype": "chatRecord", "content": {"summary": "某处室的聊天记录", "chatRecord": json.dumps(RECORD)}},
            f"转自 某处室：{BROKEN}\n转自：[图片]\n转自：财务也是",
        ),
        ({"msgtype": "chatRecord", "content": {"summary": "某处室的聊天记录"}}, "[聊天记录] 某处室的聊天记录"),
        ({"msgtype": "chatRecord", "content": {"chatRecord": "["}}, "[聊天记录]"),
        (
            {"msgtype": "link", "content": {"title": "错误页", "text": "OA 打不开", "messageUrl": "https://oa.example/1"}},
            "[链接] 错误页 OA 打不开 https://oa.example/1",
        ),
        ({"msgtype": "link", "link": {"title": "错误页"}}, "[链接] 错误页"),
        ({"msgtype": "interactiveCard", "content": {"title": "告警"}}, "[卡片] 告警"),
        ({"msgtype": "brand_new", "content": {"text": BROKEN}}, f"[消息] {BROKEN}"),
        ({"msgtype": "brand_new", "content": [1]}, "[消息]"),
        (
            {"msgtype": "richText", "content": {"richText": [{"text": "看 "}, {"text": 5}, 3, {"type": "new", "title": "附页"},
                                                             {"pictureDownloadCode": "x"}]}},
            "看 附页[图片]",
        ),
        ({"msgtype": "richText", "content": {"richText": "x"}}, "[消息]"),
        ({"msgtype": "picture", "content": "x"}, "[图片] x"),
        ({"text": {"content": 5}}, "[消息]"),
        ({"text": "absent"}, "[消息]"),
    ],
)  # fmt: skip
async def test_8_13_words_are_heard_wherever_they_stand(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter], part: dict[str, Any], text: str
) -> None:
    if "msgtype" in part:
        part = {"text": "absent", **part}
    assert (await hears(ding, lone, part)).text == text


@pytest.mark.parametrize(
    "odd",
    [
        {"createAt": "yesterday"},
        {"createAt": True},
        {"createAt": -1},
        {"createAt": 10**30},
        {"createAt": "absent"},
        {"atUsers": {}},
        {"atUsers": [None, {"staffId": 5}]},
        {"text": {"content": BROKEN, "isReplyMsg": "x", "repliedMsg": [1]}},
        {"originalProcessQueryKey": 7, "originalMsgId": {}},
        {"sessionWebhook": 5, "nobody_knows": {"a": [1]}},
        {"content": 5},
    ],
    ids=str,
)
async def test_8_13_an_odd_second_field_costs_nothing(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter], odd: dict[str, Any]
) -> None:
    message = await hears(ding, lone, odd)
    assert message.text == BROKEN
    assert message.envelope.sent_at == lone.clock.now()


async def test_8_13_a_file_is_kept_by_its_name(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    message = await hears(ding, lone, {"msgtype": "file", "content": {"fileName": "err.log"}, "text": "absent"})
    assert (message.text, message.files) == ("[文件] err.log", (FileRef("err.log", ""),))


async def test_8_13_a_mention_without_words_stays_one(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    await ding.deliver(ding.body("lixiao", "minzheng", ""))
    (message,) = await lone.heard()
    assert isinstance(message, Message)
    assert message.text == "@bot"
