"""Every button has a typed twin: where a platform shows no buttons the words are all there is."""

import re
from pathlib import Path

import pytest

from messages.render import LOCALES, ROOT

_BUTTON = re.compile(r"button\((.*?)\)\s*\}\}", re.DOTALL)


@pytest.mark.parametrize(
    "path", [p for loc in LOCALES for p in sorted((ROOT / loc).rglob("*.j2"))], ids=lambda p: f"{p.parts[-3]}-{p.stem}"
)
def test_every_button_says_what_to_type_instead(path: Path) -> None:
    for call in _BUTTON.findall(path.read_text("utf-8")):
        assert '"/' in call, f"{path.name}: button({call}) has no typed twin"
