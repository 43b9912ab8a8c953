"""Settings, secrets and data that Windows' Notepad saved: with a byte order mark in front."""

import shutil
from pathlib import Path

import pytest

from bot.cli.platforms import PLATFORMS
from bot.core.errors import ConfigError
from bot.core.problems import Problems, in_locale
from bot.sections import SECTIONS
from bot.settings_file import load_settings
from data.load.yaml_file import read_yaml
from tests.support.paths import EXAMPLE, TESTS


def test_8_25_settings_and_secrets_with_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    shutil.copy(TESTS / "data/roster_files/zhiban-bom.toml", tmp_path / "zhiban.toml")
    assert load_settings(tmp_path / "zhiban.toml", platforms=PLATFORMS, sections=SECTIONS).timezone == "Asia/Shanghai"


WRITTEN = 'locale = "zh"\n# 值班\nadapters = ["local"]\n'
ODD = {
    "utf-16-le without a mark": WRITTEN.encode("utf-16-le"),
    "utf-16-be without a mark": WRITTEN.encode("utf-16-be"),
    "utf-16-le of ascii alone": b'locale = "zh"\n'.decode().encode("utf-16-le"),
    "utf-16 with a mark": WRITTEN.encode("utf-16"),
    "utf-32 without a mark": WRITTEN.encode("utf-32-le"),
    "two marks": b"\xef\xbb\xbf" * 2 + WRITTEN.encode(),
    "gb18030": WRITTEN.encode("gb18030"),
}


@pytest.mark.parametrize("odd", ODD)
def test_8_25_settings_in_another_encoding_are_told_so(tmp_path: Path, odd: str) -> None:
    (tmp_path / "zhiban.toml").write_bytes(ODD[odd])
    with pytest.raises(ConfigError) as raised:
        load_settings(tmp_path / "zhiban.toml", {}, platforms=PLATFORMS, sections=SECTIONS)
    (fault,) = (in_locale(line, "zh") for line in raised.value.faults)
    assert fault.endswith("这个文件不是 UTF-8 编码，请另存为 UTF-8" if "marks" not in odd else "请另存为 UTF-8")


def test_8_25_a_data_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "holidays.yaml"
    path.write_text((EXAMPLE / "holidays.yaml").read_text("utf-8"), "utf-8-sig")
    problems = Problems("en")
    assert read_yaml(path, problems) is not None
    assert problems.found == []
