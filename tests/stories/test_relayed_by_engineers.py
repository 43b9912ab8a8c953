"""An engineer tells of a new fault in a group: a ticket of its own, and no other ticket's clock stops; his diagnosis is an answer.

The tables were worked out by hand; the oracle is the rows of the tickets, and what the group and the lead read.
"""

import pytest

from tests.support.desk import Desk

Row = tuple[str, ...]
SMS, OA = "工信局反馈短信收不到验证码", "OA打不开"


async def tickets(desk: Desk) -> list[Row]:
    query = "SELECT system, state, chat FROM ticket ORDER BY number"
    return await desk.app.store.read(lambda s: [tuple(row) for row in s.connection().exec_driver_sql(query)])


@pytest.mark.parametrize(
    ("line", "system"),
    [
        ("工信局VPN也连不上了", "vpn"),
        ("工信局移动端闪退打不开", "mobile_client"),
        ("VPN断了", "vpn"),
        ("工信局WPS打开就闪退，麻烦同事看一下", "wps"),
        ("盖章盖不上去了", "seal"),
        ("工信局OA很慢", "oa"),
        ("工信局登录不上", "oa"),
        ("工信局公文打不开，帮忙看下", "oa"),
        ("工信局外网上不了", "network"),
        ("VPN is down at the industry office", "vpn"),
        ("WPS does not open, please have a look", "wps"),
        ("the mobile app crashes on start", "mobile_client"),
        ("nobody in the bureau can open the OA portal", "oa"),
    ],
)
async def test_8_7_an_engineers_report_of_another_system_stops_no_clock(desk: Desk, line: str, system: str) -> None:
    await desk.says("qiao", SMS, chat="gongxin")
    await desk.later(seconds=10)
    said = await desk.says("zhou", line, chat="gongxin")
    assert await tickets(desk) == [("sms", "waiting", "gongxin"), (system, "waiting", "gongxin")]
    assert any("GD-20261014-002" in message.text for message in said if message.chat == "gongxin")
    await desk.later(minutes=11)
    assert any("GD-20261014-001" in message.text for message in await desk.bot("dm-hemu"))


@pytest.mark.parametrize(
    "line",
    [
        "是数据库挂了，我在重启",
        "VPN网关的问题，正在处理",
        "VPN掉线导致的，等一下",
        "OA打不开是证书过期",
        "看了下，VPN连不上是密码错了",
        "应该是网络断了",
        "WPS插件失效，重装一下",
        "您那边VPN还连不上吗",
        "VPN连不上的话先重启客户端",
        "印章服务器宕机，厂家在看",
        "VPN断了，我看看",
        "OA节点挂了一台，已经切走",
        "短信收不到可以看下拦截",
        "工信局短信收不到",
        "短信还是发不出去",
        "短信平台欠费了，我联系厂家",
        "网络断了",
        "VPN连不上的同事请换个网络",
        "the database is down, working on it",
        "the VPN is down because of the carrier",
        "looks like the seal server crashed",
        "the network is down, vendor informed",
    ],
)
async def test_8_7_an_engineers_diagnosis_is_an_answer_whatever_it_names(desk: Desk, line: str) -> None:
    await desk.says("qiao", SMS, chat="gongxin")
    await desk.later(seconds=10)
    await desk.says("zhou", line, chat="gongxin")
    assert await tickets(desk) == [("sms", "answered", "gongxin")]


@pytest.mark.parametrize("line", ["统计局短信也收不到了", "统计局短信发不出去"])
async def test_8_7_the_same_trouble_of_another_unit_answers_nobody(desk: Desk, line: str) -> None:
    await desk.says("qiao", SMS, chat="gongxin")
    await desk.says("zhou", line, chat="gongxin")
    assert await tickets(desk) == [("sms", "waiting", "gongxin")]
    assert any(line in message.text for message in await desk.bot("dm-wen"))


async def test_8_7_what_stands_below_a_quote_is_about_that(desk: Desk) -> None:
    await desk.says("lixiao", OA, chat="shifuban", id="asked")
    await desk.says("zhou", "VPN断了", chat="shifuban", reply_to="asked")
    assert await tickets(desk) == [("oa", "answered", "shifuban")]


async def test_8_7_a_system_that_is_open_by_its_name_in_the_same_line_is_spoken_of(desk: Desk) -> None:
    await desk.says("lixiao", OA, chat="shifuban")
    await desk.says("zhou", "VPN连不上，OA打不开", chat="shifuban")
    assert await tickets(desk) == [("oa", "answered", "shifuban")]


@pytest.mark.parametrize(
    ("who", "chat", "line", "system"),
    [
        ("zhou", "tongji", "统计局短信发不出去", "sms"),
        ("zhou", "tongji", "统计局短信发不出去，帮忙看下", "sms"),
        ("tang", "xiling", "西岭县反馈OA打开很慢", "oa"),
        ("tang", "xiling", "西岭县反馈短信打不开", "sms"),
        ("zhou", "fangkong", "防控办移动端闪退打不开", "mobile_client"),
        ("zhou", "fangkong", "防控办反馈OA打开很慢", "oa"),
        ("tang", "weijian", "卫健局盖章失败", "seal"),
        ("zhou", "tongji", "the statistics bureau can't send text messages", "sms"),
    ],
)
async def test_8_15_an_engineers_report_in_a_quiet_group_is_heard(
    desk: Desk, who: str, chat: str, line: str, system: str
) -> None:
    said = await desk.says(who, line, chat=chat)
    assert await tickets(desk) == [(system, "waiting", chat)]
    assert any("已收到" in message.text for message in said if message.chat == chat)


@pytest.mark.parametrize(
    "line",
    [
        "OA数据库连不上，在重启",
        "VPN掉线的话换个网络",
        "大家注意，短信平台今天有延迟",
        "昨天OA打不开的问题总部在查",
        "哪个单位VPN连不上",
        "OA没有故障",
        "网络断了",
        "our VPN gateway failed over",
        "if the VPN drops, reconnect",
    ],
)
async def test_8_15_what_engineers_say_besides_opens_nothing_in_a_quiet_group(desk: Desk, line: str) -> None:
    assert await desk.says("zhou", line, chat="tongji") == []
    assert await tickets(desk) == []


@pytest.mark.parametrize("chat", ["dm-zhou", "duty-room"])
async def test_8_15_where_engineers_are_among_themselves_nothing_is_reported(desk: Desk, chat: str) -> None:
    await desk.says("zhou", "统计局短信发不出去", chat=chat)
    assert await tickets(desk) == []
