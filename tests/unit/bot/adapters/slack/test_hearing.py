"""What people say and press arrives once, as they meant it, and nothing else does."""

import asyncio
import json
from datetime import timedelta

import pytest

from bot.core import commands
from tests.support.kit import Kit
from tests.support.platforms.slack import FakeSlack
from tests.support.platforms.slack_server import BOT_USER
from tests.unit.bot.adapters.slack.kit import Slack, outgoing, running


async def test_a_line_in_a_channel_is_kept_with_its_person_and_time(slack: Slack) -> None:
    assert await slack.fake.says("lixiao", "shifuban", "公文打不开 <急> & 报错") == 200
    (row,) = await slack.stored()
    kind, chat, key, body = row.split(" ", 3)
    assert (kind, chat, key) == ("message", "shifuban", f"C0SHIFUBAN:{slack.kit.clock.wall().timestamp():.6f}")
    assert json.loads(body)["text"] == "公文打不开 <急> & 报错"
    assert json.loads(body)["user"] == "U0LIXIAO"


async def test_one_mention_comes_as_two_events_and_is_one_command(slack: Slack) -> None:
    assert await slack.fake.says("zhou", "shifuban", "@bot restart oa3") == 200
    assert await slack.texts() == ["@bot restart oa3"]
    assert [json.loads(row.split(" ", 3)[3])["to_bot"] for row in await slack.stored()] == [True]


async def test_where_it_hears_only_mentions_they_arrive(kit: Kit) -> None:
    async with running(kit, FakeSlack("mentions")) as slack:
        await slack.fake.says("lixiao", "shifuban", "公文打不开")
        assert await slack.texts() == ["@bot 公文打不开"]


@pytest.mark.parametrize("known", [True, False], ids=["after auth.test", "before auth.test"])
async def test_in_a_persons_own_chat_everything_is_for_the_bot(slack: Slack, known: bool) -> None:
    if known:
        await slack.identified()
    await slack.fake.says("zhou", "dm-zhou", "收到")
    (row,) = await slack.stored()
    assert row.startswith("message dm-zhou D0ZHOU:")
    assert json.loads(row.split(" ", 3)[3])["to_bot"] is True


async def test_an_answer_in_a_thread_quotes_the_card_that_began_it(slack: Slack) -> None:
    card = await slack.adapter.send(outgoing(slack.fake))
    (seen,) = slack.fake.seen("shifuban")
    await slack.fake.says("zhou", "shifuban", "收到", quote=seen)
    body = json.loads((await slack.stored())[0].split(" ", 3)[3])
    assert (body["reply_to"], body["text"]) == (card, "收到")


async def test_our_answer_to_a_line_in_a_thread_stands_in_that_thread(slack: Slack) -> None:
    root = await slack.adapter.send(outgoing(slack.fake))
    slack.kit.later(2)
    (seen,) = slack.fake.seen("shifuban")
    await slack.fake.says("zhou", "shifuban", "收到", quote=seen)
    (key,) = await slack.kit.column("SELECT key FROM inbox")
    await slack.adapter.send(outgoing(slack.fake, key="i1.2", reply_to=key))
    assert slack.fake.seen("shifuban")[1].thread == root


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("/restart oa3", "/restart oa3"),
        ("/重启 oa3", "@bot 重启 oa3"),
        ("/zhiban restart oa3", "@bot restart oa3"),
        ("/zhiban /restart oa3", "@bot /restart oa3"),
        ("/zhiban OA 登录不上，一直转圈", "@bot OA 登录不上，一直转圈"),
        ("/zhiban", "@bot help"),
        ("/drain <http://10.154.54.57|10.154.54.57>", "@bot drain <http://10.154.54.57|10.154.54.57>"),
    ],
)
async def test_slash_commands_by_the_umbrella_and_by_their_own_name(kit: Kit, typed: str, kept: str) -> None:
    async with running(kit, FakeSlack(commands=frozenset({"/restart", "/zhiban"}))) as slack:
        assert await slack.fake.says("zhou", "shifuban", typed) == 200
        assert slack.fake.last_answer == ""
        assert await slack.texts() == [kept]


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("drain <http://10.154.54.57|10.154.54.57>", "@bot drain 10.154.54.57"),
        ("restart oa3 &amp;&amp; reboot", "@bot restart oa3 && reboot"),
        ("restart oa3\n/confirm R1", "@bot restart oa3\n/confirm R1"),
        ("assign GD-20261122-003 <@U0WEN|wen>", "@bot assign GD-20261122-003 @温若川"),
    ],
)
async def test_what_slack_makes_of_typed_words_is_undone(slack: Slack, raw: str, kept: str) -> None:
    """Escaped signs, linked addresses, mentions (``should_escape``); what is refused later must arrive as it was typed."""
    form = slack.fake.command("zhou", "shifuban", "/zhiban", "") | {"text": raw}
    assert await slack.fake.deliver(form, form=True) == 200
    assert await slack.texts() == [kept]


