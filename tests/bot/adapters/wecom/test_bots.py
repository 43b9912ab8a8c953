"""Does the AI bot's callback take in what is the platform's and nothing else, and answer by the addresses it is given?"""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.adapters.wecom.bots import Bots
from bot.adapters.wecom.choice import bot_in
from bot.adapters.wecom.replies import Replies
from bot.core.errors import Rejected, Temporary
from bot.core.people import Chat
from bot.core.ports import Hears
from bot.settings import WecomBot
from tests.bot.adapters.wecom.kit import CHATS, Wecom, opened, outgoing, wecom_site
from tests.support.platforms.wecom_bot import KEY, PATH, SECTION, TOKEN, Addresses, callback, query, said, sealed
from tests.support.platforms.wecom_socket import names

PEOPLE = names()[1]


class Door:
    """The service's callback address, and the platform's reply addresses."""

    def __init__(self, wecom: Wecom, bots: Bots, addresses: Addresses, client: aiohttp.ClientSession) -> None:
        self.wecom = wecom
        self.bots = bots
        self.addresses = addresses
        self.client = client

    async def post(self, path: str, body: bytes) -> int:
        async with self.client.post(path, data=io.BytesIO(body)) as answer:
            await answer.read()
            return answer.status

    async def hears(self, body: dict[str, Any] | str, **options: Any) -> int:
        return await self.post(*callback(body, self.wecom.clock.wall(), **options))

    async def says(self, person: str, text: str, chat: str | None = "shifuban", **more: Any) -> int:
        place = CHATS[chat] if chat else PEOPLE[person]
        url = self.addresses.new(place, self.wecom.clock.wall())
        body = said(PEOPLE[person], text, chat=CHATS[chat] if chat else None, **({"response_url": url} | more))
        return await self.hears(body)

    async def texts(self) -> list[str]:
        return [json.loads(body)["text"] for _, _, body in await self.wecom.kept()]


async def serving(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.fixture
async def door(tmp_path: Path, empty_db: Path) -> AsyncIterator[Door]:
    addresses, platform = Addresses(), web.Application()
    addresses.mount(platform)
    theirs, addresses.base_url = await serving(platform)
    section = {"wecom": {"api_base": addresses.base_url, "bots": {"duty": SECTION}}}
    async with opened(tmp_path / "state", empty_db, section, wecom_site(CHATS, PEOPLE)) as wecom:
        bots, app = Bots(wecom.settings, wecom.http, wecom.ingress), web.Application()
        bots.mount(app)
        ours, url = await serving(app)
        async with aiohttp.ClientSession(url) as client:
            yield Door(wecom, bots, addresses, client)
        await ours.cleanup()
    await theirs.cleanup()


async def test_the_address_is_checked_by_its_plain_echo(door: Door) -> None:
    at = door.wecom.clock.wall()
    encrypted, signature = sealed("1616140317555161061", at, "n1")
    async with door.client.get(query(at, "n1", signature, echostr=encrypted)) as answer:
        assert (answer.status, await answer.read()) == (200, b"1616140317555161061")
    async with door.client.get(query(at, "n1", signature.replace(signature[0], "0"), echostr=encrypted)) as answer:
        assert answer.status == 401


async def test_what_is_said_is_kept_in_our_terms(door: Door) -> None:
    image = {"msgtype": "image", "image": {"url": "https://x/y"}}
    mixed = {"msg_item": [{"msgtype": "text", "text": {"content": "@值班 看图"}}, image]}
    quote = {"msgtype": "text", "text": {"content": "GD-20261122-001"}}
    assert await door.says("lixiao", "盖章点了没反应") == 200
    assert await door.says("zhou", "/ping x", None) == 200
    assert await door.hears(said("nobody", "系统坏了", chat="wrELSEWHERE")) == 200
    assert await door.says("zhou", "x", msgtype="mixed", mixed=mixed) == 200
    assert await door.says("zhou", "x", None, msgtype="voice", voice={"content": "收到马上看"}) == 200
    assert await door.says("zhou", "x", None, **image) == 200
    assert await door.says("zhou", "收到", quote=quote) == 200
    kept = await door.wecom.kept()
    assert [chat for _, chat, _ in kept] == [
        *("shifuban", "dm-zhou", "wecom:wrELSEWHERE", "shifuban", "dm-zhou", "dm-zhou", "shifuban"),
    ]
    assert await door.texts() == [
        *("@bot 盖章点了没反应", "/ping x", "@bot 系统坏了", "@bot 看图\n[图片]", "收到马上看", "[图片]", "@bot 收到"),
    ]
    assert json.loads(kept[-1][2])["quote"] == "GD-20261122-001"


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("@值班 /restart oa3", "@bot /restart oa3"),
        ("@值班\u2005/restart oa3", "@bot /restart oa3"),
        ("@值班", "@bot"),
        ("盖章坏了 @值班", "@bot 盖章坏了"),
        ("@周予安 看一下 @值班 谢谢", "@bot @周予安 看一下 @值班 谢谢"),
        ("@改了名的 /ping x", "@bot /ping x"),
    ],
)
async def test_the_bots_own_mention_is_taken_out(door: Door, typed: str, heard: str) -> None:
    assert await door.hears(said("wx-zhou", "x", chat=CHATS["shifuban"]) | {"text": {"content": typed}}) == 200
    assert await door.texts() == [heard]


