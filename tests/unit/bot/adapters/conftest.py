"""One running service for the tests that speak HTTP to it: the example organisation on a free port, all workers alive."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.app import App
from bot.cli.platforms import PLATFORMS
from bot.settings import ServerSettings, Settings
from tests.support.once import example_site
from tests.support.paths import EXAMPLE


@dataclass
class Http:
    """A client of the service."""

    app: App
    session: aiohttp.ClientSession

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        async with self.session.get(path, **options) as answer:
            return answer.status, await answer.json()

    async def post(self, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        kind = "data" if isinstance(body, io.IOBase) else "json"
        async with self.session.post(path, **{kind: body}, **options) as answer:
            return answer.status, await answer.json()

    async def say(self, chat: str, user: str, text: str, **more: Any) -> str:
        """Speak; the id of the message."""
        status, answer = await self.post(f"/local/chats/{chat}/messages", {"user": user, "text": text, **more})
        assert status == 202, answer
        return str(answer["id"])

    async def read(self, chat: str, after: int = 0, wait: int = 0) -> tuple[list[dict[str, Any]], int]:
        """The messages of a chat behind a cursor, and the next cursor."""
        status, answer = await self.get(f"/local/chats/{chat}/messages", params={"after": after, "wait": wait})
        assert status == 200, answer
        return list(answer["messages"]), int(answer["next"])

    async def heard(self, chat: str, text: str) -> dict[str, Any]:
        """Wait for a message with exactly this text."""
        cursor = 0
        for _ in range(50):
            messages, cursor = await self.read(chat, cursor, wait=5)
            for message in messages:
                if message["text"] == text:
                    return message
        raise AssertionError(f"never heard: {text}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Http]:
    """The service on real time."""
    settings = Settings(data_dir=EXAMPLE, state_dir=tmp_path_factory.mktemp("state"), server=ServerSettings(port=0))
    site = example_site()
    app = App(settings, lambda: site, platforms=PLATFORMS)
    await app.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{app.web.port}") as session:
        yield Http(app, session)
    await app.stop()
