"""A desk whose pages are served: what people are given as links is opened over real HTTP."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import text

from bot.settings import ServerSettings
from tests.support.desk import Desk, Said, make_settings, open_desk
from tests.support.runner import runner

BASE = "http://duty.example"
LINK = re.compile(rf"{BASE}(/console/runs/\S+)")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Pages:
    """The desk, and its pages."""

    desk: Desk
    http: aiohttp.ClientSession

    async def get(self, path: str) -> Answer:
        async with self.http.get(path) as answer:
            return Answer(answer.status, dict(answer.headers), await answer.read())

    async def sql(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Ask the database itself."""
        return await self.desk.app.store.read(
            lambda session: [tuple(row) for row in session.connection().execute(text(statement), values)]
        )

    async def put(self, statement: str, **values: Any) -> None:
        """Set how things stand, past the code under test."""
        await self.desk.app.store.write(lambda tx: tx.connection.execute(text(statement), values))

    async def link(self, person: str = "zhou", run: str = "R1") -> str:
        """The path that ``/output`` hands out in that person's direct chat."""
        said = await self.desk.says(person, f"/output {run}", chat=f"dm-{person}")
        return path_in(said[-1])


def path_in(said: Said) -> str:
    found = LINK.findall(said.text)
    assert len(found) == 1, said.text
    return str(found[0])


@asynccontextmanager
async def serving(desk: Desk) -> AsyncIterator[Pages]:
    server = TestServer(desk.app.web.application())
    await server.start_server()
    try:
        async with aiohttp.ClientSession(server.make_url("/")) as http:
            yield Pages(desk, http)
    finally:
        await server.close()


@pytest.fixture
async def pages(tmp_path: Path, empty_db: Path) -> AsyncIterator[Pages]:
    """The example organisation with an address of its own; no host key is pinned, so its servers are never reached."""
    settings = make_settings(tmp_path / "state", server=ServerSettings(public_url=BASE))
    async with open_desk(tmp_path / "state", empty_db, settings=settings) as desk:
        desk.work.append(runner(desk.app).step)
        async with serving(desk) as served:
            yield served
