"""Words outside a message's text, and contents that are not told: a report is heard all the same, and Feishu hears 200."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.kit import Kit
from tests.support.platforms.feishu import BOT, FakeFeishu
from tests.unit.bot.adapters.feishu.bench import Bench, opened, outgoing

BROKEN = "OA 登录不上，一直转圈"
SELF = {"key": "@_user_1", "id": {"open_id": BOT}, "name": "值班"}


async def hears(bench: Bench, change: dict[str, Any]) -> dict[str, Any]:
    """A direct message with these fields; the body of its row."""
    message = {
        "message_id": "om_x1",
        "chat_id": "oc_p2p_lixiao",
        "chat_type": "p2p",
        "message_type": "text",
        "content": json.dumps({"text": BROKEN}),
        "create_time": str(int(bench.kit.clock.wall().timestamp() * 1000)),
    }
    whole = {name: value for name, value in {**message, **change}.items() if value != "absent"}
    sender = {"sender_id": {"open_id": "ou_lixiao"}, "sender_type": "user"}
    event = bench.fake.event("im.message.receive_v1", {"sender": sender, "message": whole})
    assert await bench.fake.deliver(event) == (200, {})
    (row,) = await bench.inbox()
    return dict(row["body"]) | {"at": row["sent_at"]}


def told(message: str, kind: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"message_id": message, "msg_type": kind, "body": {"content": json.dumps(content)}, **more}


MERGED = {"message_type": "merge_forward", "content": "Merged and Forwarded Message"}


async def test_8_13_the_lines_of_a_merged_forward_are_the_report(bench: Bench) -> None:
    bench.fake.told["om_x1"] = [
        {"message_id": "om_x1", "msg_type": "merge_forward", "body": {"content": "Merged and Forwarded Message"}},
        told("om_a", "text", {"text": "@_user_1 " + BROKEN}, sender={"id": "ou_sun"}, mentions=[{**SELF, "id": BOT}]),
        told("om_b", "image", {"image_key": "k"}, sender={"id": "ou_outside"}),
        told("om_c", "post", {"content": [[{"tag": "text", "text": "财务也是"}]]}, sender=7),
        {"message_id": "om_d", "body": 5},
    ]
    body = await hears(bench, MERGED)
    assert body["text"] == f"转自 孙禾：@值班 {BROKEN}\n转自：[图片]\n转自：财务也是"


@pytest.mark.parametrize("why", ["gone", "slow", "no token"])
async def test_8_13_a_merged_forward_that_cannot_be_looked_up_is_taken_in(bench: Bench, why: str) -> None:
    if why == "slow":
        bench.fake.slow = 2.0
    if why == "no token":
        bench.fake.expire_tokens()
        bench.fake.refuse_tokens = True
    assert (await hears(bench, MERGED))["text"] == "[聊天记录]"


@pytest.mark.parametrize("content", ["absent", "", None, "{", '"\\ud800"', '{"text": "\\ud800"}', "[]", '{"text": 5}'])
async def test_8_13_a_content_that_is_not_told_is_looked_up(bench: Bench, content: Any) -> None:
    bench.fake.told["om_x1"] = [told("om_x1", "text", {"text": BROKEN})]
    assert (await hears(bench, {"content": content}))["text"] == BROKEN


@pytest.mark.parametrize("content", ["absent", "", '{"text": ""}'])
async def test_8_13_and_where_that_fails_it_is_kept_without_words(bench: Bench, content: Any) -> None:
    assert (await hears(bench, {"content": content}))["text"] == "[消息]"


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        (
            "post",
            {"content": [[{"tag": "text", "text": "OA 打不开，页面见 "},
                          {"tag": "a", "text": "这里", "href": "https://oa.example.gov.cn/err?id=77"}]]},
            "OA 打不开，页面见 这里 (https://oa.example.gov.cn/err?id=77)",
        ),
        ("post", {"content": [[{"tag": "a", "text": "oa.example/x", "href": "https://oa.example/x"}]]}, "oa.example/x"),
        ("post", {"content": [[{"tag": "a", "href": "https://oa.example/x"}]]}, "https://oa.example/x"),
        ("post", {"content": [[{"tag": "code_block", "language": "x", "text": "ORA-01017"}], [7, None, "裸"]]}, "ORA-01017\n裸"),
        ("post", {"en_us": {"title": 5, "content": [[{"tag": "md", "text": BROKEN}], 9]}}, BROKEN),
        (
            "interactive",
            {"title": "工单", "elements": [[{"tag": "text", "text": "OA 打不开 "}, {"tag": "a", "text": "详情", "href": "https://x/1"}],
                                          [{"tag": "hr"}]]},
            "[卡片] 工单\nOA 打不开 详情 (https://x/1)",
        ),
        (
            "interactive",
            {"header": {"title": {"tag": "plain_text", "content": "告警"}},
             "elements": [{"tag": "div", "text": {"tag": "lark_md", "content": "OA 节点宕机"}}]},
            "[卡片] 告警\nOA 节点宕机",
        ),
        ("todo", {"task_id": "1", "summary": {"title": "", "content": [[{"tag": "text", "text": "修打印"}]]}}, "[任务] 修打印"),
        ("vote", {"topic": "停机时间", "options": ["一"]}, "[投票] 停机时间"),
        ("share_user", {"user_id": "ou_1"}, "[个人名片]"),
        ("brand_new_kind", {"title": BROKEN}, f"[消息] {BROKEN}"),
        ("brand_new_kind", {}, "[消息]"),
    ],
)  # fmt: skip
async def test_8_13_words_are_heard_wherever_they_stand(bench: Bench, kind: str, content: Any, text: str) -> None:
    body = await hears(bench, {"message_type": kind, "content": json.dumps(content)})
    assert body["text"] == text


@pytest.mark.parametrize(
    "odd",
    [
        {"mentions": {"key": 1}},
        {"mentions": ["x", {"id": {}}, {"key": 5}]},
        {"parent_id": 7, "root_id": [], "thread_id": {}},
        {"create_time": "absent"},
        {"create_time": "later"},
        {"create_time": "9" * 15},
        {"nobody_knows": {"a": 1}},
        {"message_type": "absent", "content": json.dumps({"text": BROKEN})},
    ],
    ids=str,
)
async def test_8_13_an_odd_second_field_costs_nothing(bench: Bench, odd: dict[str, Any]) -> None:
    body = await hears(bench, odd)
    assert BROKEN in body["text"]
    assert datetime.fromisoformat(body["at"]).replace(tzinfo=UTC) == bench.kit.clock.now()


async def test_8_13_a_file_is_kept_by_its_name(bench: Bench) -> None:
    body = await hears(
        bench, {"message_type": "file", "content": json.dumps({"file_key": "f", "file_name": "err.log"})}
    )
    assert (body["text"], body["files"]) == ("[文件] err.log", [["err.log", ""]])


async def test_8_a_quote_of_a_robots_message_has_its_words(kit: Kit) -> None:
    """The robot's messages have ids that nobody told us."""
    async with opened(kit, FakeFeishu(robot="shifuban")) as bench:
        await bench.adapter.send(outgoing("已收到，工单 GD-20261014-001"))
        (seen,) = bench.fake.seen("shifuban")
        await bench.fake.says("wen", "shifuban", "收到", quote=seen)
        (row,) = await bench.inbox()
    assert (row["body"]["reply_to"], row["body"]["quote"]) == (seen.id, "已收到，工单 GD-20261014-001")
