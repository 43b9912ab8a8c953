"""Words outside a post's text, and fields of which nobody knows what they are: a report is heard all the same."""

from typing import Any

import pytest

from bot.adapters.mattermost.adapter import MattermostAdapter
from bot.core.events import FileRef, Message
from tests.support.platforms.lone import Lone
from tests.support.platforms.mattermost import FakeMattermost

BROKEN = "OA 登录不上，一直转圈"


async def hears(
    server: FakeMattermost, lone: Lone[MattermostAdapter], typed: str, told: dict[str, Any], **webhook: Any
) -> Message:
    """A post of which the server tells ``told`` as well, and the webhook ``webhook``."""
    post = server.add_post("lixiao", "shifuban", typed)
    post.more = told
    assert await server.deliver("/mattermost/outgoing", server.outgoing(post) | webhook, as_json=True) == 200
    (message,) = await lone.heard()
    assert isinstance(message, Message)
    return message


def passed_on(**post: Any) -> dict[str, Any]:
    return {
        "metadata": {"embeds": [{"type": "permalink", "data": {"post": post}}, {"type": "opengraph", "data": 5}, 7]}
    }


@pytest.mark.parametrize(
    ("typed", "told", "text"),
    [
        (f"*{BROKEN}*", {"type": "me", "props": {"message": BROKEN}}, BROKEN),
        (f"*{BROKEN}*", {"type": "me", "props": {}}, BROKEN),
        ("请看看", passed_on(message=BROKEN), f"请看看\n转自：{BROKEN}"),
        ("", passed_on(message=BROKEN), f"转自：{BROKEN}"),
        ("", passed_on(message="", file_ids=["f"]), "转自：[文件]"),
        ("", {"file_ids": ["f"], "metadata": {"files": [{"name": "a.png", "mime_type": "image/png"}]}}, "[图片]"),
        ("", {"file_ids": ["f"], "metadata": {"files": [{"name": "a.ogg", "mime_type": "audio/ogg"}]}}, "[语音]"),
        ("", {"file_ids": ["f"]}, "[文件]"),
        ("", {"props": {"attachments": [{"title": "告警", "text": "OA 宕机", "title_link": "https://x/1"}, 5]}},
         "告警\nOA 宕机\nhttps://x/1"),
    ],
)  # fmt: skip
async def test_8_13_words_are_heard_wherever_they_stand(
    server: FakeMattermost, lone: Lone[MattermostAdapter], typed: str, told: dict[str, Any], text: str
) -> None:
    assert (await hears(server, lone, typed, told)).text == text


@pytest.mark.parametrize(
    "odd",
    [
        {"root_id": 7},
        {"props": "x"},
        {"metadata": [1]},
        {"metadata": {"embeds": "x", "files": {"a": 1}}},
        {"create_at": "soon"},
        {"create_at": None},
        {"file_ids": 5},
        {"nobody_knows": {"a": [1]}},
    ],
    ids=str,
)
async def test_8_13_an_odd_second_field_costs_nothing(
    server: FakeMattermost, lone: Lone[MattermostAdapter], odd: dict[str, Any]
) -> None:
    message = await hears(server, lone, BROKEN, odd)
    assert (message.text, message.envelope.sent_at) == (BROKEN, lone.clock.now())


@pytest.mark.parametrize(
    "odd", [{"timestamp": "yesterday"}, {"timestamp": None}, {"trigger_word": 5}, {"text": 7}], ids=str
)
async def test_8_13_nor_does_one_of_the_webhooks_own(
    server: FakeMattermost, lone: Lone[MattermostAdapter], odd: dict[str, Any]
) -> None:
    assert (await hears(server, lone, BROKEN, {}, **odd)).text == BROKEN


async def test_8_13_a_file_is_kept_by_its_name(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    told = {"file_ids": ["f"], "metadata": {"files": [{"name": "err.log", "mime_type": "text/plain"}, {"name": 5}]}}
    assert (await hears(server, lone, BROKEN, told)).files == (FileRef("err.log", ""),)


@pytest.mark.parametrize("kind", ["system_join_channel", "custom_bot", 5])
async def test_what_the_server_says_itself_is_nobodys_word(
    server: FakeMattermost, lone: Lone[MattermostAdapter], kind: Any
) -> None:
    post = server.add_post("lixiao", "shifuban", BROKEN)
    post.more = {"type": kind}
    assert await server.deliver("/mattermost/outgoing", server.outgoing(post)) == 200
    assert await lone.heard() == []
