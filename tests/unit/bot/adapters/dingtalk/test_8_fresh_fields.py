"""Fields of DingTalk's that come as a number, as null or not at all: the report is heard."""

from typing import Any

import pytest

from bot.adapters.dingtalk.adapter import DingtalkAdapter
from bot.core.events import Message
from tests.support.platforms.dingtalk import FakeDingtalk
from tests.support.platforms.lone import Lone


@pytest.mark.parametrize(
    "odd",
    [
        {"conversationType": 2},
        {"atUsers": None, "senderNick": None, "isAdmin": None, "sessionWebhook": None, "conversationTitle": None},
        {"isInAtList": "true", "createAt": None, "originalMsgId": 7, "senderCorpId": None},
    ],
)
async def test_8_13_an_odd_second_field_costs_nothing(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter], odd: dict[str, Any]
) -> None:
    assert await ding.deliver(ding.body("lixiao", "shifuban", "OA 打不开") | odd) == 200
    (message,) = await lone.heard()
    assert isinstance(message, Message)
    assert (message.text, message.envelope.chat) == ("@bot OA 打不开", "shifuban")


@pytest.mark.parametrize("kind", [None, 3, "x", [], True])
async def test_8_13_a_chat_of_no_known_kind_is_refused(
    ding: FakeDingtalk, lone: Lone[DingtalkAdapter], kind: object
) -> None:
    assert await ding.deliver(ding.body("lixiao", "shifuban", "OA 打不开") | {"conversationType": kind}) == 400
