"""The stand-in of WeCom's interface is what another client takes it for (wechatpy), and its limits bite."""

import asyncio
import io
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException

from tests.support.platforms.wecom import FakeWecom
from tests.support.platforms.wecom_qyapi import BAD_AGENT, BAD_PARAMETER, BAD_SECRET, GONE, NOBODY, TOO_LONG, TOO_OFTEN
from tests.support.platforms.wecom_sealed import AGENT, APP_SECRET, CORP

OFFICIAL = "https://qyapi.weixin.qq.com"


def client(fake: FakeWecom, secret: str = APP_SECRET) -> Any:
    """Theirs, whose one fixed host is led to the stand-in."""
    made: Any = WeChatClient(CORP, secret)
    ask = made._http.request
    made._http.request = lambda method, url, **more: ask(method, url.replace(OFFICIAL, fake.url), **more)
    return made


async def code_of(call: Callable[..., Any], *args: Any) -> int:
    with pytest.raises(WeChatClientException) as refused:
        await asyncio.to_thread(call, *args)
    return int(refused.value.errcode)


async def test_wechatpy_sends_a_text_and_a_file(fake: FakeWecom) -> None:
    theirs = client(fake)
    await asyncio.to_thread(theirs.message.send_text, AGENT, ["u_zhou"], "你好")
    media = await asyncio.to_thread(theirs.media.upload, "file", ("a.txt", io.BytesIO(b"123456")))
    await asyncio.to_thread(theirs.message.send_file, AGENT, ["u_zhou"], media["media_id"])
    assert [(seen.text, seen.files) for seen in fake.seen("dm-zhou")] == [("你好", []), ("", ["a.txt"])]
    assert fake.api.tokens_given == 1


async def test_wechatpy_is_told_what_is_wrong(fake: FakeWecom) -> None:
    theirs = client(fake)
    assert await code_of(client(fake, "wrong").fetch_access_token) == BAD_SECRET
    assert await code_of(theirs.message.send_text, AGENT, ["nobody"], "x") == NOBODY
    assert await code_of(theirs.message.send_text, 7, ["u_zhou"], "x") == BAD_AGENT
    assert await code_of(theirs.message.send_text, AGENT, ["u_zhou"], "灯" * 683) == TOO_LONG
    assert await code_of(theirs.media.upload, "file", ("a.txt", io.BytesIO(b"12345"))) == BAD_PARAMETER


async def test_wechatpy_finds_a_new_token_when_its_own_is_too_old(fake: FakeWecom) -> None:
    theirs = client(fake)
    await asyncio.to_thread(theirs.message.send_text, AGENT, ["u_zhou"], "一")
    fake.api.expire_tokens()
    await asyncio.to_thread(theirs.message.send_text, AGENT, ["u_zhou"], "二")
    assert [seen.text for seen in fake.seen("dm-zhou")] == ["一", "二"]


async def test_a_robot_takes_twenty_a_minute_and_is_blocked_for_one(fake: FakeWecom) -> None:
    body = {"msgtype": "text", "text": {"content": "x"}}
    async with aiohttp.ClientSession() as session:

        async def post(key: str) -> int:
            async with session.post(f"{fake.url}/cgi-bin/webhook/send", params={"key": key}, json=body) as answer:
                assert answer.status == 200
                return int((await answer.json())["errcode"])

        assert [await post("key-shifuban") for _ in range(22)] == [0] * 20 + [TOO_OFTEN] * 2
        assert await post("key-minzheng") == 0
        assert await post("key-nowhere") == GONE
    assert fake.api.limited == ["key-shifuban"] * 2
