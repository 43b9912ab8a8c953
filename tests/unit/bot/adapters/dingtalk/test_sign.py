"""The signature against a vector made elsewhere, and against the vendor community's own client."""

import asyncio

from dingtalkchatbot.chatbot import DingtalkChatbot

from bot.adapters.dingtalk.verify import sign, signed
from tests.support.platforms.dingtalk import HOOK, HOOK_SECRET, FakeDingtalk

SECRET, TIMESTAMP, SIGN = "SECtest0123456789", "1700000000000", "yBKp5IlG6qCzcQWmgyRK/ziJBdVNJmHfFE2ST/CzT/g="


def test_vector() -> None:
    assert sign(TIMESTAMP, SECRET) == SIGN


def test_signed() -> None:
    assert signed(TIMESTAMP, SIGN, SECRET)
    assert not signed("1700000000001", SIGN, SECRET)
    assert not signed(TIMESTAMP, SIGN[:-2] + "h=", SECRET)
    assert not signed(TIMESTAMP, "签", SECRET)
    assert not signed(TIMESTAMP, SIGN, "another")


async def test_an_independent_client_is_taken_by_the_stand_in(ding: FakeDingtalk) -> None:
    """So the stand-in asks for what others send, not for what our adapter happens to send."""

    def speak(secret: str) -> dict[str, object]:
        robot = DingtalkChatbot(f"{ding.url}/robot/send?access_token={HOOK}-shifuban", secret=secret)
        answer: dict[str, object] = robot.send_text("大家好", at_mobiles=["13800000012"])
        return answer

    assert (await asyncio.to_thread(speak, HOOK_SECRET))["errcode"] == 0
    assert (await asyncio.to_thread(speak, "SECother"))["errcode"] == 310000
    (message,) = ding.seen("shifuban")
    assert message.text.startswith("大家好")
    assert message.mentions == ["13800000012"]
