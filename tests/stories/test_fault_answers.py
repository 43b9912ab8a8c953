"""Which ticket an answer is for, and what the buttons and their typed twins do."""

from tests.support.desk import Desk, Said


async def report(desk: Desk, *lines: str, chat: str = "shifuban") -> None:
    for line in lines:
        await desk.says("lixiao" if chat == "shifuban" else "sun", line, chat=chat)


async def waiting(desk: Desk) -> str:
    """What /status shows of the whole desk."""
    said = await desk.says("hemu", "/status", chat="duty-room")
    return said[0].text


async def page(desk: Desk, number: str = "001") -> Said:
    return next(m for m in await desk.bot("dm-wen") if f"GD-20261014-{number}" in m.text)


async def test_unquoted_words_answer_all_unanswered_of_that_group_alone(desk: Desk) -> None:
    await report(desk, "盖章盖不了", "VPN连不上")
    await report(desk, "WPS打不开", chat="minzheng")
    await desk.says("wen", "收到", chat="shifuban")
    shown = await waiting(desk)
    assert shown.count("温若川 处理中") == 2
    assert "GD-20261014-003 · 民政局交流群 · WPS · 孙禾 · 还剩 10 分" in shown


async def test_words_that_quote_a_ticket_answer_that_one(desk: Desk) -> None:
    await report(desk, "盖章盖不了", "VPN连不上")
    receipt = next(m for m in await desk.bot("shifuban") if "GD-20261014-001" in m.text)
    await desk.says("wen", "收到", chat="shifuban", reply_to=receipt.id)
    shown = await waiting(desk)
    assert "GD-20261014-001 · 市府办交流群 · 电子印章 · 李晓 · 温若川 处理中" in shown
    assert "GD-20261014-002 · 市府办交流群 · VPN · 李晓 · 还剩 10 分" in shown


async def test_quoting_the_reporters_own_words_is_the_same(desk: Desk) -> None:
    await desk.says("lixiao", "盖章盖不了", chat="shifuban", id="first")
    await desk.says("lixiao", "VPN连不上", chat="shifuban")
    await desk.says("wen", "收到", chat="shifuban", reply_to="first")
    assert "VPN · 李晓 · 还剩" in await waiting(desk)


async def test_words_that_name_a_system_answer_that_system(desk: Desk) -> None:
    await report(desk, "盖章盖不了", "VPN连不上")
    await desk.says("wen", "收到，VPN马上看", chat="shifuban")
    assert "电子印章 · 李晓 · 还剩 10 分" in await waiting(desk)


async def test_fine_with_a_system_named_is_about_that_one_of_his_two(desk: Desk) -> None:
    await report(desk, "盖章盖不了", "VPN连不上")
    await desk.says("wen", "收到", chat="shifuban")
    (offer,) = await desk.says("lixiao", "盖章好了", chat="shifuban")
    assert "GD-20261014-001（电子印章）已恢复？" in offer.text


async def test_what_was_reported_in_the_duty_room_is_answered_there(desk: Desk) -> None:
    await desk.says("zhou", "/报障 市府办盖章用不了", chat="duty-room")
    assert await desk.says("qiao", "中午吃什么", chat="duty-room") == []
    said = await desk.says("zhou", "收到，马上看", chat="duty-room")
    assert any("周予安 10:00 已响应" in m.text for m in said if m.chat == "duty-room")
    assert await desk.later(minutes=15) == []


async def test_an_engineers_words_answer_a_fault_that_went_to_business_too(desk: Desk) -> None:
    """The clock of a fault goes on wherever it is sent, so his answer stops it there too."""
    await report(desk, "OA打不开了")
    await desk.says("wen", "/route 1 business", chat="duty-room")
    await desk.says("wen", "收到，马上看", chat="shifuban")
    assert "温若川 处理中" in await waiting(desk)


