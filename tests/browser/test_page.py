"""What the page does with what it is given: text, cards, clocks, buttons, people, files, a lost connection."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from bot.core.content import Button, Card, Countdown, Mention, Post
from tests.browser.conftest import House, Windows

pytestmark = pytest.mark.asyncio(loop_scope="module")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c4890000000d49444154789c6360f8cf500f0003050101"
    "27dabe250000000049454e44ae426082".replace(" ", "")
)


async def say(page: Page, text: str) -> None:
    await page.fill("#text", text)
    await page.press("#text", "Enter")


def ticket(due: timedelta, *, tone: str = "open", ended: timedelta | None = None) -> Post:
    """A card whose clock started ten minutes before it is due, ``due`` from now."""
    now = datetime.now(UTC)
    clock = Countdown(now + due - timedelta(minutes=10), now + due, now + ended if ended is not None else None)
    buttons = (Button("claim:GD-20261122-003", "我来处理", "primary"), Button("route:GD-20261122-003", "转派"))
    text = "GD-20261122-003（电子印章）\n请 @周予安 处理，13800000012"
    return Post(text, (Mention("zhou", "周予安"),), card=Card(buttons, clock, tone))


async def test_a_command_is_answered_in_the_chat(windows: Windows) -> None:
    page = await windows.open("lixiao", "shifuban")
    await say(page, "/ping 在吗")
    await expect(page.locator(".message.frombot").last).to_contain_text("pong 在吗")
    await expect(page.locator(".message.frombot .quote").last).to_contain_text("/ping 在吗")


async def test_what_people_type_is_text_and_nothing_else(windows: Windows, house: House) -> None:
    evil = "<img src=x onerror=\"document.body.dataset.pwned='1'\"><b>hi</b> javascript:alert(1)"
    await house.speaks("zhao", "shifuban", evil)
    page = await windows.open("lixiao", "shifuban")
    text = page.locator(".message .text").last
    await expect(text).to_have_text(evil)
    assert await text.locator("img, b, a").count() == 0
    assert await page.evaluate("document.body.dataset.pwned") is None


async def test_what_is_said_stands_at_once_and_arrives_once(windows: Windows, house: House) -> None:
    page = await windows.open("lixiao", "shifuban")
    lost: list[Route] = []

    async def lose_the_first_answer(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route)
            await route.fetch()
            await route.abort()
            return
        await route.continue_()

    await page.route("**/messages", lose_the_first_answer)
    await say(page, "盖章用不了")
    await expect(page.locator(".message.own .text", has_text="盖章用不了")).to_have_count(1)
    await expect(page.locator(".message.pending")).to_have_count(0)
    assert (await house.texts("shifuban")).count("盖章用不了") == 1
    assert len(lost) == 1
    await windows.complains("net::ERR_")  # the lost answer is in the browser's log


async def test_clocks_count_down_warn_and_say_overdue(windows: Windows, house: House) -> None:
    await house.posts("shifuban", ticket(timedelta(minutes=5)))
    await house.posts("minzheng", ticket(timedelta(seconds=90)))
    await house.posts("guozi", ticket(timedelta(minutes=-2), tone="breach"))
    await house.posts("fangkong", ticket(timedelta(minutes=8), tone="quiet", ended=timedelta(0)))
    page = await windows.open("zhou", "shifuban")
    clocks = page.locator(".card .clock")
    await expect(clocks).to_have_text(re.compile(r"^剩余0[45]:\d\d$"))
    first = await clocks.inner_text()
    await expect(clocks).not_to_have_text(first)
    assert await clocks.get_attribute("data-state") == "running"
    await expect(page.locator(".chat[data-chat=minzheng] .clock[data-state=soon]")).to_be_visible()
    overdue = page.locator(".chat[data-chat=guozi] .clock[data-state=over]")
    await expect(overdue.locator(".clocktime")).to_have_text(re.compile(r"^\+02:\d\d$"))
    await expect(page.locator(".chat[data-chat=fangkong] .clock")).to_have_count(0)
    await page.click(".chat[data-chat=fangkong]")
    await expect(page.locator(".card .clock")).to_have_text("用时02:00")


async def test_a_button_taps_once_and_the_card_changes_in_place(windows: Windows, house: House) -> None:
    message = await house.posts("shifuban", ticket(timedelta(minutes=5)))
    await house.speaks("zhao", "shifuban", "我也打不开")
    page = await windows.open("zhou", "shifuban")
    card = page.locator(".message.frombot").first
    async with page.expect_request("**/local/taps") as sent:
        await card.get_by_role("button", name="我来处理").click()
    body = (await sent.value).post_data_json
    assert body is not None
    assert {key: body[key] for key in ("user", "message", "action")} == {
        "user": "zhou",
        "message": message,
        "action": "claim:GD-20261122-003",
    }
    await house.rewrites(message, "shifuban", Post("GD-20261122-003\n周予安 14:07 已响应", card=Card(tone="quiet")))
    await expect(card).to_contain_text("已响应")
    await expect(card.get_by_role("button", name="我来处理")).to_have_count(0)
    await expect(page.locator(".message").nth(1)).to_contain_text("我也打不开")


async def test_a_mention_counts_for_the_one_who_is_meant(windows: Windows, house: House) -> None:
    page = await windows.open("zhou", "minzheng")
    await house.posts("shifuban", ticket(timedelta(minutes=5)))
    await expect(page.locator(".chat[data-chat=shifuban] .badge")).to_have_text("@1")
    await expect(page).to_have_title(re.compile(r"^\(1\)"))
    await page.click(".chat[data-chat=shifuban]")
    await expect(page.locator(".mention.own")).to_have_text("@周予安")
    await expect(page.locator(".chat[data-chat=shifuban] .badge")).to_have_count(0)
    other = await windows.open("wen", "minzheng")
    await expect(other.locator(".chat[data-chat=shifuban] .badge")).to_have_text("1")


async def test_speaking_as_somebody_else_by_keyboard(windows: Windows, house: House) -> None:
    page = await windows.open("lixiao", "shifuban")
    await page.locator("#text").press("Control+k")
    await page.locator("#find").press_sequentially("何牧")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.locator("#find").press("Enter")
    await expect(page.locator("#identity")).to_contain_text("何牧")
    assert "as=hemu" in page.url
    await say(page, "我来看")
    await expect(page.locator(".message[data-user=hemu]")).to_contain_text("我来看")
    await house.posts("dm-hemu", Post("只给何牧"))
    await page.click(".chat[data-chat=dm-hemu]")
    await expect(page.locator(".message.frombot")).to_contain_text("只给何牧")


async def test_a_diff_is_shown_as_one_and_a_command_can_be_filled_in(windows: Windows, house: House) -> None:
    asked = "R17 摘除节点\n　- server 10.154.54.58:6888;\n　+ #server 10.154.54.58:6888;\n撤销请发 /undrain 10.154.54.58，随时可以"
    await house.posts("duty-room", Post(asked, card=Card(tone="ask")))
    page = await windows.open("wen", "duty-room")
    await expect(page.locator(".diff .removed")).to_have_text("- server 10.154.54.58:6888;")
    await expect(page.locator(".diff .added")).to_have_text("+ #server 10.154.54.58:6888;")
    await page.get_by_role("button", name="/undrain 10.154.54.58").click()
    await expect(page.locator("#text")).to_have_value("/undrain 10.154.54.58")


async def test_a_slash_offers_commands(windows: Windows) -> None:
    page = await windows.open("wen", "duty-room")
    await page.locator("#text").press_sequentially("/摘")
    await expect(page.locator("#hints [role=option]")).to_have_count(1)
    await page.locator("#text").press("Tab")
    await expect(page.locator("#text")).to_have_value("/drain ")
    await expect(page.locator("#hints")).to_be_hidden()


async def test_files_go_up_and_are_shown(windows: Windows, tmp_path: Path) -> None:
    picture, log = tmp_path / "报错.png", tmp_path / "日志.txt"
    picture.write_bytes(PNG)
    log.write_text("x", encoding="utf-8")
    page = await windows.open("lixiao", "shifuban")
    await page.set_input_files("#file", [picture, log])
    await expect(page.locator(".chosen:not(.busy)")).to_have_count(2)
    await say(page, "截图在这里")
    shown = page.locator(".message.own:not(.pending) .files")
    await expect(shown.locator(".file")).to_have_text("日志.txt")
    await expect(shown.locator("img")).to_have_js_property("naturalWidth", 1)


async def test_a_reply_quotes_what_it_answers(windows: Windows, house: House) -> None:
    await house.speaks("zhao", "shifuban", "会议改到三点了")
    await house.speaks("lixiao", "shifuban", "三楼会议室")
    page = await windows.open("zhou", "shifuban")
    await page.locator(".message").first.hover()
    await page.get_by_role("button", name="回复 赵一帆").click()
    await say(page, "好的，我们三点到")
    await expect(page.locator(".message[data-user=zhao] .answers")).to_contain_text("1 条回复")
    await expect(page.locator(".message[data-user=zhou]:not(.pending) .quote")).to_have_text(
        re.compile("赵一帆.*会议改到三点了")
    )


async def test_a_long_chat_shows_its_end_and_the_rest_on_demand(windows: Windows, house: House) -> None:
    for number in range(230):
        await house.posts("shifuban", Post(f"第 {number} 条"))
    page = await windows.open("lixiao", "shifuban")
    await expect(page.locator(".message").last).to_contain_text("第 229 条")
    await expect(page.locator(".message").last).to_be_in_viewport()
    await expect(page.locator(".message")).to_have_count(200)
    await page.get_by_role("button", name="更早的消息").click()
    await expect(page.locator(".message")).to_have_count(230)
    await expect(page.locator(".message").first).to_contain_text("第 0 条")


async def test_english_stays_after_a_reload(windows: Windows) -> None:
    page = await windows.open("zhou", "shifuban")
    await page.click("#language")
    await expect(page.locator("#identity")).to_contain_text("Engineer · Team B")
    await page.reload()
    await expect(page.locator("#text")).to_have_attribute("placeholder", "Message 市府办交流群")


async def test_8_15_the_page_opens_in_the_language_of_the_service(house: House, windows: Windows) -> None:
    """Until the reader has chosen another: the page of a company that speaks English is not Chinese."""
    house.app.runtime.settings = house.app.settings.model_copy(update={"locale": "en"})
    page = await windows.open("zhou", "shifuban")
    await expect(page.locator("#identity")).to_contain_text("Engineer · Team B")
    assert await page.evaluate("document.documentElement.lang") == "en"
    await page.click("#language")
    await page.reload()
    await expect(page.locator("#identity")).to_contain_text("工程师 · B组")


async def test_on_a_phone_one_thing_at_a_time(windows: Windows, house: House) -> None:
    long_word = "GET /weaver/com.eweaver.servlet/" + "x" * 300
    await house.posts("shifuban", Post(f"{long_word}\n```\n{long_word}\n```", card=ticket(timedelta(minutes=5)).card))
    page = await windows.open("zhou", width=375)
    await expect(page.locator("#conversation")).to_be_hidden()
    await page.click(".chat[data-chat=shifuban]")
    await expect(page.locator("#sidebar")).to_be_hidden()
    await expect(page.get_by_role("button", name="我来处理")).to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth") == 375
    await page.get_by_role("link", name="返回群列表").click()
    await expect(page.locator("#sidebar")).to_be_visible()


async def test_a_lost_service_is_said_and_nothing_typed_is_lost(windows: Windows, house: House) -> None:
    page = await windows.open("lixiao", "shifuban")
    await house.app.web.stop()
    await expect(page.locator("#offline")).to_be_visible()
    await say(page, "断线时说的话")
    await expect(page.locator(".message[data-state=waiting]")).to_contain_text("断线时说的话")
    await house.posts("shifuban", Post("断线时机器人说的话"))
    await house.app.web.start()
    await expect(page.locator("#offline")).to_be_hidden()
    await expect(page.locator(".message.pending")).to_have_count(0)
    await expect(page.locator(".message.frombot")).to_contain_text("断线时机器人说的话")
    assert (await house.texts("shifuban")).count("断线时说的话") == 1
    await windows.complains("net::ERR_")  # the browser logs every refused connection
