"""Settings, secrets and data that Windows' Notepad saved: with a byte order mark in front."""

import shutil
from pathlib import Path

from bot.cli.platforms import PLATFORMS
from bot.core.problems import Problems
from bot.sections import SECTIONS
from bot.settings_file import load_settings
from data.load.yaml_file import read_yaml
from tests.support.paths import EXAMPLE, TESTS


def test_8_25_settings_and_secrets_with_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    shutil.copy(TESTS / "data/roster_files/zhiban-bom.toml", tmp_path / "zhiban.toml")
    assert load_settings(tmp_path / "zhiban.toml", platforms=PLATFORMS, sections=SECTIONS).timezone == "Asia/Shanghai"


def test_8_25_a_data_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "holidays.yaml"
    path.write_text((EXAMPLE / "holidays.yaml").read_text("utf-8"), "utf-8-sig")
    problems = Problems("en")
    assert read_yaml(path, problems) is not None
    assert problems.found == []
