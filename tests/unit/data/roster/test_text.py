"""The roster rows of the bad-input catalogue: class, code and normalised form exactly."""

import json
from zoneinfo import ZoneInfo

import pytest

from bot.core.people import Person
from data.model import DutyPost
from data.roster.rows import Words
from data.roster.text import Line, read_line
from tests.support.paths import INPUTS

ROWS = json.loads((INPUTS / "inputs" / "roster.json").read_text("utf-8"))
PEOPLE = (
    Person("A1", "甲一", phone="13800000091"),
    Person("A2", "甲二", phone="13800000092"),
    Person("A3", "甲三"),
    Person("A4", "张工", phone="13800000094"),
    Person("A5", "张工", phone="13800000095"),
)
POSTS = (DutyPost("shifu", "市府", lead="A1"), DutyPost("shiwei", "市委", served_by="shifu"))
WORDS = Words({p.id: p for p in PEOPLE}, {p.id: p for p in POSTS}, ZoneInfo("Asia/Shanghai"))


def codes(text: str) -> set[str]:
    found = read_line(text, WORDS)
    assert isinstance(found, list), f"accepted as {found}"
    return {fault.code for fault in found}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["id"]))
def test_the_row_comes_out_as_the_catalogue_states(row: dict[str, str]) -> None:
    if row["expect"] == "accept":
        found = read_line(row["input"], WORDS)
        assert isinstance(found, Line), found
        assert str(found) == row["normalised"]
    else:
        assert codes(row["input"]) == {row["code"]}


def test_the_catalogue_is_here() -> None:
    assert {row["id"] for row in ROWS} == {"R01", "R02", "R04", "R05", "R06", "R08", "R11", "R12", "R13"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("08:30-18:00 A3", "no_contact"),  # found in people.yaml, not told by the line
        ("08:30-18:00 张工", "ambiguous_person"),
        ("08:30-18:00 某某某", "placeholder_name"),
        ("08:30-18:00 A9", "unknown_person"),
        ("08:30-18:00", "gap"),
        ("1月28日 08:30-18:00 A1", "ambiguous_year"),
        ("2026年2月29日 08:30-18:00 A1", "bad_date"),
        ("18:00-08:30 A1", "bad_time"),
        ("08:30-25:00 A1", "bad_time"),
        ("驻场 A1", "bad_time"),
        ("08:30-18:00 A1、A2", "overlap"),
    ],
)
def test_what_the_line_itself_does_not_tell_is_found(text: str, code: str) -> None:
    assert codes(text) == {code}


def test_every_fault_of_a_line_is_told() -> None:
    assert codes("2月30日 25:00-26:00 A9") == {"bad_date", "bad_time", "unknown_person"}


def test_the_same_hours_in_two_slots_are_no_overlap() -> None:
    found = read_line("驻场 08:30-18:00 A1；线上 08:30-24:00 A2", WORDS)
    assert str(found) == "[08:30,18:00) A1; [08:30,00:00+1d) A2"


def test_hours_that_touch_are_no_overlap() -> None:
    assert isinstance(read_line("08:30-18:00 A1；18:00-24:00 A2", WORDS), Line)
