"""The SOP's tables as offices change them: whom they put on duty was worked out by hand."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.core.problems import Problems
from data.model import Slot
from data.roster.files import read_file
from data.roster.reading import Reading
from data.roster.rows import Words
from tests.support.once import example_site

SITE = example_site()
TODAY = date(2026, 11, 20)
Cell = str | float | datetime | None
MONTH = (("周期", "政数局", "市府"), ("月份", "主要负责人", "主要负责人"), ("12月", "苏明", "周予安"))
HEAD = ("日期", "驻点", "班次", "开始", "结束", "人员", "备注")
ROW = ("2026-12-01", "市府", "驻场", "8:30", "18:00", "周予安", None)
HOLIDAY = (("值班日期", "值班地点", "值班人员", "联系电话"), ("12月5日", "线上", "周予安", None))


def read(tmp_path: Path, rows: Sequence[Sequence[Cell]], merged: Sequence[str] = ()) -> tuple[Reading, list[str]]:
    """The reading, and each fault's cell with what is said of it."""
    book, faults = Workbook(), Problems()
    for row in rows:
        book.worksheets[0].append(list(row))
    for area in merged:
        book.worksheets[0].merge_cells(area)
    book.save(path := tmp_path / "r.xlsx")
    words = Words(SITE.people, SITE.posts, SITE.tz, None, SITE.calendar, "zh", None, TODAY)
    found = read_file(path, words, faults)
    return found, [str(fault).partition("Sheet!")[2] for fault in faults.found]


def on_duty(found: Reading, slot: Slot = Slot.ONSITE) -> set[tuple[str, str]]:
    return {(shift.post, shift.person) for shift in found.shifts if shift.slot is slot}


def test_8_26_a_post_with_two_columns_never_puts_the_second_one_on_duty(tmp_path: Path) -> None:
    rows = (
        ("周期", "政数局", None, "市府", None),
        ("月份", "主要负责人", "备用", "主要负责人", "备用"),
        ("12月", "苏明", "唐叙", "周予安", "温若川"),
    )
    found, faults = read(tmp_path, rows, ("B1:C1", "D1:E1"))
    assert not found.shifts
    assert faults == ["C1: 列“政数局”出现了两次，请只留一列"]


@pytest.mark.parametrize("before", [(None, None, None), ("序号", "序号", 1), ("序号", None, 1)])
def test_8_26_a_month_table_may_have_a_column_in_front(tmp_path: Path, before: tuple[Cell, ...]) -> None:
    found, faults = read(tmp_path, [(first, *row) for first, row in zip(before, MONTH, strict=True)])
    assert not faults
    assert on_duty(found) == {("zhengshu", "su"), ("shifu", "zhou")}


def test_8_26_remarks_and_phones_beside_a_month_table_are_no_posts(tmp_path: Path) -> None:
    rows = (
        ("月份", "政数局", "联系电话", "市府", "联系电话", "备注"),
        ("12月", "苏明", "1", "周予安", "2", "元旦另排"),
    )
    found, faults = read(tmp_path, rows)
    assert not faults
    assert on_duty(found) == {("zhengshu", "su"), ("shifu", "zhou")}


@pytest.mark.parametrize(
    "line", ["紧急联系人：沈砚 13800000001", "紧急联系人:沈砚", "紧急联系人 沈砚 13800000001", "紧急联系人（沈砚）"]
)
def test_8_26_an_emergency_contact_in_one_cell_with_the_word_counts(tmp_path: Path, line: str) -> None:
    found, faults = read(tmp_path, [*HOLIDAY, (line,)])
    assert not faults
    assert on_duty(found, Slot.STANDBY) == {("online", "shen")}


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (names, f"F2: “{names}”是几个人，请每人写一行，各写各的时间")
        for names in (
            "周予安|温若川",
            "周予安.温若川",
            "周予安\\温若川",
            "周予安·温若川",
            "周予安－温若川",
            "周予安（温若川替）",
            "周予安(主)、温若川(副)",
            "周予安（换温若川）",
            "周予安温若川",
        )
    ],
)
def test_8_26_several_people_in_a_cell_are_told_as_several(tmp_path: Path, names: str, said: str) -> None:
    assert read(tmp_path, [HEAD, (*ROW[:5], names, None)])[1] == [said]


@pytest.mark.parametrize("post", ["市府／市委", "市府\n市委", "市府｜市委", "市府 市委"])
def test_8_26_a_post_with_the_one_it_serves_is_read_however_they_are_parted(tmp_path: Path, post: str) -> None:
    found, faults = read(tmp_path, [HOLIDAY[0], ("12月5日", post, "周予安", None)])
    assert not faults
    assert on_duty(found, Slot.ONLINE) == {("shifu", "zhou")}


@pytest.mark.parametrize("day", ["12月5号", "12月5日 元旦", "12月5日（除夕）", "12月5日(初一)", "2026年12月5号 周六"])
def test_8_26_a_date_is_read_with_what_people_write_behind_it(tmp_path: Path, day: str) -> None:
    found, faults = read(tmp_path, [HOLIDAY[0], (day, "线上", "周予安", None)])
    assert not faults
    assert {shift.date for shift in found.shifts} == {date(2026, 12, 5)}


def test_8_26_a_number_that_is_no_date_or_time_is_told_as_it_stands_there(tmp_path: Path) -> None:
    _, faults = read(tmp_path, [HEAD, (1.2, *ROW[1:]), (*ROW[:3], 8.5, *ROW[4:])])
    assert faults == [
        "A2: “1.2”不是日期，请写成 2026-10-01（合并的单元格请在每一行都写）",
        "D3: “8.5”不是时间，请写成 08:30 或 24:00",
    ]


@pytest.mark.parametrize(
    "footer",
    [
        ("制表人", "何牧", None, "审核人", "沈砚"),
        ("合计", None, None, None, None, 1),
        ("备注", "1、请各位提前到岗"),
        ("说明", None, "以通知为准"),
        ("填表人", "何牧", "2026年11月28日"),
    ],
)
def test_8_26_who_made_it_sums_and_remarks_below_are_named_not_read(tmp_path: Path, footer: tuple[Cell, ...]) -> None:
    found, faults = read(tmp_path, [HEAD, ROW, footer])
    assert not faults
    assert on_duty(found) == {("shifu", "zhou")}
    assert any(str(footer[0]) in note for note in found.notes)
