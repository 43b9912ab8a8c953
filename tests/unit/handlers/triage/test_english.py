"""English lines are read as the label rules want them: the labels of ``english_*.jsonl`` were given before any word of a list.

``dev`` was written to be looked at; ``held``, ``fresh`` and ``last`` one after the other, each scored once before anything was
corrected for it (docs: How a message is read). The floors are those of the Chinese lists.
"""

import json
from typing import Any

import pytest

from bot.work.understanding import Act, Kind, RouteName, Speaker, Surroundings, Understanding
from handlers.triage.labels import Reading
from handlers.triage.languages import read
from handlers.triage.understand import adds_to_report, understand
from tests.support.paths import INPUTS

SETS = ("dev", "held", "fresh", "last")
Row = dict[str, Any]


class Open:
    """A fault that is open in the chat."""

    number = "GD-1"
    system = "oa"


def rows(name: str) -> list[Row]:
    text = (INPUTS / "triage" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def judged(which: str) -> list[tuple[Row, Reading]]:
    return [(row, read(row["text"], row["role"])) for row in rows(f"english_{which}")]


@pytest.mark.parametrize("which", SETS)
def test_8_15_each_list_of_english_messages(which: str) -> None:
    seen = judged(which)
    wrong = [(row["text"], got.reason) for row, got in seen if (got.kind, got.route) != (row["kind"], row["route"])]
    system = sum(got.system == row["system"] for row, got in seen)
    severity = sum(got.severity == row["severity"] for row, got in seen)
    assert len(wrong) <= 0.03 * len(seen), wrong
    assert system / len(seen) >= 0.95
    assert severity / len(seen) >= 0.95


def test_8_15_nothing_urgent_is_missed_and_english_small_talk_opens_nothing() -> None:
    seen = [pair for which in SETS for pair in judged(which)]
    urgent = [got.route for row, got in seen if row["route"] == "urgent"]
    talk = [got.kind for row, got in seen if row["kind"] == "other"]
    faults = [got.kind for row, got in seen if row["kind"] == "fault"]
    assert len(seen) >= 240
    assert len(urgent) >= 30
    assert len(talk) >= 80
    assert urgent.count(RouteName.URGENT) / len(urgent) >= 0.97
    assert talk.count(Kind.FAULT) / len(talk) <= 0.02
    assert faults.count(Kind.FAULT) / len(faults) >= 0.97


def says(line: Understanding) -> set[str]:
    """The labels that a line may bear as it was understood; staff's doubts change nothing: ``end`` and ``maybe`` are one."""
    if line.speaker is not Speaker.USER:
        if line.does(Act.END):
            return {"end", "maybe"}
        if line.does(Act.PROBE):
            return {"asks"}
        return {"answer", "progress"} if line.does(Act.ANSWER) else {"nothing"}
    if line.duty_day is not None:
        return {"duty"}
    if line.does(Act.WITHDRAW):
        return {"withdraw"}
    if line.kind is Kind.FAULT:
        return {"no", "join"}  # a report of the same, by whoever says it
    if line.does(Act.JOIN):
        return {"join"}
    if (line.does(Act.RELAPSE) or line.does(Act.DENY)) and not line.does(Act.END):
        return {"no"}
    if line.does(Act.END) or line.does(Act.CONFIRM):
        return {"maybe"} if line.hedged else {"yes"}
    found = {"greet"} if line.greets else set()
    if line.does(Act.CHASE):
        return found | {"chase"}
    return found or {"thanks" if line.act is Act.THANK else "nothing" if line.act is Act.NOTHING else line.act.value}


def agrees(row: Row) -> bool:
    text = row["text"]
    if row["says"] in {"detail", "nodetail"}:
        return adds_to_report(text) is (row["says"] == "detail")
    line = understand(text, Speaker(row["role"]), Surroundings((Open(),)))
    if row["says"] == "talk":
        return line.duty_day is None
    return row["says"] in says(line) and line.duty_day == row.get("day")


@pytest.mark.parametrize("which", SETS)
def test_8_15_what_an_english_line_does_to_an_open_ticket(which: str) -> None:
    listed = rows(f"english_talk_{which}")
    wrong = [(row["role"], row["text"], row["says"]) for row in listed if not agrees(row)]
    assert len(wrong) <= 0.03 * len(listed), wrong


def test_8_15_the_dialogue_lists_have_enough_of_each() -> None:
    said = [row["says"] for which in SETS for row in rows(f"english_talk_{which}")]
    assert len(said) >= 200
    for label in (
        "answer",
        "progress",
        "end",
        "maybe",
        "withdraw",
        "no",
        "chase",
        "join",
        "yes",
        "greet",
        "nothing",
        "duty",
    ):
        assert said.count(label) >= 14, label


@pytest.mark.parametrize("which", SETS)
def test_8_15_no_promise_in_english_ends_a_ticket(which: str) -> None:
    """Of all mistakes the one that closes what nobody mended (decisions: Ends) is not allowed at all."""
    ended = [
        row["text"]
        for row in rows(f"english_talk_{which}")
        if row["says"] in {"progress", "no", "chase", "answer"}
        for line in [understand(row["text"], Speaker(row["role"]), Surroundings((Open(),)))]
        if line.does(Act.END) or line.does(Act.CONFIRM)
    ]
    assert ended == []


def test_8_15_reports_in_both_languages_tell_of_one_sort_of_failure() -> None:
    for chinese, english in (
        ("OA打不开", "OA won't open"),
        ("收不到验证码", "the verification code never arrives"),
        ("系统很慢", "the system is very slow"),
        ("待办不见了", "my to-do list has disappeared"),
        ("网站被篡改了", "the website has been hacked"),
        ("页面排版错位", "the layout of the page is misaligned"),
        ("提示没有权限", "it says permission denied"),
    ):
        assert understand(chinese).symptom == understand(english).symptom is not None, english
