"""Everything that people say and tap on Feishu comes in once, whole, and only when Feishu sent it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core import commands
from bot.core.content import Button, Card, Post
from tests.support.kit import Kit
from tests.support.platforms.feishu import BOT, FakeFeishu
from tests.unit.bot.adapters.feishu.bench import Bench, opened, outgoing

CLAIM = Post("新故障", card=Card((Button("claim:GD-1", "我来处理"),)))
OTHER = {"key": "@_user_2", "id": {"open_id": "ou_zhou"}, "name": "周予安"}
SELF = {"key": "@_user_1", "id": {"open_id": BOT}, "name": "值班"}


async def test_a_message_in_a_group_is_said_to_the_bot(bench: Bench) -> None:
    assert await bench.fake.says("lixiao", "shifuban", "盖章点了没反应", id="om_in_7") == 200
    (row,) = await bench.inbox()
    assert (row["key"], row["chat"], row["kind"]) == ("om_in_7", "shifuban", "message")
    assert row["body"]["user"] == "ou_lixiao"
    assert (row["body"]["text"], row["body"]["to_bot"]) == ("@bot 盖章点了没反应", True)


async def test_where_it_hears_all_plain_words_stay_plain(kit: Kit) -> None:
    async with opened(kit, FakeFeishu(hears_all=True)) as bench:
        await bench.fake.says("lixiao", "shifuban", "盖章点了没反应")
        (row,) = await bench.inbox()
    assert (row["body"]["text"], row["body"]["to_bot"]) == ("盖章点了没反应", False)


async def test_a_direct_message_is_the_person_s_chat_and_as_typed(bench: Bench) -> None:
    await bench.fake.says("zhou", "dm-zhou", "/ping x")
    (row,) = await bench.inbox()
    assert (row["chat"], row["body"]["text"], row["body"]["to_bot"]) == ("dm-zhou", "/ping x", True)


async def test_a_late_delivery_keeps_its_time(bench: Bench) -> None:
    """Two hours on the way: signed now, said then."""
    said = bench.kit.clock.now() - timedelta(hours=2)
    message = {
        "message_id": "om_in_late",
        "chat_id": "oc_shifuban",
        "chat_type": "group",
        "message_type": "text",
        "content": '{"text": "慢"}',
        "create_time": str(int(said.timestamp() * 1000)),
    }
    sender = {"sender_id": {"open_id": "ou_lixiao"}, "sender_type": "user"}
    await bench.fake.deliver(bench.fake.event("im.message.receive_v1", {"sender": sender, "message": message}))
    (row,) = await bench.inbox()
    assert datetime.fromisoformat(row["sent_at"]).replace(tzinfo=UTC) == said


async def test_a_reply_names_what_it_answers(bench: Bench) -> None:
    sent = await bench.adapter.send(outgoing("确认重启？"))
    (seen,) = bench.fake.seen("shifuban")
    await bench.fake.says("hemu", "shifuban", "确认", quote=seen)
    (row,) = await bench.inbox()
    assert row["body"]["reply_to"] == sent


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("@_user_1 restart oa3", "@bot restart oa3"),
        ("@_user_1  @_user_1 /oncall", "@bot /oncall"),
        ("@_user_1 请 @_user_2 看一下", "@bot 请 @周予安 看一下"),
        ("@_user_2 @_user_1 看一下", "@bot @周予安 @值班 看一下"),
        ("@_user_1 @_user_12 不是人", "@bot @_user_12 不是人"),
        ("@_all @_user_1 系统坏了", "@bot @所有人 @值班 系统坏了"),
        ("@_user_1", "@bot"),
    ],
)
async def test_placeholders_become_names(bench: Bench, text: str, taken: str) -> None:
    await bench.fake.sends("lixiao", "shifuban", "text", {"text": text}, mentions=[SELF, OTHER])
    (row,) = await bench.inbox()
    assert row["body"]["text"] == taken
    assert row["body"]["mentions"] == ["zhou"]


@pytest.mark.parametrize(
    ("kind", "content", "taken"),
    [
        ("image", {"image_key": "img_1"}, "[图片]"),
        ("file", {"file_key": "f1", "file_name": "错误日志.txt"}, "[文件] 错误日志.txt"),
        ("audio", {"file_key": "f1", "duration": 2000}, "[语音]"),
        ("media", {"file_key": "f1"}, "[视频]"),
        ("sticker", {"file_key": "f1"}, "[表情]"),
        ("location", {"name": "市府大院", "longitude": "1"}, "[位置] 市府大院"),
        ("interactive", {"title": "x"}, "[卡片] x"),
        ("share_chat", {"chat_id": "oc_1"}, "[群名片]"),
        (
            "post",
            {
                "title": "报障",
                "content": [[{"tag": "text", "text": "盖章 "}, {"tag": "a", "href": "http://x", "text": "这里"}]],
            },
            "报障\n盖章 这里 (http://x)",
        ),
        (
            "post",
            {"zh_cn": {"content": [[{"tag": "at", "user_id": "@_user_2"}, {"tag": "img", "image_key": "i"}], []]}},
            "@周予安[图片]",
        ),
    ],
)
async def test_every_kind_of_message_is_taken_in(bench: Bench, kind: str, content: dict[str, Any], taken: str) -> None:
    await bench.fake.sends("lixiao", "dm-lixiao", kind, content, mentions=[OTHER])
    assert [text.rstrip() for text in await bench.texts()] == [taken]


async def test_a_tap_is_stored_before_it_is_answered(bench: Bench) -> None:
    sent = await bench.adapter.send(outgoing(CLAIM))
    (seen,) = bench.fake.seen("shifuban")
    assert await bench.fake.taps("zhou", seen, "我来处理") == 200
    (row,) = await bench.inbox()
    assert (row["kind"], row["chat"]) == ("tap", "shifuban")
    assert row["body"] == {"user": "ou_zhou", "action": "claim:GD-1", "message": sent}


async def test_a_tap_in_a_direct_chat_is_in_that_person_s_chat(bench: Bench) -> None:
    await bench.adapter.send(outgoing(CLAIM, "dm-zhou"))
    await bench.fake.taps("zhou", bench.fake.seen("dm-zhou")[0], "claim:GD-1")
    (row,) = await bench.inbox()
    assert row["chat"] == "dm-zhou"


async def test_a_change_of_a_form_on_a_card_is_no_tap(bench: Bench) -> None:
    event = {
        "operator": {"open_id": "ou_zhou"},
        "action": {"tag": "select_static", "option": "1"},
        "context": {"open_message_id": "om_1", "open_chat_id": "oc_shifuban"},
    }
    assert await bench.fake.deliver(bench.fake.event("card.action.trigger", event)) == (200, {})
    assert await bench.inbox() == []


async def test_ten_deliveries_of_one_message_are_one(bench: Bench) -> None:
    answers = await asyncio.gather(*(bench.fake.says("lixiao", "shifuban", "慢", id="om_in_1") for _ in range(10)))
    assert answers == [200] * 10
    assert await bench.texts() == ["@bot 慢"]


async def test_ten_deliveries_of_one_tap_are_one(bench: Bench) -> None:
    event = {
        "operator": {"open_id": "ou_zhou"},
        "action": {"tag": "button", "value": {"action": "claim:GD-1", "direct": False}},
        "context": {"open_message_id": "om_1", "open_chat_id": "oc_shifuban"},
    }
    again = bench.fake.event("card.action.trigger", event)
    assert [await bench.fake.deliver(again) for _ in range(10)] == [(200, {})] * 10
    assert len(await bench.inbox()) == 1


async def test_bots_changes_and_whatever_else_are_answered_and_forgotten(bench: Bench) -> None:
    fake = bench.fake
    assert await fake.sends("lixiao", "shifuban", "text", {"text": "我是机器人"}, sender="app") == 200
    for kind in ("im.message.recalled_v1", "im.message.updated_v1", "im.chat.member.bot.added_v1"):
        assert await fake.deliver(fake.event(kind, {"message_id": "om_1"})) == (200, {})
    assert await bench.inbox() == []
    assert await bench.refusals() == []


async def test_its_own_words_are_not_taken_in(kit: Kit) -> None:
    async with opened(kit, FakeFeishu(hears_all=True), bot_open_id="ou_zhou") as bench:
        assert await bench.fake.says("zhou", "shifuban", "我自己") == 200
        assert await bench.inbox() == []


async def test_while_its_own_id_cannot_be_had_the_bot_is_known_by_name(bench: Bench) -> None:
    bench.fake.expire_tokens()
    bench.fake.refuse_tokens = True
    await bench.fake.says("lixiao", "shifuban", "盖章点了没反应")
    assert await bench.texts() == ["@bot 盖章点了没反应"]


async def test_the_address_check_is_answered_signed_or_not(bench: Bench) -> None:
    check = {"type": "url_verification", "challenge": "ch-1", "token": "vtok"}
    for signed in (True, False):
        assert await bench.fake.deliver(check, signed=signed) == (200, {"challenge": "ch-1"})
    status, _ = await bench.fake.deliver({**check, "token": "other"}, signed=False)
    assert status == 401
    assert (await bench.fake.deliver({**check, "challenge": 7}))[0] == 400


async def test_events_of_the_old_schema_are_read(bench: Bench) -> None:
    event = {
        "type": "message",
        "chat_type": "group",
        "msg_type": "text",
        "open_id": "ou_lixiao",
        "open_chat_id": "oc_shifuban",
        "open_message_id": "om_in_old",
        "is_mention": True,
        "text": '<at open_id="ou_bot">@值班</at> 请 <at open_id="ou_zhou">@周予安</at> 看',
        "text_without_at_bot": '请 <at open_id="ou_zhou">@周予安</at> 看',
    }
    whole = {"uuid": "u1", "ts": "1760407200.28", "token": "vtok", "type": "event_callback", "event": event}
    assert (await bench.fake.deliver(whole))[0] == 200
    (row,) = await bench.inbox()
    assert (row["key"], row["body"]["text"]) == ("om_in_old", "@bot 请 @周予安 看")


async def test_a_plain_app_is_checked_by_its_token(kit: Kit) -> None:
    """No Encrypt Key: neither signature nor encryption."""
    async with opened(kit, FakeFeishu(encrypted=False)) as bench:
        assert await bench.fake.says("lixiao", "shifuban", "慢") == 200
        forged = bench.fake.event("im.message.receive_v1", {})
        forged["header"]["token"] = "guessed"
        assert await bench.fake.deliver(forged) == (401, {"error": "bad_signature"})
        assert await bench.texts() == ["@bot 慢"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"X-Lark-Signature": "0" * 64}, 401, "bad_signature"),
        ({"X-Lark-Signature": "é"}, 400, "bad_body"),
        ({"X-Lark-Signature": ""}, 401, "bad_signature"),
        ({"X-Lark-Signature": None}, 401, "bad_signature"),
        ({"X-Lark-Request-Nonce": "other"}, 401, "bad_signature"),
        ({"X-Lark-Request-Nonce": None}, 401, "bad_signature"),
        ({"X-Lark-Request-Timestamp": None}, 401, "bad_signature"),
        ({"X-Lark-Request-Timestamp": "soon"}, 400, "bad_body"),
        ({"X-Lark-Request-Timestamp": "1" * 30}, 400, "bad_body"),
    ],
)
async def test_what_is_not_signed_well_is_refused(
    bench: Bench, change: dict[str, str | None], status: int, code: str
) -> None:
    event = bench.fake.event("im.message.receive_v1", {})
    body, headers = bench.fake.request(event)
    changed = {name: value for name, value in {**headers, **change}.items() if value is not None}
    assert await bench.fake.post(body, changed) == (status, {"error": code})
    assert await bench.inbox() == []
    assert await bench.refusals() == [code]


@pytest.mark.parametrize("shift", [-301, 301])
async def test_a_replay_after_five_minutes_is_stale(bench: Bench, shift: float) -> None:
    event = bench.fake.event("im.message.receive_v1", {})
    assert await bench.fake.deliver(event, shift=shift) == (401, {"error": "stale"})


async def test_a_replay_within_them_changes_nothing(bench: Bench) -> None:
    await bench.fake.says("lixiao", "shifuban", "慢", id="om_in_1")
    bench.kit.later(299)
    assert await bench.fake.says("lixiao", "shifuban", "慢", id="om_in_1") == 200
    assert len(await bench.inbox()) == 1


async def test_a_changed_ciphertext_is_refused(bench: Bench) -> None:
    body, headers = bench.fake.request(bench.fake.event("im.message.receive_v1", {}))
    data = json.loads(body)
    flipped = json.dumps({"encrypt": data["encrypt"][:-4] + "AAA="}).encode()
    assert (await bench.fake.post(flipped, headers))[0] == 401


async def test_another_app_s_event_is_refused(bench: Bench) -> None:
    event = bench.fake.event("im.message.receive_v1", {})
    event["header"]["app_id"] = "cli_other"
    assert await bench.fake.deliver(event) == (403, {"error": "wrong_receiver"})


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"x" * (1024 * 1024 + 1), (413, {"error": "too_large"})),
        (b"{", (400, {"error": "bad_body"})),
        (b"\xff", (400, {"error": "bad_body"})),
        (b"[]", (400, {"error": "bad_body"})),
        (b'{"encrypt": 1}', (401, {"error": "bad_signature"})),
        (b'{"encrypt": "AAAA"}', (401, {"error": "bad_signature"})),
        (b'{"type": "url_verification", "challenge": "x", "token": "vtok"}', (401, {"error": "bad_signature"})),
    ],
    ids=range(7),
)
async def test_a_body_that_is_none_is_refused(bench: Bench, body: bytes, answer: tuple[int, dict[str, str]]) -> None:
    """Whatever of an unsigned one cannot be decrypted looks the same from outside."""
    assert await bench.fake.post(body, {}) == answer
    assert await bench.inbox() == []


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": 7},
        {"message_id": ""},
        {"chat_id": None},
    ],
)
async def test_a_message_that_is_none_is_refused(bench: Bench, change: dict[str, Any]) -> None:
    message = {
        "message_id": "om_in_1",
        "chat_id": "oc_shifuban",
        "chat_type": "group",
        "message_type": "text",
        "content": '{"text": "x"}',
        "create_time": "1760407200000",
    }
    sender = {"sender_id": {"open_id": "ou_lixiao"}, "sender_type": "user"}
    event = bench.fake.event("im.message.receive_v1", {"sender": sender, "message": {**message, **change}})
    assert await bench.fake.deliver(event) == (400, {"error": "bad_body"})
    assert await bench.inbox() == []


@pytest.mark.parametrize(
    "text",
    [
        "@_user_1：ping x",
        "@_user_1ping x",
        "@_user_1, /ping x",
        "@_user_2 @_user_1 ping x",
        "@_user_1 @_user_2 ping x",
        "ping x @_user_1",
        "ping x@_user_1。",
    ],
)
@pytest.mark.parametrize("chat", ["shifuban", "dm-lixiao"])
async def test_8_11_the_bot_is_called_in_any_way_that_feishu_writes(bench: Bench, text: str, chat: str) -> None:
    await bench.fake.sends("lixiao", chat, "text", {"text": text}, mentions=[SELF, OTHER])
    (row,) = await bench.inbox()
    command = commands.parse(row["body"]["text"])
    assert command is not None
    assert (command.verb, command.rest, row["body"]["to_bot"]) == ("ping", "x", True)
