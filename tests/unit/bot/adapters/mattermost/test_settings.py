"""What a wrong section is told."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.adapters.mattermost.settings import MattermostSettings
from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.sections import SECTIONS
from bot.settings_file import load_settings

TOKEN = "x" * 26


@pytest.mark.parametrize(
    ("section", "word"),
    [
        ({"url": "https://chat.example.gov"}, "belong together"),
        ({"url": "https://chat.example.gov", "bot_token": ""}, "belong together"),
        ({"url": "http://chat.example.gov", "bot_token": TOKEN}, "https://"),
        ({"hooks": {"shifuban": {"url": "http://chat.example.gov/hooks/x"}}}, "https://"),
        ({"command_tokens": [""]}, "at least 20"),  # would let everybody in
        ({"outgoing_tokens": f"{TOKEN},"}, "at least 20"),
    ],
)
def test_wrong_sections(section: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        MattermostSettings.model_validate(section)


def test_tokens_come_in_one_line_from_a_file_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(f"{TOKEN}, {'y' * 26}\n")
    (tmp_path / "zhiban.toml").write_text(f'[mattermost]\ncommand_tokens_file = "{tmp_path / "tokens"}"\n')
    found = load_settings(
        tmp_path / "zhiban.toml",
        {"ZHIBAN_MATTERMOST__OUTGOING_TOKENS": f"{TOKEN},{'z' * 26}"},
        platforms=PLATFORMS,
        sections=SECTIONS,
    )
    mattermost = found.section(MattermostSettings)
    assert [token.get_secret_value() for token in mattermost.command_tokens] == [TOKEN, "y" * 26]
    assert [token.get_secret_value() for token in mattermost.outgoing_tokens] == [TOKEN, "z" * 26]
    assert TOKEN not in repr(found)


def test_a_platform_that_is_used_must_be_set_up() -> None:
    with pytest.raises(ConfigError, match=r"mattermost: give .*bot_token"):
        load_settings(
            environ={"ZHIBAN_ADAPTERS": "mattermost", "ZHIBAN_LOCALE": "en"}, platforms=PLATFORMS, sections=SECTIONS
        )
