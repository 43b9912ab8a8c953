"""A ticket in other hands: whoever gave it reads who has it now and how to reach him, whoever has it reads who gave it."""

import pytest

from tests.support.desk import Desk, Said

ONE = "GD-20261014-001"


@pytest.mark.parametrize("line", [f"/assign {ONE} 周予安", "/指派 1 周予安"])
async def test_8_16_a_lead_reads_who_has_the_ticket_now_and_until_when(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")  # 10:00, to be answered by 10:10
    said = await desk.says("hemu", line, chat="duty-room")
    (answer,) = [message.text for message in said if message.chat == "duty-room"]
    assert "由 周予安 13800000012 跟进，回复时限 10:10" in answer
    (page,) = [message.text for message in said if message.chat == "dm-zhou"]
    assert "何牧 已转给 周予安。" in page


async def test_8_16_what_is_overdue_is_not_called_running_on(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await desk.later(minutes=10)
    rung = next(message for message in said if message.chat == "dm-hemu")
    (ways,) = await desk.taps("hemu", rung, "route")
    said = await desk.taps("hemu", ways, f"assign:{ONE}:zhou")
    (answer,) = [message.text for message in said if message.chat == "dm-hemu" and not message.shown["updated"]]
    assert "由 周予安 13800000012 跟进，已过 10:10 的时限" in answer


async def test_8_16_a_question_has_no_clock_and_is_not_said_to_have_one(desk: Desk) -> None:
    await desk.says("lixiao", "请问怎么导出公文", chat="shifuban")
    said = await desk.says("hemu", f"/assign {ONE} 周予安", chat="duty-room")
    (answer,) = [message.text for message in said if message.chat == "duty-room"]
    assert "由 周予安 13800000012 跟进，还没有回复" in answer


async def test_8_16_whoever_takes_it_himself_was_given_it_by_nobody(desk: Desk) -> None:
    said = await desk.says("lixiao", "OA打不开了", chat="shifuban")
    assert not any("已转给" in message.text for message in said)
    said = await desk.says("zhou", f"/assign {ONE} 周予安", chat="duty-room")
    assert not any("已转给 周予安。" in message.text for message in said if message.chat == "dm-zhou")


async def test_8_7_a_list_keeps_what_was_said_of_an_address_and_not_its_path(desk: Desk) -> None:
    line = "麻烦看下 https://oa.example.gov.cn/wui/index.html#/main/portal/1 打开白屏，点什么都没反应"
    await desk.says("lixiao", line, chat="shifuban")
    (listed,) = await desk.says("hemu", "/status", chat="duty-room")
    assert "“麻烦看下 oa.example.gov.cn/… 打开白屏，点什么都没反应”" in listed.text


BUTTONS = f"/route {ONE}"
TEAM_B = ["何牧", "周予安", "温若川", "乔望"]  # 市府, whose group it is (data/example/people.yaml)
TEAM_A = ["方屹", "唐叙"]  # of the other team's three the first two: six are offered, 苏明 has it


async def test_8_16_in_the_evening_the_groups_own_team_is_offered_first_then_the_others(desk: Desk) -> None:
    await desk.later(hours=10)  # 20:00: 苏明 of team A is on duty online for every group
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    (ways,) = await desk.says("hemu", BUTTONS, chat="duty-room")
    offered = [line.split()[0] for line in ways.text.splitlines()[1:]]
    assert offered == TEAM_B + TEAM_A
    assert [action.rpartition(":")[2] for action in ways.actions if action.startswith("assign:")] == [
        "hemu",
        "zhou",
        "wen",
        "qiao",
        "fang",
        "tang",
    ]


@pytest.mark.parametrize(
    ("way", "gone"), [("internal", "internal"), ("urgent", "urgent"), ("vendor wps", "wps"), ("business", "business")]
)
async def test_8_16_the_way_that_a_ticket_goes_already_is_not_offered(desk: Desk, way: str, gone: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    if way != "internal":
        await desk.says("hemu", f"/route {ONE} {way}", chat="duty-room")
    *_, ways = await desk.says("hemu", BUTTONS, chat="duty-room")
    offered = {action.rpartition(":")[2] for action in ways.actions if action.startswith("reroute:")}
    everywhere = {"internal", "urgent", "business", "wps", "seal", "sms", "vpn", "cloud", "network"}
    assert everywhere - offered == {gone}


async def test_8_16_the_vendor_of_the_system_stands_first(desk: Desk) -> None:
    await desk.says("lixiao", "VPN连不上", chat="shifuban")
    await desk.says("hemu", f"/route {ONE} internal", chat="duty-room")
    *_, ways = await desk.says("hemu", BUTTONS, chat="duty-room")
    assert next(action for action in ways.actions if action.startswith("reroute:")) == f"reroute:{ONE}:vpn"


@pytest.mark.parametrize("line", ["/assign 001", "/指派 1", f"/assign {ONE}"])
async def test_8_16_with_no_name_it_is_asked_who(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    (ways,) = await desk.says("hemu", line, chat="duty-room")
    assert ways.text.splitlines()[0] == f"{ONE}（市府办交流群 · 协同办公）现为内部技术，转给谁？"
    assert "assign:GD-20261014-001:zhou" in ways.actions


async def test_8_16_a_lead_hands_an_urgent_fault_over_from_the_message_that_told_him(desk: Desk) -> None:
    said = await desk.says("lixiao", "全市OA都打不开了", chat="shifuban")
    (told,) = [message for message in said if message.chat == "dm-hemu" and "紧急，值班工程师" in message.text]
    assert told.actions == [f"claim:{ONE}", f"route:{ONE}"]
    (director,) = [message for message in said if message.chat == "dm-shen" and "紧急，值班工程师" in message.text]
    assert director.actions == [f"route:{ONE}"]
    (ways,) = await desk.taps("hemu", told, "route")
    said = await desk.taps("hemu", ways, f"assign:{ONE}:qiao")
    assert any(message.chat == "dm-qiao" and "何牧 已转给 乔望。" in message.text for message in said)
    await desk.says("qiao", "收到，马上看", chat="shifuban")
    after = next(message for message in await desk.bot("dm-hemu") if message.id == told.id)
    assert "乔望 10:00 已响应" in after.text
    assert after.actions == []


async def test_8_16_who_only_gets_a_copy_has_nothing_to_press(desk: Desk) -> None:
    said = await desk.says("lixiao", "OA系统扩容的合同什么时候签", chat="shifuban")
    copies = [message for message in said if message.text.startswith("抄送")]
    assert [message.chat for message in copies] == ["dm-hemu"]
    assert copies[0].actions == []


async def test_8_16_the_list_says_who_has_what_nobody_has_answered(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("hemu", f"/assign {ONE} 乔望", chat="duty-room")
    (listed,) = await desk.says("hemu", "/status", chat="duty-room")
    assert listed.text.splitlines()[0].endswith("· 李晓 · 还剩 10 分，待 乔望 13800000014 回复")
    assert listed.actions == [f"claim:{ONE}", f"route:{ONE}"]
    await desk.later(minutes=12)
    (listed,) = await desk.says("hemu", "/status", chat="duty-room")
    assert listed.text.splitlines()[0].endswith("· 超时 2 分，乔望 13800000014 没有回复")
    (ways,) = await desk.taps("hemu", listed, "route")
    assert ways.text.startswith(f"{ONE}（市府办交流群 · 协同办公）现为内部技术，转给谁？")


async def test_8_16_an_engineer_gives_on_from_his_list_what_is_his_alone(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    (listed,) = await desk.says("qiao", "/status", chat="duty-room")
    assert listed.actions == [f"claim:{ONE}"]
    await desk.says("qiao", "收到，我来看", chat="shifuban")
    (mine,) = await desk.says("qiao", "/mine", chat="dm-qiao")
    assert mine.actions == [f"resolve:{ONE}", f"route:{ONE}"]


async def test_8_7_who_takes_what_he_was_not_paged_for_gets_its_page(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await desk.says("qiao", "收到，我来看", chat="shifuban")
    (page,) = [message for message in said if message.chat == "dm-qiao"]
    assert "李晓：“OA打不开了”" in page.text
    assert page.actions == [f"resolve:{ONE}", f"route:{ONE}", f"notfault:{ONE}"]
    said = await desk.says("qiao", "还在看", chat="shifuban")
    assert [message for message in said if message.chat == "dm-qiao"] == []


async def test_8_7_who_was_paged_gets_no_second_page(desk: Desk) -> None:
    said = await desk.says("lixiao", "OA打不开了", chat="shifuban")
    paged = {
        message.chat.removeprefix("dm-")
        for message in said
        if message.text.startswith(ONE) and message.chat[:3] == "dm-"
    }
    for name in sorted(paged):
        said = await desk.says(name, f"/claim {ONE}", chat="duty-room")
        assert [message for message in said if message.chat == f"dm-{name}" and not message.shown["updated"]] == []


def new_in(said: list[Said], chat: str) -> list[Said]:
    return [m for m in said if m.chat == chat and not m.shown["updated"]]


async def card_of(desk: Desk, person: str) -> Said:
    """The page of the report, as it stands now."""
    return next(m for m in await desk.bot(f"dm-{person}") if m.text.startswith(f"{ONE} · "))


@pytest.mark.parametrize("answered", [False, True])
async def test_8_6_what_somebody_has_already_is_not_given_to_him(desk: Desk, answered: bool) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    if answered:
        await desk.says("wen", "收到", chat="shifuban")
    said = await desk.says("zhou", f"/assign {ONE} 温若川", chat="duty-room")
    assert [m.text for m in said] == [f"{ONE} 已经在 温若川 手上，没有再通知。"]


async def test_8_6_who_gives_it_to_himself_takes_it(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    said = await desk.says("zhou", f"/assign {ONE} 周予安", chat="duty-room")
    assert new_in(said, "shifuban") == []
    assert "由 周予安 处理" in new_in(said, "duty-room")[0].text
    assert "周予安 10:00 已响应" in (await card_of(desk, "zhou")).text
    assert not any("超时" in m.text for m in await desk.later(minutes=11))


async def test_8_6_a_business_question_may_still_be_given_to_the_engineer_who_was_not_told(desk: Desk) -> None:
    await desk.says("lixiao", "想加一个报表模块，多少钱", chat="shifuban")
    said = await desk.says("hemu", f"/assign {ONE} 温若川", chat="duty-room")
    assert "何牧 已转给 温若川" in new_in(said, "dm-wen")[0].text


async def test_8_6_the_former_engineers_card_has_nothing_to_press_any_more(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("hemu", f"/assign {ONE} 乔望", chat="duty-room")
    card = await card_of(desk, "wen")
    assert "何牧 已转给 乔望 13800000014" in card.text
    assert "请在" not in card.text
    assert card.actions == []
    assert f"claim:{ONE}" in (await card_of(desk, "qiao")).actions
    await desk.says("qiao", "收到", chat="shifuban")
    assert (await card_of(desk, "wen")).actions == []
    assert f"resolve:{ONE}" in (await card_of(desk, "qiao")).actions
    await desk.says("wen", f"/assign {ONE} 温若川", chat="duty-room")  # he takes it back
    assert f"resolve:{ONE}" in (await card_of(desk, "wen")).actions
    assert (await card_of(desk, "qiao")).actions == []


async def test_8_6_so_it_is_where_the_former_had_answered(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    said = await desk.says("wen", f"/assign {ONE} 乔望", chat="dm-wen")
    assert [m.text for m in new_in(said, "dm-wen")] == [f"{ONE}（市府办交流群 · 协同办公）由 乔望 处理。"], "once"
    card = await card_of(desk, "wen")
    assert "现由 乔望 处理" in card.text
    assert card.actions == []


WIDE = "整个单位的OA都打不开，全部用户都用不了"


def reminded(said: list[Said]) -> list[str]:
    """Whom a step of the ladder tells, in its order."""
    return [m.chat for m in said if m.text.startswith("超时未响应") and not m.shown["updated"]]


async def test_8_16_who_is_handed_what_is_long_overdue_is_reminded_and_then_the_leads(desk: Desk) -> None:
    await desk.says("lixiao", WIDE, chat="shifuban")
    await desk.later(hours=2)  # the ladder has ended at 11:20
    await desk.says("hemu", f"/assign {ONE} 乔望", chat="duty-room")
    assert reminded(await desk.later(minutes=4)) == []
    assert "dm-qiao" in reminded(await desk.later(minutes=1))
    assert "dm-qiao" in reminded(await desk.later(minutes=3))
    assert reminded(await desk.later(minutes=2)) == ["dm-hemu"]
    assert reminded(await desk.later(minutes=5)) == ["dm-shen"]
    assert reminded(await desk.later(minutes=10)) == ["dm-shen", "dm-shen"]


async def test_8_16_his_answer_ends_the_reminders(desk: Desk) -> None:
    await desk.says("lixiao", WIDE, chat="shifuban")
    await desk.later(hours=2)
    await desk.says("hemu", f"/assign {ONE} 乔望", chat="duty-room")
    await desk.later(minutes=6)
    await desk.says("qiao", "收到，马上看", chat="shifuban")
    assert reminded(await desk.later(minutes=60)) == []


async def test_8_16_so_it_is_for_whoever_gets_it_next_and_the_breach_is_one(desk: Desk) -> None:
    await desk.says("lixiao", WIDE, chat="shifuban")
    await desk.later(minutes=32)
    await desk.says("hemu", f"/assign {ONE} 乔望", chat="duty-room")
    await desk.later(minutes=11)
    said = await desk.says("hemu", f"/assign {ONE} 周予安", chat="duty-room")
    said += await desk.later(minutes=10)
    assert reminded(said).count("dm-zhou") == 2
    assert reminded(said)[-1] == "dm-hemu"
    assert [line.entry.outcome for line in await desk.audit()].count("breached") == 1
    assert sum("未响应，已上报" in m.text for m in await desk.bot("shifuban")) == 1


async def test_8_16_before_its_time_is_over_the_clock_of_the_report_goes_on(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    await desk.later(minutes=6)
    await desk.says("hemu", f"/assign {ONE} 乔望", chat="duty-room")
    assert [m.chat for m in await desk.later(minutes=2) if m.text.startswith("还剩 2 分")] == ["dm-qiao", "dm-wen"]
    assert reminded(await desk.later(minutes=2)) == ["dm-hemu"]
