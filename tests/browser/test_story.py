"""The main job in a real browser on the running demo: report, ladder, answer; drain with a second person's confirmation."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support.once import example_site
from tests.support.paths import ROOT
from tests.support.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")
SPEED = (
    30  # a minute of duty in two seconds; only where a test waits for the ladder, a loaded browser takes minutes of it
)
TICKET = re.compile(r"GD-\d{8}-\d{3,}")


@contextmanager
def demo(state: Path, *arguments: str) -> Iterator[str]:
    """``zhiban demo`` as a user starts it, in a state folder of its own; yields its address."""
    port = free_port()
    command = [sys.executable, "-m", "bot", "demo", "--port", str(port), *arguments]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "ZHIBAN_STATE_DIR": str(state)}) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def true_time(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with demo(tmp_path_factory.mktemp("true")) as url:
        yield url


@pytest.fixture
def fast_time(tmp_path: Path) -> Iterator[str]:
    with demo(tmp_path, "--speed", str(SPEED)) as url:
        yield url


@dataclass
class Desk:
    """The demo seen over its interface (contract: HTTP): what stands in a chat, who is on duty."""

    url: str
    http: aiohttp.ClientSession

    async def ready(self) -> bool:
        try:
            return (await self.http.get(f"{self.url}/readyz")).status == 200
        except aiohttp.ClientConnectionError:
            return False

    async def messages(self, chat: str) -> list[dict[str, Any]]:
        answer = await self.http.get(f"{self.url}/local/chats/{chat}/messages")
        found: list[dict[str, Any]] = (await answer.json())["messages"]
        return found

    async def bot_said(self, chat: str, words: str) -> bool:
        return any(m["user"] == "bot" and re.search(words, m["text"]) for m in await self.messages(chat))

    async def on_duty(self, post: str) -> str:
        people = (await (await self.http.get(f"{self.url}/local/directory")).json())["people"]
        return next(str(person["id"]) for person in people if post in person["on_duty"])


async def comes_true(condition: Callable[[], Awaitable[bool]], what: str, seconds: float = 120) -> None:
    """Ask until it holds, and fail when it does not in time."""
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        await asyncio.sleep(0.05)


@asynccontextmanager
async def served(url: str) -> AsyncIterator[Desk]:
    async with aiohttp.ClientSession() as http:
        desk = Desk(url, http)
        await comes_true(desk.ready, "the demo serves")
        yield desk


@pytest_asyncio.fixture(loop_scope="module")
async def desk(true_time: str) -> AsyncIterator[Desk]:
    async with served(true_time) as desk:
        yield desk


@pytest_asyncio.fixture(loop_scope="module")
async def fast_desk(fast_time: str) -> AsyncIterator[Desk]:
    async with served(fast_time) as desk:
        yield desk


async def window(browser: Browser, desk: Desk, person: str, chat: str) -> Page:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto(f"{desk.url}/?as={person}#{chat}")
    await page.locator(f".chat[data-chat={chat}]").wait_for()
    return page


async def say(page: Page, text: str) -> None:
    await page.fill("#text", text)
    await page.press("#text", "Enter")


@pytest.mark.waits
async def test_a_report_is_answered_joined_and_climbs_the_ladder(browser: Browser, fast_desk: Desk) -> None:
    engineer = example_site().people[await fast_desk.on_duty("shifu")]
    reporter = await window(browser, fast_desk, "lixiao", "shifuban")
    neighbour = await window(browser, fast_desk, "zhao", "shifuban")
    started = time.monotonic()
    await say(reporter, "盖章点了没反应，急等着发文")
    card = reporter.locator(".card[data-tone=open]")
    await expect(card).to_contain_text(f"{engineer.phone}")
    await expect(card).to_contain_text(engineer.name)
    await expect(card.locator(".clock")).to_be_visible()
    print(f"report to card: {time.monotonic() - started:.2f} s")

    await say(neighbour, "我也打不开")
    await say(reporter, "还没好，有人在吗")
    page, lead, director = f"dm-{engineer.id}", "dm-hemu", "dm-shen"
    await comes_true(lambda: fast_desk.bot_said(lead, "超时"), "the lead at 10 minutes")
    await comes_true(lambda: fast_desk.bot_said(director, "超时"), "the director at 15 minutes")
    reminded = [m["text"] for m in await fast_desk.messages(page) if m["user"] == "bot" and "还剩" in m["text"]]
    left = [int(minutes) for text in reminded for minutes in re.findall("还剩 ([0-9]+) 分", text)]
    assert len(left) == 2, "at 5 and at 8 minutes"
    assert 5 >= left[0] > left[1] >= 0, "they say what is left when they are sent: a minute is two seconds here"
    numbers = {number for m in await fast_desk.messages("shifuban") for number in TICKET.findall(m["text"])}
    assert len(numbers) == 1
    await expect(reporter.locator("#chatclocks .clock[data-state=over]")).to_have_count(1)


async def test_the_engineers_plain_answer_stops_the_clock(browser: Browser, desk: Desk) -> None:
    engineer = await desk.on_duty("shifu")
    reporter = await window(browser, desk, "sun", "minzheng")
    await say(reporter, "OA 打不开了，一直转圈")
    await expect(reporter.locator(".card .clock[data-state=running]")).to_have_count(1)
    answering = await window(browser, desk, engineer, "minzheng")
    await say(answering, "收到，马上看")
    await expect(reporter.locator(".card .clock")).to_have_attribute("data-state", "ended")
    await expect(reporter.locator(".chat[data-chat=minzheng] .clock")).to_have_count(0)


async def test_a_drain_needs_a_second_person(browser: Browser, desk: Desk) -> None:
    asking = await window(browser, desk, "zhou", "duty-room")
    second = await window(browser, desk, "wen", "duty-room")
    await say(asking, "/drain 10.154.54.58")
    for page in (asking, second):
        await expect(page.locator(".card[data-tone=ask] .diff .added")).to_contain_text("10.154.54.58")
    await asking.get_by_role("button", name="确认", exact=True).click()
    await expect(asking.locator(".message.frombot", has_text="要由另一人确认")).to_have_count(1)
    await second.get_by_role("button", name="确认", exact=True).click()
    await expect(second.locator(".message.frombot", has_text=re.compile("10.154.54.58.*已摘除"))).to_have_count(1)
    await say(second, "/nodes")
    await expect(second.locator(".message.frombot").last).to_contain_text(
        re.compile(r"摘除.*10\.154\.54\.58|10\.154\.54\.58.*摘除", re.S)
    )
