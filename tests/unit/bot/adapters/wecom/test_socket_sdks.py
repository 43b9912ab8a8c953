"""Our stand-in of the long-connection server, held by two clients that others wrote.

``wecom-aibot-sdk-python`` by plain ``ws://``, ``wecom-aibot-python-sdk`` by TLS with a certificate of this test's own, because
it knows nothing else.
"""

import asyncio
import importlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificate import server_context
from tests.support.platforms.wecom_socket import BOT_ID, SECRET, FakeWecomSocket
from tests.support.until import until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the clients' own
CARD = {
    "card_type": "button_interaction",
    "main_title": {"title": "GD-20261122-001"},
    "button_list": [{"text": "我来处理", "key": "claim:GD-20261122-001"}],
    "task_id": "task-1",
}


@pytest.fixture
async def plain() -> AsyncIterator[FakeWecomSocket]:
    fake = FakeWecomSocket()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def sdk(plain: FakeWecomSocket) -> AsyncIterator[Any]:
    package = importlib.import_module("wecom_aibot_sdk")
    client = package.WSClient(package.WSClientOptions(bot_id=BOT_ID, secret=SECRET, ws_url=plain.url))
    await client.connect_async()
    await until(lambda: bool(client.is_authenticated))
    yield client
    await client.disconnect()


async def test_the_plain_client_hears_answers_pushes_and_uploads(
    plain: FakeWecomSocket, sdk: Any, tmp_path: Path
) -> None:
    heard: list[Any] = []

    async def take(frame: Any) -> None:
        heard.append(frame)

    sdk.on("message.text", take)
    await plain.says("lixiao", "shifuban", "盖章点了没反应", id="M1")
    await until(lambda: bool(heard))
    assert heard[0].body["text"]["content"] == "@值班 盖章点了没反应"
    assert heard[0].body["chattype"] == "group"

    answer = {"msgtype": "markdown", "markdown": {"content": "已收到"}}
    assert (await sdk.reply(heard[0], answer)).errcode == 0
    assert (await sdk.send_message("wrSHIFUBAN", {"msgtype": "template_card", "template_card": CARD})).errcode == 0
    path = tmp_path / "output.txt"
    path.write_bytes(b"x" * 600_000)
    assert (await sdk.send_media_message("wrSHIFUBAN", str(path))).errcode == 0
    text, card, file = plain.seen("shifuban")
    assert (text.text, text.thread) == ("已收到", "M1")
    assert card.buttons == [("我来处理", "claim:GD-20261122-001")]
    assert plain.files[file.files[0]] == ("output.txt", b"x" * 600_000)


async def test_the_plain_client_changes_a_card_once_and_only_by_a_click(plain: FakeWecomSocket, sdk: Any) -> None:
    clicks: list[Any] = []

    async def take(frame: Any) -> None:
        clicks.append(frame)

    sdk.on("event.template_card_event", take)
    await sdk.send_message("wrSHIFUBAN", {"msgtype": "template_card", "template_card": CARD})
    (card,) = plain.seen("shifuban")
    await plain.taps("zhou", card, "我来处理")
    await until(lambda: bool(clicks))
    click = clicks[0].body["event"]["template_card_event"]
    assert (click["event_key"], click["task_id"]) == ("claim:GD-20261122-001", "task-1")
    update = {"response_type": "update_template_card", "template_card": CARD | {"main_title": {"title": "已响应"}}}
    assert (await sdk.reply(clicks[0], update, "aibot_respond_update_msg")).errcode == 0
    assert plain.seen("shifuban")[0].text == "已响应"
    for command, body in (("aibot_respond_update_msg", update), ("aibot_respond_msg", {"msgtype": "markdown"})):
        with pytest.raises(RuntimeError, match="846605"):
            await sdk.reply(clicks[0], body, command)


async def test_the_plain_client_is_refused_what_the_sheet_refuses(plain: FakeWecomSocket, sdk: Any) -> None:
    long = {"msgtype": "markdown", "markdown": {"content": "字" * 7000}}
    for body, code in (({"msgtype": "text", "text": {"content": "x"}}, "40008"), (long, "45002")):
        with pytest.raises(RuntimeError, match=code):
            await sdk.send_message("wrSHIFUBAN", body)
    for number in range(30):
        await sdk.send_message("wrSHIFUBAN", {"msgtype": "markdown", "markdown": {"content": str(number)}})
    with pytest.raises(RuntimeError, match="45009"):
        await sdk.send_message("wrSHIFUBAN", {"msgtype": "markdown", "markdown": {"content": "31"}})
    plain.greeted = set()
    with pytest.raises(RuntimeError, match="846901"):
        await sdk.send_message("wrMINZHENG", {"msgtype": "markdown", "markdown": {"content": "x"}})


async def test_the_plain_client_is_sent_away_by_a_newer_one_and_believes_it(plain: FakeWecomSocket, sdk: Any) -> None:
    away: list[Any] = []

    async def take(frame: Any) -> None:
        away.append(frame)

    sdk.on("event.disconnected_event", take)
    package = importlib.import_module("wecom_aibot_sdk")
    newer = package.WSClient(package.WSClientOptions(bot_id=BOT_ID, secret=SECRET, ws_url=plain.url))
    await newer.connect_async()
    await until(lambda: bool(newer.is_authenticated) and bool(away) and not sdk.is_connected)
    await newer.disconnect()
    assert plain.subscriptions == 2


async def test_the_plain_clients_pings_are_answered(plain: FakeWecomSocket) -> None:
    package = importlib.import_module("wecom_aibot_sdk")
    options = package.WSClientOptions(bot_id=BOT_ID, secret=SECRET, ws_url=plain.url, heartbeat_interval=50)
    client = package.WSClient(options)
    await client.connect_async()
    await until(lambda: sum(frame["cmd"] == "ping" for frame in plain.commands) >= 6)
    assert client.is_connected
    await client.disconnect()


async def test_the_tls_client_connects_hears_and_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, certificate = server_context(tmp_path)
    fake = FakeWecomSocket(server)
    await fake.start()
    package = importlib.import_module("aibot")
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(importlib.import_module("aibot.ws"), "_SSL_CONTEXT", trusting)
    client = package.WSClient(package.WSClientOptions(bot_id=BOT_ID, secret=SECRET, ws_url=fake.url))
    done = asyncio.Event()

    async def answer(frame: Any) -> None:
        await client.reply_stream(frame, "stream-1", "已收到", True)
        done.set()

    client.on("message.text", answer)
    await client.connect()
    await until(lambda: fake.subscriptions == 1)
    await fake.says("lixiao", "dm-lixiao", "盖章点了没反应")
    async with asyncio.timeout(10):
        await done.wait()
    assert [post.body["stream"]["content"] for post in fake.posted] == ["已收到"]
    client.disconnect()
    await until(lambda: not fake.connected)
    await fake.stop()
