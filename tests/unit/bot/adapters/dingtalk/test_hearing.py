"""What comes in through the callback: what is taken, and what is refused with nothing kept."""

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import dingtalk_stream
import pytest

from bot.adapters.dingtalk.adapter import DingtalkAdapter
from bot.core import commands
from bot.core.events import Message
from tests.support.platforms.base import Seen
from tests.support.platforms.dingtalk import BOT, FakeDingtalk, signature, staff
from tests.support.platforms.lone import Lone


async def only(lone: Lone[DingtalkAdapter]) -> Message:
    (message,) = await lone.heard()
    assert isinstance(message, Message)
    return message


def test_the_stand_in_speaks_as_the_vendors_own_kit_reads() -> None:
    """The official client finds the same words, person and place in a body of the stand-in."""
    body = FakeDingtalk().body("zhou", "minzheng", "restart oa3")
    read = dingtalk_stream.ChatbotMessage.from_dict(body)
    assert (read.text.content.strip(), read.sender_staff_id, read.message_id) == ("restart oa3", "staff-zhou", "msg1==")
    assert (read.conversation_id, read.conversation_type, read.robot_code) == (
        body["conversationId"],
        "2",
        "dingrobot0001",
    )


async def test_in_a_group_the_bot_was_addressed(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    assert await ding.says("lixiao", "minzheng", "OA 打不开", id="m1==") == 200
    message = await only(lone)
    assert (message.text, message.to_bot) == ("@bot OA 打不开", True)
    assert (message.envelope.chat, message.envelope.key) == ("minzheng", "m1==")
    assert message.envelope.account.user_id == staff("lixiao")
    assert message.envelope.sent_at == lone.clock.now()


async def test_a_direct_chat_is_as_typed(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    await ding.says("zhou", "dm-zhou", "/restart oa3")
    message = await only(lone)
    assert (message.text, message.to_bot, message.envelope.chat) == ("/restart oa3", True, "dm-zhou")


async def test_a_quoted_answer_names_what_it_answers(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    sent = await lone.send("minzheng", "GD-20261014-001 请处理")
    await ding.says("zhou", "minzheng", "收到", quote=ding.seen("minzheng")[0])
    message = await only(lone)
    assert (message.reply_to, message.quote) == (sent, "GD-20261014-001 请处理")


async def test_a_quoted_message_of_a_custom_robot_has_its_words(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter]
) -> None:
    await ding.says("zhou", "shifuban", "收到", quote=Seen("robot7", "GD-20261014-001 请处理"))
    message = await only(lone)
    assert message.quote == "GD-20261014-001 请处理"


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ({"msgtype": "picture", "content": {"downloadCode": "x"}}, "[图片]"),
        ({"msgtype": "audio", "content": {"recognition": "打不开", "duration": 2}}, "[语音] 打不开"),
        ({"msgtype": "video", "content": {}}, "[视频]"),
        ({"msgtype": "file", "content": {"fileName": "a.pdf"}}, "[文件] a.pdf"),
        ({"msgtype": "richText", "content": {"richText": [{"text": "看"}, {"type": "picture"}]}}, "看[图片]"),
        ({"msgtype": "future"}, "[消息]"),
    ],
)
async def test_more_than_words(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter], part: dict[str, Any], text: str
) -> None:
    body = {name: value for name, value in ding.body("lixiao", "minzheng", "").items() if name != "text"}
    assert await ding.deliver(body | part) == 200
    assert (await only(lone)).text == f"@bot {text}"