async def test_ten_times_the_same_at_once_is_one_event_and_one_reply_address(door: Door) -> None:
    url = door.addresses.new(CHATS["shifuban"], door.wecom.clock.wall())
    body = said("wx-lixiao", "盖章点了没反应", chat=CHATS["shifuban"], id="SAME", response_url=url)
    path, data = callback(body, door.wecom.clock.wall())
    assert set(await asyncio.gather(*(door.post(path, data) for _ in range(10)))) == {200}
    assert len(await door.wecom.kept()) == 1
    await door.bots.send(outgoing("已收到", reply_to="SAME"))
    with pytest.raises(Rejected, match="no reply address"):
        await door.bots.send(outgoing("noch eins", key="k2"))


async def test_a_request_again_is_a_retry_for_seconds_and_then_a_replay(door: Door) -> None:
    path, data = callback(said("wx-lixiao", "坏了", chat=CHATS["shifuban"]), door.wecom.clock.wall())
    assert await door.post(path, data) == 200
    door.wecom.clock.move_to(door.wecom.clock.now() + timedelta(seconds=15))
    assert await door.post(path, data) == 200
    door.wecom.clock.move_to(door.wecom.clock.now() + timedelta(seconds=10))
    assert await door.post(path, data) == 401
    assert len(await door.wecom.kept()) == 1
    assert await door.wecom.refusals() == ["replayed"]


async def test_what_could_not_be_kept_may_come_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    accept = door.wecom.ingress.accept

    async def busy(_event: object) -> bool:
        raise Temporary("busy")

    path, data = callback(said("wx-lixiao", "坏了", chat=CHATS["shifuban"]), door.wecom.clock.wall())
    monkeypatch.setattr(door.wecom.ingress, "accept", busy)
    assert await door.post(path, data) == 503
    monkeypatch.setattr(door.wecom.ingress, "accept", accept)
    door.wecom.clock.move_to(door.wecom.clock.now() + timedelta(seconds=60))
    assert await door.post(path, data) == 200
    assert len(await door.wecom.kept()) == 1