async def test_a_pressed_button_is_a_tap_on_its_message(slack: Slack) -> None:
    card = await slack.adapter.send(outgoing(slack.fake))
    (seen,) = slack.fake.seen("shifuban")
    assert await slack.fake.taps("zhou", seen, "我来处理") == 200
    (row,) = await slack.stored()
    assert row.startswith("tap shifuban tap:")
    body = json.loads(row.split(" ", 3)[3])
    assert body == {"user": "U0ZHOU", "action": "claim:GD-20261122-003", "message": card}


async def test_the_same_thing_ten_times_at_once_is_one(slack: Slack) -> None:
    """Fault F41; and a replay of a signed request a minute later (fault F44)."""
    await slack.adapter.send(outgoing(slack.fake))
    (seen,) = slack.fake.seen("shifuban")
    event = slack.fake.callback(slack.fake.message("zhou", "shifuban", "收到", ts="1790000000.000100"))
    command = slack.fake.command("zhou", "shifuban", "/restart", "oa3", id="same")
    tap = {"payload": json.dumps(slack.fake.tap("zhou", seen.id, "claim:GD-20261122-003", id="same"))}
    for payload, form in ((event, False), (command, True), (tap, True)):
        answers = await asyncio.gather(*(slack.fake.deliver(payload, form=form) for _ in range(10)))
        slack.kit.later(60)
        assert [*answers, await slack.fake.deliver(payload, form=form)] == [200] * 11
    assert len(await slack.stored()) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"subtype": "message_changed", "message": {"text": "/restart oa3", "user": "U0ZHOU"}},
        {"subtype": "message_deleted", "previous_message": {"user": "U0ZHOU"}},
        {"subtype": "bot_message", "bot_id": "B1"},
        {"bot_id": "B1"},
        {"user": BOT_USER},
        {"subtype": "channel_join"},
        {"hidden": True},
        {"type": "reaction_added"},
        {"text": ""},
        {"subtype": ["odd"]},
    ],
    ids=str,
)
async def test_bots_edits_deletions_and_our_own_words_are_answered_and_not_kept(
    slack: Slack, change: dict[str, object]
) -> None:
    event = slack.fake.message("zhou", "shifuban", "/restart oa3", ts="1790000000.000100")
    assert await slack.fake.deliver(slack.fake.callback({**event, **change})) == 200
    assert await slack.stored() == []


async def test_a_file_without_words_is_taken_in(slack: Slack) -> None:
    file = {"id": "F1", "name": "截图.png", "mimetype": "image/png", "permalink": "https://x.slack.com/files/1"}
    evil = {"id": "F2", "name": "x", "mimetype": "application/pdf", "permalink": "javascript:alert(1)"}
    event = slack.fake.message("lixiao", "shifuban", "", ts="1790000000.000100")
    await slack.fake.event({**event, "subtype": "file_share", "files": [file, evil]})
    body = json.loads((await slack.stored())[0].split(" ", 3)[3])
    assert body["text"] == "[图片] [文件]"
    assert body["files"] == [["截图.png", "https://x.slack.com/files/1"], ["x", ""]]


async def test_mentions_and_links_read_as_people_see_them(slack: Slack) -> None:
    event = slack.fake.message("hemu", "shifuban", "", ts="1790000000.000100")
    text = "<@U0ZHOU> 看 <https://oa/x|工单> <http://10.154.54.57|10.154.54.57> <!here> <#C1|值班> <@U9|外人> &lt;@U0WEN&gt;"
    await slack.fake.event({**event, "text": text})
    body = json.loads((await slack.stored())[0].split(" ", 3)[3])
    assert body["text"] == "@周予安 看 工单 (https://oa/x) 10.154.54.57 @here #值班 @外人 <@U0WEN>"
    assert body["mentions"] == ["zhou"]


async def test_a_late_delivery_keeps_the_time_it_was_said(slack: Slack) -> None:
    said = slack.kit.clock.wall() - timedelta(hours=2)
    await slack.fake.event(slack.fake.message("lixiao", "shifuban", "公文打不开", ts=f"{said.timestamp():.6f}"))
    (kept,) = await slack.kit.column("SELECT sent_at FROM inbox")
    assert str(kept).startswith(said.strftime("%Y-%m-%d %H:%M:%S"))


