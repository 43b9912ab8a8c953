"""Nothing on a phone is wider than its screen: no list, card or page scrolls sideways, and every hint is read to its end."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from bot.core.content import Attachment, Button, Card, Post
from tests.browser.conftest import House, Windows
from tests.browser.test_page import ticket
from tests.browser.test_reach import PLAN

pytestmark = pytest.mark.asyncio(loop_scope="module")
WIDTHS = pytest.mark.parametrize("width", [320, 375, 390])
DIFF = (
    "R16 摘除节点\n　- server node-17.application.internal.example.gov.cn:6888 max_fails=3 fail_timeout=30s weight=2;\n"
    "　+ #server node-17.application.internal.example.gov.cn:6888 max_fails=3 fail_timeout=30s weight=2;\n"
    "```\nCommand start-domain failed: Address already in use on port 6888 of the domain mydomain\n"
    "server-log-of-the-first-application-node-with-a-very-long-name-that-has-no-blank-in-it.log\n```"
)
WIDER = """() => [...document.querySelectorAll('body, body *')].filter(e => e.getClientRects().length).filter(e => {
  const scrolls = ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth;
  const cut = e.closest('.unseen') || getComputedStyle(e).position === 'fixed';
  return scrolls || (!cut && e.getBoundingClientRect().right > innerWidth + 0.5);
}).map(e => e.outerHTML.slice(0, 90))"""
CUT = """(list) => [...list.querySelectorAll('b, span')].filter(e => e.textContent)
  .filter(e => e.scrollWidth > e.clientWidth || e.getBoundingClientRect().right > innerWidth)
  .map(e => e.textContent)"""


async def wider(page: Page) -> list[str]:
    """What is wider than the screen, or scrolls sideways."""
    found: list[str] = await page.evaluate(WIDER)
    return found


@WIDTHS
@pytest.mark.parametrize("person", ["zhou", "kong", "lixiao"])
async def test_8_27_no_hint_is_wider_than_a_phone(windows: Windows, person: str, width: int) -> None:
    """Every command of an engineer, a lead and a reporter, in the list; on the narrowest while its words are typed, too."""
    page = await windows.open(person, f"dm-{person}", width=width)
    text, hints, usage = page.locator("#text"), page.locator("#hints"), page.locator("#usage")
    await text.press_sequentially("/")
    await expect(hints).to_be_visible()
    assert await hints.evaluate("e => e.scrollWidth - e.clientWidth") == 0
    assert await hints.evaluate(CUT) == []
    assert await wider(page) == []
    for verb in await hints.locator("b").all_text_contents() if width == WIDTHS.args[1][0] else ():
        await text.fill(f"{verb} ")
        await expect(usage.locator("b")).to_have_text(verb)
        assert await usage.evaluate(CUT) == [], verb
        assert await wider(page) == [], verb


@WIDTHS
async def test_8_27_no_card_list_or_dialog_is_wider_than_a_phone(windows: Windows, house: House, width: int) -> None:
    long = "一个很长的名字-application-node-with-a-very-long-name-2026-11-30"
    buttons = tuple(Button(f"x:{n}", f"{label}") for n, label in enumerate(("确认", long, "hand-over-to-" + "x" * 60)))
    await house.posts("duty-room", Post(PLAN, card=Card(buttons, tone="ask")))
    await house.posts("duty-room", Post(DIFF, card=Card(tone="breach")))
    kept = house.app.settings.state_dir / "runs"
    kept.mkdir(exist_ok=True)
    name = f"R1-{long}-{'x' * 60}.log"
    (kept / name).write_text("x")
    quoted = await house.posts("duty-room", Post(f"R16 {long}", files=(Attachment(name, f"runs/{name}"),)))
    await house.posts("duty-room", Post(f"完整记录：http://127.0.0.1:8080/console/runs/R16?link={'x' * 200}"), quoted)
    await house.posts("shifuban", ticket(timedelta(minutes=-2), tone="breach"))
    page = await windows.open("wen", "duty-room", width=width)
    await expect(page.locator(".message")).to_have_count(4)
    assert await wider(page) == []
    await page.locator(".message .replybutton").first.click()
    await expect(page.locator("#replying")).to_be_visible()
    await page.locator("#file").set_input_files({"name": name, "mimeType": "text/plain", "buffer": b"x"})
    await expect(page.locator("#attached .chosen")).to_have_count(1)
    assert await wider(page) == []
    await page.click("#conversation .back")
    await expect(page.locator("#chats .chat").first).to_be_visible()
    assert await wider(page) == []
    await page.click("#identity")
    await expect(page.locator("#people")).to_be_visible()
    assert await wider(page) == []
