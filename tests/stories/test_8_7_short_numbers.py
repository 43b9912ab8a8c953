"""The number of a ticket written short ("收到 007", "003 好了"): that ticket and no other; worked out by hand, line by line."""

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.desk import Desk, Said, make_settings, open_desk

DAY = "GD-20261014-"


def whole(short: str) -> set[str]:
    return {f"{DAY}{number}" for number in short.split()}


async def taken(desk: Desk, who: str = "wen") -> set[str]:
    """What somebody has in hand, by the database."""
    sql = text("select number from ticket where state = 'answered' and owner = :who")
    return await desk.app.store.read(lambda s: {str(row[0]) for row in s.execute(sql, {"who": who})})


async def waiting(desk: Desk) -> set[str]:
    sql = text("select number from ticket where state = 'waiting'")
    return await desk.app.store.read(lambda s: {str(row[0]) for row in s.execute(sql)})


def asked(said: list[Said]) -> set[str]:
    """The tickets whose reporters are asked whether it works."""
    found = (action for m in said if not m.shown["updated"] for action in m.actions)
    return {action.partition(":")[2] for action in found if action.startswith("resolved:")}


def told(said: list[Said], chat: str) -> str:
    return "\n".join(m.text for m in said if m.chat == chat and not m.shown["updated"])


async def three(desk: Desk) -> None:
    """Three wait for Wen (001, 002, 003), and 004 for somebody else."""
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("sun", "VPN连不上", chat="minzheng")
    await desk.says("wu", "盖章盖不了", chat="guozi")
    await desk.says("chu", "短信收不到", chat="weijian")


async def one(desk: Desk) -> None:
    """Wen has 001, Zhou took 003, so that 002 is the only one that waits for Wen; 004 is for somebody else."""
    await three(desk)
    await desk.says("wen", f"/claim {DAY}001", chat="dm-wen")
    await desk.says("zhou", f"/claim {DAY}003", chat="dm-zhou")


@pytest.mark.parametrize(
    ("line", "takes", "asks"),
    [
        ("收到 003，我在看", "003", ""),
        ("收到，003和001我来看", "001 003", ""),
        ("收到003", "003", ""),
        ("收到 001 002", "001 002", ""),
        ("收到001，003", "001 003", ""),
        ("收到，001、002、003", "001 002 003", ""),
        ("003我来处理", "003", ""),
        ("我来处理003和001这两个", "001 003", ""),
        ("002和003我来", "002 003", ""),
        ("001/002 我来", "001 002", ""),
        ("001 先重启下WPS再试，我这就过去", "001", ""),
        ("002 稍等，我联系厂商", "002", ""),
        ("#003 收到", "003", ""),
        ("工单003我来", "003", ""),
        ("003号单我来处理", "003", ""),
        ("003：收到", "003", ""),
        ("收到 GD-20261014-001 和 002", "001 002", ""),
        ("10:30 003 我到现场，收到", "003", ""),
        ("收到 003，报 404 的那个", "003", ""),
        ("003好了", "003", "003"),
        ("003 好了，001 我来", "001 003", "003"),
        ("002好了003我在看", "002 003", "002"),
        ("got 002", "002", ""),
        ("got it, 002 is mine", "002", ""),
        ("002 is mine", "002", ""),
        ("on 002 and 003", "002 003", ""),
        ("I'll take 003", "003", ""),
        ("looking into 003 now", "003", ""),
        ("ticket 001: on it", "001", ""),
        ("002 is fixed", "002", "002"),
        ("002 done, 003 still looking", "002 003", "002"),
    ],
)
async def test_8_7_a_short_number_in_his_own_chat_takes_and_ends_those_tickets(
    desk: Desk, line: str, takes: str, asks: str
) -> None:
    await three(desk)
    said = await desk.says("wen", line, chat="dm-wen")
    assert await taken(desk) == whole(takes), told(said, "dm-wen")
    assert await waiting(desk) == whole("001 002 003 004") - whole(takes)
    assert asked(said) == whole(asks)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("收到 099", "没有工单 099。"),
        ("收到 099", "等您响应的有 GD-20261014-001、GD-20261014-002、GD-20261014-003。"),
        ("收到 003，099", "没有工单 099。"),
        ("收到 404", "没有工单 404。"),
        ("收到 004，我在看", f"{DAY}004 没有发给您，要接手请发 /claim {DAY}004。"),
        ("099 好了", "没有工单 099。"),
        ("got 099", "没有工单 099。"),
        ("003 让周予安处理", f"/assign {DAY}003 周予安。"),
        ("003 转给何牧", f"/assign {DAY}003 何牧。"),
        ("转给何牧 003", f"/assign {DAY}003 何牧。"),
        ("001和002转给何牧", f"/assign {DAY}001 何牧，/assign {DAY}002 何牧。"),
        ("003 请稍等", f"{DAY}003 还在等人响应"),
        ("003 好了吗", f"{DAY}003 还在等人响应"),
        ("收到", "请写明工单号"),
    ],
)
async def test_8_7_what_is_no_ticket_of_his_or_no_taking_does_nothing_and_is_told(
    desk: Desk, line: str, says: str
) -> None:
    await three(desk)
    said = await desk.says("wen", line, chat="dm-wen")
    assert says in told(said, "dm-wen")
    assert await waiting(desk) == whole("001 002 003 004")
    assert asked(said) == set()


