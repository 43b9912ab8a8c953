"""The lines that the platforms' pages put into chats.yaml and people.yaml make a sound organisation."""

import re
import shutil
from pathlib import Path

import pytest

from data.load.site import load_site
from tests.support.paths import EXAMPLE, ROOT

LINE = re.compile(r"^   ([a-z-]+): (\{name: .*\})(?: +#.*)?$", re.MULTILINE)


@pytest.mark.parametrize("platform", ["slack", "wecom", "feishu", "dingtalk", "mattermost", "matrix"])
def test_they_are_taken_as_they_stand(tmp_path: Path, platform: str) -> None:
    folder = tmp_path / "data"
    shutil.copytree(EXAMPLE, folder)
    lines = dict(LINE.findall((ROOT / "docs" / f"{platform}.md").read_text("utf-8")))
    assert lines.keys() == {"shifuban", "duty-room", "zhou"}
    for name in ("chats.yaml", "people.yaml"):
        file = folder / name
        text = file.read_text("utf-8")
        for key, value in lines.items():
            text = re.sub(rf"^  {key}: \{{.*$", f"  {key}: {value}", text, flags=re.MULTILINE)
        file.write_text(text, "utf-8")
    site = load_site(folder, tmp_path / "var", "Asia/Shanghai")
    assert site.account_of("zhou", platform)
    assert {site.chats[i].platform for i in ("shifuban", "duty-room")} == {platform}
    assert site.duty_room == site.chats["duty-room"]
