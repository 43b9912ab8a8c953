"""Emoji that platforms write as words, with nothing said beside them: one considerate line and no ticket."""

from pathlib import Path

import pytest

from tests.stories.test_8_more_calling import WAYS
from tests.support.desk import Desk
from tests.support.once import example_site
from tests.support.platforms.house import open_house

ALONE = {
    "slack": [
        "<@BOT> :wave:",
        "<@BOT>:wave:",
        "<@BOT> <@U0WEN> :pray:",
        "<@BOT> :+1::skin-tone-2:",
        ":smile: <@BOT>",
        "<@BOT> :100: :white_check_mark:",
    ],
    "mattermost": ["@zhiban :wave:", "@zhiban:wave:", "@zhiban :smile: :pray:", ":smile: @zhiban"],
    "wecom": [
        "@值班 /:rose",
        "@值班 /:ok",
        "@值班 /::)",
        "@值班 /:hi /:hi",
        "@值班 /:8*",
        "@值班 /:rose/:rose",
        "@值班/:ok",
    ],
    "feishu": ["@_user_1 /:rose", "@_user_1 /::)", "@_user_1 /:8*"],
    "dingtalk": ["/:rose", "/:hi /:hi"],
}


@pytest.mark.parametrize("platform", ALONE)
async def test_8_12_an_emoji_alone_is_asked_about_and_opens_no_ticket(
    tmp_path: Path, empty_db: Path, platform: str
) -> None:
    make, send, chat, _ = WAYS[platform]
    async with open_house(platform, make(), tmp_path / "state", empty_db, example_site()) as house:
        for line in ALONE[platform]:
            before = len(house.reads(chat))
            assert await send(house.fake, line) == 200
            await house.calm()
            (answer,) = house.texts(chat)[before:]
            assert answer.startswith("收到了表情，但我看不懂"), line
            assert house.texts("dm-wen") == []


@pytest.mark.parametrize("line", [":wave:", ":smile: :pray:", "/:rose", "/::)"])
async def test_8_12_an_emoji_that_nobody_sent_to_the_bot_stays_unanswered(desk: Desk, line: str) -> None:
    assert await desk.says("lixiao", line, chat="shifuban") == []


@pytest.mark.parametrize("line", ["@bot :wave: OA打不开", "@bot /:rose OA打不开", "OA打不开 :cry:", "@bot OA:打不开"])
async def test_8_12_a_report_beside_an_emoji_is_one(desk: Desk, line: str) -> None:
    said = await desk.says("lixiao", line, chat="shifuban")
    assert any("已收到，工单 GD-" in message.text for message in said)


@pytest.mark.parametrize("line", ["@bot :ok_hand: 收到，马上看", "@bot 收到，马上看 :ok:", "@bot /:ok 收到"])
async def test_8_12_an_engineers_answer_beside_an_emoji_counts(desk: Desk, line: str) -> None:
    await desk.says("lixiao", "OA 打不开", chat="shifuban")
    said = await desk.says("wen", line, chat="shifuban")
    assert any("已响应" in message.text for message in said)
