"""The AI bot's callback takes in what is the platform's and nothing else, and answers by the addresses it is given."""

import asyncio
import base64
import hashlib
import io
import itertools
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.adapters.wecom.bots import Bots
from bot.adapters.wecom.choice import bot_in
from bot.adapters.wecom.replies import Replies
from bot.adapters.wecom.settings import WecomBot
from bot.core import commands
from bot.core.errors import Rejected, Temporary
from bot.core.people import Chat
from bot.core.ports import Hears
from tests.support.platforms.wecom_qyapi import Qyapi
from tests.support.platforms.wecom_sealed import BOT_KEY, BOT_TOKEN, seal
from tests.support.platforms.wecom_socket import names
from tests.unit.bot.adapters.wecom.kit import CHATS, Wecom, opened, outgoing, wecom_site

PEOPLE = names()[1]
PATH = "/wecom/bot/duty"
SECTION = {"mode": "callback", "token": BOT_TOKEN, "aes_key": BOT_KEY, "display_name": "值班", "corp_id": "ww-own"}
NUMBERS = itertools.count(1)


def sealed(message: str, at: datetime, nonce: str, receiver: str = "") -> tuple[str, str]:
    """(ciphertext, signature), made by wechatpy."""
    stamp = str(int(at.timestamp()))
    encrypted, signed = seal(message, token=BOT_TOKEN, key=BOT_KEY, receiver=receiver, timestamp=stamp, nonce=nonce)
    return encrypted, signed["msg_signature"]


def query(at: datetime, nonce: str, signature: str, **more: str) -> str:
    known = {"msg_signature": signature, "timestamp": str(int(at.timestamp())), "nonce": nonce}
    return f"{PATH}?{urlencode(known | more)}"


def callback(body: dict[str, Any] | str, at: datetime, nonce: str | None = None) -> tuple[str, bytes]:
    """(path with query, body) of a POST that holds ``body``."""
    nonce = nonce or f"nonce{next(NUMBERS)}"
    encrypted, signature = sealed(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False), at, nonce)
    return query(at, nonce, signature), json.dumps({"encrypt": encrypted}).encode()


def said(user: str, text: str, *, chat: str | None = None, id: str | None = None, **more: Any) -> dict[str, Any]:
    """A text message; ``chat`` is the group's id, none for a direct one."""
    words = f"@值班 {text}" if chat else text
    where = {"chatid": chat, "chattype": "group"} if chat else {"chattype": "single"}
    known = {"msgid": id or f"BOTMSG{next(NUMBERS)}", "aibotid": "AIBOT01", "from": {"userid": user}}
    return {**known, **where, "msgtype": "text", "text": {"content": words}, **more}


class Door:
    """The service's callback address, and the platform's reply addresses."""

    def __init__(self, wecom: Wecom, bots: Bots, qyapi: Qyapi, client: aiohttp.ClientSession) -> None:
        self.wecom = wecom
        self.bots = bots
        self.qyapi = qyapi
        self.client = client

    async def post(self, path: str, body: bytes) -> int:
        async with self.client.post(path, data=io.BytesIO(body)) as answer:
            await answer.read()
            return answer.status

    async def hears(self, body: dict[str, Any] | str, **options: Any) -> int:
        return await self.post(*callback(body, self.wecom.clock.wall(), **options))

    async def says(self, person: str, text: str, chat: str | None = "shifuban", **more: Any) -> int:
        place = CHATS[chat] if chat else PEOPLE[person]
        url = self.qyapi.reply_address(place)
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
    qyapi = Qyapi(set(), set())
    await qyapi.start()
    section = {"wecom": {"api_base": qyapi.url, "bots": {"duty": SECTION}}}
    async with opened(tmp_path / "state", empty_db, section, wecom_site(CHATS, PEOPLE)) as wecom:
        qyapi.wall = wecom.clock.wall
        bots, app = Bots(wecom.settings, wecom.http, wecom.ingress), web.Application()
        bots.mount(app)
        ours, url = await serving(app)
        async with aiohttp.ClientSession(url) as client:
            yield Door(wecom, bots, qyapi, client)
        await ours.cleanup()
    await qyapi.stop()


async def test_the_address_is_checked_by_its_plain_echo(door: Door) -> None:
    at = door.wecom.clock.wall()
    encrypted, signature = sealed("1616140317555161061", at, "n1")
    async with door.client.get(query(at, "n1", signature, echostr=encrypted)) as answer:
        assert (answer.status, await answer.read()) == (200, b"1616140317555161061")
    async with door.client.get(query(at, "n1", _altered(signature), echostr=encrypted)) as answer:
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
    ("corp", "person"), [(None, "zhou"), ("", "zhou"), ("ww-own", "zhou"), ("ww-other", None), ("WW-OWN", None)]
)
@pytest.mark.parametrize("chat", ["shifuban", None])
async def test_8_4_another_corporations_user_of_the_same_id_is_nobody_of_ours(
    door: Door, corp: str | None, person: str | None, chat: str | None
) -> None:
    sender = {"userid": PEOPLE["zhou"]} | ({} if corp is None else {"corpid": corp})
    assert await door.says("zhou", "/restart oa3", chat, **{"from": sender}) == 200
    ((_, place, body),) = await door.wecom.kept()
    found = door.wecom.ingress.person(json.loads(body)["user"])
    assert (found.id if found else None) == person
    assert place == ("shifuban" if chat else "dm-zhou" if person else f"wecom:dm:{corp}/{PEOPLE['zhou']}")


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("@值班 /restart oa3", "@bot /restart oa3"),
        ("@值班\u2005/restart oa3", "@bot /restart oa3"),
        ("@值班", "@bot"),
        ("盖章坏了 @值班", "@bot 盖章坏了"),
        ("@周予安 看一下 @值班 谢谢", "@bot @周予安 看一下 @值班 谢谢"),
        ("@值班/restart oa3", "@bot /restart oa3"),
        ("@值班盖章点了没反应", "@bot 盖章点了没反应"),
        ("@值班，盖章 点了没反应", "@bot 盖章 点了没反应"),
        ("@改了名的 /ping x", "@bot /ping x"),
        ("@值班助手 /ping x", "@bot /ping x"),
        ("@值班助手 盖章 点了没反应", "@bot 盖章 点了没反应"),
        ("@Duty Bot /ping x", "@bot /ping x"),
    ],
)
async def test_the_bots_own_mention_is_taken_out(door: Door, typed: str, heard: str) -> None:
    assert await door.hears(said("wx-zhou", "x", chat=CHATS["shifuban"]) | {"text": {"content": typed}}) == 200
    assert await door.texts() == [heard]


