"""The page for whoever reads it: each person's own groups and commands, answered tickets, plans on a phone; axe finds nothing."""

import asyncio
from datetime import timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, expect

from bot.core.content import Button, Card, Post
from tests.browser.conftest import House, Windows
from tests.browser.test_page import say, ticket

pytestmark = pytest.mark.asyncio(loop_scope="module")
PLAN = """R17 升级打包 oa1（oa1）
申请：周予安 /upgrade YTSRMZFecology20230224-224.zip
oa1：解包 → 重启
　mysqldump -h 127.0.0.1 ecology --result-file=/backup/ecology-20261129-before-the-upgrade-of-all-nodes.sql
　unzip -o /opt/packages/YTSRMZFecology20230224-224.zip -d /usr/local/weaver
　/usr/local/resin/bin/resinctl restart"""


async def groups(page: Page) -> set[str]:
    chats = await page.locator("#chats .chat").evaluate_all("all => all.map(one => one.dataset.chat)")
    return set(chats)


async def faults(page: Page) -> list[str]:
    """What axe, the accessibility checker, has against the page as it stands."""
    found = await Axe().run(page)
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


async def test_8_27_each_person_sees_the_groups_that_he_is_in(windows: Windows) -> None:
    assert await groups(await windows.open("lixiao")) == {"dm-lixiao", "shifuban"}  # one office, no duty room
    assert await groups(await windows.open("su")) == {
        *("dm-su", "duty-room", "zhengshuju", "weijian", "jiaoyu", "donghu", "xiling")
    }
    shown = await groups(await windows.open("kong"))
    assert shown == {"dm-kong", "shifuban", "zhengshuju"}


async def test_8_27_another_group_is_not_opened_by_its_address(windows: Windows, house: House) -> None:
    await house.posts("duty-room", Post("只给值班室"))
    page = await windows.open("lixiao", "duty-room")
    await expect(page.locator("#chatname")).not_to_have_text("值班室")
    await expect(page.locator(".message")).to_have_count(0)


async def test_8_27_hints_offer_what_the_person_may_do_with_its_words(windows: Windows) -> None:
    page = await windows.open("lixiao", "shifuban")
    await page.locator("#text").press_sequentially("/")
    offered = page.locator("#hints [role=option] b")
    await expect(offered.filter(has_text="/help")).to_have_count(1)
    await expect(offered.filter(has_text="/drain")).to_have_count(0)  # a reporter touches no server
    page = await windows.open("zhou", "shifuban")
    await page.locator("#text").press_sequentially("/")
    offered = page.locator("#hints [role=option] b")
    for verb in ("/extend-disk", "/rollback", "/break-glass", "/claim", "/probe-port"):
        await expect(offered.filter(has_text=verb)).to_have_count(1)
    await page.locator("#text").press_sequentially("extend-disk oa3")
    await expect(page.locator("#hints")).to_be_hidden()
    await expect(page.locator("#usage")).to_have_text("/extend-diskoa1 sdb 10G磁盘扩容")
    await page.locator("#text").fill("/磁盘扩容 oa3")
    await expect(page.locator("#usage .args")).to_have_text("oa1 sdb 10G")
    await page.locator("#text").fill("盖章点了没反应")
    await expect(page.locator("#usage")).to_be_hidden()


@pytest.mark.parametrize("late", ["commands", "directory"])
async def test_what_was_typed_before_the_page_knew_enough_stays_and_gets_its_hints(windows: Windows, late: str) -> None:
    page = await windows.open("lixiao", "shifuban")
    arrived = asyncio.Event()

    async def hold(route: Route) -> None:
        await arrived.wait()
        await route.continue_()

    await page.route(f"**/local/{late}*", hold)
    await page.reload()
    await page.locator("#text").press_sequentially("/")
    if late == "directory":
        await page.locator("#text").press("Enter")  # there is no chat yet that it could be sent to
    offered = page.locator("#hints [role=option] b")
    assert await offered.count() == 0
    arrived.set()
    await expect(offered.filter(has_text="/help")).to_have_count(1)
    await expect(page.locator("#text")).to_have_value("/")


@pytest.mark.parametrize("width", [390, 900, 1280])
async def test_8_27_an_answered_ticket_can_still_be_reached(windows: Windows, house: House, width: int) -> None:
    message = await house.posts("shifuban", ticket(timedelta(minutes=8), tone="quiet", ended=timedelta(0)))
    for number in range(30):
        await house.speaks("zhao", "shifuban", f"大家好 {number}")
    page = await windows.open("zhou", "" if width < 720 else "minzheng", width=width)
    entry = page.locator("#desk section", has_text="已响应").locator(".waiting")
    await expect(entry).to_have_count(1)
    await entry.click()
    await expect(page.locator(f"#m-{message}")).to_be_in_viewport()


@pytest.mark.parametrize("width", [320, 390])
async def test_8_27_every_command_of_a_plan_is_set_as_one_on_a_phone(
    windows: Windows, house: House, width: int
) -> None:
    await house.posts(
        "duty-room", Post(PLAN, card=Card(tone="ask", buttons=(Button("confirm:R17", "确认", "primary"),)))
    )
    page = await windows.open("wen", "duty-room", width=width)
    sent = page.locator(".message .sent")
    await expect(sent).to_have_text([line[1:] for line in PLAN.split("\n")[3:]])
    shown = await sent.first.evaluate("e => [getComputedStyle(e).fontFamily, getComputedStyle(e).textIndent]")
    assert "mono" in shown[0]
    assert shown[1].startswith("-"), "a line that goes on must stand further in than one that begins"
    assert await page.evaluate("document.documentElement.scrollWidth") == width


async def test_8_27_axe_finds_nothing(windows: Windows, house: House) -> None:
    await house.posts(
        "duty-room", Post(PLAN, card=Card(tone="ask", buttons=(Button("confirm:R17", "确认", "primary"),)))
    )
    await house.posts(
        "duty-room", Post("R16 摘除节点\n　- server 10.154.54.58;\n　+ #server 10.154.54.58;\n```\nok\n```")
    )
    await house.posts("shifuban", ticket(timedelta(minutes=-2), tone="breach"))
    await house.posts("fangkong", ticket(timedelta(minutes=8), tone="quiet", ended=timedelta(0)))
    page = await windows.open("wen", "duty-room")
    await say(page, "看到了")
    await expect(page.locator(".message.pending")).to_have_count(0)
    assert await faults(page) == []
    await page.click(".chat[data-chat=shifuban]")
    await expect(page.locator(".card .clock")).to_be_visible()
    assert await faults(page) == []
    await page.locator("#text").fill("/")
    await page.locator("#text").press_sequentially("d")
    await expect(page.locator("#hints")).to_be_visible()
    assert await faults(page) == []
    await page.click("#identity")
    await expect(page.locator("#people")).to_be_visible()
    assert await faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_8_27_axe_finds_nothing_on_a_phone(windows: Windows, house: House, scheme: str) -> None:
    await house.posts(
        "duty-room", Post(PLAN, card=Card(tone="ask", buttons=(Button("confirm:R17", "确认", "primary"),)))
    )
    await house.posts("shifuban", ticket(timedelta(minutes=5)))
    page = await windows.open("wen", width=390)
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await expect(page.locator("#desk .waiting")).not_to_have_count(0)
    assert await faults(page) == []
    await page.click(".chat[data-chat=duty-room]")
    await expect(page.locator(".message .sent")).not_to_have_count(0)
    assert await faults(page) == []
