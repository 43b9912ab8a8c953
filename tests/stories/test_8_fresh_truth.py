"""What an acceptance with fresh lines found: an end said to the bot alone, a no of somebody else, who is called though it is over."""

from tests.support.desk import Desk, Said

ONE, TWO = "GD-20261014-001", "GD-20261014-002"


def new_in(said: list[Said], chat: str) -> list[str]:
    return [m.text for m in said if m.chat == chat and not m.shown["updated"]]


def asked(said: list[Said], number: str = ONE) -> list[Said]:
    """The new questions with "是，结束"."""
    return [m for m in said if not m.shown["updated"] and f"resolved:{number}" in m.actions]


async def status(desk: Desk) -> str:
    return (await desk.says("hemu", "/status", chat="duty-room"))[0].text


async def test_8_7_headquarters_is_not_called_for_what_is_called_done_and_is_when_it_is_not_over(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.later(minutes=45)
    await desk.says("wen", "已恢复", chat="shifuban")
    assert new_in(await desk.later(minutes=30), "dm-hq") == []
    await desk.says("lixiao", "还是不行", chat="shifuban")
    (called,) = new_in(await desk.later(minutes=10), "dm-hq")
    assert ONE in called


async def test_8_7_headquarters_hears_nothing_of_what_closed_by_itself(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.later(minutes=45)
    await desk.says("wen", "已恢复", chat="shifuban")
    assert new_in(await desk.later(hours=4), "dm-hq") == []
