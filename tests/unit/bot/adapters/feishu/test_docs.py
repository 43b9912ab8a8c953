"""The settings that docs/feishu.md shows work as they stand."""

import re
from pathlib import Path

import pytest

from bot.adapters.feishu.settings import FeishuSettings
from bot.cli.platforms import PLATFORMS
from bot.sections import SECTIONS
from bot.settings_file import load_settings
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "feishu.md").read_text("utf-8")
BLOCKS = [re.sub("^   ", "", block, flags=re.MULTILINE) for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("block", BLOCKS)
def test_the_settings_shown_are_good(block: str, tmp_path: Path) -> None:
    assert len(BLOCKS) == 2
    (tmp_path / "secret").write_text("s")
    toml = tmp_path / "zhiban.toml"
    toml.write_text(re.sub(r'"/etc/zhiban/[^"]*"', f'"{tmp_path / "secret"}"', block), "utf-8")
    settings = load_settings(toml, {}, platforms=PLATFORMS, sections=SECTIONS)
    assert settings.adapters == ("feishu",)
    feishu = settings.section(FeishuSettings)
    secrets = [feishu.app_secret, *(robot.hook for robot in feishu.robots.values())]
    assert [secret.get_secret_value() for secret in secrets if secret] == ["s"]
