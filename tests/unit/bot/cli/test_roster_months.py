"""Months as people write them, and a roster of a month that is over: said, and not written before it is asked for."""

from datetime import date
from pathlib import Path

import pytest

from bot.cli.arguments import _month
from bot.core.numerals import in_digits
from handlers.duty.dates import day_meant
from tests.unit.bot.cli.test_roster_import import Cli, cli, config, kept, written

__all__ = ["cli", "config"]
NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


@pytest.fixture(autouse=True)
def _in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.roster_import._today", lambda _: date(2026, 11, 30))


@pytest.mark.parametrize(("month", "numeral"), list(enumerate(NUMERALS, 1)))
def test_8_26_a_month_in_chinese_numerals_is_that_month(cli: Cli, tmp_path: Path, month: int, numeral: str) -> None:
    assert (
        _month(f"2027年{numeral}月")
        == _month(f"2027年{month}月")
        == _month(f"二〇二七年{numeral}月份")
        == f"2027-{month:02d}"
    )
    assert _month(f"{numeral}月") == _month(f"{month}月") == _month(f"{month} 月")
    table = tmp_path / "2027.csv"
    table.write_text(f"月份,市府,政数局\n{numeral}月,周予安,苏明\n", "utf-8")
    code, said, _ = cli("import", table, "--allow-gaps", "--yes")
    assert code == 0, said
    assert {row.partition(",")[0][:7] for row in kept(tmp_path, f"2027-{month:02d}")} == {f"2027-{month:02d}"}


@pytest.mark.parametrize(
    ("written_so", "means"),
    [
        ("十二月三日", date(2026, 12, 3)),
        ("十月二十三号", date(2026, 10, 23)),
        ("二〇二七年一月三十一日", date(2027, 1, 31)),
        ("二十日", date(2026, 11, 20)),
    ],
)
def test_8_16_a_date_in_chinese_numerals_is_that_date(written_so: str, means: date) -> None:
    assert day_meant(written_so, date(2026, 11, 25)) == means


def test_8_26_a_row_may_be_dated_in_chinese_numerals(cli: Cli, tmp_path: Path) -> None:
    file = written(tmp_path, "二〇二六年十二月三日,shifu,onsite,08:30,18:00,zhou,")
    assert cli("import", file, "--allow-gaps")[0] == 0
    assert kept(tmp_path, "2026-12") == ["2026-12-03,shifu,onsite,08:30,18:00,zhou,"]


@pytest.mark.parametrize("text", ["周一", "五一", "星期日", "十三", "十十月", "一百月", "二十二月"])
def test_8_26_what_is_no_month_stays_none(text: str) -> None:
    assert in_digits(text) == text or text == "二十二月"


def test_8_26_a_month_that_is_over_is_said_and_waits_for_yes(cli: Cli, tmp_path: Path) -> None:
    """December of last year, taken for this year's."""
    file = written(tmp_path, *(f"2025-12-{n:02d},shifu,onsite,08:30,18:00,zhou," for n in range(1, 32)))
    code, said, asked = cli("import", file, "--allow-gaps")
    assert code == 1
    assert said[-1] == "2025-12 已经过完了，请核对文件里的年份和月份；确实要补记过去的值班，就加 --yes"
    assert asked[0].endswith(f"import {file} --allow-gaps --yes")
    assert kept(tmp_path, "2025-12") == []
    assert cli("import", file, "--allow-gaps", "--yes")[0] == 0
    assert len(kept(tmp_path, "2025-12")) == 31


def test_8_26_a_day_of_this_month_that_is_over_is_an_ordinary_correction(cli: Cli, tmp_path: Path) -> None:
    file = written(tmp_path, "2026-11-02,shifu,onsite,08:30,18:00,zhou,")
    code, said, _ = cli("import", file, "--allow-gaps")
    assert code == 0
    assert not any("过完了" in line for line in said)
