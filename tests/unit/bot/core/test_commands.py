"""What is a command, what is talk, and what is refused for hiding something: the bad inputs that the reader alone decides."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import commands
from bot.core.commands import CommandLine
from bot.core.errors import UserError
from tests.support.paths import INPUTS

DATA = INPUTS / "inputs" / "commands.json"
READER = {"multiple_lines", "control_character", "invisible_character", "too_long"}
PLANNER = {"C18", "C20"}  # a leading zero and an alias: what the words mean is decided behind the reader
ROWS = [row for row in json.loads(DATA.read_text("utf-8"))["inputs"] if row["surface"] == "command"]


@pytest.mark.parametrize("row", [r for r in ROWS if r["code"] in READER], ids=lambda row: row["id"])
def test_what_hides_something_is_refused_by_its_code(row: dict[str, Any]) -> None:
    with pytest.raises(UserError) as refused:
        commands.read(row["input"])
    assert refused.value.code == row["code"]


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r["expect"] == "accept" and r["id"] not in PLANNER], ids=lambda row: row["id"]
)
def test_what_is_accepted_normalises_as_the_catalogue_says(row: dict[str, Any]) -> None:
    line = commands.read(row["input"])
    assert line is not None
    verb, *words = row["normalised"].split(" ")
    assert ("/" + line.verb, [w.lower() for w in commands.words(line.rest)]) == (verb, [w.lower() for w in words])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("OA 打不开了", None),
        ("请看 /restart oa3", None),
        ("@周予安 /restart oa3", None),
        ("@botanik hello", None),
        ("@bot 状态", CommandLine("状态", "", False)),
        ("＠值班　状态", CommandLine("状态", "", False)),
        ("/PING Ünïcode；ｔｅｘｔ", CommandLine("ping", "Ünïcode；ｔｅｘｔ", True)),
        ("/", CommandLine("", "", True)),
    ],
)
def test_talk_and_commands_are_told_apart(text: str, line: CommandLine | None) -> None:
    assert commands.read(text) == line


@given(st.text(max_size=600))
def test_any_text_is_talk_a_command_or_refused(text: str) -> None:
    """No other exception, whatever is typed; and what passes as strict words is plain ASCII."""
    try:
        line = commands.read(text)
        if line is not None:
            words = commands.words(line.rest)
            commands.strict(words)
            assert all(word.isascii() and word.isprintable() and not word.startswith("-") for word in words)
    except UserError:
        pass


@given(st.text("；＆｜＄（）`'\"<>*?[]{}!#~\\\n\0;&|$() ", min_size=1, max_size=8))
def test_no_shell_character_survives_as_a_strict_word(tail: str) -> None:
    words = commands.words("oa3" + tail.strip() + "x")
    if words != ("oa3x",) and any(c in "；＆｜＄（）`'\"<>*?[]{}!#~\\\n\0;&|$()" for c in tail):
        with pytest.raises(UserError):
            commands.strict(words)