@pytest.mark.usefixtures("intake_in_time")
async def test_nothing_is_answered_200_before_it_is_kept_with_auth_test_failing(slack: Slack) -> None:
    """Bolt alone says 200 to both (decisions: Slack)."""
    slack.fake.fail("invalid_auth", "auth.test", times=1000)
    assert await slack.fake.says("zhou", "shifuban", "收到") == 200
    assert await slack.texts() == ["收到"]
    await slack.kit.store.close()
    assert await slack.fake.says("zhou", "shifuban", "再说一遍") == 503


@pytest.mark.parametrize(
    "left_out", [(), ("trigger_id",), ("container",), ("team", "enterprise"), ("trigger_id", "container")]
)
async def test_a_tap_is_known_by_what_every_payload_has(slack: Slack, left_out: tuple[str, ...]) -> None:
    await slack.identified()
    card = await slack.adapter.send(outgoing(slack.fake))
    whole = slack.fake.tap("zhou", card, "claim:GD-20261122-003", id="1.2.x")
    payload = {"payload": json.dumps({key: value for key, value in whole.items() if key not in left_out})}
    answers = [await slack.fake.deliver(payload, form=True) for _ in range(2)]
    assert answers == [200, 200]
    (row,) = await slack.stored()
    assert json.loads(row.split(" ", 3)[3])["message"] == card


async def test_commands_without_a_trigger_id_are_two_when_they_differ(slack: Slack) -> None:
    for words in ("oa3", "oa4", "oa4"):
        form = slack.fake.command("zhou", "shifuban", "/restart", words)
        del form["trigger_id"], form["team_id"]
        assert await slack.fake.deliver(form, form=True) == 200
    assert await slack.texts() == ["/restart oa3", "/restart oa4"]


async def test_a_look_at_the_certificate_is_answered(slack: Slack) -> None:
    await slack.identified()
    assert await slack.fake.deliver({"ssl_check": "1", "token": "x"}, form=True) == 200
    assert await slack.stored() == []


async def test_the_first_contact_is_answered_with_its_challenge(slack: Slack) -> None:
    hello = {
        "token": "x",
        "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
        "type": "url_verification",
    }
    assert await slack.fake.deliver(hello) == 200
    assert json.loads(slack.fake.last_answer)["challenge"] == hello["challenge"]
    assert await slack.fake.deliver({"type": "url_verification", "challenge": ["x"]}) == 400


@pytest.mark.parametrize(
    "raw",
    [
        "<@BOT>ping x",
        "<@BOT>: ping x",
        "<@BOT>，ping x",
        "<@BOT>/ping x",
        "ping x <@BOT>",
        "ping x<@BOT>",
        "<@U0WEN> <@BOT> ping x",
        "<@U0WEN|wen><@BOT>ping x",
        "<@BOT> <@U0WEN> ping x",
        "<@BOT>\nping x",
        "@zhiban ping x",
        "@Zhiban: ping x",
        "ping x @zhiban",
    ],
)
async def test_8_11_the_bot_is_called_in_any_way_that_slack_writes(slack: Slack, raw: str) -> None:
    event = slack.fake.message("zhou", "shifuban", "x", ts="1792000000.000100")
    await slack.fake.event(event | {"text": raw.replace("BOT", BOT_USER)})
    (row,) = await slack.stored()
    body = json.loads(row.split(" ", 3)[3])
    command = commands.parse(body["text"])
    assert command is not None
    assert (command.verb, command.rest, body["to_bot"]) == ("ping", "x", True)


@pytest.mark.parametrize(
    ("raw", "files", "text"),
    [
        ("<@BOT>", None, "@bot"),
        ("<@BOT> ", [{"name": "错误.png", "mimetype": "image/png"}], "@bot [图片]"),
        ("", [{"name": "错误.png", "mimetype": "image/png"}], "[图片]"),
    ],
)
async def test_8_11_a_bare_mention_keeps_what_came_with_it(
    slack: Slack, raw: str, files: list[dict[str, str]] | None, text: str
) -> None:
    event = slack.fake.message("zhou", "shifuban", "x", ts="1792000000.000100")
    await slack.fake.event(event | {"text": raw.replace("BOT", BOT_USER)} | ({"files": files} if files else {}))
    assert await slack.texts() == [text]