async def test_who_else_is_mentioned(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    people = [
        {"dingtalkId": BOT},
        {"dingtalkId": "x", "staffId": staff("wen")},
        {"dingtalkId": "y", "staffId": "other"},
    ]
    await ding.deliver(ding.body("lixiao", "minzheng", "看下") | {"atUsers": people})
    assert (await only(lone)).mentions == ("wen",)


async def test_a_stranger_and_an_undeclared_group(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    body = ding.body("zhou", "minzheng", "x") | {"conversationId": "cidNEW==", "senderId": "$:LWCP_v1:$out"}
    await ding.deliver({name: value for name, value in body.items() if name != "senderStaffId"})
    message = await only(lone)
    assert (message.envelope.chat, message.envelope.account.user_id) == ("dingtalk:cidNEW==", "$:LWCP_v1:$out")


@pytest.mark.parametrize("direct", [False, True])
async def test_8_4_another_corporations_staff_of_the_same_id_is_nobody_of_ours(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter], direct: bool
) -> None:
    body = ding.body("zhou", "minzheng", "/restart oa3") | {"senderCorpId": "dingOTHER"}
    await ding.deliver(body | ({"conversationType": "1"} if direct else {}))
    envelope = (await only(lone)).envelope
    assert (envelope.person, envelope.account.user_id) == (None, f"dingOTHER/{staff('zhou')}")
    assert lone.adapter._ingress.runtime.site().person_of(envelope.account) is None


async def test_the_same_message_ten_times_at_once(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    """Fault F41."""
    body = ding.body("lixiao", "minzheng", "OA 打不开", id="m1==")
    assert await asyncio.gather(*(ding.deliver(body) for _ in range(10))) == [200] * 10
    assert len(await lone.heard()) == 1


async def test_our_own_words_are_not_heard(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    """Fault F57."""
    assert await ding.deliver(ding.body("zhou", "minzheng", "x") | {"senderId": BOT}) == 200
    assert await lone.heard() == []


async def test_a_replay_within_and_after_five_minutes(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    """Fault F44."""
    body = ding.body("lixiao", "minzheng", "x", id="m1==")
    timestamp = body["createAt"]
    assert await ding.deliver(body, timestamp=str(timestamp)) == 200
    lone.clock.move_to(lone.clock.now() + timedelta(seconds=299))
    assert await ding.deliver(body, timestamp=str(timestamp)) == 200
    lone.clock.move_to(lone.clock.now() + timedelta(seconds=2))
    assert await ding.deliver(body, timestamp=str(timestamp)) == 401
    assert len(await lone.heard()) == 1
    assert await lone.refusals() == ["stale"]


async def test_signatures_that_are_none(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    """Fault F45."""
    body = ding.body("lixiao", "minzheng", "x")
    now = str(body["createAt"])
    right = signature(now, "ding-app-secret-0001")
    assert await ding.deliver(body, sign="") == 401
    assert await ding.deliver(body, sign=right.swapcase()) == 401
    assert await ding.deliver(body, sign=signature(now, "wrong")) == 401
    assert await ding.deliver(body, timestamp="17x", sign=right) == 400
    assert await ding.deliver(body, timestamp=str(int(now) + 1), sign=right) == 401
    assert await ding.deliver(body, timestamp=now[:-3], sign=signature(now[:-3], "ding-app-secret-0001")) == 401
    assert await lone.heard() == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"timestamp": "1"}, 401),
        ({"sign": "x"}, 401),
        ({"timestamp": "1", "sign": "签"}, 400),
        ({"timestamp": "１７", "sign": "x"}, 400),
    ],
)
async def test_heads_that_are_none(lone: Lone[DingtalkAdapter], headers: dict[str, str], status: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{lone.url}/dingtalk/events", data=b"{}", headers=headers) as answer,
    ):
        assert answer.status == status
    assert await lone.heard() == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"robotCode": "other"}, 403, "wrong_receiver"),
        ({"chatbotCorpId": "other"}, 403, "wrong_tenant"),
        ({"msgId": ""}, 400, "bad_body"),
        ({"msgId": 7}, 400, "bad_body"),
        ({"msgId": "m" * 201}, 400, "bad_body"),
        ({"conversationType": "3"}, 400, "bad_body"),
        ({"conversationId": None}, 400, "bad_body"),
        ({"senderStaffId": 7}, 400, "bad_body"),
        ({"senderStaffId": ""}, 200, None),
        ({"senderStaffId": "", "senderId": ""}, 400, "bad_body"),
    ],
)
async def test_bodies_that_are_none(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter], change: dict[str, Any], status: int, code: str | None
) -> None:
    assert await ding.deliver(ding.body("lixiao", "minzheng", "x") | change) == status
    assert len(await lone.heard()) == (status == 200)
    assert await lone.refusals() == ([code] if code else [])


@pytest.mark.parametrize("text", ["：ping x", "@温若川 ping x", " ping x", "，/ping x", "@温若川 /ping x"])
async def test_8_11_the_bot_is_called_in_any_way_that_dingtalk_writes(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter], text: str
) -> None:
    await ding.says("lixiao", "minzheng", text)
    command = commands.parse((await only(lone)).text)
    assert command is not None
    assert (command.verb, command.rest) == ("ping", "x")


async def test_8_11_a_quote_has_its_words_in_either_field(ding: FakeDingtalk, lone: Lone[DingtalkAdapter]) -> None:
    body = ding.body("wen", "minzheng", "x")
    replied = {"msgId": "msgUnknown==", "msgType": "text", "content": {"content": "已收到，工单 GD-20261014-001"}}
    body["text"] = {"content": " 收到，马上看", "isReplyMsg": True, "repliedMsg": replied}
    await ding.deliver(body)
    assert (await only(lone)).quote == "已收到，工单 GD-20261014-001"