async def test_claim_by_tap_stops_the_clock_and_turns_the_cards(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    await desk.later(minutes=3)
    said = await desk.taps("wen", await page(desk), "claim")
    assert any("温若川 10:03 已响应（用时 3 分）" in m.text for m in said if m.chat == "shifuban")
    assert "claim:GD-20261014-001" not in (await page(desk)).actions
    assert await desk.later(minutes=26) == []


async def test_the_lead_claims_from_what_told_him(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    await desk.later(minutes=10)
    (told,) = await desk.bot("dm-hemu")
    said = await desk.taps("hemu", told, "claim")
    assert any("由 何牧 处理" in m.text for m in said if m.chat == "dm-hemu")
    assert any("何牧 10:10 已响应（用时 10 分）" in m.text for m in said if m.chat == "shifuban")


async def test_a_reporter_or_vendor_cannot_claim(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    for user in ("lixiao", "duan"):
        said = await desk.says(user, "/claim GD-20261014-001", chat="shifuban")
        assert "没有权限" in said[0].text
    assert "还剩" in await waiting(desk)


async def test_a_quoted_word_in_his_own_chat_takes_the_ticket(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    await desk.says("wen", "收到", chat="dm-wen", reply_to=(await page(desk)).id)
    assert "温若川 处理中" in await waiting(desk)


async def test_a_plain_word_in_his_own_chat_takes_the_one_ticket_that_calls_him(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    await desk.says("wen", "中午吃什么", chat="dm-wen")
    assert "还剩" in await waiting(desk)
    await desk.says("wen", "收到", chat="dm-wen")
    assert "温若川 处理中" in await waiting(desk)


async def test_of_several_that_call_him_he_is_asked_which(desk: Desk) -> None:
    await report(desk, "盖章盖不了", "VPN连不上")
    (answer,) = await desk.says("wen", "收到", chat="dm-wen")
    assert "请写明工单号，例如 /claim GD-20261122-003，或引用那条工单消息再发。" in answer.text
    assert (await waiting(desk)).count("还剩") == 2


async def test_who_had_it_hears_that_a_colleague_took_it_over(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    await desk.says("wen", "收到", chat="shifuban")
    said = await desk.says("zhou", "/claim 1", chat="duty-room")
    (told,) = [m for m in said if m.chat == "dm-wen" and not m.shown["updated"]]
    assert told.text == "GD-20261014-001（市府办交流群 · 协同办公）由 周予安 处理。"


async def test_not_a_fault_ends_the_clock(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    said = await desk.taps("wen", await page(desk), "notfault")
    assert any("不按故障处理" in m.text for m in said if m.chat == "shifuban")
    assert await desk.later(minutes=30) == []


async def test_fine_by_the_reporter_offers_to_resolve(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    await desk.says("wen", "收到", chat="shifuban")
    assert await desk.says("sun", "好了", chat="minzheng") == []
    (offer,) = await desk.says("lixiao", "好了，谢谢", chat="shifuban")
    assert "GD-20261014-001（协同办公）已恢复？" in offer.text
    said = await desk.taps("lixiao", offer, "resolved")
    assert any("已恢复" in m.text and m.shown["card"]["tone"] == "done" for m in said if m.chat == "shifuban")
    assert "没有未结的工单" in await waiting(desk)
    assert await desk.later(minutes=70) == []


async def test_not_yet_keeps_it_open_and_tells_the_engineer(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    await desk.says("wen", "收到", chat="shifuban")
    (offer,) = await desk.says("wen", "已恢复，您再试试", chat="shifuban")
    assert offer.mentions == ["lixiao"]
    said = await desk.taps("lixiao", offer, "still")
    assert any("李晓 说还没恢复" in m.text for m in said if m.chat == "dm-wen")
    assert "温若川 处理中" in await waiting(desk)


async def test_a_contradiction_reopens_the_same_ticket_and_after_a_confirmed_end_it_is_a_new_one(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    await desk.taps("wen", await page(desk), "resolve")
    await desk.later(minutes=5)
    said = await desk.says("lixiao", "还是打不开", chat="shifuban")
    assert any("GD-20261014-001 继续处理" in m.text for m in said if m.chat == "shifuban")
    (offer,) = await desk.says("lixiao", "可以了", chat="shifuban")
    await desk.taps("lixiao", offer, "resolved")
    said = await desk.says("lixiao", "OA又打不开了", chat="shifuban")
    assert any("GD-20261014-002" in m.text for m in said if m.chat == "shifuban")


async def test_an_end_that_the_reporter_confirmed_is_not_undone_by_an_old_button(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    await desk.says("wen", "收到", chat="shifuban")
    (offer,) = await desk.says("lixiao", "好了，谢谢", chat="shifuban")
    await desk.taps("lixiao", offer, "resolved")
    (answer,) = await desk.taps("lixiao", offer, "still")
    assert "已经结束。仍有问题请直接在群里说，会开新的工单。" in answer.text
    assert "没有未结的工单" in await waiting(desk)


async def test_taken_back_before_an_answer_is_closed_without_a_breach(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    said = await desk.says("lixiao", "不用看了，是我看错了", chat="shifuban")
    assert any("已由 李晓 撤回" in m.text for m in said if m.chat == "shifuban")
    assert await desk.later(minutes=30) == []


async def test_what_was_done_last_time_is_on_the_next_page(desk: Desk) -> None:
    await report(desk, "盖章盖不了")
    await desk.says("wen", "收到", chat="shifuban")
    (offer,) = await desk.says("wen", "重启签章客户端，已恢复", chat="shifuban")
    await desk.taps("lixiao", offer, "resolved")
    await desk.later(hours=24)
    await report(desk, "盖章又盖不了", chat="minzheng")
    pages = [m for chat in ("dm-wen", "dm-zhou", "dm-qiao") for m in await desk.bot(chat) if "20261015" in m.text]
    assert "上次同类 10-14 温若川：重启签章客户端，已恢复" in pages[0].text


async def test_typed_twins_and_what_they_say_when_wrong(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    assert "没有工单 GD-20261014-009" in (await desk.says("wen", "/claim 9", chat="duty-room"))[0].text
    assert "请写明工单号" in (await desk.says("wen", "/claim", chat="duty-room"))[0].text
    said = await desk.says("wen", "/claim gd-20261014-001", chat="duty-room")
    assert any(m.chat == "duty-room" and "由 温若川 处理" in m.text for m in said)
    assert "市府办交流群" in (await desk.says("wen", "/mine", chat="dm-wen"))[0].text
    said = await desk.says("wen", "/resolve 1", chat="duty-room")
    assert any(m.chat == "duty-room" and "已办结" in m.text for m in said)
    assert "已经结束" in (await desk.says("wen", "/claim 1", chat="duty-room"))[0].text
    assert [(r.entry.outcome, r.entry.code) for r in await desk.audit()][-1] == ("refused", "ticket_closed")


async def test_status_in_a_group_shows_its_own_tickets_alone(desk: Desk) -> None:
    await report(desk, "OA打不开了")
    assert "GD-20261014-001" in (await desk.says("zhao", "/status", chat="shifuban"))[0].text
    assert (await desk.says("sun", "/status", chat="minzheng"))[0].text == "本群没有未结的工单。"
    assert "GD-20261014-001" in (await desk.says("lixiao", "/mine", chat="dm-lixiao"))[0].text
    assert "没有与您有关" in (await desk.says("sun", "/mine", chat="minzheng"))[0].text
