"""What stands against the bot's name in a WeCom group, and a file that was sent alone."""

import pytest

from bot.core.events import FileRef, Message
from bot.core.menu import MenuItem
from tests.support.platforms.wecom import FakeWecom
from tests.unit.bot.adapters.wecom.conftest import Wecom


async def hears(fake: FakeWecom, wecom: Wecom, body: dict[str, object]) -> Message:
    wecom.kit.runtime.menu = (MenuItem("restart", "重启", "oa3", "runs", (), strangers=False),)
    assert await fake.post(fake.bot_message("lixiao", "shifuban", body)) == 200
    (message,) = await wecom.heard()
    assert isinstance(message, Message)
    return message


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("@值班重启 oa3", "@bot 重启 oa3"),
        ("@值班restart oa3", "@bot restart oa3"),
        ("@值班系统打不开了 急", "@bot 系统打不开了 急"),
        ("@值班盖章点了没反应\n三楼", "@bot 盖章点了没反应\n三楼"),
        ("@值班助手 重启 oa3", "@bot 重启 oa3"),
        ("@值班机器人 OA 打不开", "@bot OA 打不开"),
        ("@值班：系统打不开了 急", "@bot 系统打不开了 急"),
    ],
)
async def test_8_11_no_word_is_lost_that_stands_against_the_bots_name(
    fake: FakeWecom, wecom: Wecom, typed: str, text: str
) -> None:
    assert (await hears(fake, wecom, {"msgtype": "text", "text": {"content": typed}})).text == text


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ({"url": "https://media.example/报错.log", "filename": "报错.log"}, "报错.log"),
        ({"url": "https://media.example/f", "name": "名单.xlsx"}, "名单.xlsx"),
    ],
)
async def test_8_13_a_file_is_kept_by_its_name_and_its_address_is_not_shown(
    fake: FakeWecom, wecom: Wecom, part: dict[str, object], name: str
) -> None:
    message = await hears(fake, wecom, {"msgtype": "file", "file": part})
    assert (message.text, message.files) == (f"@bot [文件] {name}", (FileRef(name, ""),))


@pytest.mark.parametrize("part", [None, "x", {"url": "https://media.example/f"}, {"filename": None}, {"filename": 7}])
async def test_8_13_a_file_without_a_name_is_a_file(fake: FakeWecom, wecom: Wecom, part: object) -> None:
    message = await hears(fake, wecom, {"msgtype": "file", "file": part})
    assert (message.text, message.files) == ("@bot [文件]", ())
