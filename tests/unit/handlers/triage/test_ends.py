"""What is said around the end of a fault, as people write it: the labels of ``ends.jsonl`` were given by hand before any word list.

An engineer's line is ``progress`` (not over yet), an ``end``, or ``asks``; a reporter's takes the report back (``withdraw``), is a
``yes``, a ``no``, a ``fault`` that only looks like one of them, or nothing of all that (``other``).
"""

import json

import pytest

from bot.work.understanding import Act, Kind, Speaker, Understanding
from handlers.triage.understand import understand
from tests.support.paths import INPUTS

ROWS = [json.loads(line) for line in (INPUTS / "triage" / "ends.jsonl").read_text("utf-8").splitlines()]


def says(line: Understanding) -> str:
    """The label of a line as it was understood."""
    if line.speaker is Speaker.ENGINEER:
        return "end" if line.does(Act.END) else "asks" if line.does(Act.PROBE) else "progress"
    if line.does(Act.WITHDRAW):
        return "withdraw"
    if line.does(Act.RELAPSE) or line.does(Act.DENY):
        return "no"
    if line.does(Act.END) or line.does(Act.CONFIRM):
        return "yes"
    return "fault" if line.kind is Kind.FAULT else "other"


def test_the_list_has_enough_of_each() -> None:
    found = [row["says"] for row in ROWS]
    assert {label: found.count(label) >= 8 for label in set(found)} == dict.fromkeys(set(found), True)
    assert len(ROWS) > 350


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['role']}-{row['says']}-{row['text']}")
def test_8_7_what_is_said_about_an_end_is_read_as_it_is_meant(row: dict[str, str]) -> None:
    heard = says(understand(row["text"], Speaker(row["role"])))
    wanted = {row["says"], "no"} if row["says"] == "fault" else {row["says"]}
    assert heard in wanted


def test_8_7_a_doubtful_yes_is_known_as_one() -> None:
    assert [understand(text).hedged for text in ("好像好了", "应该可以了", "好了，谢谢")] == [True, True, False]
