"""Words outside a message's text field, and fields of which nobody knows what they are: a report is heard all the same."""

import json
from typing import Any

import pytest

from bot.adapters.slack.adapter import SlackAdapter
from bot.core.events import Message
from tests.support.kit import Kit
from tests.support.platforms.lone import Lone
from tests.support.platforms.slack import FakeSlack
from tests.support.platforms.slack_server import BOT_USER, TEAM
from tests.unit.bot.adapters.slack.kit import Slack, running

BROKEN = "OA 登录不上，一直转圈"
SHARED = {
    "is_share": True,
    "is_msg_unfurl": True,
    "author_name": "某处室",
    "text": BROKEN,
    "fallback": f"[10:01] {BROKEN}",
    "channel_id": "C0OTHER01",
    "ts": "1790000000.000200",
}


async def hears(slack: Slack, change: dict[str, Any], **envelope: Any) -> list[Message]:
    event = slack.fake.message("lixiao", "shifuban", "", ts="1790000000.000100")
    assert await slack.fake.deliver(slack.fake.callback({**event, **change}, **envelope)) == 200
    return await messages(slack)


async def messages(lone: Lone[SlackAdapter]) -> list[Message]:
    return [event for event in await lone.heard() if isinstance(event, Message)]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"attachments": [SHARED]}, f"转自 某处室：{BROKEN}"),
        ({"text": "群里有人转来的，请看看", "attachments": [SHARED]}, f"群里有人转来的，请看看\n转自 某处室：{BROKEN}"),
        ({"attachments": [{**SHARED, "author_name": 7}]}, f"转自：{BROKEN}"),
        ({"attachments": [{"is_share": True, "fallback": BROKEN}]}, f"转自：{BROKEN}"),
        (
            {"attachments": [{"is_msg_unfurl": True, "message_blocks": [{"message": {"blocks": [
                {"type": "section", "text": {"type": "mrkdwn", "text": "公文 &lt;打不开&gt;"}}]}}]}]},
            "转自：公文 <打不开>",
        ),
        (
            {"attachments": [{"is_share": True, "files": [{"name": "a.png", "mimetype": "image/png"}]}]},
            "转自：[图片]",
        ),
        ({"subtype": "me_message", "text": BROKEN}, BROKEN),
        (
            {"text": None, "blocks": [{"type": "rich_text", "elements": [
                {"type": "rich_text_section", "elements": [
                    {"type": "user", "user_id": "U0WEN"},
                    {"type": "text", "text": " OA 打不开 <急> 见 "},
                    {"type": "link", "url": "https://oa.example/err?id=77", "text": "这里"},
                ]},
                {"type": "rich_text_list", "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": "一直转圈"}]}]},
            ]}]},
            "@温若川 OA 打不开 <急> 见 这里 (https://oa.example/err?id=77)\n一直转圈",
        ),
        (
            {"attachments": [{"title": "监控告警", "text": "OA 节点打不开", "title_link": "https://m.example/1"}]},
            "监控告警\nOA 节点打不开\nhttps://m.example/1",
        ),
        ({"text": BROKEN, "attachments": [{"title": "网页", "from_url": "https://x"}]}, BROKEN),
    ],
)  # fmt: skip
async def test_8_13_words_are_heard_wherever_they_stand(slack: Slack, change: dict[str, Any], text: str) -> None:
    (message,) = await hears(slack, change)
    assert message.text == text


@pytest.mark.parametrize(
    "odd",
    [
        {"files": {"0": "x"}},
        {"files": [None, 3, {"name": 5}]},
        {"thread_ts": 17},
        {"thread_ts": "soon"},
        {"attachments": "x"},
        {"attachments": [None, {"is_share": True, "text": {"a": 1}}]},
        {"blocks": 5},
        {"blocks": [{"type": "future", "elements": [[[]]]}, 7]},
        {"edited": "yes"},
        {"assistant_thread": {"x": 1}, "nobody_knows": [1, 2]},
        {"user_team": 5},
    ],
    ids=str,
)
async def test_8_13_an_odd_second_field_costs_nothing(slack: Slack, odd: dict[str, Any]) -> None:
    (message,) = await hears(slack, {"text": BROKEN, **odd})
    assert (message.text, message.thread) == (BROKEN, "")


async def test_8_13_a_shared_message_of_this_chat_is_quoted_by_it(slack: Slack) -> None:
    (message,) = await hears(slack, {"text": "收到", "attachments": [SHARED]})
    assert message.reply_to == "C0OTHER01:1790000000.000200"


async def test_8_13_an_edit_that_adds_the_mention_is_a_message_from_that_moment(kit: Kit) -> None:
    async with running(kit, FakeSlack("mentions")) as slack:
        now = slack.kit.clock.wall()
        first = slack.fake.message("lixiao", "shifuban", BROKEN, ts="1760000000.000100")
        edited = {"user": "U0LIXIAO", "ts": f"{now.timestamp():.6f}"}
        for _ in range(2):
            assert await slack.fake.deliver(slack.fake.callback({**first, "edited": edited})) == 200
        (message,) = await messages(slack)
        assert (message.text, message.to_bot, message.edited) == (f"@bot {BROKEN}", True, True)
        assert message.envelope.sent_at == now