@pytest.mark.parametrize(
    ("line", "takes", "asks", "says"),
    [
        ("收到 003，我在看", "", "", f"{DAY}003 由 周予安 处理中"),
        ("收到 099", "", "", "等您响应的有 GD-20261014-002。您手上的有 GD-20261014-001。"),
        ("收到 001，在看了", "", "", "已经在您手上"),
        ("looking into 003", "", "", f"{DAY}003 由 周予安 处理中"),
        ("001 转给何牧", "", "", f"/assign {DAY}001 何牧。"),
        ("004 好了", "", "", f"{DAY}004 没有发给您"),
        ("099 is fixed", "", "", "没有工单 099。"),
        ("001 好了", "", "001", "已在 市府办交流群 问"),
        ("001 好了，002 我来", "002", "001", ""),
        ("002 好了，001 还在看", "002", "002", ""),
        ("002 好了，001 还没恢复", "002", "002", ""),
        ("002 ok", "002", "", ""),
        ("001 我在看，002 我来", "002", "", ""),
        ("002好了", "002", "002", ""),
        ("fixed 002", "002", "002", ""),
        ("收到", "002", "", ""),
    ],
)
async def test_8_7_a_number_of_one_ticket_never_touches_the_only_one_that_waits(
    desk: Desk, line: str, takes: str, asks: str, says: str
) -> None:
    await one(desk)
    said = await desk.says("wen", line, chat="dm-wen")
    assert says in told(said, "dm-wen")
    assert await taken(desk) == whole("001") | whole(takes), told(said, "dm-wen")
    assert await taken(desk, "zhou") == whole("003")
    assert asked(said) == whole(asks)


@pytest.mark.parametrize(
    "line",
    [
        "报 404，我看下",
        "500 错误，我在看",
        "收到，502 了",
        "收到，错误码 500",
        "收到，15 分钟后到",
        "收到，等 120 分钟",
        "10:30 到，收到",
        "收到，占用 100%",
        "收到，拨 119 了",
        "收到，分机 001",
        "收到，在 305 房间",
        "收到，版本 3.002",
        "收到，192.168.100.101 那台",
        "收到，端口 443",
        "收到，电话 138 0000 0013",
        "收到，1,234 元那笔",
        "收到，2026-10-14 的",
        "收到，第002号文件",
        "收到，订单号 305",
        "looking into it, 404 errors",
        "got it, room 305",
        "on it, error 502",
    ],
)
async def test_8_7_a_number_of_something_else_is_no_ticket(desk: Desk, line: str) -> None:
    await one(desk)
    said = await desk.says("wen", line, chat="dm-wen")
    assert await taken(desk) == whole("001 002"), told(said, "dm-wen")


async def test_8_7_a_number_beside_a_quoted_page_of_another_ticket_does_nothing(desk: Desk) -> None:
    await three(desk)
    page = next(m for m in await desk.bot("dm-wen") if m.text.startswith(f"{DAY}002"))
    said = await desk.says("wen", "收到 003", chat="dm-wen", reply_to=page.id)
    assert f"您引用的是 {DAY}002，写的是 {DAY}003" in told(said, "dm-wen")
    assert await taken(desk) == set()
    await desk.says("wen", "收到 002", chat="dm-wen", reply_to=page.id)
    assert await taken(desk) == whole("002")


@pytest.mark.parametrize("line", ["002 让乔望处理", "002 转给乔望"])
async def test_8_7_a_lead_who_gives_it_away_in_words_reads_what_to_send(desk: Desk, line: str) -> None:
    await three(desk)
    said = await desk.says("hemu", line, chat="dm-hemu")
    assert f"/assign {DAY}002 乔望" in told(said, "dm-hemu")
    assert await waiting(desk) == whole("001 002 003 004")


