"""A csv in which a quote is left open loses no row in silence: the rows behind it would be the words of one cell."""

from pathlib import Path

import pytest

from bot.core.problems import Problems
from data.roster.files import read_file
from data.roster.rows import Words
from tests.support.once import example_site

SITE = example_site()
HEAD = "日期,驻点,班次,开始,结束,人员,备注"
FIRST = "2026-12-01,市府,驻场,8:30,18:00,周予安,"
SECOND = "2026-12-02,市府,驻场,8:30,18:00,温若川,"
THIRD = "2026-12-03,市府,驻场,8:30,18:00,乔望,"


def read(tmp_path: Path, *lines: str) -> tuple[list[str], list[str]]:
    """Whom it puts on duty, and the faults."""
    path, faults = tmp_path / "r.csv", Problems()
    path.write_text("\n".join(lines) + "\n", "utf-8")
    found = read_file(path, Words(SITE.people, SITE.posts, SITE.tz), faults)
    return [shift.person for shift in found.shifts], [str(fault) for fault in faults.found]


@pytest.mark.parametrize(
    ("lines", "cell"),
    [
        ((FIRST + '"夜', SECOND, THIRD), "G2"),
        ((FIRST, SECOND + '"夜', THIRD), "G3"),
        ((FIRST + '"夜', SECOND, THIRD + 'x"'), "G2"),
        ((FIRST.replace("周予安,", '"周予安,'), SECOND.replace("温若川", '"温若川'), THIRD), "F2"),
        ((FIRST.replace("周予安,", '"周予安,'), SECOND, THIRD), "F2"),
    ],
)
def test_8_26_rows_behind_an_open_quote_are_told_not_lost(tmp_path: Path, lines: tuple[str, ...], cell: str) -> None:
    people, faults = read(tmp_path, HEAD, *lines)
    assert not people
    assert len(faults) == 1
    assert f"{cell} 的引号没有合上" in faults[0]
    assert f":{cell[1:]}: " in faults[0]


def test_8_26_a_note_of_several_lines_is_a_note(tmp_path: Path) -> None:
    people, faults = read(tmp_path, HEAD, FIRST + '"夜,\n带手机,钥匙\n完"', SECOND)
    assert (people, faults) == (["zhou", "wen"], [])
