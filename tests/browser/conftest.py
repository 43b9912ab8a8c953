"""A running service and a real browser on its page; what the browser complains about fails the test."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Error, Page, async_playwright, expect

from bot.app import App
from bot.cli.platforms import PLATFORMS
from bot.core.content import Op, Post
from bot.core.ports import Outgoing
from bot.settings import ServerSettings, Settings
from bot.storage.clock import SystemClock
from data.load.site import load_site
from tests.support.paths import EXAMPLE
from tests.support.ports import free_port
from tests.support.sshd import needs
from tests.support.until import until

SHELL, FULL = "/usr/bin/chromium-headless-shell", "/usr/bin/chromium"  # the same engine; the shell takes half the time
CHROMIUM = SHELL if Path(SHELL).exists() or not Path(FULL).exists() else FULL
PATIENCE = 45_000.0  # milliseconds; on a busy machine a page takes seconds
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class House:
    """The service on a free port. ``posts`` says something as the bot, past the handlers: the page's own input."""

    app: App
    _keys: "count[int]" = field(default_factory=count)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.app.web.port}"

    async def posts(self, chat: str, post: Post, reply_to: str | None = None) -> str:
        key = f"test-{next(self._keys)}"
        return await self.app.adapters["local"].send(Outgoing(chat, chat, Op.POST, key, post, reply_to=reply_to))

    async def rewrites(self, message: str, chat: str, post: Post) -> None:
        key = f"test-{next(self._keys)}"
        await self.app.adapters["local"].send(Outgoing(chat, chat, Op.UPDATE, key, post, message=message))

    async def speaks(self, user: str, chat: str, text: str) -> None:
        """Somebody says something over HTTP, as another browser would."""
        async with aiohttp.ClientSession() as session:
            answer = await session.post(f"{self.url}/local/chats/{chat}/messages", json={"user": user, "text": text})
            assert answer.status == 202

    async def texts(self, chat: str) -> list[str]:
        """What stands in a chat, as the service has it."""
        async with aiohttp.ClientSession() as session:
            answer = await session.get(f"{self.url}/local/chats/{chat}/messages")
            return [message["text"] for message in (await answer.json())["messages"]]


@pytest_asyncio.fixture(loop_scope="module")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(data_dir=EXAMPLE, state_dir=tmp_path, server=ServerSettings(port=free_port()))
    site = load_site(EXAMPLE, tmp_path)
    app = App(settings, lambda: site, SystemClock(), platforms=PLATFORMS)
    await app.start()
    yield House(app)
    await app.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for a module; every window has a profile of its own."""
    needs(CHROMIUM, "chromium-headless-shell")
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@dataclass
class Windows:
    """Opens the page as somebody; keeps what the browser complained about."""

    house: House
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    provoked: str = ""

    async def open(self, person: str, chat: str = "", width: int = 1280) -> Page:
        context = await self.browser.new_context(viewport={"width": width, "height": 800})
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", self._console)
        page.on("pageerror", self._error)
        await page.goto(f"{self.house.url}/?as={person}{f'#{chat}' if chat else ''}")
        await page.locator("#chats .chat").first.wait_for(state="attached")
        return page

    async def complains(self, words: str) -> None:
        """The test provoked complaints with these words: there is one, and more may come after the page shows all well."""
        self.provoked = words
        await until(lambda: any(words in complaint for complaint in self.complaints))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _error(self, error: Error) -> None:
        self.complaints.append(error.message)


@pytest_asyncio.fixture(loop_scope="module")
async def windows(house: House, browser: Browser) -> AsyncIterator[Windows]:
    """Windows of the page; a test that provokes complaints takes them out of ``complaints`` itself."""
    found = Windows(house, browser)
    yield found
    for context in browser.contexts:
        await context.close()
    assert [text for text in found.complaints if not (found.provoked and found.provoked in text)] == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
