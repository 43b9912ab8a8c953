"""Feishu's rich texts: whichever way a mention is named in them, no id is shown, and the bot's own is none of the words."""

from pathlib import Path
from typing import Any

import pytest

from tests.stories.test_8_more_calling import SELF
from tests.support.once import example_site
from tests.support.platforms.feishu import BOT, FakeFeishu
from tests.support.platforms.house import House, open_house


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


async def posts(house: House, content: dict[str, Any], mentions: list[dict[str, Any]]) -> list[str]:
    before = len(house.reads("shifuban"))
    assert isinstance(house.fake, FakeFeishu)
    assert await house.fake.sends("lixiao", "shifuban", "post", content, mentions=mentions) == 200
    await house.calm()
    return house.texts("shifuban")[before:]


async def test_8_11_a_rich_text_of_feishu_may_name_the_account_in_the_mention(state: Path, empty_db: Path) -> None:
    at = {"tag": "at", "user_id": BOT, "user_name": "值班"}
    words = {"tag": "text", "text": " ping x"}
    async with open_house("feishu", FakeFeishu(), state, empty_db, example_site()) as house:
        assert await posts(house, {"content": [[at, words]]}, [SELF]) == ["pong x"]
        wen = {"tag": "at", "user_id": "ou_wen", "user_name": "温若川"}
        assert await posts(house, {"content": [[at, wen, words]]}, [SELF]) == ["pong x"]
        broken = {"tag": "text", "text": " OA 登录不上，一直转圈"}
        await posts(house, {"content": [[at, wen, broken]]}, [SELF])
        page = house.last("dm-wen", "登录不上")
        assert "ou_" not in page.text


async def test_8_11_the_bots_own_mention_below_a_title_is_none_of_the_report(state: Path, empty_db: Path) -> None:
    at, broken = {"tag": "at", "user_id": "@_user_1"}, {"tag": "text", "text": " 打不开，一直转圈"}
    content = {"zh_cn": {"title": "OA 故障", "content": [[at, broken]]}}
    async with open_house("feishu", FakeFeishu(), state, empty_db, example_site()) as house:
        await posts(house, content, [SELF])
        page = house.last("dm-wen", "OA 故障")
        assert "@" not in page.text.partition("“")[2].partition("”")[0]
