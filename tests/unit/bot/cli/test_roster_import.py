"""``zhiban roster import``: what it says before it writes, and what then stands in the state folder."""

import argparse
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from bot.cli import roster
from bot.cli.arguments import ADD
from tests.support.paths import EXAMPLE, TESTS

CASES = TESTS / "data/roster_files"
HEAD = "date,post,slot,from,to,person,note"
Cli = Callable[..., tuple[int, list[str], list[str]]]


@pytest.fixture(autouse=True)
def _in_october(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever the tests run, no month of their files is over."""
    monkeypatch.setattr("bot.cli.roster_import._today", lambda _: date(2026, 10, 1))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A site without any roster."""
    shutil.copytree(EXAMPLE, tmp_path / "site", ignore=shutil.ignore_patterns("*.csv"))
    path = tmp_path / "zhiban.toml"
    path.write_text('data_dir = "site"\nstate_dir = "var"\n', "utf-8")
    return path


@pytest.fixture
def cli(config: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run ``zhiban roster WORDS…``: exit code, lines of standard output, lines of standard error."""

    def run(*words: str | Path) -> tuple[int, list[str], list[str]]:
        parser = argparse.ArgumentParser(prog="zhiban roster")
        ADD["roster"](parser)
        code = roster.main(parser.parse_args(["--config", str(config), *map(str, words)]))
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err.splitlines()

    return run


def kept(tmp_path: Path, month: str) -> list[str]:
    """The rows of a month in the state folder, without the heading."""
    path = tmp_path / f"var/roster/{month}.csv"
    return path.read_text("utf-8").splitlines()[1:] if path.exists() else []


def written(tmp_path: Path, *rows: str, name: str = "r.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join([HEAD, *rows]), "utf-8")
    return path


def test_8_26_one_post_after_the_other_and_one_corrected_day_drop_nothing(cli: Cli, tmp_path: Path) -> None:
    assert cli("import", CASES / "shifu.csv", "--allow-gaps")[0] == 0
    code, said, _ = cli("import", CASES / "zhengshu.csv", "--allow-gaps")
    assert (code, said[0]) == (0, "市府：保留 30 班（文件没有提到）")
    assert len(kept(tmp_path, "2026-11")) == 60
    before = kept(tmp_path, "2026-11")

    code, said, asked = cli("import", CASES / "fix15.csv")
    assert code == 1
    assert said[:2] == [
        "市府：改 1 班 保留 29 班（文件没有提到）",
        "  改　 2026-11-15 驻场 08:30-18:00 周予安 → 2026-11-15 驻场 08:30-18:00 温若川",
    ]
    assert kept(tmp_path, "2026-11") == before
    command = asked[0].partition("：")[2]
    assert command == f"zhiban roster --config {tmp_path}/zhiban.toml import {CASES}/fix15.csv --yes"

    assert cli("import", CASES / "fix15.csv", "--yes")[0] == 0
    changed = [row.replace("zhou", "wen") if row.startswith("2026-11-15,shifu") else row for row in before]
    assert kept(tmp_path, "2026-11") == changed
    assert cli("import", CASES / "fix15.csv") == (
        0,
        [
            "市府：不变 1 班 保留 29 班（文件没有提到）",
            "政数局：保留 30 班（文件没有提到）",
            "和现在的值班表一样，不用写入。",
        ],
        [],
    )


def test_8_26_what_would_be_dropped_is_listed_whole_before_anything_is_written(cli: Cli, tmp_path: Path) -> None:
    """Two stretches of a day become one: the second goes."""
    two = ("2026-11-02,shifu,onsite,08:30,12:00,zhou,", "2026-11-02,shifu,onsite,12:00,18:00,wen,")
    assert cli("import", written(tmp_path, *two), "--allow-gaps")[0] == 0
    one = written(tmp_path, "2026-11-02,shifu,onsite,08:30,18:00,qiao,")
    code, said, _ = cli("import", one, "--allow-gaps")
    assert (code, kept(tmp_path, "2026-11")) == (1, list(two))
    assert said == [
        "市府：加 1 班 去掉 2 班",
        "  去掉 2026-11-02 驻场 08:30-12:00 周予安",
        "  去掉 2026-11-02 驻场 12:00-18:00 温若川",
        "  加　 2026-11-02 驻场 08:30-18:00 乔望",
    ]


def test_8_26_a_correction_of_a_month_in_the_data_folder_keeps_the_rest_of_it(
    cli: Cli, config: Path, tmp_path: Path
) -> None:
    shutil.copytree(EXAMPLE / "roster", tmp_path / "site/roster", dirs_exist_ok=True)
    given = (EXAMPLE / "roster/2026-10.csv").read_text("utf-8").splitlines()[1:]
    fix = written(tmp_path, "2026-10-15,shifu,onsite,08:30,18:00,zhou,")
    assert cli("import", fix, "--yes")[0] == 0
    changed = [row.replace("wen", "zhou") if row.startswith("2026-10-15,shifu") else row for row in given]
    assert kept(tmp_path, "2026-10") == changed


def test_8_26_the_past_shifts_of_somebody_who_left_stay(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.roster_import._today", lambda _: date(2026, 10, 20))
    (tmp_path / "var/roster").mkdir(parents=True)
    old = "2026-10-14,shifu,onsite,08:30,18:00,gone,"
    written(tmp_path / "var/roster", old, name="2026-10.csv")
    assert cli("import", written(tmp_path, "2026-10-15,shifu,onsite,08:30,18:00,zhou,"), "--allow-gaps")[0] == 0
    assert kept(tmp_path, "2026-10") == [old, "2026-10-15,shifu,onsite,08:30,18:00,zhou,"]


def test_8_26_a_row_that_cannot_be_read_any_more_is_shown_before_it_goes(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "var/roster").mkdir(parents=True)
    written(tmp_path / "var/roster", "2098-11-03,shifu,onsite,08:30,18:00,gone,", name="2098-11.csv")
    new = written(tmp_path, "2098-11-04,shifu,onsite,08:30,18:00,zhou,")
    code, said, _ = cli("import", new, "--allow-gaps")
    assert (code, kept(tmp_path, "2098-11")) == (1, ["2098-11-03,shifu,onsite,08:30,18:00,gone,"])
    assert said[0] == "现在的值班表里有读不了的行，写入后就没有了："
    assert "2098-11.csv:2: unknown_person: F2: 没有叫“gone”的人" in said[1]
    assert cli("import", new, "--allow-gaps", "--yes")[0] == 0
    assert kept(tmp_path, "2098-11") == ["2098-11-04,shifu,onsite,08:30,18:00,zhou,"]


def test_8_26_a_gap_that_was_there_before_is_no_reason_to_refuse_a_correction(cli: Cli, tmp_path: Path) -> None:
    assert cli("import", CASES / "shifu.csv")[0] == 1  # nobody at the other post, nobody online
    assert cli("import", CASES / "shifu.csv", "--allow-gaps")[0] == 0
    code, _, faults = cli("import", written(tmp_path, "2026-11-16,shifu,onsite,08:30,12:00,wen,"), "--yes")
    assert code == 1
    assert [fault.partition(": ")[2] for fault in faults] == [
        "gap: 2026-11-16 市府 12:00-18:00 没有人驻场，请补一行，或加 --allow-gaps 导入"
    ]
    assert cli("import", CASES / "fix15.csv", "--yes")[0] == 0


def test_8_26_a_table_whose_hours_and_year_were_concluded_is_shown_first(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("周期,市府\n月份,主要负责人\n3月,周予安\n", "utf-8")
    code, said, _ = cli("import", path, "--year", "2097")
    assert (code, (tmp_path / "var").exists()) == (1, False)
    assert "  加　 2097-03-01 驻场 08:30-18:00 周予安，共 21 天，到 2097-03-29" in said
    assert cli("import", path, "--year", "2097", "--yes")[0] == 0
    assert len(kept(tmp_path, "2097-03")) == 21


def test_8_26_a_month_table_read_again_takes_away_what_became_a_holiday(cli: Cli, config: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("周期,市府\n2097年3月,周予安\n", "utf-8")
    assert cli("import", path, "--yes")[0] == 0
    days = (tmp_path / "site/holidays.yaml").read_text("utf-8") + "  2097-03-04: {kind: holiday, name: 新的假日}\n"
    (tmp_path / "site/holidays.yaml").write_text(days, "utf-8")
    code, said, _ = cli("import", path)
    assert code == 1
    assert "  去掉 2097-03-04 驻场 08:30-18:00 周予安" in said


def test_8_26_overlaps_with_what_stays_are_told(cli: Cli, tmp_path: Path) -> None:
    assert cli("import", written(tmp_path, "2026-11-02,shifu,onsite,08:30,18:00,zhou,"), "--allow-gaps")[0] == 0
    code, _, faults = cli("import", written(tmp_path, "2026-11-02,zhengshu,onsite,08:30,18:00,zhou,"), "--allow-gaps")
    assert code == 1
    assert len(faults) == 1
    assert ": overlap: " in faults[0]
    assert "时间重叠" in faults[0]


def test_8_26_everything_is_said_in_the_language_of_the_settings(cli: Cli, config: Path, tmp_path: Path) -> None:
    config.write_text('locale = "en"\ndata_dir = "site"\nstate_dir = "var"\n', "utf-8")
    assert cli("import", CASES / "shifu.csv", "--allow-gaps")[0] == 0
    code, said, asked = cli("import", CASES / "fix15.csv")
    assert code == 1
    assert said[:2] == [
        "市府: change 1 kept 29 (the file does not name them)",
        "  change 2026-11-15 onsite 08:30-18:00 周予安 → 2026-11-15 onsite 08:30-18:00 温若川",
    ]
    assert asked[0].startswith("Nothing is written yet. If that is right, send it again: zhiban roster --config ")
    code, _, faults = cli("import", CASES / "h26.xlsx")
    assert code == 1
    assert "26:00 is beyond 24:00" in faults[0]


def test_8_26_check_names_a_sheet_of_the_data_folder_that_is_not_read(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "site/roster").mkdir(exist_ok=True)
    shutil.copy(CASES / "cover.xlsx", tmp_path / "site/roster/cover.xlsx")
    assert f"{tmp_path}/site/roster/cover.xlsx: 没有读工作表“说明”：里面没有认得的列名" in cli("check")[1]


def test_8_26_check_speaks_the_language_of_the_settings(cli: Cli, tmp_path: Path) -> None:
    assert cli("check")[2] == ["还没有值班表，可以用 zhiban roster generate --month … 排一个"]
    assert cli("import", CASES / "shifu.csv", "--allow-gaps")[0] == 0
    code, said, faults = cli("check", "--month", "2026-11")
    assert (code, faults[0]) == (1, "gap: 2026-11-01 线上 00:00-24:00 没有人值班")
    assert said == ["2026-11  30 班", "  zhou     周予安  驻场 30 天  线上 0 天  休息日 9 天  最长连续线上 0 天"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("be.csv", f"{HEAD}\n2026-11-02,shifu,onsite,08:30,18:00,wen,\n".encode("utf-16-be")),
        ("le.csv", f"{HEAD}\n2026-11-02,shifu,onsite,08:30,18:00,wen,\n".encode("utf-16-le")),
        ("r.txt", f"{HEAD}\n2026-11-02,shifu,onsite,08:30,18:00,wen,\n".encode()),
        ("at.csv", f"{HEAD}\n2026-11-02,shifu,onsite,08:30,18:00,@温若川,\n".encode()),
        ("title.csv", f"{HEAD}\n2026-11-02,shifu,onsite,08:30,18:00,温若川（组长）,\n".encode()),
        ("phone.csv", f"{HEAD}\n2026-11-02,shifu,onsite,08:30,18:00,温若川13800000013,\n".encode()),
        ("spaced.csv", f"{HEAD}\n2026-11-02,shifu,onsite,08:30,18:00,温若川 138 0000 0013,\n".encode()),
    ],
)
def test_8_26_a_file_saved_in_another_way_and_a_name_with_a_remark_are_read(
    cli: Cli, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert cli("import", tmp_path / name, "--allow-gaps", "--yes")[0] == 0
    assert kept(tmp_path, "2026-11") == ["2026-11-02,shifu,onsite,08:30,18:00,wen,"]


@pytest.mark.parametrize("given", ["温若川13900000000", "温若川(上午)", "温若川（代何牧）"])
def test_8_26_a_remark_that_may_mean_something_else_is_not_taken_off(cli: Cli, tmp_path: Path, given: str) -> None:
    path = written(tmp_path, f"2026-11-02,shifu,onsite,08:30,18:00,{given},")
    code, _, faults = cli("import", path, "--allow-gaps", "--yes")
    assert code == 1
    assert f"“{given}”" in faults[0]
    assert "没有叫" in faults[0] or "是几个人" in faults[0]


def test_8_26_a_hidden_column_is_told_not_read(cli: Cli, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["日期", "驻点", "班次", "开始", "结束", "值班人员", "备注"])
    sheet.append([date(2026, 11, 2), "市府", "驻场", "08:30", "18:00", "温若川", ""])
    sheet.column_dimensions["F"].hidden = True
    book.save(tmp_path / "r.xlsx")
    code, _, faults = cli("import", tmp_path / "r.xlsx", "--allow-gaps", "--yes")
    assert (code, kept(tmp_path, "2026-11")) == (1, [])
    assert "F1: 这一列是隐藏的" in faults[0]


def test_8_26_who_made_and_checked_a_table_is_named_below_it(cli: Cli, tmp_path: Path) -> None:
    path = written(tmp_path, "2026-11-02,shifu,onsite,08:30,18:00,wen,", "制表人：何牧,,,审核：沈砚,,,")
    code, said, _ = cli("import", path, "--allow-gaps", "--yes")
    assert code == 0
    assert said[:2] == ["A3 没有读：制表人：何牧", "A3 没有读：审核：沈砚"]


def test_8_26_a_file_that_is_not_there_is_told_in_the_language_of_the_settings(cli: Cli, tmp_path: Path) -> None:
    assert cli("import", tmp_path / "没有.xlsx") == (2, [], [f"{tmp_path}/没有.xlsx: 没有这个文件，请检查路径和名字"])


@pytest.mark.parametrize(("year", "left"), [(2021, False), (2096, True)])
def test_8_26_days_that_are_over_are_not_said_to_lack_anybody(cli: Cli, tmp_path: Path, year: int, left: bool) -> None:
    rows = written(tmp_path, f"{year}-12-06,shifu,onsite,08:30,18:00,zhou,")
    code, said, _ = cli("import", rows, "--allow-gaps", "--yes")
    assert code == 0
    assert any("处没有人值班" in line for line in said) is left
