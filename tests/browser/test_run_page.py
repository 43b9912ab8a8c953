"""A run's page on a phone: reached from the chat, no wider than the screen, and what a server said stays text."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect
from sqlalchemy import text

from bot.app import App
from bot.cli.platforms import PLATFORMS
from bot.settings import ServerSettings, Settings
from bot.storage.clock import SystemClock
from data.load.site import load_site
from runbooks.runs import store
from tests.browser.conftest import House, Windows
from tests.support.paths import EXAMPLE
from tests.support.ports import free_port
from tests.support.until import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
EVIL = "<script>document.body.dataset.pwned=1</script><img src=x onerror='document.body.dataset.pwned=2'>"
LONG = "/" + "very-long-and-unbroken" * 30
STEP = """
INSERT INTO run_step (run, place, host, commands, state, exit, started_at, ended_at, output)
VALUES (1, 1, 'oa3', :commands, 'exit', 1, '2026-10-14 02:00:00.000000', '2026-10-14 02:00:01.500000', :output)
"""


@pytest_asyncio.fixture(loop_scope="module")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The service where people reach it under an address; its servers are out of reach."""
    port = free_port()
    server = ServerSettings(port=port, public_url=f"http://127.0.0.1:{port}")
    site = load_site(EXAMPLE, tmp_path)
    app = App(
        Settings(data_dir=EXAMPLE, state_dir=tmp_path, server=server), lambda: site, SystemClock(), platforms=PLATFORMS
    )
    await app.start()
    yield House(app)
    await app.stop()


async def failed_run(house: House) -> None:
    """R1, which failed in its first step with a hostile and a very long output, and left a file."""
    await house.speaks("zhou", "dm-zhou", "/start oa3")

    await eventually(lambda: _asked(house))
    await house.app.store.write(
        lambda tx: tx.connection.execute(text(STEP), {"commands": f'[["cat", "{LONG}"]]', "output": f"{EVIL}\n{LONG}"})
    )
    await house.app.store.write(
        lambda tx: tx.connection.execute(
            text("UPDATE run SET state = 'failed', code = 'exit', reason = :r"), {"r": LONG}
        )
    )
    folder = house.app.settings.state_dir / "runs"
    folder.mkdir()
    (folder / "R1.txt").write_text(EVIL)
    (folder / f"R1-{'x' * 200}.log").write_text(EVIL)


async def _asked(house: House) -> bool:
    return await _states(house) == ["asked"]


async def _states(house: House) -> list[str]:
    return await house.app.store.read(lambda s: list(s.connection().execute(text("SELECT state FROM run")).scalars()))


async def opened_from_the_chat(windows: Windows, house: House, width: int) -> Page:
    chat = await windows.open("zhou", "dm-zhou", width=width)
    await house.speaks("zhou", "dm-zhou", "/output R1")
    link = chat.locator(".message .text a[href*='/console/runs/R1']").last
    async with chat.expect_popup() as popup:
        await link.click()
    page = await popup.value
    page.on("console", windows._console)
    page.on("pageerror", windows._error)
    return page


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_on_a_phone_it_fits_and_what_a_server_said_is_text(windows: Windows, house: House, width: int) -> None:
    await failed_run(house)
    page = await opened_from_the_chat(windows, house, width)
    await expect(page.locator(".state .now")).to_have_text("未完成：第 1 步（启动，oa3）：报错")
    await expect(page.locator(".output")).to_contain_text(EVIL)
    assert await page.locator("main img, main script").count() == 0
    assert await page.evaluate("document.body.dataset.pwned") is None
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    beyond = "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)"
    assert await page.evaluate(f"{beyond}.map(e => e.outerHTML.slice(0, 80))") == []
    style = "getComputedStyle(document.querySelector('.state')).borderLeftColor"
    assert await page.evaluate(style) == "rgb(185, 58, 43)", "the style was not taken"


async def test_its_file_is_kept_not_opened(windows: Windows, house: House) -> None:
    await failed_run(house)
    page = await opened_from_the_chat(windows, house, 390)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="R1.txt").click()
    kept = await (await download.value).path()
    assert kept.read_text() == EVIL


async def test_a_link_of_somebody_else_opens_nothing(house: House, browser: Browser) -> None:
    page = await (await browser.new_context(viewport={"width": 320, "height": 700})).new_page()
    answer = await page.goto(f"{house.url}/console/runs/R1?link=a.b")
    assert answer is not None
    assert answer.status == 403
    await expect(page.locator("main")).to_have_text(
        "打不开：链接不完整、已过期，或您现在没有权限。请私聊发 /output 加编号，取新的链接。"
    )
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await page.context.close()


