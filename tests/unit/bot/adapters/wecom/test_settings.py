"""A mistake in [wecom] is named in one line before anything starts."""

from pathlib import Path

import pytest

from bot.adapters.wecom.settings import WecomSettings
from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.sections import SECTIONS
from bot.settings_file import load_settings

KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno0A"
GOOD = f"""[wecom]
ca_file = "/etc/ssl/own.pem"
proxy = "http://proxy.example.com:3128"
[wecom.apps.duty]
corp_id = "ww1"
agent_id = 1000002
secret = "s"
token = "t"
aes_key = "{KEY}"
"""


def load(folder: Path, text: str) -> list[str]:
    path = folder / "zhiban.toml"
    path.write_text(text, "utf-8")
    try:
        load_settings(path, {"ZHIBAN_LOCALE": "en"}, platforms=PLATFORMS, sections=SECTIONS)
    except ConfigError as error:
        return error.faults
    return []


def test_a_whole_section_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD) == []
    wecom = load_settings(tmp_path / "zhiban.toml", {}, platforms=PLATFORMS, sections=SECTIONS).section(WecomSettings)
    assert (wecom.apps["duty"].agent_id, wecom.ca_file) == (1000002, "/etc/ssl/own.pem")
    assert KEY not in repr(wecom)


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        (KEY, KEY[:-1], "EncodingAESKey"),
        (KEY, KEY + "=", "EncodingAESKey"),
        ("[wecom]\n", '[wecom]\napi_base = "http://qyapi.example.com"\n', "https://"),
        ("apps.duty", 'apps."{x}"', "apps"),
        ('corp_id = "ww1"\n', "", "corp_id"),
        ('"ww1"', '""', "corp_id"),
        ("1000002", '"no number"', "agent_id"),
        ("secret =", "secrt =", "secrt"),
        ('"s"', '""', "secret"),
        ('"t"', '""', "token"),
        ("[wecom.apps", '[wecom.robots.a]\nkey = ""\n[wecom.apps', "key"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, right: str, wrong: str, named: str) -> None:
    faults = load(tmp_path, GOOD.replace(right, wrong))
    assert any(named in fault for fault in faults), faults
    assert not any(KEY[:-1] in fault for fault in faults)


def test_every_secret_may_be_kept_in_a_file_a_robots_key_too(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("693a91f6\n")
    assert load(tmp_path, f'[wecom.robots.shifuban]\nkey_file = "{tmp_path / "key"}"\n') == []
    robots = (
        load_settings(tmp_path / "zhiban.toml", {}, platforms=PLATFORMS, sections=SECTIONS)
        .section(WecomSettings)
        .robots
    )
    assert robots["shifuban"].key.get_secret_value() == "693a91f6"


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ('mode = "callback"', "token and aes_key"),
        ('mode = "websocket"\nbot_id = "x"', "bot_id and secret"),
        ('mode = "socket"', "mode"),
        ('mode = "websocket"\nbot_id = "x"\nsecret = "s"\nws_url = "ws://openws.example.com"', "wss://"),
        (f'token = "t"\naes_key = "{KEY[:-1]}"', "EncodingAESKey"),
        (f'token = "t"\naes_key = "{KEY}"\ndisplay_name = ""', "display_name"),
    ],
)
def test_an_ai_bot_without_what_its_mode_needs_is_named(tmp_path: Path, section: str, named: str) -> None:
    faults = load(tmp_path, f"[wecom.bots.duty]\n{section}\n")
    assert any(named in fault for fault in faults), faults
