"""/ping goes the whole durable way: the oracle is the local chat's record."""

from tests.support.desk import Desk


async def test_ping_is_answered_in_its_chat(desk: Desk) -> None:
    answers = await desk.says("lixiao", "/ping 你好 {{7*7}}", chat="shifuban")
    assert [(a.chat, a.text) for a in answers] == [("shifuban", "pong 你好 {{7*7}}")]


async def test_unknown_command_names_the_nearest(desk: Desk) -> None:
    answers = await desk.says("zhou", "/pign x", chat="duty-room")
    assert "/ping" in answers[0].text
    assert (await desk.audit())[-1].entry.code == "unknown_command"
