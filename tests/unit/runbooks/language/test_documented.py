"""What docs/runbooks.md shows is taken by the loader as it stands."""

import re
from pathlib import Path

from bot.trial.cases import load_cases
from runbooks.language.load.catalogue import load_catalogue
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "runbooks.md").read_text("utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_the_definition_is_one(tmp_path: Path) -> None:
    text = next(block for block in BLOCKS if block.startswith("verb: restart"))
    (tmp_path / "mine.yaml").write_text(text + "overrides: true\n", "utf-8")
    found = load_catalogue(tmp_path).definitions["restart"]
    assert len(found.steps) == 1
    assert dict(found.values) == {"weaver": "/data/WEAVER"}


def test_the_test_is_one(tmp_path: Path) -> None:
    (tmp_path / "tidy.test.yaml").write_text(next(block for block in BLOCKS if block.startswith("cases:")), "utf-8")
    (case,) = load_cases(tmp_path / "tidy.test.yaml")
    assert case.sent == [("oa3", ["df", "-B1", "--output=avail", "/data"])]
    assert [answer.argv for answer in case.answers] == [("df",), ("checker",)]