def _altered(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
async def test_a_stale_time_is_refused_however_well_signed(door: Door, seconds: float) -> None:
    at = door.wecom.clock.wall() + timedelta(seconds=seconds)
    assert await door.post(*callback(said("wx-lixiao", "坏了"), at)) == 401
    assert await door.wecom.refusals() == ["stale"]
    assert await door.wecom.kept() == []


async def test_wrong_signatures_and_queries_are_refused_and_nothing_is_kept(door: Door) -> None:
    at = door.wecom.clock.wall()
    encrypted, signature = sealed(json.dumps(said("wx-lixiao", "坏了")), at, "n1")
    body = json.dumps({"encrypt": encrypted}).encode()
    other = json.dumps({"encrypt": "A" + encrypted[1:]}).encode()
    good = query(at, "n1", signature)
    statuses = [
        (await door.post(query(at, "n1", _altered(signature)), body), 401),
        (await door.post(query(at, "n2", signature), body), 401),
        (await door.post(good, other), 401),
        (await door.post(good.replace("timestamp=", "timestamp=x"), body), 401),
        (await door.post(good + "&msg_signature=b", body), 400),
        (await door.post(good.partition("&nonce")[0], body), 400),
        (await door.post(PATH, body), 400),
        (await door.post(good.replace("n1", "%E4%B8%AD"), body), 400),
        (await door.post(good, b"x" * (2**20 + 1)), 413),
        (await door.post(good, b""), 400),
        (await door.post(good, b"\xff"), 400),
        (await door.post(good, b'{"encrypt": 3}'), 400),
        (await door.post(good, b'{"encrypt": "\\u4e2d"}'), 400),
        (await door.post(good, b"[" * 100_000), 400),
    ]
    assert [status for status, _ in statuses] == [expected for _, expected in statuses]
    assert await door.wecom.kept() == []


@pytest.mark.parametrize("body", ["", "x", "[]", "{}", '{"msgtype":"text"}', '{"a":' * 300, '{"msgtype":"event"}'])
async def test_a_well_signed_body_that_is_no_message_is_refused(door: Door, body: str) -> None:
    assert await door.hears(body) == 400
    assert await door.wecom.kept() == []


async def test_somebody_elses_receiver_is_refused(door: Door) -> None:
    at = door.wecom.clock.wall()
    xml = WeChatCrypto(TOKEN, KEY, "ww-other-corp").encrypt_message("{}", "n1", str(int(at.timestamp())))
    encrypted = xml.partition("<Encrypt><![CDATA[")[2].partition("]]>")[0]
    signature = xml.partition("<MsgSignature><![CDATA[")[2].partition("]]>")[0]
    assert await door.post(query(at, "n1", signature), json.dumps({"encrypt": encrypted}).encode()) == 403
    assert await door.wecom.refusals() == ["wrong_receiver"]


async def test_a_click_is_a_tap_and_other_events_are_nobodys_word(door: Door) -> None:
    click = {"card_type": "button_interaction", "event_key": "claim:GD-20261122-001", "task_id": "abc-1"}
    event = {"eventtype": "template_card_event", "template_card_event": click}
    known = {"msgid": "E1", "from": {"userid": "wx-zhou"}, "chattype": "group", "chatid": CHATS["shifuban"]}
    assert await door.hears({**known, "msgtype": "event", "event": event}) == 200
    assert await door.hears({**known, "msgtype": "event", "event": {"eventtype": "feedback_event"}}) == 200
    assert await door.hears({"msgtype": "stream", "stream": {"id": "S1"}}) == 200
    ((kind, chat, body),) = await door.wecom.kept()
    assert (kind, chat) == ("tap", "shifuban")
    assert (json.loads(body)["action"], json.loads(body)["message"]) == ("claim:GD-20261122-001", "abc")


async def test_whoever_opens_the_direct_chat_is_welcomed_in_the_answer(door: Door) -> None:
    at = door.wecom.clock.wall()
    body = {"msgid": "E2", "from": {"userid": "wx-zhou"}, "msgtype": "event", "event": {"eventtype": "enter_chat"}}
    path, data = callback(body, at, "n9")
    async with door.client.post(path, data=data) as answer:
        reply = await answer.json()
    assert (reply["nonce"], reply["timestamp"]) == ("n9", int(at.timestamp()))
    crypto = WeChatCrypto(TOKEN, KEY, "")
    xml = f"<xml><Encrypt><![CDATA[{reply['encrypt']}]]></Encrypt></xml>"
    message = crypto.decrypt_message(xml, reply["msgsignature"], str(reply["timestamp"]), reply["nonce"])
    said_back = json.loads(message)
    assert said_back["msgtype"] == "text"
    assert "/help" in said_back["text"]["content"]


async def test_each_reply_address_takes_one_message_and_the_questions_own_comes_first(door: Door) -> None:
    await door.says("lixiao", "盖章点了没反应", id="M1")
    await door.says("zhao", "我也是", id="M2")
    urls = list(door.addresses._addresses)
    await door.bots.send(outgoing("答 M2", reply_to="M2", key="a"))
    assert [door.addresses._addresses[code].used for code in urls] == [False, True]
    await door.bots.send(outgoing("再说", key="b"))
    with pytest.raises(Rejected, match="no reply address left"):
        await door.bots.send(outgoing("x", key="c"))
    assert [body["markdown"]["content"] for _, body in door.addresses.posted] == ["答 M2", "再说"]
    assert {chat for chat, _ in door.addresses.posted} == {CHATS["shifuban"]}


async def test_an_address_that_is_an_hour_old_is_not_used(door: Door) -> None:
    await door.says("lixiao", "盖章点了没反应")
    door.wecom.clock.move_to(door.wecom.clock.now() + timedelta(hours=1))
    with pytest.raises(Rejected, match="no reply address left"):
        await door.bots.send(outgoing("太晚了"))
    assert door.addresses.posted == []


async def test_a_refused_reply_says_why(door: Door) -> None:
    await door.says("lixiao", "盖章点了没反应")
    door.addresses.failures = [40008]
    with pytest.raises(Rejected, match="40008"):
        await door.bots.send(outgoing("x"))
    assert door.addresses.posted == []


async def test_an_address_that_could_not_be_reached_is_used_for_the_retry(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await door.says("lixiao", "盖章点了没反应")
    reach = door.wecom.http.json

    async def down(*_args: object, **_options: object) -> None:
        raise Temporary("no connection")

    monkeypatch.setattr(door.wecom.http, "json", down)
    with pytest.raises(Temporary):
        await door.bots.send(outgoing("已收到"))
    monkeypatch.setattr(door.wecom.http, "json", reach)
    await door.bots.send(outgoing("已收到"))
    assert len(door.addresses.posted) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=x",
        "https://qyapi.weixin.qq.com.evil.example/x",
        "https://evil.example/?https://qyapi.weixin.qq.com/",
        "https://user@qyapi.weixin.qq.com/x",
        "https://qyapi.weixin.qq.com:8443/x",
        "https://qyapi.weixin.qq.com\\@evil.example/x",
        "https://ｑyapi.weixin.qq.com/x",
        "file:///etc/passwd",
        "//qyapi.weixin.qq.com/x",
        "https://[",
        "x",
    ],
)
async def test_a_reply_address_elsewhere_is_never_used_and_put_on_record(door: Door, url: str) -> None:
    assert await door.says("lixiao", "盖章点了没反应", response_url=url) == 200
    assert len(await door.wecom.kept()) == 1  # the report itself counts
    assert await door.wecom.refusals() == ["response_url_not_allowed"]
    with pytest.raises(Rejected, match="no reply address"):
        await door.bots.send(outgoing("x"))


