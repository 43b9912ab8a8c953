"""Roster files: what is written reads back the same, and every fault has its line and code."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.core.people import Person
from bot.core.problems import Problems
from data.model import DutyPost, Slot
from data.roster.csv import csv_text
from data.roster.files import read_file
from data.roster.folder import load_roster, write_months
from data.roster.overlaps import find_overlaps
from data.roster.rows import Row, Words, read_row
from data.roster.text import Line, read_line
from data.roster.xlsx import write_xlsx
from data.shifts import Shift, in_order
from data.times import Window

TZ = ZoneInfo("Asia/Shanghai")
PEOPLE = (
    Person("a", "甲", phone="13800000091"),
    Person("b", "乙", phone="13800000092"),
    Person("c", "丙"),
    Person("d", "同名", phone="13800000094"),
    Person("e", "同名", phone="13800000095"),
)
POSTS = (DutyPost("p", "市府"), DutyPost("q", "政数局"), DutyPost("w", "市委", served_by="p"))
WORDS = Words({p.id: p for p in PEOPLE}, {p.id: p for p in POSTS}, TZ)
HEAD = "date,post,slot,from,to,person,note"


def shift(day: date, post: str, slot: Slot, hours: Window, person: str, note: str = "") -> Shift:
    return Shift(day, post, slot, *hours.on(day, TZ), person, note)


WINDOWS = st.tuples(st.integers(0, 1440), st.integers(0, 1440)).filter(lambda w: w[0] < w[1]).map(lambda w: Window(*w))
NOTES = st.text("国庆节补班 =+-@abc,\"'0;", max_size=8).map(str.strip)
SHIFTS = st.builds(
    shift,
    st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    st.sampled_from(["p", "q"]),
    st.sampled_from(list(Slot)),
    WINDOWS,
    st.sampled_from(["a", "b", "d"]),
    NOTES,
)


def read(path: Path) -> tuple[list[Shift], list[str]]:
    faults = Problems()
    return [item.shift for item in read_file(path, WORDS, faults).placed], faults.lines()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SHIFTS, min_size=1, max_size=6))
def test_csv_and_xlsx_read_back_what_was_written(tmp_path: Path, shifts: list[Shift]) -> None:
    expected = sorted(shifts, key=in_order)
    (tmp_path / "r.csv").write_text(csv_text(shifts), "utf-8")
    write_xlsx(tmp_path / "r.xlsx", shifts)
    assert read(tmp_path / "r.csv") == (expected, [])
    assert read(tmp_path / "r.xlsx") == (expected, [])


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("2026-02-30,p,onsite,08:30,18:00,a,", "bad_date"),
        ("02-03,p,onsite,08:30,18:00,a,", "ambiguous_year"),
        ("2026-02-03,zz,onsite,08:30,18:00,a,", "unknown_post"),
        ("2026-02-03,w,onsite,08:30,18:00,a,", "served_post"),
        ("2026-02-03,p,night,08:30,18:00,a,", "unknown_slot"),
        ("2026-02-03,p,onsite,18:00,08:30,a,", "bad_time"),
        ("2026-02-03,p,onsite,08:30,18:00,nobody,", "unknown_person"),
        ("2026-02-03,p,onsite,08:30,18:00,xxx,", "placeholder_name"),
        ("2026-02-03,p,onsite,08:30,18:00,c,", "no_contact"),
        ("2026-02-03,p,onsite,08:30,18:00,同名,", "ambiguous_person"),
        ("2026-02-03,p,onsite,08:30,18:00,,", "gap"),
    ],
)
def test_a_word_that_cannot_stand_is_told_with_line_and_code(tmp_path: Path, row: str, code: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f"{HEAD}\n2026-02-03,q,onsite,8:30,18:00,甲,\n\n{row}\n", "utf-8")
    shifts, lines = read(path)
    assert [s.person for s in shifts] == ["a"]
    assert len(lines) == 1
    assert lines[0].startswith(f"{path}:4: {code}: ")


def test_every_fault_of_a_row_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f"{HEAD}\n2026-13-01,zz,night,9,25:00,xxx,\n", "utf-8")
    found = {line.split(": ")[1] for line in read(path)[1]}
    assert found == {"bad_date", "unknown_post", "unknown_slot", "bad_time", "placeholder_name"}


def test_chinese_headings_slots_names_and_gb18030_are_read(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes("人员,日期,驻点,班次,开始,结束\n甲,2026年2月3日,市府,驻场,８：３０,24:00\n".encode("gb18030"))
    assert read(path) == ([shift(date(2026, 2, 3), "p", Slot.ONSITE, Window(510, 1440), "a")], [])


def test_excels_own_dates_and_times_are_read(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEAD.split(","))
    sheet.append([datetime(2026, 2, 3), "p", "online", time(18, 0), timedelta(days=1), "a", None])  # noqa: DTZ001
    sheet.append([date(2026, 2, 4), "p", "online", time(8, 30), time(18, 0), "b", 5.0])
    sheet.append([date(2026, 2, 5), "p", "online", time(8, 30), 1, "b", None])
    sheet.cell(4, 5).number_format = "hh:mm"  # 24:00 typed into Excel is the number 1 shown as a time
    book.save(tmp_path / "r.xlsx")
    assert read(tmp_path / "r.xlsx") == (
        [
            shift(date(2026, 2, 3), "p", Slot.ONLINE, Window(1080, 1440), "a"),
            shift(date(2026, 2, 4), "p", Slot.ONLINE, Window(510, 1080), "b", "5"),
            shift(date(2026, 2, 5), "p", Slot.ONLINE, Window(510, 1440), "b"),
        ],
        [],
    )


def test_a_text_file_in_the_words_of_the_sop_is_read(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_text(
        "# 二月\n2026-02-03 市府 驻场 8:30-12:00, 14:00-18:00 甲；线上 18:00-24:00 乙\n08:30-09:00 甲\n", "utf-8"
    )
    shifts, lines = read(path)
    day = date(2026, 2, 3)
    assert shifts == [
        shift(day, "p", Slot.ONSITE, Window(510, 720), "a"),
        shift(day, "p", Slot.ONSITE, Window(840, 1080), "a"),
        shift(day, "p", Slot.ONLINE, Window(1080, 1440), "b"),
    ]
    assert [line.removeprefix(f"{path}:3: ").split(":")[0] for line in lines] == ["bad_date", "unknown_post"]


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("[Content_Types].xml", content)
    return out.getvalue()


@pytest.mark.parametrize("name", ["r.csv", "r.xlsx", "r.txt", "r.xls"])
@pytest.mark.parametrize("content", [b"\xff\x00\x9f,", b"x" * 200_000, zipped(b"<a"), zipped(b"<a/>")])
def test_a_file_of_another_kind_is_a_fault_not_a_crash(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    shifts, lines = read(tmp_path / name)
    assert shifts == []
    assert lines


@given(st.text(max_size=40))
def test_no_text_makes_the_line_reader_fail(text: str) -> None:
    found = read_line(f"2026-02-03 市府 08:30-18:00 {text}", WORDS)
    assert isinstance(found, Line) or all(fault.code and fault.text("zh") for fault in found)


@given(st.tuples(*[st.one_of(st.sampled_from(["9999-12-31", "24:00", "p", "a", "onsite"]), st.text(max_size=9))] * 7))
def test_no_cells_make_the_row_reader_fail(cells: tuple[str, str, str, str, str, str, str]) -> None:
    found = read_row(Row(2, cells), WORDS)
    assert isinstance(found, Shift) or all(fault.code and fault.text("en") for _, fault in found)


def overlaps(tmp_path: Path, *rows: str) -> list[str]:
    path, faults = tmp_path / "r.csv", Problems()
    path.write_text("\n".join([HEAD, *rows]), "utf-8")
    find_overlaps(read_file(path, WORDS, faults).placed, faults)
    return [line.removeprefix(f"{path}:").split(": ")[0] + line.split(": ")[1] for line in faults.lines()]


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("2026-02-03,p,onsite,17:00,20:00,b,", ["3overlap"]),
        ("2026-02-03,p,onsite,18:00,20:00,b,", []),  # half-open: they touch
        ("2026-02-03,p,online,17:00,20:00,b,", []),
        ("2026-02-03,q,onsite,17:00,20:00,b,", []),
        ("2026-02-03,q,onsite,17:00,20:00,a,", ["3overlap"]),  # nobody is in two rooms
        ("2026-02-04,p,onsite,08:30,18:00,b,", []),
    ],
)
def test_two_people_in_one_slot_are_an_overlap(tmp_path: Path, second: str, told: list[str]) -> None:
    assert overlaps(tmp_path, "2026-02-03,p,onsite,08:30,18:00,a,", second) == told


def test_an_overlap_behind_a_short_shift_is_found(tmp_path: Path) -> None:
    rows = (
        "2026-02-03,p,online,08:00,20:00,a,",
        "2026-02-03,p,online,09:00,10:00,b,",
        "2026-02-03,p,online,11:00,12:00,b,",
    )
    assert overlaps(tmp_path, *rows) == ["3overlap", "4overlap"]


def test_the_state_folder_wins_month_by_month(tmp_path: Path) -> None:
    feb, mar = date(2026, 2, 3), date(2026, 3, 3)
    whole = Window(0, 1440)
    (tmp_path / "data/roster").mkdir(parents=True)
    given = [shift(feb, "p", Slot.ONLINE, whole, "a"), shift(mar, "p", Slot.ONLINE, whole, "a")]
    (tmp_path / "data/roster/all.csv").write_text(csv_text(given), "utf-8")
    own = shift(feb, "q", Slot.ONLINE, whole, "b")
    assert write_months(tmp_path / "state", [own]) == [tmp_path / "state/roster/2026-02.csv"]
    faults = Problems()
    roster = load_roster(tmp_path / "data", tmp_path / "state", WORDS, faults)
    assert faults.lines() == []
    assert roster.shifts == (own, given[1])
