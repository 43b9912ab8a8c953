"""Files of the data folder as input methods, editors and hurried people leave them: told at their line."""

import shutil
from pathlib import Path

import pytest

from bot.core.errors import ConfigError
from data.load.site import load_site
from tests.support.paths import EXAMPLE


def faults(tmp_path: Path, name: str, content: str) -> list[str]:
    """What is said of the example organisation with one file of another content."""
    shutil.copytree(EXAMPLE, tmp_path / "data")
    (tmp_path / "data" / name).write_text(content, "utf-8")
    with pytest.raises(ConfigError) as told:
        load_site(tmp_path / "data", locale="en")
    return [fault.removeprefix(f"{tmp_path}/data/") for fault in told.value.faults]


@pytest.mark.parametrize("name", ["people", "posts"])
@pytest.mark.parametrize(
    "content", ["", "# empty\n", "- a\n- b\n", "hello\n", "{name}:\n", "{name}: []\n", "{name}: some\n"]
)
def test_8_25_a_file_that_names_nobody_is_told_alone(tmp_path: Path, name: str, content: str) -> None:
    assert faults(tmp_path, f"{name}.yaml", content.replace("{name}", name)) == [
        f"{name}.yaml:1: {name}: is not there or has no entries; write {name}: and each below it"
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  hemu: {", "\themu: {", "14: not valid YAML (a tab in front); indent with blanks"),
        (
            "  hemu: {",
            "\u3000hemu: {",
            "14: not valid YAML (a blank of another width in front); indent with usual blanks",
        ),
        ("  hemu: {", "  hemu： {", "14: not valid YAML (： is no sign of YAML); write : and a blank"),
        ("何牧, roles", "何牧， roles", "14: not valid YAML (， is no sign of YAML); write , and a blank"),
    ],
)
def test_8_25_what_an_input_method_typed_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (EXAMPLE / "people.yaml").read_text("utf-8")
    assert text.count(old) == 1
    assert faults(tmp_path, "people.yaml", text.replace(old, new)) == [f"people.yaml:{said}"]
