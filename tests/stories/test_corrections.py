"""A reporter names another system than he named before: his one ticket goes there, is told once, and no second one opens."""

import pytest

from tests.support.desk import Desk

Row = tuple[str, ...]
ONE = "GD-20261014-001"


async def tickets(desk: Desk) -> list[Row]:
    query = "SELECT system, route, vendor, state FROM ticket ORDER BY number"
    return await desk.app.store.read(lambda s: [tuple(row) for row in s.connection().exec_driver_sql(query)])


AS_SMS, AS_OA = ("sms", "third_party", "bai", "waiting"), ("oa", "internal", None, "waiting")
AS_VPN, AS_WPS = ("vpn", "third_party", "ruan", "waiting"), ("wps", "third_party", "pan", "waiting")


@pytest.mark.parametrize(
    ("first", "line", "row"),
    [
        ("盖章一直失败", "刚才说错了，不是盖章，是短信", AS_SMS),
        ("盖章一直失败", "不是盖章，是短信", AS_SMS),
        ("盖章一直失败", "刚才说错了，是短信发不出", AS_SMS),
        ("盖章一直失败", "不好意思说错了，应该是VPN", AS_VPN),
        ("WPS打不开", "之前说错了，是OA打不开不是WPS", AS_OA),
        ("附件打不开", "刚才说错了，不是附件，是短信发不出", AS_SMS),
        ("短信收不到", "更正一下，是WPS打不开", AS_WPS),
        ("短信收不到", "搞错了，不是短信，是VPN", AS_VPN),
        ("短信收不到", "是VPN，不是短信", AS_VPN),
        ("The seal is not working", "Sorry, I meant WPS, not the seal", AS_WPS),
        ("The seal is not working", "I meant the VPN", AS_VPN),
        ("The seal is not working", "it's the SMS, not the seal", AS_SMS),
        ("The VPN is not working", "correction: it is WPS, not the VPN", AS_WPS),
        ("The VPN is not working", "my mistake, it's the SMS that doesn't arrive, not the VPN", AS_SMS),
    ],
)
async def test_8_15_a_correction_gives_his_ticket_to_the_other_system(
    desk: Desk, first: str, line: str, row: Row
) -> None:
    await desk.says("lixiao", first, chat="shifuban")
    await desk.later(seconds=10)
    said = await desk.says("lixiao", line, chat="shifuban")
    assert await tickets(desk) == [row]
    new = [message for message in said if not message.shown["updated"]]
    assert [ONE in message.text for message in new if message.chat == "shifuban"] == [True]
    assert [line in message.text for message in new if message.chat == "dm-wen"] == [True]


@pytest.mark.parametrize(
    ("first", "line", "system", "state"),
    [
        ("盖章一直失败", "说错了，是我U盾没插", "seal", "withdrawn"),
        ("盖章一直失败", "我搞错了，是VPN没连", "seal", "withdrawn"),
        ("盖章一直失败", "说错了", "seal", "withdrawn"),
        ("盖章一直失败", "不是盖章，是你们系统的问题", "seal", "waiting"),
        ("盖章一直失败", "我没说错，是短信", "seal", "waiting"),
        ("盖章一直失败", "不是WPS，是VPN", "seal", "waiting"),
        ("盖章一直失败", "说错了，是盖章", "seal", "waiting"),
        ("盖章一直失败", "说错了，是短信，现在好了", "seal", "withdrawn"),
        ("OA打不开", "不是网络问题，就是OA打不开", "oa", "waiting"),
        ("The seal is not working", "my mistake, cable was unplugged", "seal", "withdrawn"),
        ("The seal is not working", "I meant to ask about lunch", "seal", "waiting"),
        ("OA is not working", "it's not the VPN, the OA won't load", "oa", "waiting"),
    ],
)
async def test_8_15_other_words_move_nothing(desk: Desk, first: str, line: str, system: str, state: str) -> None:
    await desk.says("lixiao", first, chat="shifuban")
    await desk.later(seconds=10)
    await desk.says("lixiao", line, chat="shifuban")
    assert [(row[0], row[3]) for row in await tickets(desk)] == [(system, state)]


async def test_8_15_of_two_it_is_the_one_that_he_says_it_is_not(desk: Desk) -> None:
    await desk.says("lixiao", "盖章一直失败", chat="shifuban")
    await desk.says("lixiao", "OA打不开", chat="shifuban")
    await desk.says("lixiao", "说错了，不是盖章，是短信", chat="shifuban")
    assert await tickets(desk) == [AS_SMS, AS_OA]


async def test_8_15_another_ones_ticket_stays_what_it_is(desk: Desk) -> None:
    await desk.says("lixiao", "WPS打不开", chat="shifuban")
    await desk.says("zhao", "我也打不开WPS", chat="shifuban")
    await desk.says("zhao", "之前说错了，是OA打不开不是WPS", chat="shifuban")
    assert await tickets(desk) == [AS_WPS, AS_OA]


async def test_8_15_what_others_report_as_well_stays_theirs(desk: Desk) -> None:
    await desk.says("lixiao", "WPS打不开", chat="shifuban")
    await desk.says("zhao", "我也打不开WPS", chat="shifuban")
    await desk.says("lixiao", "说错了，不是WPS，是短信", chat="shifuban")
    assert await tickets(desk) == [AS_WPS, AS_SMS]


async def test_8_15_the_clock_runs_on_and_the_next_report_of_it_joins(desk: Desk) -> None:
    await desk.says("lixiao", "盖章一直失败", chat="shifuban")
    await desk.later(minutes=5)
    await desk.says("lixiao", "说错了，不是盖章，是短信", chat="shifuban")
    await desk.says("zhao", "短信收不到", chat="shifuban")
    assert await tickets(desk) == [AS_SMS]
    said = await desk.later(minutes=6)
    assert any("超时" in message.text for message in said)


async def test_8_15_an_answered_one_stays_answered_and_its_owner_reads_it(desk: Desk) -> None:
    await desk.says("lixiao", "盖章一直失败", chat="shifuban")
    await desk.says("zhou", "收到", chat="shifuban")
    said = await desk.says("lixiao", "说错了，不是盖章，是短信", chat="shifuban")
    assert await tickets(desk) == [(*AS_SMS[:3], "answered")]
    assert any("说错了，不是盖章，是短信" in message.text for message in said if message.chat == "dm-zhou")


async def test_8_15_to_the_bot_alone_it_is_about_what_he_reported_in_a_group(desk: Desk) -> None:
    await desk.says("lixiao", "盖章一直失败", chat="shifuban")
    said = await desk.says("lixiao", "说错了，不是盖章，是短信", chat="dm-lixiao")
    assert await tickets(desk) == [AS_SMS]
    assert any(ONE in message.text and "短信" in message.text for message in said if message.chat == "dm-lixiao")


async def test_8_15_without_a_ticket_of_his_it_opens_one_only_for_a_failure(desk: Desk) -> None:
    await desk.says("lixiao", "刚才说错了，不是盖章，是短信", chat="shifuban")
    assert await tickets(desk) == []
    await desk.says("lixiao", "刚才说错了，不是盖章，是短信收不到", chat="shifuban")
    assert await tickets(desk) == [AS_SMS]
