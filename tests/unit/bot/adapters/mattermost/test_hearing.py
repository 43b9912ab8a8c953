"""What comes in by outgoing webhook, slash command and button: what is taken, and what is refused with nothing kept."""

import asyncio
import io
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.adapters.mattermost.adapter import MattermostAdapter
from bot.core import commands
from bot.core.content import Button, Op
from bot.core.events import Message, Tap
from bot.core.menu import MenuItem
from tests.support.platforms.lone import Lone, alone
from tests.support.platforms.mattermost import FakeMattermost, ident

CLAIM, CLOSE = Button("claim:GD-1", "我来处理"), Button("close:GD-1", "关单")


async def only(lone: Lone[MattermostAdapter]) -> Message:
    (message,) = await lone.heard()
    assert isinstance(message, Message)
    return message


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_post_in_a_public_channel(server: FakeMattermost, lone: Lone[MattermostAdapter], as_json: bool) -> None:
    server.as_json = as_json
    assert await server.says("lixiao", "shifuban", "OA 打不开", id="m1") == 200
    message = await only(lone)
    assert (message.text, message.to_bot, message.reply_to) == ("OA 打不开", False, None)
    assert (message.envelope.chat, message.envelope.key) == ("shifuban", ident("post", "m1"))
    assert message.envelope.account.user_id == ident("user", "lixiao")
    assert message.envelope.sent_at == lone.clock.now()


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_webhook_is_believed_where_there_is_nobody_to_ask(
    bare: FakeMattermost, hooked: Lone[MattermostAdapter], as_json: bool
) -> None:
    """Its time is in seconds in a form and in milliseconds in JSON."""
    bare.as_json = as_json
    await bare.says("lixiao", "shifuban", "OA 打不开")
    message = await only(hooked)
    assert (message.text, message.envelope.sent_at) == ("OA 打不开", hooked.clock.now())


@pytest.mark.parametrize(
    ("typed", "text", "to_bot"),
    [
        ("@值班 restart oa3", "@bot restart oa3", True),
        ("@值班，打不开", "@bot 打不开", True),
        ("@zhiban restart oa3", "@bot restart oa3", True),
        ("@Zhiban: 谁值班", "@bot 谁值班", True),
        ("@zhiban", "@bot", True),
        ("@zhiban2 你好", "@zhiban2 你好", False),
        ("值班员在吗", "值班员在吗", False),
    ],
)
async def test_whether_the_bot_was_addressed(
    server: FakeMattermost, lone: Lone[MattermostAdapter], typed: str, text: str, to_bot: bool
) -> None:
    server.trigger = "@值班"
    await server.says("lixiao", "shifuban", typed)
    message = await only(lone)
    assert (message.text, message.to_bot) == (text, to_bot)


async def test_an_answer_in_a_thread_names_its_first_message(
    server: FakeMattermost, lone: Lone[MattermostAdapter]
) -> None:
    """The webhook tells no thread; the server does."""
    sent = await lone.send("shifuban", "GD-1 请处理")
    await server.says("zhou", "shifuban", "收到", quote=server.seen("shifuban")[0])
    assert (await only(lone)).reply_to == sent


