"""What platforms write where they do not tell what was sent is nobody's report."""

import pytest

from bot.adapters.common.anywhere import is_placeholder, shown
from bot.adapters.dingtalk import words as dingtalk
from bot.adapters.feishu import words as feishu
from bot.adapters.wecom import words as wecom

UPGRADE = "请升级至最新版本客户端，以查看内容"
UNSHOWN = "该消息类型暂不支持查看"


def test_8_13_a_card_that_feishu_does_not_tell_is_a_card() -> None:
    assert feishu.words_of("interactive", {"elements": [[{"tag": "text", "text": UPGRADE}]]}) == "[卡片]"
    assert (
        feishu.words_of("interactive", {"title": "OA 告警", "elements": [[{"tag": "text", "text": UPGRADE}]]})
        == "[卡片] OA 告警"
    )


def test_8_13_a_kind_that_dingtalk_does_not_tell_is_a_message() -> None:
    assert dingtalk.words_of("unknownMsgType", {"content": {"unknownMsgType": UNSHOWN}}) == "[消息]"
    assert dingtalk.words_of("newKind", {"content": {"text": "OA 打不开"}}) == "[消息] OA 打不开"


def test_8_13_nor_is_one_of_wecom() -> None:
    assert wecom.said({"brand_new": {"text": f"[{UNSHOWN}]"}}, "brand_new") == "[消息]"


@pytest.mark.parametrize(
    "text", [UPGRADE, UNSHOWN, "暂不支持该消息类型", "[该消息类型暂不能展示]", "当前版本不支持查看此消息。"]
)
def test_8_13_placeholders(text: str) -> None:
    assert is_placeholder(text)
    assert shown({"content": text}) == []


@pytest.mark.parametrize(
    "text", ["不支持", "附件不支持预览", "OA 不支持查看公文", "公文内容打不开", "消息发不出去", "请升级 OA"]
)
def test_8_13_what_people_write_is_none(text: str) -> None:
    assert not is_placeholder(text)
    assert shown({"content": text}) == [text]


def test_8_13_an_address_is_not_for_people_though_it_has_chinese_in_it() -> None:
    assert shown({"url": "https://media.example/报错.log", "title": "看 https://x.example/报错 这里"}) == [
        "看 https://x.example/报错 这里"
    ]


@pytest.mark.parametrize(
    ("element", "text"), [({"user_id": "all"}, "@_all"), ({"user_id": "@_all"}, "@_all"), ({"user_id": 7}, "")]
)
def test_8_11_everybody_is_called_by_either_of_feishus_ids(element: dict[str, object], text: str) -> None:
    assert (
        feishu.words_of("post", {"content": [[{"tag": "at"} | element, {"tag": "text", "text": " 好"}]]})
        == f"{text} 好"
    )