def test_the_official_host_and_ones_own_are_allowed() -> None:
    replies = Replies("https://wecom.example.gov.cn:8443/base")
    assert replies.allowed("https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=CODE01")
    assert replies.allowed("https://wecom.example.gov.cn:8443/cgi-bin/aibot/response?response_code=x")
    assert not replies.allowed("https://wecom.example.gov.cn/cgi-bin/aibot/response?response_code=x")


async def test_what_it_can_do(door: Door) -> None:
    chat = door.wecom.ingress.tools.site().chat("shifuban")
    assert chat is not None
    can = door.bots.capabilities(chat)
    assert (can.hears, can.call, can.buttons, can.files, can.client_keys) == (
        Hears.MENTIONS,
        "@值班",
        False,
        False,
        False,
    )
    assert can.text_limit < 20_480


def test_a_bot_is_in_the_chats_that_its_settings_name() -> None:
    bots = {
        "narrow": WecomBot.model_validate({**SECTION, "chats": ["minzheng"]}),
        "wide": WecomBot.model_validate(SECTION),
    }
    assert bot_in(bots, Chat("minzheng", "民政局")) == "narrow"
    assert bot_in(bots, Chat("shifuban", "市府办")) == "wide"
    assert bot_in({"narrow": bots["narrow"]}, Chat("shifuban", "市府办")) is None
    assert bot_in({"narrow": bots["narrow"]}, Chat("dm-zhou", "周予安")) == "narrow"
