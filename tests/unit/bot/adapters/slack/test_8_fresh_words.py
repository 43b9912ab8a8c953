"""Fresh inputs of Slack's own forms: dates, links alone, kinds of message that nobody knows yet, and what Slackbot says."""

from typing import Any

import pytest

from bot.core.events import Message
from tests.support.platforms.slack_server import BOT_USER
from tests.unit.bot.adapters.slack.kit import Slack

BROKEN = "OA 登录不上，一直转圈"


async def hears(slack: Slack, change: dict[str, Any]) -> list[str]:
    event = slack.fake.message("lixiao", "shifuban", "", ts="1790000000.000100")
    assert await slack.fake.deliver(slack.fake.callback({**event, **change})) == 200
    return [heard.text for heard in await slack.heard() if isinstance(heard, Message)]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("OA 从 <!date^1392734382^{date_num} {time}|2014-02-18 14:59> 起打不开", "OA 从 2014-02-18 14:59 起打不开"),
        ("<!date^1392734382^{date}^https://x.example/|2月18日> OA 打不开", "2月18日 OA 打不开"),
        ("<!here|here> OA 打不开", "@here OA 打不开"),
    ],
)
async def test_8_17_a_date_is_shown_as_it_was_written(slack: Slack, raw: str, text: str) -> None:
    assert await hears(slack, {"text": raw}) == [text]


@pytest.mark.parametrize("subtype", ["typed_in_2027", "", 7, ["new"]])
async def test_8_13_what_somebody_typed_is_heard_whatever_its_subtype_is_called(slack: Slack, subtype: Any) -> None:
    assert await hears(slack, {"text": BROKEN, "subtype": subtype, "client_msg_id": "0c1d"}) == [BROKEN]


@pytest.mark.parametrize(
    "change",
    [
        {"subtype": "typed_in_2027"},
        {"subtype": "channel_topic"},
        {"subtype": "bot_message", "bot_id": "B1", "client_msg_id": "0c1d"},
        {"user": "USLACKBOT"},
        {"user": "USLACKBOT", "subtype": "slackbot_response", "client_msg_id": "0c1d"},
    ],
)
async def test_8_13_what_no_person_typed_is_nobodys_word(slack: Slack, change: dict[str, Any]) -> None:
    assert await hears(slack, {"text": BROKEN} | change) == []


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<https://jira.example/1>", "https://jira.example/1\n工单 OA 登录 500"),
        (f"<@{BOT_USER}> <https://jira.example/1>", "@bot https://jira.example/1\n工单 OA 登录 500"),
        (f"{BROKEN} <https://jira.example/1>", f"{BROKEN} https://jira.example/1"),
    ],
)
async def test_8_13_of_an_address_alone_the_title_of_its_card_is_heard(slack: Slack, raw: str, text: str) -> None:
    card = {"from_url": "https://jira.example/1", "title": "工单 OA 登录 500", "title_link": "https://jira.example/1"}
    (heard, *_) = await hears(slack, {"text": raw, "attachments": [card]})
    assert heard == text


async def test_8_17_the_author_of_a_shared_message_is_shown_by_his_name(slack: Slack) -> None:
    shared = {"is_share": True, "author_name": "A&amp;B 科", "text": BROKEN}
    assert await hears(slack, {"attachments": [shared]}) == [f"转自 A&B 科：{BROKEN}"]
