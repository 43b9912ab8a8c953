"""Every way in which people and platforms set the bot's mention apart from what is said: the answer stands in the chat."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.once import example_site
from tests.support.platforms.dingtalk import FakeDingtalk
from tests.support.platforms.feishu import BOT, FakeFeishu
from tests.support.platforms.house import open_house
from tests.support.platforms.mattermost import FakeMattermost
from tests.support.platforms.slack import FakeSlack
from tests.support.platforms.slack_server import BOT_USER
from tests.support.platforms.wecom import FakeWecom

SIGNS = ("。", "！", "!", "? ", "~", "~ ", "…", "—", "| ", "……", "：")
SELF = {"key": "@_user_1", "id": {"open_id": BOT}, "name": "值班"}
WEN = {"key": "@_user_2", "id": {"open_id": "ou_wen"}, "name": "温若川"}
Send = Callable[[Any, str], Awaitable[int]]


async def by_slack(fake: FakeSlack, text: str) -> int:
    event = fake.message("lixiao", "shifuban", "x", ts=fake.ts())
    return await fake.event(event | {"text": text.replace("BOT", BOT_USER)})


async def by_wecom(fake: FakeWecom, text: str) -> int:
    return await fake.post(fake.bot_message("lixiao", "shifuban", {"msgtype": "text", "text": {"content": text}}))


async def by_feishu(fake: FakeFeishu, text: str) -> int:
    return await fake.sends("lixiao", "shifuban", "text", {"text": text}, mentions=[SELF, WEN])


async def by_dingtalk(fake: FakeDingtalk, text: str) -> int:
    return await fake.says("lixiao", "minzheng", text)


async def by_mattermost(fake: FakeMattermost, text: str) -> int:
    return await fake.says("lixiao", "shifuban", text)


def signed(mention: str) -> list[str]:
    """The command behind the mention and each of the signs, with and without a blank before it; a "~/ping" is a path."""
    said = [f"{blank}{sign}{slash}ping x" for sign in SIGNS for blank in ("", " ") for slash in ("", "/")]
    return [mention + words for words in said if not words.startswith(" ~/")]


def wrapped(mention: str) -> list[str]:
    return [
        f"{opening}{mention}{closing} ping x"
        for opening, closing in ("**", "__", "``", "()", "（）", "【】", "“”", '""', "「」", "《》")
    ]


WAYS: dict[str, tuple[Callable[[], Any], Send, str, list[str]]] = {
    "slack": (
        FakeSlack,
        by_slack,
        "shifuban",
        [
            *signed("<@BOT>"),
            *wrapped("<@BOT>"),
            "<@BOT>.ping x",
            "<@BOT>. ping x",
            "【<@BOT>】ping x",
            "**<@BOT>** ping x",
            "ping x (<@BOT>)",
            "<@U0WEN><@BOT>。ping x",
            "<@BOT>。<@U0WEN>，ping x",
        ],
    ),
    "wecom": (
        FakeWecom,
        by_wecom,
        "shifuban",
        [
            *signed("@值班"),
            *wrapped("@值班"),
            "@温若川@值班 ping x",
            "@温若川@值班 。ping x",
            "@李 晓 @值班 ping x",
            "@欧阳 娜娜 @值班 ping x",
            "@值班 @李 晓 ping x",
            "@值班 @温若川：ping x",
        ],
    ),
    "feishu": (
        FakeFeishu,
        by_feishu,
        "shifuban",
        [*signed("@_user_1"), *wrapped("@_user_1"), "@_user_2@_user_1。ping x", "@_user_1 @_user_2，ping x"],
    ),
    "dingtalk": (
        FakeDingtalk,
        by_dingtalk,
        "minzheng",
        [*signed(""), *(f"@温若川{sign}ping x" for sign in ("，", "：", ": ", "、", "！", "，/", "@周予安 "))],
    ),
    "mattermost": (
        FakeMattermost,
        by_mattermost,
        "shifuban",
        [*signed("@zhiban"), *wrapped("@zhiban"), "@温若川，@zhiban ping x"],
    ),
}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.mark.parametrize("platform", WAYS)
async def test_8_11_a_command_is_heard_behind_whatever_sets_the_mention_apart(
    state: Path, empty_db: Path, platform: str
) -> None:
    make, send, chat, lines = WAYS[platform]
    deaf = []
    async with open_house(platform, make(), state, empty_db, example_site()) as house:
        for line in lines:
            before = len(house.reads(chat))
            assert await send(house.fake, line) == 200
            await house.calm()
            if house.texts(chat)[before:] != ["pong x"]:
                deaf.append((line, house.texts(chat)[before:]))
            await house.later(minutes=1)
    assert deaf == []
