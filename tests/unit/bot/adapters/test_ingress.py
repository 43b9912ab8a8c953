"""What the door of every platform refuses, over real HTTP: 4xx with a code, on record, nothing kept; and signed links."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.adapters.common import ingress as door
from bot.adapters.common.ingress import BadRequest, Ingress, body_of, check_fresh, one_header, strict_json
from bot.adapters.common.link_pages import LinkPages
from bot.core.events import Message
from bot.storage.audit_log import lines
from bot.work.links import LIFE, Links, Offer
from tests.support.kit import Kit


@dataclass
class Door:
    """One platform's webhook as small as can be."""

    kit: Kit
    ingress: Ingress
    server: TestServer

    async def post(self, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, dict[str, object]]:
        url = self.server.make_url("/hook")
        async with aiohttp.ClientSession() as session, session.post(url, data=BytesIO(body), headers=headers) as answer:
            return answer.status, await answer.json()

    async def codes(self) -> list[str | None]:
        return [line.entry.code for line in await self.kit.store.read(lambda session: list(lines(session)))]


@pytest.fixture
async def at_the_door(kit: Kit) -> AsyncIterator[Door]:
    ingress = Ingress("slack", kit.inbox, kit.transactions)

    async def hook(request: web.Request) -> web.Response:
        one_header(request, "X-Signature")
        data = strict_json(await body_of(request, seconds=0.3))
        envelope = ingress.envelope(key=str(data["id"]), user="U1", chat="C1", sent_at=kit.clock.now())
        await ingress.accept(Message(envelope, str(data["text"])))
        return web.json_response({})

    kit.runtime.links = Links("http://duty.example", kit.runtime.settings.state_dir)
    app = web.Application(client_max_size=1024**3)
    app.router.add_post("/hook", ingress.route(hook))
    LinkPages(kit.runtime.links, Ingress("link", kit.inbox, kit.transactions)).mount(app)
    server = TestServer(app)
    await server.start_server()
    yield Door(kit, ingress, server)
    await server.close()


SIGNED = {"X-Signature": "s"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{}", {}, 401, "bad_signature"),
        (b"{", SIGNED, 400, "bad_body"),
        (b"[1]", SIGNED, 400, "bad_body"),
        (b'{"text": NaN}', SIGNED, 400, "bad_body"),
        (b'{"text": "\\ud800"}', SIGNED, 400, "bad_body"),
        (b'{"text": "\xff"}', SIGNED, 400, "bad_body"),
        (b"[" * 100_000, SIGNED, 400, "bad_body"),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, SIGNED, 400, "bad_body"),
        (b" " * (2 * 1024 * 1024), SIGNED, 413, "too_large"),
    ],
)
async def test_a_bad_request_is_refused_with_its_code_and_put_on_record(
    at_the_door: Door, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    assert await at_the_door.post(body, headers) == (status, {"error": code})
    assert await at_the_door.codes() == [code]
    assert await at_the_door.kit.column("SELECT count(*) FROM inbox") == [0]


async def test_a_body_that_trickles_in_is_given_up(at_the_door: Door) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" "
            await asyncio.sleep(0.1)

    url = at_the_door.server.make_url("/hook")
    async with aiohttp.ClientSession() as session, session.post(url, data=trickle(), headers=SIGNED) as answer:
        assert answer.status == 408


async def test_a_header_given_twice_is_ambiguous(at_the_door: Door) -> None:
    headers = [("X-Signature", "a"), ("X-Signature", "b")]
    url = at_the_door.server.make_url("/hook")
    async with aiohttp.ClientSession() as session, session.post(url, data=b"{}", headers=headers) as answer:
        assert (answer.status, await answer.json()) == (400, {"error": "ambiguous"})


async def test_a_flood_of_refusals_does_not_fill_the_record(at_the_door: Door) -> None:
    for _ in range(40):
        await at_the_door.ingress.refuse("bad_signature", "/hook")
    assert len(await at_the_door.codes()) == 30
    at_the_door.kit.later(61)
    await at_the_door.ingress.refuse("bad_signature", "/hook")
    log = await at_the_door.kit.store.read(lambda session: list(lines(session)))
    assert json.loads(log[-1].entry.detail) == {"unrecorded": 10}


async def test_a_refused_address_of_thousands_of_characters_is_not_kept_whole(at_the_door: Door) -> None:
    url = at_the_door.server.make_url(f"/tap/{'x' * 7000}")
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 401
    log = await at_the_door.kit.store.read(lambda session: list(lines(session)))
    assert (log[-1].entry.target, log[-1].entry.code) == ("/tap/" + "x" * 95, "bad_signature")


NOW = datetime.fromisoformat("2026-10-14T10:00:00+08:00")


@pytest.mark.parametrize(("off", "fresh"), [(0, True), (-300, True), (300, True), (-301, False), (301, False)])
def test_a_signature_is_fresh_for_five_minutes(off: int, fresh: bool) -> None:
    timestamp = str(int(NOW.timestamp()) + off)
    if fresh:
        assert check_fresh(timestamp, NOW) == NOW + timedelta(seconds=off)
        return
    with pytest.raises(BadRequest) as caught:
        check_fresh(timestamp, NOW)
    assert (caught.value.status, caught.value.code) == (401, "stale")


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "１２３", "1e9", "9" * 400])
def test_a_time_that_is_no_number_is_refused(timestamp: str) -> None:
    with pytest.raises(BadRequest) as caught:
        check_fresh(timestamp, NOW)
    assert caught.value.status in {400, 401}


def test_brackets_within_text_are_not_depth() -> None:
    assert door.strict_json(json.dumps({"text": "[{" * 5000 + '\\"'}))["text"].startswith("[{")


async def test_a_link_asks_first_works_once_and_not_when_changed(at_the_door: Door) -> None:
    kit, links = at_the_door.kit, at_the_door.kit.runtime.links
    assert links is not None
    url = links.url(Offer("zhou", "claim:GD-20261014-001", "<我来>", "i1.1/0", kit.clock.real() + LIFE))
    path = url.removeprefix("http://duty.example")
    async with aiohttp.ClientSession(at_the_door.server.make_url("/")) as session:
        for _ in range(2):  # a preview looks, too
            async with session.get(path) as page:
                assert page.status == 200
                assert "&lt;我来&gt;" in await page.text()
        assert await kit.column("SELECT count(*) FROM inbox") == [0]
        async with session.post(path) as first, session.post(path) as again:
            assert "结果见聊天" in await first.text()
            assert "已经用过" in await again.text()
        async with session.post(f"{path}x") as changed:
            assert changed.status == 401
    assert await kit.column("SELECT kind || chat FROM inbox") == ["tapdm-zhou"]