async def test_8_13_an_edit_of_what_was_heard_says_nothing_new(slack: Slack) -> None:
    ts = f"{slack.kit.clock.wall().timestamp():.6f}"
    first = slack.fake.message("lixiao", "shifuban", BROKEN, ts=ts)
    await slack.fake.deliver(slack.fake.callback(first))
    changed = {**first, "text": f"<@{BOT_USER}> {BROKEN}", "edited": {"user": "U0LIXIAO", "ts": ts}}
    outer = {"type": "message", "subtype": "message_changed", "hidden": True, "channel": first["channel"], "ts": "1.2"}
    await slack.fake.deliver(slack.fake.callback({**changed, "type": "app_mention"}))
    await slack.fake.deliver(slack.fake.callback({**outer, "message": changed, "previous_message": first}))
    assert [message.text for message in await messages(slack)] == [BROKEN]


@pytest.mark.parametrize(
    ("after", "kept"),
    [(f"<@{BOT_USER}> {BROKEN}", [f"@bot {BROKEN}"]), (BROKEN, [])],
    ids=["adds the mention", "adds none"],
)
async def test_8_13_of_what_was_never_heard_an_edit_counts_where_it_adds_the_mention(
    slack: Slack, after: str, kept: list[str]
) -> None:
    first = slack.fake.message("lixiao", "shifuban", "看看", ts="1760000000.000100")
    changed = {**first, "text": after, "edited": {"user": "U0LIXIAO", "ts": "1760000001.000100"}}
    outer = {"type": "message", "subtype": "message_changed", "hidden": True, "channel": first["channel"], "ts": "1.2"}
    await slack.fake.deliver(slack.fake.callback({**outer, "message": changed, "previous_message": first}))
    assert [message.text for message in await messages(slack)] == kept


# --- Slack Connect: channels that another organisation hosts


def connect(slack: Slack, **event: Any) -> dict[str, Any]:
    said = {**slack.fake.message("lixiao", "shifuban", BROKEN, ts="1790000000.000100"), **event}
    return slack.fake.callback(said, team_id="T0HOST999", is_ext_shared_channel=True)


@pytest.mark.parametrize("known", [True, False])
async def test_8_13_our_people_are_heard_in_a_channel_hosted_elsewhere(slack: Slack, known: bool) -> None:
    if known:
        await slack.identified()
    assert await slack.fake.deliver(connect(slack, user_team=TEAM)) == 200
    (message,) = await messages(slack)
    assert (message.text, message.envelope.account.user_id) == (BROKEN, "U0LIXIAO")


@pytest.mark.parametrize("how", [{"user_team": "T0HOST999"}, {"team": "T0HOST999"}, {"source_team": "T0HOST999"}])
@pytest.mark.parametrize("known", [True, False])
async def test_8_13_the_other_organisations_people_are_heard_as_nobody_of_ours(
    slack: Slack, how: dict[str, str], known: bool
) -> None:
    if known:
        await slack.identified()
    assert await slack.fake.deliver(connect(slack, **how)) == 200
    (message,) = await messages(slack)
    assert message.envelope.account.user_id == "T0HOST999/U0LIXIAO"
    assert slack.site.person_of(message.envelope.account) is None


@pytest.mark.parametrize("given", [[], [{"team_id": "T0HOST999"}], "x", None])
async def test_8_13_what_was_not_delivered_for_us_is_dropped_and_on_record(slack: Slack, given: Any) -> None:
    """With 200: Slack switches the subscription of an app off that refuses most of what it is sent."""
    await slack.identified()
    payload = connect(slack) | {"authorizations": given}
    assert await slack.fake.deliver(payload) == 200
    assert await messages(slack) == []
    assert (await slack.refusals())[-1] == "wrong_tenant"


async def test_8_13_a_button_pressed_by_the_other_organisations_people_is_nobodys_of_ours(slack: Slack) -> None:
    await slack.identified()
    card = await slack.adapter.send(slack.out("shifuban", "请处理"))
    tap = slack.fake.tap("wen", card, "claim:GD-20261122-003")
    tap["user"]["team_id"] = "T0HOST999"
    assert await slack.fake.deliver({"payload": json.dumps(tap)}, form=True) == 200
    (pressed,) = await slack.heard()
    assert pressed.envelope.account.user_id == "T0HOST999/U0WEN"


@pytest.mark.parametrize(
    ("told", "account"),
    [
        ({"user_team": ["T0OURTEAM"]}, "?/U0LIXIAO"),
        ({"user_team": {"id": "T0OURTEAM"}}, "?/U0LIXIAO"),
        ({"user_team": 5}, "?/U0LIXIAO"),
        ({"source_team": True}, "?/U0LIXIAO"),
        ({"user_team": "", "source_team": "T0HOST999"}, "T0HOST999/U0LIXIAO"),
        ({"team": "T0HOST999"}, "T0HOST999/U0LIXIAO"),
        ({"user_profile": {"team": "T0HOST999"}}, "T0HOST999/U0LIXIAO"),
        ({"user_team": TEAM}, "U0LIXIAO"),
        ({"user_team": None, "team": TEAM}, "U0LIXIAO"),
    ],
)
async def test_8_4_only_a_workspace_that_is_ours_by_name_makes_somebody_ours(
    slack: Slack, told: dict[str, Any], account: str
) -> None:
    """Also where the event does not say that the channel is shared."""
    await slack.identified()
    said = {**slack.fake.message("lixiao", "shifuban", BROKEN, ts="1790000000.000100"), **told}
    assert await slack.fake.deliver(slack.fake.callback(said)) == 200
    (message,) = await messages(slack)
    assert (message.text, message.envelope.account.user_id) == (BROKEN, account)
