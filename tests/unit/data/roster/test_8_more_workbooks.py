"""Rosters in which Excel keeps something else than its reader sees: the hours and the sentences are what was typed."""

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from bot.core.problems import Problems
from data.roster.files import read_file
from data.roster.reading import Reading
from data.roster.rows import Words
from tests.support.once import example_site

SITE = example_site()
HEAD = ("日期", "驻点", "班次", "开始", "结束", "人员", "备注")


def at(text: str) -> datetime:
    """A date and time as Excel keeps it: without a zone."""
    return datetime.fromisoformat(text)


DAY = at("2026-10-01")
Cell = str | float | datetime | date | time | None


def words(locale: str = "zh") -> Words:
    return Words(SITE.people, SITE.posts, SITE.tz, None, SITE.calendar, locale, None, date(2026, 9, 25))


def read(path: Path) -> tuple[Reading, list[str]]:
    faults = Problems()
    return read_file(path, words(), faults), [str(fault).partition("!")[2] for fault in faults.found]


def saved(
    tmp_path: Path, *rows: Sequence[Cell], merged: Sequence[str] = (), mac: bool = False, hidden: Sequence[str] = ()
) -> Path:
    book = Workbook()
    if mac:
        book.epoch = CALENDAR_MAC_1904
    for row in (HEAD, *rows):
        book.worksheets[0].append(list(row))
    for area in merged:
        book.worksheets[0].merge_cells(area)
    for name in hidden:
        sheet = book.create_sheet(name, 0)
        sheet.append(list(HEAD))
        sheet.append(["2026-10-01", "市府", "驻场", "8:30", "18:00", "温若川", None])
        sheet.sheet_state = "hidden"
    book.active = len(hidden)
    book.save(path := tmp_path / "r.xlsx")
    return path


def hours(found: Reading) -> list[str]:
    return [
        f"{shift.start.astimezone(SITE.tz):%H:%M}-{shift.end.astimezone(SITE.tz):%d %H:%M}" for shift in found.shifts
    ]


@pytest.mark.parametrize("mac", [False, True])
@pytest.mark.parametrize(
    ("start", "end", "read_as"),
    [
        (at("2026-10-01 08:30"), at("2026-10-01 18:00"), "08:30-01 18:00"),
        (at("2026-10-01 18:00"), at("2026-10-02"), "18:00-02 00:00"),
        (at("2026-10-01"), at("2026-10-02"), "00:00-02 00:00"),
        (at("2026-10-01 08:30"), time(18), "08:30-01 18:00"),
        ("2026-10-01 8:30", "2026-10-01 18:00:00", "08:30-01 18:00"),
        ("2026/10/1 8:30", "2026/10/2 0:00", "08:30-02 00:00"),
        ("2026年10月1日 08:30", "2026-10-01T18:00:00", "08:30-01 18:00"),
    ],
)
def test_8_26_hours_behind_a_date_are_hours(tmp_path: Path, mac: bool, start: Cell, end: Cell, read_as: str) -> None:
    found, faults = read(saved(tmp_path, (DAY, "市府", "驻场", start, end, "周予安", None), mac=mac))
    assert faults == []
    assert hours(found) == [read_as]


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (
            at("2026-10-03 08:30"),
            at("2026-10-03 18:00"),
            "D2: “2026-10-03 08:30”不是 2026-10-01 的时间：时间要和这一行的日期一致，请写成 08:30 或 24:00；跨零点的班请写成两行",
        ),
        (
            at("2026-10-01 18:00"),
            at("2026-10-02 02:00"),
            "E2: 26:00 超过了 24:00。跨零点的班请写成两行：到 24:00 一行，次日从 00:00 起一行",
        ),
        (
            at("2026-10-01 08:30:30"),
            "18:00",
            "D2: 08:30:30 带秒，请写到分钟，一天的结束写 24:00",
        ),
        (
            at("2026-09-30 08:30"),
            "18:00",
            "D2: “2026-09-30 08:30”不是 2026-10-01 的时间：时间要和这一行的日期一致，请写成 08:30 或 24:00；跨零点的班请写成两行",
        ),
    ],
)
def test_8_26_what_is_no_time_of_its_row_is_told_as_it_is_seen(
    tmp_path: Path, start: Cell, end: Cell, said: str
) -> None:
    found, faults = read(saved(tmp_path, (DAY, "市府", "驻场", start, end, "周予安", None)))
    assert not found.shifts
    assert faults == [said]


@pytest.mark.parametrize(
    ("area", "row", "said"),
    [
        ("A2:B2", (DAY, None, "驻场", "8:30", "18:00", "周予安", None), "A2: A2:B2 合并成了一格“2026-10-01”"),
        ("A2:B3", (DAY, None, "驻场", "8:30", "18:00", "周予安", None), "A2: A2:B3 合并成了一格“2026-10-01”"),
        ("D2:E2", (DAY, "市府", "驻场", time(8, 30), None, "周予安", None), "D2: D2:E2 合并成了一格“08:30”"),
        ("A2:F2", (DAY, None, None, None, None, None, None), ""),
    ],
)
def test_8_26_cells_merged_over_columns_are_told_so(tmp_path: Path, area: str, row: Sequence[Cell], said: str) -> None:
    _, faults = read(saved(tmp_path, row, merged=[area]))
    assert not any("462" in fault for fault in faults)
    if said:
        assert faults[0].startswith(said)
        assert faults[0].endswith("请取消合并，每一列各写各的")


def test_8_26_a_person_may_be_merged_with_the_remark(tmp_path: Path) -> None:
    found, faults = read(saved(tmp_path, (DAY, "市府", "驻场", "8:30", "18:00", "周予安", None), merged=["F2:G2"]))
    assert faults == []
    assert [shift.person for shift in found.shifts] == ["zhou"]


@pytest.mark.parametrize(
    ("place", "value", "shown"),
    [(1, DAY, "2026-10-01"), (2, time(8, 30), "08:30"), (5, at("2026-10-01 08:30"), "2026-10-01 08:30")],
)
def test_8_26_a_date_in_another_column_is_told_as_a_date(tmp_path: Path, place: int, value: Cell, shown: str) -> None:
    row: list[Cell] = [DAY, "市府", "驻场", "8:30", "18:00", "周予安", None]
    row[place] = value
    (fault,) = read(saved(tmp_path, row))[1]
    assert f"“{shown}”" in fault


@pytest.mark.parametrize(
    ("hidden", "said"),
    [(["旧"], "没有读隐藏的工作表：旧"), (["旧", "草稿"], "没有读隐藏的工作表：草稿、旧")],
)
def test_8_26_hidden_sheets_are_named_in_one_line(tmp_path: Path, hidden: list[str], said: str) -> None:
    path = saved(tmp_path, (DAY, "市府", "驻场", "8:30", "18:00", "周予安", None), hidden=hidden)
    found, faults = read(path)
    assert faults == []
    assert [shift.person for shift in found.shifts] == ["zhou"]
    assert found.notes == [said]