async def test_8_7_in_english_he_reads_what_waits_for_him(tmp_path: Path, empty_db: Path) -> None:
    state = tmp_path / "state"
    async with open_desk(state, empty_db, settings=make_settings(state, locale="en")) as desk:
        await one(desk)
        said = await desk.says("wen", "I'll take 099", chat="dm-wen")
        assert f"There is no ticket 099. Nothing was answered or ended. Waiting for you: {DAY}002." in told(
            said, "dm-wen"
        )
        said = await desk.says("wen", "on 003 and 004", chat="dm-wen")
        assert f"{DAY}003 is with 周予安; to take it, send /claim {DAY}003." in told(said, "dm-wen")
        assert f"{DAY}004 was not sent to you" in told(said, "dm-wen")
        said = await desk.says("hemu", "I'll take 099", chat="dm-hemu")
        assert "Nothing waits for you." in told(said, "dm-hemu")
        said = await desk.says("wen", "002 让乔望处理", chat="dm-wen")
        assert f"send /assign {DAY}002 乔望." in told(said, "dm-wen")
        assert "Open here: GD-20261014-001" in told(await desk.says("wen", "收到 002", chat="shifuban"), "shifuban")
        assert await taken(desk) == whole("001")


async def test_8_7_after_midnight_a_short_number_is_the_last_open_one(desk: Desk) -> None:
    await three(desk)
    await desk.later(hours=15)
    await desk.says("wen", "收到 002", chat="dm-wen")
    assert await taken(desk) == whole("002")
    await desk.says("wen", "/claim 003", chat="dm-wen")
    assert await taken(desk) == whole("002 003")


@pytest.mark.parametrize(
    ("line", "takes", "asks", "says"),
    [
        ("收到 002", "002", "", ""),
        ("002 我在看", "002", "", ""),
        ("001和002都在看", "001 002", "", ""),
        ("002好了", "002", "002", ""),
        ("002 好了，001 我在看", "001 002", "002", ""),
        ("looking into 002", "002", "", ""),
        ("收到 003", "", "", "本群没有未结的工单 003"),
        ("收到 GD-20261014-003", "", "", "本群没有未结的工单 GD-20261014-003"),
        ("009 好了", "", "", "本群没有未结的工单 009"),
        ("got 009", "", "", "本群没有未结的工单 009"),
        ("收到，报 404", "001 002", "", ""),
        ("502 了，我看下", "001 002", "", ""),
        ("305 我马上到", "001 002", "", ""),
        ("收到，10 分钟", "001 002", "", ""),
    ],
)
async def test_8_7_in_a_group_a_number_means_its_ticket_alone(
    desk: Desk, line: str, takes: str, asks: str, says: str
) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("zhao", "盖章盖不了", chat="shifuban")
    await desk.says("sun", "VPN连不上", chat="minzheng")
    said = await desk.says("wen", line, chat="shifuban")
    assert says in told(said, "shifuban")
    assert await taken(desk) == whole(takes), told(said, "shifuban")
    assert await waiting(desk) == whole("001 002 003") - whole(takes)
    assert asked(said) == whole(asks)


async def test_8_7_in_the_duty_room_a_number_is_taken_and_talk_of_it_is_left_alone(desk: Desk) -> None:
    await three(desk)
    assert await desk.says("zhou", "003 谁处理一下", chat="duty-room") == []
    assert await desk.says("zhou", "003 还没人看", chat="duty-room") == []
    await desk.says("wen", "003 我来处理", chat="duty-room")
    assert await taken(desk) == whole("003")


async def test_8_7_a_reporter_who_has_two_ends_the_one_whose_number_he_writes(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("lixiao", "盖章盖不了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    assert asked(await desk.says("lixiao", "001 好了", chat="shifuban")) == whole("001")


async def test_8_7_a_vendor_who_is_asked_of_two_says_by_number_of_which(desk: Desk) -> None:
    await desk.says("sun", "VPN连不上", chat="minzheng")
    await desk.says("wu", "VPN连不上", chat="guozi")
    for number in ("001", "002"):
        await desk.says("wen", f"/route {DAY}{number} vendor", chat="dm-wen")
    said = await desk.says("ruan", "002 已处理", chat="dm-ruan")
    assert asked(said) == whole("002"), told(said, "dm-ruan")
