"""Who gets a question, a request, a third party's fault; and sending it another way (routes.yaml of the example)."""

from tests.support.desk import Desk, Said


def by_chat(said: list[Said]) -> dict[str, str]:
    return {m.chat: m.text for m in said}


async def test_a_third_partys_question_mentions_its_person_and_the_engineer_owes_the_answer(desk: Desk) -> None:
    said = await desk.says("wu", "WPS授权多少钱？", chat="guozi")
    (line,) = [m for m in said if m.chat == "guozi"]
    assert "潘越 13800000031（WPS 服务商）" in line.text
    assert "温若川 13800000013 跟进到有结果" in line.text
    assert line.mentions == ["pan", "wen"]
    assert {m.chat for m in said} == {"guozi", "dm-wen"}, "he is in the group: no direct message"


async def test_a_vendor_who_is_not_in_the_group_gets_the_words_himself(desk: Desk) -> None:
    said = await desk.says("sun", "WPS授权多少钱？", chat="minzheng")
    assert "孙禾：“WPS授权多少钱？”" in by_chat(said)["dm-pan"]


async def test_a_silent_vendor_is_chased_and_a_word_of_his_waits_anew(desk: Desk) -> None:
    await desk.says("lixiao", "盖章盖不了", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban")
    await desk.later(minutes=20)
    await desk.says("duan", "我们在看", chat="shifuban")
    quiet = await desk.later(minutes=29)
    assert not any("段宁" in m.text and "没有回话" in m.text for m in quiet)
    said = await desk.later(minutes=1)
    assert any(m.chat == "dm-wen" and "段宁 13800000032 已 30 分没有回话" in m.text for m in said)
    (again,) = [m for m in await desk.later(minutes=30) if "没有回话" in m.text]
    assert "已 1 小时没有回话" in again.text


async def test_business_goes_to_its_owner_with_the_lead_in_copy(desk: Desk) -> None:
    said = by_chat(await desk.says("sun", "系统授权到期了怎么续费报价", chat="minzheng"))
    assert set(said) == {"minzheng", "dm-jiang", "dm-hemu"}
    assert "江晚 13800000002（商务）会回复您" in said["minzheng"]
    assert said["dm-hemu"].startswith("抄送")


async def test_only_the_business_owner_answers_business(desk: Desk) -> None:
    await desk.says("sun", "系统授权到期了怎么续费报价", chat="minzheng")
    await desk.says("wen", "收到", chat="minzheng")
    assert "待回复" in (await desk.says("sun", "/status", chat="minzheng"))[0].text


async def test_the_business_owner_ends_what_is_hers_and_nothing_else(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    assert "没有权限" in (await desk.says("jiang", "/resolve 1", chat="dm-jiang"))[0].text
    await desk.says("sun", "系统授权到期了怎么续费报价", chat="minzheng")
    (page,) = [m for m in await desk.bot("dm-jiang") if m.actions]
    await desk.taps("jiang", page, "resolve")
    assert (await desk.says("sun", "/status", chat="minzheng"))[0].text == "本群没有未结的工单。"


async def test_internal_goes_to_the_sides_lead_and_then_to_headquarters(desk: Desk) -> None:
    said = by_chat(await desk.says("qian", "能不能帮我查一下接口日志", chat="zhengshuju"))
    assert set(said) == {"zhengshuju", "dm-tang", "dm-fang"}
    later = await desk.later(minutes=59)
    assert not any(m.chat == "dm-hq" for m in later)
    assert "dm-hq" in by_chat(await desk.later(minutes=1))


async def test_a_how_to_question_goes_to_the_engineer_and_starts_no_clock(desk: Desk) -> None:
    said = await desk.says("lixiao", "怎么修改密码", chat="shifuban")
    assert set(by_chat(said)) == {"shifuban", "dm-wen"}
    assert all(not (m.shown["card"] or {}).get("countdown") for m in said)
    assert await desk.later(minutes=30) == []
    await desk.says("wen", "您在右上角点设置，可以修改密码", chat="shifuban")
    assert "没有未结的工单" in (await desk.says("lixiao", "/status", chat="shifuban"))[0].text


async def test_rerouting_by_tap_and_by_words_keeps_the_clock(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    page = (await desk.bot("dm-wen"))[0]
    (ways,) = await desk.taps("wen", page, "route")
    said = await desk.taps("wen", ways, "reroute:GD-20261014-001:wps")
    line = next(m for m in said if m.chat == "shifuban" and not m.shown["updated"])
    assert line.mentions == ["pan", "wen"]
    assert any("已转第三方" in m.text for m in said if m.chat == "dm-wen")
    said = await desk.says("wen", "/route 1 urgent", chat="duty-room")
    assert {"dm-hemu", "dm-shen", "duty-room"} <= set(by_chat(said))
    assert "还剩 5 分" in by_chat(await desk.later(minutes=5))["dm-wen"]
    moves = [line.entry for line in await desk.audit() if line.entry.outcome == "rerouted"]
    assert [entry.actor for entry in moves] == ["wen", "wen"]


async def test_a_way_that_does_not_exist_is_named_with_those_that_do(desk: Desk) -> None:
    await desk.says("lixiao", "OA打不开了", chat="shifuban")
    assert "没有“mars”这个去向" in (await desk.says("wen", "/route 1 vendor mars", chat="duty-room"))[0].text
    assert "请写明，例如" in (await desk.says("wen", "/route 1 third_party", chat="duty-room"))[0].text
    assert "转给谁？" in (await desk.says("wen", "/route 1", chat="duty-room"))[0].text
    assert "没有权限" in (await desk.says("lixiao", "/route 1 business", chat="shifuban"))[0].text