COPY = (
    "cp --preserve=mode,ownership,timestamps,xattr /data/nginx/conf/nginx.conf /data/nginx/conf/.nginx.conf.zhiban-new"
)
STOP = "/data/WEAVER/ApusicAS/bin/asadmin stop-domain --kill-after 30 --name-of-the-domain my-own-domain"
SAID = "Command stop-domain failed: see /data/WEAVER/ApusicAS/domains/my-domain/logs/server-2026-11-30.log or ask-ops"
BROKEN = """() => {
  const range = document.createRange(), found = [];
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    for (const word of node.data.matchAll(/[!-~]+/g)) {
      range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
      const rows = [...range.getClientRects()].filter(r => r.width > 0);
      const tops = new Set(rows.map(r => Math.round(r.top)));
      if (tops.size < 2) continue;
      let box = node.parentElement;
      while (getComputedStyle(box).display.startsWith('inline')) box = box.parentElement;
      const style = getComputedStyle(box);
      const room = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      if (rows.reduce((sum, r) => sum + r.width, 0) <= room) found.push(word[0]);
    }
  return found;
}"""
TOUCHING = """[...document.querySelectorAll('main *')].filter(e => e.getClientRects().length && e.textContent.trim())
  .filter(e => e.getBoundingClientRect().left < 12 || e.getBoundingClientRect().right > innerWidth - 12)
  .map(e => e.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("width", [320, 375, 390])
async def test_8_27_a_line_breaks_between_words_and_nothing_touches_the_edge(
    windows: Windows, house: House, width: int
) -> None:
    await failed_run(house)
    sent = json.dumps([COPY.split(), STOP.split()])
    step = "UPDATE run_step SET commands = :sent, output = :said"
    await house.app.store.write(lambda tx: tx.connection.execute(text(step), {"sent": sent, "said": SAID}))
    run = "UPDATE run SET reason = :r, line = '/licence replace app oa3 licence-of-the-portal-2027.lic'"
    await house.app.store.write(lambda tx: tx.connection.execute(text(run), {"r": "the-other-one did not answer"}))
    (house.app.settings.state_dir / "runs" / "R1-server-log-of-2026-11-30.log").write_text("x")
    page = await opened_from_the_chat(windows, house, width)
    await expect(page.locator("pre.command").first).to_have_text(COPY)
    await expect(page.locator("pre.command").nth(1)).to_have_text(STOP)
    await expect(page.locator("pre.output")).to_have_text(SAID)
    assert await page.evaluate(BROKEN) == []
    assert await page.evaluate(TOUCHING) == []
    for box in await page.locator("pre").all():
        assert await box.evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize("width", [320, 1280])
async def test_8_27_hosts_of_a_long_run_that_are_done_stand_folded_and_open(
    windows: Windows, house: House, width: int
) -> None:
    await house.speaks("zhou", "dm-zhou", "/rolling-restart oa")
    await eventually(lambda: _looked(house))
    run = await house.app.store.read(lambda session: store.find(session, 1))
    assert run is not None
    own = [(place, step.target.id) for place, step in enumerate(run.plan.steps, 1) if step.item == run.plan.items[0]]
    step = STEP.replace("1, 1, 'oa3'", "1, :place, :host").replace("'exit', 1,", "'done', 0,")
    rows = [{"place": place, "host": host, "commands": '[["true"]]', "output": "fine"} for place, host in own]
    await house.app.store.write(lambda tx: tx.connection.execute(text(step), rows))
    page = await opened_from_the_chat(windows, house, width)
    folded = page.locator("details.ended")
    await expect(folded).to_have_count(1)
    await expect(folded.locator("ol").first).not_to_be_visible()
    found = await Axe().run(page)
    assert found.response["violations"] == []
    await folded.locator("summary").first.click()
    await expect(folded.locator("ol").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert (await Axe().run(page)).response["violations"] == []


async def _looked(house: House) -> bool:
    states = await _states(house)
    return bool(states) and states[0] not in {"requested", "approved"}


async def test_8_27_who_may_not_confirm_alone_is_told_so_in_words_on_the_page(windows: Windows, house: House) -> None:
    await house.speaks("zhou", "dm-zhou", "/start oa3")
    chat = await windows.open("zhou", "dm-zhou", width=375)
    await chat.locator(".message .buttons button").first.click()
    await expect(chat.locator(".message.frombot").last).to_contain_text("要由另一人确认")
    await house.speaks("zhou", "dm-zhou", "/output R1")
    async with chat.expect_popup() as popup:
        await chat.locator(".message .text a[href*='/console/runs/R1']").last.click()
    page = await popup.value
    await expect(page.locator(".record")).to_contain_text("确认 · 周予安 · 拒绝 · 需要另一人确认，不能自己确认")
    await expect(page.locator("main")).not_to_contain_text("self_confirm")
