"""The stand-in of Feishu's server, held by the vendor's own library, which reads what it delivers and posts to it."""

import asyncio
import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.platforms.feishu import APP_ID, APP_SECRET, ENCRYPT_KEY, FakeFeishu


@pytest.fixture(scope="module")
def lark() -> Iterator[Any]:
    """Loaded late because that takes seconds; it opens an event loop of its own."""
    yield importlib.import_module("lark_oapi")
    importlib.import_module("lark_oapi.ws.client").loop.close()


async def test_its_events_are_signed_and_encrypted_as_the_library_expects(lark: Any) -> None:
    got: list[str] = []
    fake = FakeFeishu()
    payload = fake.event(
        "im.message.receive_v1",
        {
            "sender": {"sender_id": {"open_id": "ou_lixiao"}, "sender_type": "user"},
            "message": {"message_id": "om_in_1", "chat_id": "oc_1", "message_type": "text", "content": "{}"},
        },
    )
    body, headers = fake.request(payload)
    handler = (
        lark.EventDispatcherHandler.builder(ENCRYPT_KEY, "vtok")
        .register_p2_im_message_receive_v1(lambda event: got.append(event.event.message.message_id))
        .build()
    )
    request = lark.RawRequest()
    request.uri, request.body, request.headers = "/feishu/events", body, headers
    assert handler.do(request).status_code == 200
    assert got == ["om_in_1"]
    request.headers = {**headers, "X-Lark-Signature": "0" * 64}
    assert handler.do(request).status_code == 500


async def test_the_library_s_own_calls_are_taken(lark: Any) -> None:
    fake = FakeFeishu()
    await fake.start()
    try:
        ids = await asyncio.to_thread(_post, lark, fake.url)
    finally:
        await fake.stop()
    first, answer = fake.seen("shifuban")
    assert [first.id, answer.id] == ids
    assert (first.text, first.updated, answer.thread) == ("好了", 1, first.id)


def _post(lark: Any, url: str) -> list[str]:
    """A card, an answer to it, another card for it."""
    im = importlib.import_module("lark_oapi.api.im.v1")
    client = lark.Client.builder().app_id(APP_ID).app_secret(APP_SECRET).domain(url).build()
    card = (
        '{"config": {"update_multi": true}, "elements": [{"tag": "div", "text": {"tag": "lark_md", "content": "%s"}}]}'
    )
    body = im.CreateMessageRequestBody.builder().receive_id("oc_shifuban").msg_type("interactive").uuid("u1")
    create = im.CreateMessageRequest.builder().receive_id_type("chat_id")
    first = client.im.v1.message.create(create.request_body(body.content(card % "来了").build()).build())
    assert first.success(), first.msg
    words = im.ReplyMessageRequestBody.builder().msg_type("interactive").uuid("u2").content(card % "收到").build()
    reply = im.ReplyMessageRequest.builder().message_id(first.data.message_id).request_body(words).build()
    answer = client.im.v1.message.reply(reply)
    assert answer.success(), answer.msg
    change = im.PatchMessageRequestBody.builder().content(card % "好了").build()
    patch = im.PatchMessageRequest.builder().message_id(first.data.message_id).request_body(change).build()
    assert client.im.v1.message.patch(patch).success()
    return [first.data.message_id, answer.data.message_id]
