"""The recorder adapter sorts the platform's answers, marks only what may stand twice, and takes events once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.adapters.common.ingress import Ingress
from bot.adapters.recorder.adapter import RecorderAdapter
from bot.core.content import Button, Card, Mention, Op, Post
from bot.core.errors import Rejected, Temporary
from bot.core.ports import Outgoing
from bot.settings import Settings
from tests.support.kit import Kit
from tests.support.paths import EXAMPLE
from tests.support.ports import free_port

CARD = Post("周予安 13800000012", (Mention("zhou", "周予安"),), card=Card((Button("claim:GD-1", "我来处理"),)))
GOOD = {"key": "e1", "user": "zhou", "chat": "dm-zhou", "text": "/ping x"}


def recorder(kit: Kit, **section: Any) -> RecorderAdapter:
    """The adapter with this section."""
    settings = Settings(data_dir=EXAMPLE, platforms={"recorder": section})
    return RecorderAdapter(settings, Ingress("recorder", kit.inbox, kit.transactions))


@asynccontextmanager
async def platform(kit: Kit, answer: web.Response, *, keys: bool) -> AsyncIterator[tuple[RecorderAdapter, list[Any]]]:
    """The adapter, and what a platform that always gives ``answer`` got from it."""
    got: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.json())
        return answer

    app = web.Application()
    app.router.add_post("/posts", take)
    async with TestServer(app) as server:
        adapter = recorder(kit, url=str(server.make_url("/")), client_keys=keys)
        try:
            yield adapter, got
        finally:
            await adapter.close()


def outgoing(op: Op = Op.POST, *, repeated: bool = False) -> Outgoing:
    return Outgoing("shifuban", "shifuban", op, "i1.1", CARD, repeated=repeated)


@pytest.mark.parametrize(
    ("keys", "op", "text"),
    [
        (True, Op.POST, "周予安 13800000012"),
        (False, Op.POST, "(补发) 周予安 13800000012"),
        (False, Op.UPDATE, "周予安 13800000012"),
    ],
)
async def test_a_repeat_is_marked_only_where_it_would_stand_twice(kit: Kit, keys: bool, op: Op, text: str) -> None:
    async with platform(kit, web.json_response({"id": "m7"}), keys=keys) as (adapter, got):
        assert await adapter.send(outgoing(op, repeated=True)) == "m7"
    (body,) = got
    assert (body["text"], body["buttons"], body["mentions"]) == (text, ["claim:GD-1"], ["zhou"])
    assert body.get("client_key") == ("i1.1" if keys else None)


@pytest.mark.parametrize(
    ("status", "headers", "error", "pause"),
    [
        (429, {"Retry-After": "30"}, Temporary, 30.0),
        (503, {}, Temporary, None),
        (403, {}, Rejected, None),
    ],
)
async def test_the_answers_are_told_apart(
    kit: Kit, status: int, headers: dict[str, str], error: type[Exception], pause: float | None
) -> None:
    async with platform(kit, web.Response(status=status, headers=headers), keys=True) as (adapter, _):
        with pytest.raises(error) as raised:
            await adapter.send(outgoing())
    if isinstance(raised.value, Temporary):
        assert (raised.value.retry_after, raised.value.uncertain) == (pause, False)


async def test_a_platform_that_is_not_there_got_nothing_for_certain(kit: Kit) -> None:
    adapter = recorder(kit, url=f"http://127.0.0.1:{free_port()}", client_keys=False)
    with pytest.raises(Temporary) as raised:
        await adapter.send(outgoing())
    await adapter.close()
    assert not raised.value.uncertain


@pytest.fixture
async def client(kit: Kit) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """The adapter's own door."""
    app = web.Application()
    recorder(kit).mount(app)
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def test_an_event_is_stored_before_it_is_answered_and_once(
    kit: Kit, client: TestClient[web.Request, web.Application], database: Path
) -> None:
    answers = [await (await client.post("/recorder/events", json=GOOD)).json() for _ in range(3)]
    assert answers == [{"fresh": True}, {"fresh": False}, {"fresh": False}]
    assert await kit.column("SELECT platform || ' ' || key FROM inbox") == ["recorder e1"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"[]",
        b'{"key": "e1", "user": "zhou", "chat": "dm-zhou", "text": "\\ud800"}',
        b'{"key": "e1", "user": "zhou", "chat": "dm-zhou"}',
        b'{"key": "", "user": "zhou", "chat": "dm-zhou", "text": "x"}',
        b'{"key": 1, "user": "zhou", "chat": "dm-zhou", "text": "x"}',
        b'{"key": "e1", "user": "zhou", "chat": "shifuban", "text": "x"}',
        b'{"key": "e1", "user": "zhou", "chat": "nowhere", "text": "x"}',
    ],
    ids=range(9),
)
async def test_what_is_no_event_of_this_platform_is_refused(
    kit: Kit, client: TestClient[web.Request, web.Application], body: bytes
) -> None:
    """``shifuban`` is a chat of another platform here."""
    answer = await client.post("/recorder/events", data=body)
    assert answer.status == 400
    assert await kit.column("SELECT count(*) FROM inbox") == [0]