async def test_our_own_posts_come_back_and_are_not_heard(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    """Fault F57: a real server tells the webhook of the bot's posts, too; an answer to oneself would never end."""
    await asyncio.gather(*(lone.send("shifuban", f"{n}") for n in range(5)))
    assert await server.echoed() == [200] * 5
    assert await lone.heard() == []


async def test_our_own_posts_are_known_without_asking(
    server: FakeMattermost, lone: Lone[MattermostAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.mattermost.incoming.LOOK_SECONDS", 0.1)
    post = server.posts[await lone.send("shifuban", "x")]
    server.slow = 1.0
    assert await server.deliver("/mattermost/outgoing", server.outgoing(post)) == 200
    assert await lone.heard() == []


async def test_nothing_is_taken_before_we_know_who_we_are(
    server: FakeMattermost, lone: Lone[MattermostAdapter]
) -> None:
    server.revoked = True
    assert await server.says("lixiao", "shifuban", "x") == 503
    assert await lone.heard() == []


@pytest.mark.parametrize("props", [{"from_bot": "true"}, {"from_webhook": "true"}])
async def test_other_machines_are_not_heard(
    server: FakeMattermost, lone: Lone[MattermostAdapter], props: dict[str, str]
) -> None:
    post = server.add_post("lixiao", "shifuban", "x", **props)
    assert await server.deliver("/mattermost/outgoing", server.outgoing(post)) == 200
    assert await lone.heard() == []


async def test_what_was_deleted_meanwhile_is_not_heard(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    post = server.add_post("lixiao", "shifuban", "x")
    post.deleted = True
    assert await server.deliver("/mattermost/outgoing", server.outgoing(post)) == 200
    assert await lone.heard() == []


async def test_the_servers_word_counts_and_not_the_webhooks(
    server: FakeMattermost, lone: Lone[MattermostAdapter]
) -> None:
    """The webhook's token is one for all requests: who knows it may ring, but not put words into a mouth."""
    post = server.add_post("lixiao", "shifuban", "OA 打不开")
    forged = server.outgoing(post) | {"user_id": ident("user", "zhou"), "text": "/restart oa3"}
    assert await server.deliver("/mattermost/outgoing", forged) == 200
    message = await only(lone)
    assert (message.text, message.envelope.account.user_id) == ("OA 打不开", ident("user", "lixiao"))
    unknown = forged | {"post_id": ident("post", "never")}
    assert await server.deliver("/mattermost/outgoing", unknown) == 200
    assert len(await lone.heard()) == 1


@pytest.mark.parametrize("trouble", ["no member", "slow"])
async def test_a_report_is_taken_where_the_server_cannot_be_asked(
    server: FakeMattermost, lone: Lone[MattermostAdapter], monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr("bot.adapters.mattermost.incoming.LOOK_SECONDS", 0.1)
    if trouble == "slow":
        server.slow = 1.0
    else:
        server.removed = {"shifuban"}
    assert await server.says("lixiao", "shifuban", "OA 打不开") == 200
    assert (await only(lone)).text == "OA 打不开"


@pytest.mark.parametrize("trouble", ["no member", "slow"])
async def test_8_4_who_is_only_told_of_is_nobody_with_a_right(
    server: FakeMattermost, lone: Lone[MattermostAdapter], monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """Whoever knows the webhook's token may name anybody; where the server does not show the post, it is a stranger's."""
    monkeypatch.setattr("bot.adapters.mattermost.incoming.LOOK_SECONDS", 0.1)
    forged = server.outgoing(server.add_post("lixiao", "shifuban", "x"))
    forged |= {"user_id": ident("user", "zhou"), "text": "/restart oa3"}
    if trouble == "slow":
        server.slow = 1.0
    else:
        server.removed = {"shifuban"}
    assert await server.deliver("/mattermost/outgoing", forged) == 200
    envelope = (await only(lone)).envelope
    assert envelope.person is None
    assert lone.adapter._ingress.runtime.site().person_of(envelope.account) is None


async def test_files_alone(bare: FakeMattermost, hooked: Lone[MattermostAdapter]) -> None:
    post = bare.add_post("lixiao", "shifuban", "")
    assert await bare.deliver("/mattermost/outgoing", bare.outgoing(post), as_json=True) == 200
    assert await hooked.heard() == []
    post.files = ["f1"]
    await bare.deliver("/mattermost/outgoing", bare.outgoing(post), as_json=True)
    assert (await only(hooked)).text == "[文件]"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("/zhiban 打不开 OA", "@bot 打不开 OA"),
        ("/zhiban restart oa3", "@bot restart oa3"),
        ("/zhiban", "@bot"),
    ],
)
async def test_a_slash_command_in_a_channel(
    server: FakeMattermost, lone: Lone[MattermostAdapter], line: str, text: str
) -> None:
    assert await server.deliver("/mattermost/command", server.command("zhou", "duty-room", line)) == 200
    message = await only(lone)
    assert (message.text, message.to_bot, message.envelope.chat) == (text, True, "duty-room")


async def test_a_command_of_its_own_and_where_it_was_typed(
    server: FakeMattermost, lone: Lone[MattermostAdapter]
) -> None:
    lone.adapter._ingress.runtime.menu = (MenuItem("restart", "重启", "oa3", "runs", (), strangers=False),)
    root = ident("post", "root")
    await server.deliver("/mattermost/command", server.command("zhou", "duty-room", "/restart oa3", root=root))
    await server.deliver("/mattermost/command", server.command("zhou", "dm-zhou", "/重启 oa3"))
    first, second = (event for event in await lone.heard() if isinstance(event, Message))
    assert (first.text, first.reply_to, first.envelope.chat) == ("/restart oa3", root, "duty-room")
    assert (second.text, second.envelope.chat) == ("/重启 oa3", "dm-zhou")


async def test_the_same_command_ten_times_at_once(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    """Faults F41, F44: by the trigger id; the same line typed again is another command."""
    body = server.command("zhou", "duty-room", "/zhiban restart oa3")
    assert await asyncio.gather(*(server.deliver("/mattermost/command", body) for _ in range(10))) == [200] * 10
    assert len(await lone.heard()) == 1
    await server.says("zhou", "duty-room", "/zhiban restart oa3")
    assert len(await lone.heard()) == 2


async def test_a_pressed_button(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    sent = await lone.send("shifuban", "GD-1", buttons=[CLAIM, CLOSE])
    assert await server.taps("zhou", server.seen("shifuban")[0], "关单") == 200
    (tap,) = await lone.heard()
    assert isinstance(tap, Tap)
    assert (tap.action, tap.message, tap.envelope.chat) == ("close:GD-1", sent, "shifuban")
    assert tap.envelope.account.user_id == ident("user", "zhou")


async def test_a_button_in_a_direct_chat_and_after_a_change(
    server: FakeMattermost, lone: Lone[MattermostAdapter]
) -> None:
    sent = await lone.send("dm-zhou", "GD-1", buttons=[CLAIM])
    await lone.send("dm-zhou", "GD-1", buttons=[CLOSE], op=Op.UPDATE, message=sent)
    await server.taps("zhou", server.seen("dm-zhou")[0], "close:GD-1")
    (tap,) = await lone.heard()
    assert isinstance(tap, Tap)
    assert (tap.action, tap.envelope.chat) == ("close:GD-1", "dm-zhou")


async def test_a_button_of_a_webhooks_post(bare: FakeMattermost, hooked: Lone[MattermostAdapter]) -> None:
    await hooked.send("shifuban", "GD-1", buttons=[CLAIM])
    assert await bare.taps("zhou", bare.seen("shifuban")[0], "我来处理") == 200
    assert len(await hooked.heard()) == 1


async def test_buttons_that_we_did_not_make(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    """Mattermost signs nothing: the context must be ours, for this channel."""
    sent = await lone.send("shifuban", "GD-1", buttons=[CLAIM])
    post = server.posts[sent]
    context = post.props["attachments"][0]["actions"][0]["integration"]["context"]
    forged: list[dict[str, Any]] = [
        {},
        context | {"action": "confirm:R17"},
        context | {"direct": True},
        context | {"key": "other"},
        context | {"mac": context["mac"][:-1] + ("0" if context["mac"][-1] != "0" else "1")},
        context | {"mac": "签"},
        context | {"mac": None},
        context | {"direct": "false"},
    ]
    for given in forged:
        assert await server.deliver("/mattermost/actions", server.action("zhou", post, given), as_json=True) == 401
    elsewhere = server.action("zhou", post, context) | {"channel_id": ident("channel", "minzheng")}
    assert await server.deliver("/mattermost/actions", elsewhere, as_json=True) == 401
    assert await lone.heard() == []


async def test_a_press_ten_times_delivered(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    sent = await lone.send("shifuban", "GD-1", buttons=[CLAIM])
    post = server.posts[sent]
    context = post.props["attachments"][0]["actions"][0]["integration"]["context"]
    body = server.action("zhou", post, context)
    deliveries = (server.deliver("/mattermost/actions", body, as_json=True) for _ in range(10))
    assert await asyncio.gather(*deliveries) == [200] * 10
    assert len(await lone.heard()) == 1


@pytest.mark.parametrize("path", ["outgoing", "command"])
@pytest.mark.parametrize("token", ["", "x", "签", "commandtoken0000000000000"])
async def test_tokens_that_are_none(
    server: FakeMattermost, lone: Lone[MattermostAdapter], path: str, token: str
) -> None:
    post = server.add_post("lixiao", "shifuban", "x")
    body = server.outgoing(post) if path == "outgoing" else server.command("zhou", "shifuban", "/zhiban x")
    assert await server.deliver(f"/mattermost/{path}", body | {"token": token}) == 401
    assert await server.deliver(f"/mattermost/{path}", {k: v for k, v in body.items() if k != "token"}) == 401
    assert await lone.heard() == []
    assert await lone.refusals() == ["bad_signature", "bad_signature"]


async def test_one_doors_key_does_not_open_the_other(server: FakeMattermost, lone: Lone[MattermostAdapter]) -> None:
    body = server.command("zhou", "shifuban", "/zhiban x")
    outgoing = server.outgoing(server.add_post("lixiao", "shifuban", "x"))
    assert await server.deliver("/mattermost/command", body | {"token": outgoing["token"]}) == 401


@pytest.mark.parametrize(
    "change",
    [
        {"post_id": "../../users/me"},
        {"post_id": "A" * 26},
        {"post_id": ""},
        {"user_id": "x"},
        {"channel_id": "x" * 27},
    ],
)
async def test_fields_that_are_none(
    server: FakeMattermost, lone: Lone[MattermostAdapter], change: dict[str, str]
) -> None:
    body = server.outgoing(server.add_post("lixiao", "shifuban", "x"))
    assert await server.deliver("/mattermost/outgoing", body | change) == 400
    assert await lone.heard() == []
    assert server.requests["get"] == 0


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"token=a&token=b", "application/x-www-form-urlencoded", 400),
        (b"token=%ff", "application/x-www-form-urlencoded", 400),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"f%d=1" % n for n in range(300)), "application/x-www-form-urlencoded", 400),
        (b"[]", "application/json", 400),
        (b'{"token": NaN}', "application/json", 400),
        (b'{"token": 7}', "application/json", 401),
        (b"", "text/plain", 401),
        (b"x" * 1_048_577, "text/plain", 413),
    ],
)
@pytest.mark.parametrize("path", ["outgoing", "command"])
async def test_bodies_that_are_none(
    lone: Lone[MattermostAdapter], path: str, data: bytes, kind: str, status: int
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{lone.url}/mattermost/{path}", data=io.BytesIO(data), headers={"Content-Type": kind}) as answer,
    ):
        assert answer.status == status


async def test_doors_without_a_key_are_not_there(server: FakeMattermost, database: Path) -> None:
    no_keys: dict[str, Any] = {"command_tokens": [], "outgoing_tokens": []}
    async with alone(MattermostAdapter, "mattermost", server, database, **no_keys) as opened:
        for path in ("outgoing", "command"):
            assert await server.deliver(f"/mattermost/{path}", {"token": ""}) == 404
        assert await opened.heard() == []


@pytest.mark.parametrize(
    "text",
    [
        "@zhiban：ping x",
        "@值班ping x",
        "@温若川 @zhiban ping x",
        "ping x @zhiban",
        "@zhiban @温若川 /ping x",
        "@zhiban，ping x",
    ],
)
async def test_8_11_the_bot_is_called_in_any_way_that_mattermost_writes(
    server: FakeMattermost, lone: Lone[MattermostAdapter], text: str
) -> None:
    server.trigger = "@值班"
    await server.says("lixiao", "shifuban", text)
    message = await only(lone)
    command = commands.parse(message.text)
    assert command is not None
    assert (command.verb, command.rest) == ("ping", "x")
