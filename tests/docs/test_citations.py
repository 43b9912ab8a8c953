"""What a comment cites stands in the repository: every number and heading is looked up in ``docs/contributing``."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.sources import ROOT, Remark, remarks

PAGES = ROOT / "docs" / "contributing"
INPUTS = ROOT / "tests" / "data" / "inputs"
CATALOGUE = (PAGES / "fault-catalogue.md").read_text("utf-8")
LABELS = (PAGES / "triage-labels.md").read_text("utf-8")
NAMED = ("architecture", "decisions", "contract", "product", "triage labels", "fault catalogue")
NUMBERS = r"\d+(?:\.\d+)?(?:(?:,? (?:and|to) |, |–|-)\d+(?:\.\d+)?)*"
SHEETS = {"Slack": "slack", "Feishu": "feishu", "DingTalk": "dingtalk", "Mattermost": "mattermost"}


def _headings(page: Path) -> set[str]:
    return set(re.findall(r"^#{2,3} (.+)$", page.read_text("utf-8"), re.M))


def _chapter(text: str, heading: str) -> str:
    return re.split(r"^## ", text.split(f"\n## {heading}\n")[1], maxsplit=1, flags=re.M)[0]


def _counted(text: str, heading: str) -> set[str]:
    return set(re.findall(r"^(\d+)\. ", _chapter(text, heading), re.M))


def _bad_inputs() -> set[str]:
    return set(
        re.findall(r'"id": "([A-Z]\d\d)"', "".join(path.read_text("utf-8") for path in sorted(INPUTS.glob("*.json"))))
    )


def _codes(found: str) -> list[str]:
    """``F15 to F18`` is every one between; ``F44, F45`` those two."""
    codes = re.findall(r"[A-Z]\d\d", found)
    if re.search(r"\d(?: to |–)[A-Z]", found):
        return [f"{codes[0][0]}{number:02}" for number in range(int(codes[0][1:]), int(codes[-1][1:]) + 1)]
    return codes


def _numbers(found: str) -> list[str]:
    numbers = re.findall(r"\d+(?:\.\d+)?", found)
    if re.fullmatch(r"\d+(?: to |–|-)\d+", found):
        return [str(number) for number in range(int(numbers[0]), int(numbers[1]) + 1)]
    return numbers


FAULTS = set(re.findall(r"^\| (F\d\d) \|", CATALOGUE, re.M))
FACTS = _counted(CATALOGUE, "Facts")
DIALOGUE = _counted(LABELS, "Dialogue rules")
LABEL_RULES = _counted(LABELS, "Label rules")
SOP = {heading.split(" ")[1] for heading in _headings(PAGES / "sop.md") if heading.startswith("SOP ")}
DEP = {heading.removeprefix("DEP ") for heading in _headings(PAGES / "sop.md") if heading.startswith("DEP ")}
WECOM = {
    heading.split(" ")[1]
    for heading in _headings(PAGES / "platform-sheets" / "wecom.md")
    if heading.startswith("WeCom ")
}
BAD_INPUTS = _bad_inputs()
HEADINGS = {page: _headings(PAGES / f"{page.replace(' ', '-')}.md") for page in NAMED}


def _sheets(remark: str) -> list[str]:
    missing = []
    for name, found in re.findall(rf"\b({'|'.join(SHEETS)}) sheet ({NUMBERS})", remark):
        known = _headings(PAGES / "platform-sheets" / f"{SHEETS[name]}.md")
        missing += [f"{name} sheet {number}" for number in _numbers(found) if f"{name} sheet {number}" not in known]
    return missing


def _pages(remark: str) -> list[str]:
    cited = re.findall(rf"(?<!`)\b({'|'.join(NAMED)}): ([A-Z][\w ]+)", remark)
    return [f"{page}: {found}" for page, found in cited if not any(found.startswith(known) for known in HEADINGS[page])]


def _by(pattern: str, known: set[str], split: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    found = re.compile(pattern)
    return lambda remark: [one for part in found.findall(remark) for one in split(part) if one not in known]


LOOKED_UP: dict[str, Callable[[str], list[str]]] = {
    "faults": _by(r"(?<![\w.])F\d\d(?:(?:,? (?:and|to) |, |–)F\d\d)*(?!\w)", FAULTS, _codes),
    "bad inputs": _by(r"[Bb]ad inputs? ([A-Z]\d\d(?:(?:,? (?:and|to) |, |–)[A-Z]\d\d)*)", BAD_INPUTS, _codes),
    "facts": _by(rf"\b[Ff]acts? ({NUMBERS})", FACTS, _numbers),
    "dialogue rules": _by(rf"\bdialogue rules? ({NUMBERS})", DIALOGUE, _numbers),
    "label rules": _by(rf"\blabel rules? ({NUMBERS})", LABEL_RULES, _numbers),
    "SOP": _by(r"\bSOP (\d\.\d+(?:(?:,? and |, |–|-)\d\.\d+)*)", SOP, _numbers),
    "DEP": _by(r"\bDEP ([a-z][a-z-]+)", DEP, lambda word: [word]),
    "WeCom": _by(r"\bWeCom (\d{5,6}(?:, \d{5,6})*)", WECOM, lambda found: found.split(", ")),
    "sheets": _sheets,
    "pages": _pages,
}
UNKNOWN_FORMS = re.compile(
    r"\bfaults?, (?:fact|F\d)|LABELS\b|\breference[:/]|\bsheet: |\bsheet,? (?:section|\d)"
    r"|\bpages? \d{5}|\b(?:decisions|architecture|contract|product): [a-z]|\bproduct, \d|contract\.md|decisions\.md|design/"
)
SHEET_NUMBER = re.compile(r"(?:Slack|Feishu|DingTalk|Mattermost) sheet \d")


def test_what_is_cited_stands_in_the_repository_and_in_one_form() -> None:
    every = list(remarks())
    missing = [(one.path, one.line, cited) for one in every for kind in LOOKED_UP.values() for cited in kind(one.text)]
    assert missing == []
    assert [(one.path, one.line, found) for one in every if not _self(one) for found in _other_forms(one)] == []


@pytest.mark.parametrize("page", sorted(PAGES.rglob("*.md")), ids=lambda page: page.name)
def test_a_page_for_contributors_needs_nothing_from_outside(page: Path) -> None:
    """A link into the repository leads somewhere, and no paper from outside is asked for."""
    text = page.read_text("utf-8")
    links = re.findall(r"\]\((?!http)([^)#]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []
    assert re.findall(r"\.\./shared|design/\w+\.md|reference/\w+\.md|seeds/|\[O\*?\]|\[U\]", text) == []


def test_the_table_of_bad_inputs_is_read() -> None:
    """Guards the look-up itself: rows are found, and a made-up number is not."""
    assert {"S34", "R01"} <= BAD_INPUTS
    assert LOOKED_UP["faults"]("faults F15 to F18, F96") == ["F96"]
    assert json.loads((INPUTS / "slack.json").read_text("utf-8"))["inputs"]


def _self(remark: Remark) -> bool:
    return remark.path == "tests/docs/test_citations.py"


def _other_forms(remark: Remark) -> list[str]:
    return UNKNOWN_FORMS.findall(SHEET_NUMBER.sub("", remark.text))
