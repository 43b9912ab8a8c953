"""Make the pictures of the README (docs/images) from the running demo: one story, told over HTTP, seen in Chromium."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from playwright.sync_api import APIRequestContext, Browser, Error, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
PATIENCE = 60.0  # seconds
SPEED = 60  # a minute of duty in a second: the breach in the picture is there after ten

Message = dict[str, Any]
T = TypeVar("T")


@contextmanager
def demo() -> Iterator[str]:
    """A demo of its own on a free port, with its state in a temporary folder; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as state:
        command = [sys.executable, "-m", "bot", "demo", "--port", str(port), "--speed", str(SPEED)]
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "ZHIBAN_STATE_DIR": state})  # noqa: S603  # our own command
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


class Story:
    """What people say and tap, over the local chat's interface (contract: HTTP)."""

    def __init__(self, http: APIRequestContext) -> None:
        self._http = http

    def ready(self) -> bool:
        try:
            return self._http.get("/readyz").ok
        except Error:
            return False

    def says(self, user: str, chat: str, text: str) -> None:
        self._post(f"/local/chats/{chat}/messages", {"user": user, "text": text})

    def taps(self, user: str, message: Message, action: str) -> None:
        self._post("/local/taps", {"user": user, "message": message["id"], "action": action})

    def bot_says(self, chat: str, fits: Callable[[Message], bool]) -> Message:
        """The first message of the bot that fits, as soon as it stands there."""
        return waiting_for(
            lambda: next((m for m in self._messages(chat) if m["user"] == "bot" and fits(m)), None), chat
        )

    def _messages(self, chat: str) -> list[Message]:
        found: list[Message] = self._http.get(f"/local/chats/{quote(chat)}/messages").json()["messages"]
        return found

    def _post(self, path: str, body: dict[str, str]) -> None:
        answer = self._http.post(path, data=body)
        if not answer.ok:
            sys.exit(f"{path}: {answer.status} {answer.text()}")


def waiting_for(look: Callable[[], T | None], what: str) -> T:
    """What ``look`` finds, asked until it is there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    sys.exit(f"nothing came within {PATIENCE:g} s: {what}")


def tone(name: str) -> Callable[[Message], bool]:
    """Whether a message is a card of this tone."""
    return lambda message: bool(message.get("card")) and message["card"]["tone"] == name


def shoot(
    browser: Browser,
    url: str,
    name: str,
    *,
    size: tuple[int, int] = (1280, 800),
    scheme: Literal["light", "dark"] = "light",
    prepare: Callable[[Page], None] | None = None,
) -> None:
    """One picture of the page at ``url``."""
    viewport = ViewportSize(width=size[0], height=size[1])
    context = browser.new_context(viewport=viewport, color_scheme=scheme, device_scale_factor=2)
    page = context.new_page()
    page.goto(url)
    page.locator(".message").first.wait_for()
    if prepare:
        prepare(page)
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")
    context.close()


def tell(story: Story, browser: Browser, url: str) -> None:
    """The story, and a picture at each of its turns."""
    story.says("sun", "minzheng", "OA 打不开了，一直转圈")
    story.says("chu", "weijian", "短信收不到验证码")
    story.bot_says("weijian", tone("open"))
    story.says("su", "weijian", "收到，马上看")
    story.bot_says("minzheng", tone("breach"))
    story.says("zhou", "duty-room", "/drain 10.154.54.58")
    ask = story.bot_says("duty-room", tone("ask"))
    shoot(browser, f"{url}/?as=wen#duty-room", "confirm")
    story.taps("wen", ask, next(b["action"] for b in ask["buttons"] if b["action"].startswith("confirm")))
    story.bot_says("duty-room", tone("done"))
    story.says("wen", "duty-room", "/nodes")
    story.says("lixiao", "shifuban", "盖章点了没反应，急等着发文")
    story.bot_says("shifuban", tone("open"))
    story.says("zhao", "shifuban", "我也打不开")
    shoot(browser, f"{url}/?as=lixiao#shifuban", "report")
    shoot(browser, f"{url}/?as=zhou#shifuban", "report-dark", scheme="dark")
    shoot(browser, f"{url}/?as=zhou#shifuban", "phone", size=(375, 740))
    shoot(browser, f"{url}/?as=zhou#shifuban", "english", prepare=lambda page: page.click("#language"))
    shoot(browser, f"{url}/?as=wen#duty-room", "done")


def main() -> None:
    """Start the demo, tell the story, end the demo."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with demo() as url, sync_playwright() as playwright:
        story = Story(playwright.request.new_context(base_url=url))
        waiting_for(lambda: story.ready() or None, "the demo")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tell(story, browser, url)
        browser.close()


if __name__ == "__main__":
    main()
