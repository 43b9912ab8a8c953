"""The lines that triage is to learn from have the form that their page says, and hold nobody's number."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path("data/triage/corpus")
HANDS = sorted(path.stem for path in (CORPUS / "lines").glob("*.jsonl"))
ROLES = {"user", "engineer", "vendor", "lead"}
MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def rows(kind: str, hand: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / kind / f"{hand}.jsonl").read_text("utf-8").splitlines()]


def check_said(said: dict[str, Any]) -> None:
    assert set(said) == {"role", "text"}
    assert said["role"] in ROLES
    assert isinstance(said["text"], str)


def test_every_hand_has_lines_and_dialogues_and_stands_on_the_page() -> None:
    page = (CORPUS / "README.md").read_text("utf-8")
    assert HANDS
    assert sorted(path.stem for path in (CORPUS / "dialogues").glob("*.jsonl")) == HANDS
    assert re.findall(r"^\| (h\d\d) \|", page, re.MULTILINE) == HANDS


@pytest.mark.parametrize("hand", HANDS)
def test_a_line_has_words_or_a_file_and_what_stood_around_it(hand: str) -> None:
    for row in rows("lines", hand):
        assert set(row) <= {"text", "role", "before", "quote", "file"}, row
        check_said({"role": row["role"], "text": row["text"]})
        assert row["text"].strip() or row.get("file"), row
        assert 1 <= len(row.get("before", [{}])) <= 2, row
        for said in [*row.get("before", []), *([row["quote"]] if "quote" in row else [])]:
            check_said(said)


@pytest.mark.parametrize("hand", HANDS)
def test_an_author_says_nothing_twice(hand: str) -> None:
    said = Counter(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in rows("lines", hand) if row["text"])
    assert [line for line, times in said.items() if times > 1] == []


@pytest.mark.parametrize("hand", HANDS)
def test_a_dialogue_goes_on_in_time_and_quotes_what_was_said_before(hand: str) -> None:
    told = rows("dialogues", hand)
    assert len({one["id"] for one in told}) == len(told)
    for one in told:
        messages = one["messages"]
        assert [message["i"] for message in messages] == list(range(len(messages))), one["id"]
        assert [message["t"] for message in messages] == sorted(message["t"] for message in messages), one["id"]
        for message in messages:
            assert set(message) - {"file"} == {"i", "t", "group", "sender", "role", "text", "reply_to"}, one["id"]
            assert message["role"] in ROLES, one["id"]
            assert message["text"].strip() or message.get("file"), one["id"]
            assert message["reply_to"] is None or message["reply_to"] < message["i"], one["id"]


def test_nobody_can_be_called() -> None:
    found = [path.name for path in CORPUS.rglob("*.jsonl") if MOBILE.search(path.read_text("utf-8"))]
    assert found == []
