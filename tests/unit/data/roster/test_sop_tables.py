"""The SOP's own two tables, as it prints them: who is on duty when was worked out by hand from the tables and the calendar."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.core.problems import Problems
from data.roster.csv import cells_of
from data.roster.files import read_file
from data.roster.reading import Reading
from data.roster.rows import Words
from tests.support.once import example_site

SITE = example_site()
TODAY = date(2026, 11, 20)
MONTHS = [
    ("每月轮值驻点安排", "", ""),
    ("周期", "政数局", "市府"),
    ("月份", "主要负责人", "主要负责人"),
    ("10 月", "苏明", "周予安"),
    ("11 月", "唐叙", "温若川"),
    ("12 月", "孟书言", "乔望"),
    ("1 月", "苏明", "周予安"),
]
HOLIDAY = [
    ("项目组春节假期线上值班表", "", "", ""),
    ("值班日期", "值班地点", "值班人员", "联系电话"),
    ("2月4日", "市府/市委", "周予安", "138-0000-0012"),
    ("", "政数局", "苏明", "138-0000-0022"),
    ("2月5日", "线上", "唐叙", "123-xxxx-xxxx"),
    ("2月6日", "线上", "孟书言", "123-xxxx-xxxx"),
    ("2月7日", "市府/市委", "温若川", ""),
    ("", "政数局", "唐叙", ""),
    ("紧急联系人", "", "", ""),
    ("沈砚", "", "1xx-xxxx-xxxx", ""),
    ("周予安", "", "123-xxxx-xxxx", ""),
]
MERGED = ("A1:D1", "A3:A4", "A7:A8", "A9:D9", "A10:B10", "C10:D10", "A11:B11", "C11:D11")


def table(tmp_path: Path, rows: Sequence[tuple[str, ...]], merged: tuple[str, ...] = (), name: str = "r.xlsx") -> Path:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append([text or None for text in row])
    for area in merged:
        book.worksheets[0].merge_cells(area)
    book.save(tmp_path / name)
    return tmp_path / name


def read(path: Path, *, year: int | None = None, concluding: date | None = TODAY) -> tuple[Reading, list[str]]:
    faults = Problems()
    words = Words(SITE.people, SITE.posts, SITE.tz, None, SITE.calendar, "zh", year, concluding)
    return read_file(path, words, faults), [line.removeprefix(f"{path}:") for line in faults.lines()]


def shifts(reading: Reading, *days: str) -> list[str]:
    found = [" ".join(cells_of(shift)).strip() for shift in reading.shifts]
    return sorted(text for text in found if not days or text.startswith(days))


def test_8_26_the_month_table_gives_each_post_its_person_on_workdays(tmp_path: Path) -> None:
    reading, faults = read(table(tmp_path, MONTHS, ("A1:C1",)))
    assert faults == []
    # October 2026 has 18 workdays (10-01 to 10-07 off, Saturday 10-10 worked), November 21, December 23 and the site's own
    # make-up Saturday 12-26, January 2027 21 weekdays without New Year's Day.
    count = {month: sum(shift.date.isoformat().startswith(month) for shift in reading.shifts) for month in _months()}
    assert count == {"2026-10": 36, "2026-11": 42, "2026-12": 48, "2027-01": 40}
    assert shifts(reading, "2026-10-10", "2026-12-26", "2027-01-04", "2026-10-11") == [
        "2026-10-10 shifu onsite 08:30 18:00 zhou",
        "2026-10-10 zhengshu onsite 08:30 18:00 su",
        "2026-12-26 shifu onsite 08:30 18:00 qiao",
        "2026-12-26 zhengshu onsite 08:30 18:00 meng",
        "2027-01-04 shifu onsite 08:30 18:00 zhou",
        "2027-01-04 zhengshu onsite 08:30 18:00 su",
    ]
    assert reading.concluded
    assert "“Sheet”里的日期没有写年份，按 2026–2027 年读；不对就加上 --year 年份" in reading.notes
    assert any(note.startswith("2027 年放假安排还没有公布") for note in reading.notes)


def _months() -> tuple[str, ...]:
    return "2026-10", "2026-11", "2026-12", "2027-01"


def test_8_26_the_holiday_table_is_read_with_its_merged_dates(tmp_path: Path) -> None:
    reading, faults = read(table(tmp_path, HOLIDAY, MERGED))
    assert faults == []
    standby = [f"2027-02-0{n} online standby 00:00 24:00 shen" for n in (4, 5, 6, 7)]
    assert shifts(reading) == sorted(
        [
            "2027-02-04 shifu online 00:00 08:30 zhou",  # a Thursday: the hours outside 08:30-18:00
            "2027-02-04 shifu online 18:00 24:00 zhou",
            "2027-02-04 zhengshu online 00:00 08:30 su",
            "2027-02-04 zhengshu online 18:00 24:00 su",
            "2027-02-05 online online 00:00 24:00 tang",  # the eve, off by law
            "2027-02-06 online online 00:00 24:00 meng",
            "2027-02-07 shifu online 00:00 24:00 wen",
            "2027-02-07 zhengshu online 00:00 24:00 tang",
            *standby,
        ]
    )
    assert "紧急联系人只记第一位 沈砚，没有记：周予安" in reading.notes


def test_8_26_the_same_as_csv_where_merged_cells_are_blank(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("".join(",".join(row) + "\n" for row in HOLIDAY), "gb18030")
    reading, faults = read(path)
    assert (faults, shifts(reading)) == ([], shifts(read(table(tmp_path, HOLIDAY, MERGED))[0]))


def test_8_26_both_tables_on_one_sheet(tmp_path: Path) -> None:
    reading, faults = read(table(tmp_path, [*MONTHS, ("", "", ""), *HOLIDAY]))
    both = [*read(table(tmp_path, MONTHS))[0].shifts, *read(table(tmp_path, HOLIDAY))[0].shifts]
    assert faults == []
    assert set(reading.shifts) == set(both)
    assert not any("没有读" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("title", "name", "year", "first"),
    [
        ("2026年春节假期值班表", "r.xlsx", None, "2026-02-04"),
        ("春节假期值班表", "2028年春节.xlsx", None, "2028-02-04"),
        ("春节假期值班表", "r.xlsx", 2025, "2025-02-04"),
        ("春节假期值班表", "r.xlsx", None, "2027-02-04"),
    ],
)
def test_8_26_the_year_is_the_titles_the_files_or_the_coming_one(
    tmp_path: Path, title: str, name: str, year: int | None, first: str
) -> None:
    reading, faults = read(table(tmp_path, [(title, "", "", ""), *HOLIDAY[1:]], MERGED, name), year=year)
    assert (faults, reading.shifts[0].date.isoformat()) == ([], first)


def test_8_26_new_year_begins_in_the_year_before(tmp_path: Path) -> None:
    rows = [("2027年元旦值班表", "", ""), HOLIDAY[1][:3], ("12月31日", "线上", "唐叙"), ("1月1日", "线上", "苏明")]
    reading, faults = read(table(tmp_path, rows))
    assert faults == []
    assert sorted({shift.date for shift in reading.shifts}) == [date(2026, 12, 31), date(2027, 1, 1)]


def test_8_26_a_festival_that_is_not_in_those_dates_is_told(tmp_path: Path) -> None:
    reading, _ = read(table(tmp_path, [("2026年春节值班表", "", "", ""), *HOLIDAY[1:]], MERGED))
    assert "表名写的是春节，但 2026-02-04 到 2026-02-07 里没有春节的假日，请核对年份" in reading.notes
    assert not any("核对年份" in note for note in read(table(tmp_path, HOLIDAY, MERGED))[0].notes)


def test_8_26_where_nobody_is_shown_it_a_year_is_not_concluded(tmp_path: Path) -> None:
    """A file that lies in the data folder: its year must stand there."""
    reading, faults = read(table(tmp_path, HOLIDAY, MERGED), concluding=None)
    assert reading.shifts == []
    assert faults == [
        "3: ambiguous_year: Sheet!A3: 2月4日没有写年份，请在标题里写上年份，或用 zhiban roster import 加 --year 导入"
    ]


def test_8_26_another_phone_than_ours_is_told_and_no_number_shown(tmp_path: Path) -> None:
    rows = [*HOLIDAY[:2], ("2月6日", "线上", "唐叙", "138-0000-9999")]
    notes = read(table(tmp_path, rows))[0].notes
    assert "Sheet!D3 唐叙 的电话和 people.yaml 里的不一样，值班按 people.yaml 的联系" in notes
    assert not any("9999" in note for note in notes)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (("13 月", "苏明", "周予安"), "4: bad_date: Sheet!A4: “13 月”不是月份"),
        (("10 月", "", "周予安"), "4: gap: Sheet!B4: 没有写值班人员"),
        (("10 月", "苏明/唐叙", "周予安"), "4: several_people: Sheet!B4: “苏明/唐叙”是几个人"),
        (("10 月", "A1", "周予安"), "4: unknown_person: Sheet!B4: 没有叫“A1”的人"),
    ],
)
def test_8_26_a_cell_of_the_month_table_that_cannot_be_read_is_told(
    tmp_path: Path, row: tuple[str, ...], fault: str
) -> None:
    _, faults = read(table(tmp_path, [*MONTHS[:3], row]))
    assert len(faults) == 1
    assert faults[0].startswith(fault)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (("2月30日", "线上", "唐叙", ""), "3: bad_date: Sheet!A3: “2月30日”不是日期"),
        (("2月4日", "县里", "唐叙", ""), "3: unknown_post: Sheet!B3: 没有叫“县里”的驻点"),
        (("2月4日", "市府/政数局", "唐叙", ""), "3: several_posts: Sheet!B3: “市府/政数局”是几个驻点"),
        (("2月4日", "线上", "xxx", ""), "3: placeholder_name: Sheet!C3: “xxx”是占位的字"),
    ],
)
def test_8_26_a_cell_of_the_holiday_table_that_cannot_be_read_is_told(
    tmp_path: Path, row: tuple[str, ...], fault: str
) -> None:
    _, faults = read(table(tmp_path, [*HOLIDAY[:2], row]))
    assert len(faults) == 1
    assert faults[0].startswith(fault)


@pytest.mark.parametrize(
    "lines",
    [
        [("紧急联系人", "", "沈砚", "13800000001")],
        [("紧急联系人：", "", "", ""), ("沈砚 138-0000-0001", "", "", "")],
        [("紧急联系人", "", "", ""), ("沈砚", "1xx-xxxx-xxxx", "", ""), ("注：电话打不通时找项目部值班室", "", "", "")],
    ],
)
def test_8_26_the_emergency_contact_is_found_however_it_is_set_out(
    tmp_path: Path, lines: list[tuple[str, ...]]
) -> None:
    reading, faults = read(table(tmp_path, [*HOLIDAY[:2], HOLIDAY[5], *lines]))
    assert faults == []
    assert shifts(reading, "2027-02-06") == [
        "2027-02-06 online online 00:00 24:00 meng",
        "2027-02-06 online standby 00:00 24:00 shen",
    ]


def test_8_26_who_left_may_stand_in_a_table_of_the_past(tmp_path: Path) -> None:
    """A table that lies in the data folder: after its dates its names are the past, before them a fault."""
    months = [("2026年轮值", "", ""), MONTHS[1], ("10月", "苏明", "走了"), ("12月", "苏明", "走了")]
    for rows in ([("2026年国庆", "", "", ""), HOLIDAY[1], ("10月1日", "线上", "走了", "")], months):
        faults = Problems()
        path = table(tmp_path, rows)
        past = Words(SITE.people, SITE.posts, SITE.tz, TODAY, SITE.calendar)
        found = read_file(path, past, faults)
        assert {shift.person for shift in found.shifts if shift.date < TODAY} >= {"走了"}
        assert [fault.line for fault in faults.found] == ([4] if rows is months else [])


CELLS = st.one_of(st.text(max_size=5), st.sampled_from([cell for row in (*MONTHS, *HOLIDAY) for cell in row]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, max_size=5), max_size=8))
def test_no_table_makes_the_reader_fail(tmp_path: Path, more: list[list[str]]) -> None:
    path = tmp_path / "r.csv"
    text = io.StringIO(newline="")
    csv.writer(text).writerows([*HOLIDAY[1:5], *more, *MONTHS[1:4], *more])
    path.write_text(text.getvalue(), "utf-8", errors="replace")
    reading, faults = read(path)
    assert reading.shifts or faults
