"""Of several open tickets a withdrawal is about the one that its reporter spoke of last, and the group reads which."""

from tests.support.desk import Desk

ONE, TWO = "GD-20261014-001", "GD-20261014-002"


async def two(desk: Desk) -> None:
    await desk.says("lixiao", "电子印章盖不上", chat="shifuban")
    await desk.later(minutes=1)
    await desk.says("lixiao", "OA首页打不开", chat="shifuban")
    await desk.later(minutes=1)


async def still_open(desk: Desk) -> list[str]:
    (listed,) = await desk.says("hemu", "/status", chat="duty-room")
    return sorted(line.split()[0] for line in listed.text.splitlines() if line.startswith("GD-"))


async def test_8_7_it_is_the_newest_where_he_spoke_of_it_last(desk: Desk) -> None:
    await two(desk)
    said = await desk.says("lixiao", "撤回，是我网线掉了", chat="shifuban")
    assert await still_open(desk) == [ONE]
    (line,) = [message.text for message in said if message.chat == "shifuban" and not message.shown["updated"]]
    assert line == f"已撤回 {TWO}（协同办公）；{ONE} 没有撤回，继续处理。"


async def test_8_7_it_is_the_older_one_where_he_went_on_about_that(desk: Desk) -> None:
    await two(desk)
    await desk.says("lixiao", "电子印章盖不上，一直转圈", chat="shifuban")
    await desk.later(minutes=1)
    await desk.says("lixiao", "撤回吧，是我U盾没插", chat="shifuban")
    assert await still_open(desk) == [TWO]


async def test_8_7_it_is_the_one_that_was_called_done_and_he_said_no(desk: Desk) -> None:
    await desk.says("lixiao", "电子印章盖不上", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.later(minutes=1)
    await desk.says("lixiao", "OA首页打不开", chat="shifuban")
    await desk.later(minutes=1)
    await desk.says("wen", f"/resolve {ONE}", chat="duty-room")
    await desk.later(minutes=1)
    await desk.says("lixiao", "电子印章盖不上，一直转圈", chat="shifuban")
    await desk.later(minutes=1)
    await desk.says("lixiao", "撤回吧，是我U盾没插", chat="shifuban")
    assert await still_open(desk) == [TWO]


async def test_8_7_of_one_nothing_more_is_said(desk: Desk) -> None:
    await desk.says("lixiao", "电子印章盖不上", chat="shifuban")
    said = await desk.says("lixiao", "撤回，是我网线掉了", chat="shifuban")
    assert [message for message in said if message.chat == "shifuban" and not message.shown["updated"]] == []
    assert await still_open(desk) == []


async def test_8_7_all_are_taken_back_where_he_says_so(desk: Desk) -> None:
    await two(desk)
    await desk.says("lixiao", "都撤回吧，是我网线掉了", chat="shifuban")
    assert await still_open(desk) == []