async def test_ten_times_the_same_at_once_is_one_event_and_one_reply_address(door: Door) -> None:
    url = door.qyapi.reply_address(CHATS["shifuban"])
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
    other = json.dumps({"encrypt": _altered(encrypted)}).encode()
    good = query(at, "n1", signature)
    odd = base64.b64encode(b"x" * 17).decode()
    stamp = str(int(at.timestamp()))
    signed = hashlib.sha1("".join(sorted((BOT_TOKEN, stamp, "n1", odd))).encode()).hexdigest()  # noqa: S324  # WeCom's own
    broken = query(at, "n1", signed), json.dumps({"encrypt": odd}).encode()
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
        (await door.post(*broken), 400),
    ]
    assert [status for status, _ in statuses] == [expected for _, expected in statuses]
    assert await door.wecom.kept() == []


@pytest.mark.parametrize("body", ["", "x", "[]", "{}", '{"msgtype":"text"}', '{"a":' * 300, '{"msgtype":"event"}'])
async def test_a_well_signed_body_that_is_no_message_is_refused(door: Door, body: str) -> None:
    assert await door.hears(body) == 400
    assert await door.wecom.kept() == []


async def test_somebody_elses_receiver_is_refused(door: Door) -> None:
    at = door.wecom.clock.wall()
    encrypted, signature = sealed("{}", at, "n1", "ww-other-corp")
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
    crypto = WeChatCrypto(BOT_TOKEN, BOT_KEY, "")
    xml = f"<xml><Encrypt><![CDATA[{reply['encrypt']}]]></Encrypt></xml>"
    message = crypto.decrypt_message(xml, reply["msgsignature"], str(reply["timestamp"]), reply["nonce"])
    said_back = json.loads(message)
    assert said_back["msgtype"] == "text"
    assert "/help" in said_back["text"]["content"]


async def test_each_reply_address_takes_one_message_and_the_questions_own_comes_first(door: Door) -> None:
    await door.says("lixiao", "盖章点了没反应", id="M1")
    await door.says("zhao", "我也是", id="M2")
    first, _ = door.qyapi._reply_codes
    await door.bots.send(outgoing("答 M2", reply_to="M2", key="a"))
    assert list(door.qyapi._reply_codes) == [first]  # the other one is used up
    await door.bots.send(outgoing("再说", key="b"))
    with pytest.raises(Rejected, match="no reply address left"):
        await door.bots.send(outgoing("x", key="c"))
    assert [posted.body["content"] for posted in door.qyapi.posted] == ["答 M2", "再说"]
    assert {posted.place for posted in door.qyapi.posted} == {f"bot:{CHATS['shifuban']}"}


async def test_an_address_that_is_an_hour_old_is_not_used(door: Door) -> None:
    await door.says("lixiao", "盖章点了没反应")
    door.wecom.clock.move_to(door.wecom.clock.now() + timedelta(hours=1))
    with pytest.raises(Rejected, match="no reply address left"):
        await door.bots.send(outgoing("太晚了"))
    assert door.qyapi.posted == []


async def test_a_refused_reply_says_why(door: Door) -> None:
    await door.says("lixiao", "盖章点了没反应")
    door.qyapi.fail("code:40008")
    with pytest.raises(Rejected, match="40008"):
        await door.bots.send(outgoing("x"))
    assert door.qyapi.posted == []


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
    assert len(door.qyapi.posted) == 1


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
    chat = door.wecom.ingress.runtime.site().chat("shifuban")
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


@pytest.mark.parametrize(
    "typed",
    [
        "@温若川 @值班 /ping x",
        "@值班 @温若川 /ping x",
        "@值班：/ping x",
        "@值班，ping x",
        "@值班ping x",
        "ping x @值班",
        "ping x @值班。",
        "@温若川 @值班 ping x",
    ],
)
async def test_8_11_the_bot_is_called_in_any_way_that_wecom_writes(door: Door, typed: str) -> None:
    assert await door.hears(said("wx-zhou", "x", chat=CHATS["shifuban"]) | {"text": {"content": typed}}) == 200
    (text,) = await door.texts()
    command = commands.parse(text)
    assert command is not None
    assert (command.verb, command.rest) == ("ping", "x")
