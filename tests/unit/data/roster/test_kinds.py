"""Roster files as Excel, WPS and people write them: each kind is read, or told at its cell; what is expected is hand-worked."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from bot.core.people import Person
from bot.core.problems import Problems, shown
from data.roster.csv import cells_of
from data.roster.dates import read_date
from data.roster.files import read_file
from data.roster.people import read_person
from data.roster.reading import Reading
from data.roster.rows import Words
from data.roster.sentences import RosterError
from tests.support.once import example_site
from tests.support.paths import TESTS
from tests.support.roster_attacks import RELATIONS, workbook

SITE = example_site()
CASES = TESTS / "data/roster_files"
HEAD = ("date", "post", "slot", "from", "to", "person", "note")
ROW = ("2026-10-01", "shifu", "onsite", "08:30", "18:00", "zhou", "")
OCTOBER = [f"2026-10-{n:02d} shifu onsite 08:30 18:00 zhou" for n in range(1, 32)]


def words(locale: str = "zh") -> Words:
    return Words(SITE.people, SITE.posts, SITE.tz, None, SITE.calendar, locale)


def read(path: Path, locale: str = "zh") -> tuple[list[str], list[str], Reading]:
    """The shifts as csv would have them, the faults without their path, and the reading."""
    faults = Problems(locale)
    reading = read_file(path, words(locale), faults)
    shifts = [" ".join(cells_of(shift)).strip() for shift in reading.shifts]
    return shifts, [line.removeprefix(f"{shown(path)}:") for line in faults.lines()], reading


@pytest.mark.parametrize(
    ("name", "shifts"),
    [
        ("cover.xlsx", OCTOBER),
        ("strict.xlsx", OCTOBER),
        ("fractions.xlsx", OCTOBER[:3]),
        ("mac1904.xlsx", ["2026-10-01 online online 18:00 24:00 zhou"]),
        ("zero.xlsx", ["2026-10-01 online online 18:00 24:00 zhou"]),
        (
            "merged.xlsx",
            [
                "2026-10-01 online online 00:00 12:00 zhou",
                "2026-10-01 online online 12:00 18:00 wen",
                "2026-10-01 online online 18:00 24:00 qiao",
            ],
        ),
        ("names.xlsx", [f"2026-10-0{n} shifu onsite 08:30 18:00 hemu" for n in (1, 2, 3)]),
        *((f"{name}.csv", OCTOBER[:1]) for name in ("secs", "semi", "sep", "title", "utf16")),
    ],
)
def test_8_26_a_file_that_came_out_wrong_is_read(name: str, shifts: list[str]) -> None:
    assert read(CASES / name)[:2] == (shifts, [])


@pytest.mark.parametrize(("name", "hours"), [("h26.xlsx", "26:00"), ("h36.xlsx", "36:00")])
def test_8_26_a_time_beyond_the_day_is_refused_at_its_cell_in_both_languages(name: str, hours: str) -> None:
    shifts, (zh,), _ = read(CASES / name)
    assert shifts == []
    assert zh.startswith(f"2: bad_time: 10月!E2: {hours} 超过了 24:00")
    _, (en,), _ = read(CASES / name, "en")
    assert en.startswith(f"2: bad_time: 10月!E2: {hours} is beyond 24:00")


def test_8_26_a_sheet_that_is_not_read_is_named() -> None:
    assert read(CASES / "cover.xlsx")[2].notes == ["没有读工作表“说明”：里面没有认得的列名"]
    assert read(CASES / "cover.xlsx", "en")[2].notes == [
        'the sheet "说明" was not read: no row in it names the columns'
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01 00:00:00",
        "2026/10/1 0:00",
        "2026-10-01T00:00:00Z",
        "2026.10.1",
        "２０２６年１０月１日",
        "2026-10-1 周四",
    ],
)
def test_8_26_a_date_is_read_however_it_is_written(text: str) -> None:
    assert read_date(text) == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("何 牧", "何牧"),
        ("何牧", "何　牧"),
        ("Li Wei", "li  wei"),
        ("ＬｉＷｅｉ", "Li Wei"),
        ("何牧", "何\u200b牧\u00a0"),
    ],
)
def test_8_26_a_name_is_known_by_its_letters_whatever_its_blanks(name: str, typed: str) -> None:
    people = {"a": Person("a", name, phone="13800000091"), "b": Person("b", "乙", phone="13800000092")}
    assert read_person(typed, people).id == "a"


def test_8_26_of_two_that_differ_in_blanks_only_the_exact_one_is_meant() -> None:
    people = {"a": Person("a", "何 牧", phone="13800000091"), "b": Person("b", "何牧", phone="13800000092")}
    assert [read_person(name, people).id for name in ("何 牧", "何牧")] == ["a", "b"]
    with pytest.raises(RosterError, match="ambiguous_person"):
        read_person("何  牧", people)


def csv_of(*rows: tuple[str, ...], by: str = ",") -> str:
    return "".join(by.join(row) + "\n" for row in rows)


@pytest.mark.parametrize(
    "content",
    [
        csv_of(HEAD, ROW).encode("utf-8-sig"),
        csv_of(HEAD, ROW).encode("utf-16"),
        b"\xfe\xff" + csv_of(HEAD, ROW).encode("utf-16-be"),
        csv_of(HEAD, ROW).encode("utf-16-le"),
        csv_of(HEAD, ROW, by=";").encode(),
        csv_of(HEAD, ROW, by="\t").encode("utf-16"),
        csv_of(HEAD, ROW).replace("\n", "\r\n").encode(),
        csv_of(HEAD, ROW).replace("\n", "\r").encode(),
        ("sep=;\r\n" + csv_of(HEAD, ROW, by=";")).encode(),
        ('"sep=\t"\n' + csv_of(HEAD, ROW, by="\t")).encode("utf-16"),
        ("排班表\n\n2026年10月,,\n" + csv_of(HEAD, ROW)).encode("gb18030"),
        csv_of(("值班日期", "值班地点", "班次", "开始时间", "结束时间", "值班人员"), ROW[:6]).encode("gb18030"),
        csv_of(("序号", "日期", "星期", *HEAD[1:]), ("1", "2026年10月1日", "周四", *ROW[1:])).encode(),
        csv_of(HEAD, ("20261001", "市府", "驻场", "8:30", "18:00:00", "周 予 安", "")).encode(),
        csv_of(HEAD, ("2026-10-01（周四）", " 市府/市委 ", "现场", "08：30", "18：00", "ZHOU", "")).encode(),
    ],
)
def test_8_26_csv_is_read_however_it_was_saved(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    assert read(path)[:2] == (OCTOBER[:1], [])


def test_8_26_what_excel_calls_unicode_text_is_read(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(csv_of(HEAD, ROW, by="\t").encode("utf-16"))
    assert read(path)[:2] == (OCTOBER[:1], [])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"to": "26:00"}, "bad_time: E2: 26:00 超过了 24:00"),
        ({"to": "24:01"}, "bad_time: E2: 24:01 超过了 24:00"),
        ({"from": "8:30:15"}, "bad_time: D2: 08:30:15 带秒"),
        ({"to": "23:59:59"}, "bad_time: E2: 23:59:59 带秒"),
        ({"from": "18:00", "to": "08:30"}, "bad_time: E2: 18:00-08:30：结束不晚于开始"),
        ({"from": "00:00", "to": "00:00"}, "bad_time: E2: 00:00-00:00：结束不晚于开始"),
        ({"from": "上午"}, "bad_time: D2: “上午”不是时间"),
        ({"date": ""}, "bad_date: A2: 没有写日期"),
        ({"date": "10-01"}, "ambiguous_year: A2: “10-01”没有写年份，请写成 2026-10-01"),
        ({"person": "周予安、温若川"}, "several_people: F2: “周予安、温若川”是几个人"),
        ({"person": "周予安 温若川"}, "several_people: F2: “周予安 温若川”是几个人"),
        ({"person": "周余安"}, "unknown_person: F2: 没有叫“周余安”的人，是不是：周予安"),
        ({"person": "周\x1b]0;x\x07安"}, "unknown_person: F2: 没有叫“周 ]0;x 安”的人"),
        ({"post": "市府/政数局"}, "several_posts: B2: “市府/政数局”是几个驻点"),
        ({"post": "市委"}, "served_post: B2: 市委 由 市府 负责，请写 市府"),
        ({"slot": "夜班"}, "unknown_slot: C2: “夜班”不是班次"),
    ],
)
def test_8_26_a_cell_that_cannot_be_read_is_told_with_what_to_write(
    tmp_path: Path, change: dict[str, str], fault: str
) -> None:
    path = tmp_path / "r.csv"
    row = tuple(change.get(name, text) for name, text in zip(HEAD, ROW, strict=True))
    path.write_text(csv_of(HEAD, row), "utf-8")
    shifts, faults, _ = read(path)
    assert shifts == []
    assert len(faults) == 1
    assert faults[0].startswith(f"2: {fault}")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "这是旧的 .xls，或者文件设了密码"),
        (b"<html><table><tr><td>date</td></tr></table></html>", "没有找到排班表"),
        (b"", "没有找到排班表"),
        (b"date,post\n", "没有找到排班表"),
        (b"date,post,slot,start,end,person\n", "不认得列“start”"),
        (b"date,post,slot,from,person\n", "缺少列：to"),
        (b"date,date,post,slot,from,to,person\n", "列“date”出现了两次"),
        (b"\x00\xff\x00\xff\x00", "这不是文本文件"),
        (b'date,post,slot,from,to,person\n"' + b"x" * 140_000, "这不是 csv 文件"),
    ],
)
def test_8_26_a_file_of_another_kind_is_told_in_one_line(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    shifts, faults, _ = read(path)
    assert (shifts, len(faults)) == ([], 1)
    assert fault in faults[0]


Filled = Callable[[Worksheet], None]


def xlsx(tmp_path: Path, *sheets: tuple[str, str, Filled]) -> Path:
    """A workbook of sheets: title, state, and what writes into it."""
    book = Workbook()
    for number, (title, state, fill) in enumerate(sheets):
        sheet = book.worksheets[0] if number == 0 else book.create_sheet()
        sheet.title, sheet.sheet_state = title, state
        fill(sheet)
    path = tmp_path / "r.xlsx"
    book.save(path)
    return path


def rows(*more: tuple[object, ...]) -> Filled:
    def fill(sheet: Worksheet) -> None:
        for row in (HEAD, *more):
            sheet.append(list(row))

    return fill


def test_8_26_every_visible_sheet_is_read_and_no_hidden_one(tmp_path: Path) -> None:
    second = ("2026-10-02", *ROW[1:])
    wrong = ("never", "read", "", "", "", "", "")
    path = xlsx(
        tmp_path,
        ("旧", "hidden", rows(wrong)),
        ("十月一日", "visible", rows(ROW)),
        ("更旧", "veryHidden", rows(wrong)),
        ("空", "visible", lambda sheet: None),
        ("十月二日", "visible", rows(second)),
    )
    shifts, faults, reading = read(path)
    assert (shifts, faults, reading.notes) == (OCTOBER[:2], [], ["没有读隐藏的工作表：旧、更旧"])


def test_8_26_a_fault_names_its_sheet(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path, ("好的", "visible", rows(ROW)), ("坏的", "visible", rows(("2026-10-02", *ROW[1:5], "谁", "")))
    )
    assert read(path)[1] == ["2: unknown_person: 坏的!F2: 没有叫“谁”的人，请写 people.yaml 里的姓名或编号"]


def test_8_26_a_list_of_phones_is_named_and_a_wrong_heading_is_told_by_its_sheet(tmp_path: Path) -> None:
    def phones(sheet: Worksheet) -> None:
        sheet.append(["姓名", "电话", "备注", "部门"])
        sheet.append(["周予安", "13800000012", "", "运维B组"])

    def wrong(sheet: Worksheet) -> None:
        sheet.append(["日期", "驻点", "值班员", "班次", "开始", "结束"])

    shifts, faults, reading = read(xlsx(tmp_path, ("通讯录", "visible", phones), ("十月", "visible", rows(ROW))))
    assert (shifts, faults, reading.notes) == (OCTOBER[:1], [], ["没有读工作表“通讯录”：里面没有认得的列名"])
    _, faults, _ = read(xlsx(tmp_path, ("十月", "visible", rows(ROW)), ("十一月", "visible", wrong)))
    assert [fault.split("。")[0] for fault in faults] == ["1: bad_header: 十一月!C1: 不认得列“值班员”"]


def test_8_26_excel_numbers_mean_what_their_column_says(tmp_path: Path) -> None:
    """A time shown as a number, an end at 24:00 as a whole day, hours of more than a day: openpyxl would guess by the looks."""
    path = xlsx(
        tmp_path,
        (
            "数",
            "visible",
            rows(
                (46296, "shifu", "onsite", 0.3541666667, 0.75, "zhou", None),
                (datetime(2026, 10, 2), "shifu", "onsite", time(8, 30), time(18), "zhou", None),  # noqa: DTZ001
                (date(2026, 10, 3), "online", "online", time(18), timedelta(days=1), "zhou", None),
                (date(2026, 10, 4), "online", "online", time(18), timedelta(hours=26), "zhou", None),
                (date(2026, 10, 5), "online", "online", 18, 24, "zhou", None),
            ),
        ),
    )
    shifts, faults, _ = read(path)
    assert shifts == [*OCTOBER[:2], "2026-10-03 online online 18:00 24:00 zhou"]
    assert [fault.split("，")[0].split("。")[0] for fault in faults] == [
        "5: bad_time: 数!E5: 26:00 超过了 24:00",
        "6: bad_time: 数!D6: “18”不是时间",
    ]


def test_8_26_a_merged_cell_shows_its_first_ones_value_whatever_lies_below(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        rows(ROW, ("1999-01-01", "online", "online", "18:00", "24:00", "zhou", ""))(sheet)
        sheet.merge_cells("A2:A3")

    shifts, faults, _ = read(xlsx(tmp_path, ("合并", "visible", fill)))
    assert (shifts, faults) == ([OCTOBER[0], "2026-10-01 online online 18:00 24:00 zhou"], [])


def test_8_26_values_below_a_merged_area_that_only_the_file_has_are_not_read(tmp_path: Path) -> None:
    cells = "".join(
        f"<row r='{line}'>"
        + "".join(
            f"<c r='{'ABCDEFG'[at]}{line}' t='inlineStr'><is><t>{text}</t></is></c>" for at, text in enumerate(row)
        )
        + "</row>"
        for line, row in enumerate((HEAD, ROW, ("1999-01-01", "online", "online", "18:00", "24:00", "zhou", "")), 1)
    )
    path = tmp_path / "r.xlsx"
    path.write_bytes(workbook(f"<sheetData>{cells}</sheetData><mergeCells><mergeCell ref='A2:A3'/></mergeCells>"))
    assert read(path)[:2] == ([OCTOBER[0], "2026-10-01 online online 18:00 24:00 zhou"], [])


def test_8_26_a_hidden_row_is_told_not_guessed(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        rows(ROW)(sheet)
        sheet.row_dimensions[2].hidden = True

    assert read(xlsx(tmp_path, ("隐", "visible", fill)))[1] == [
        "2: hidden: 隐!A2: 这一行是隐藏的：请取消隐藏（或清除筛选），或者删掉它"
    ]


def test_8_26_a_formula_without_its_result_is_told(tmp_path: Path) -> None:
    path = xlsx(tmp_path, ("式", "visible", rows(("=TODAY()", *ROW[1:]))))
    assert "2: bad_file: 式!A2: 公式没有保存结果，请用 Excel 打开后保存，或写成文字" in read(path)[1]


def test_8_26_a_remark_below_the_rows_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(csv_of(HEAD, ROW, ("注：节后再排",)), "utf-8")
    shifts, faults, reading = read(path)
    assert (shifts, faults, reading.notes) == (OCTOBER[:1], [], ["A3 没有读：注：节后再排"])


def test_8_26_a_workbook_whose_parts_lie_elsewhere_is_read(tmp_path: Path) -> None:
    """Some programs name the parts otherwise; the relations say where they are."""
    relation = '<Relationship Id="r" Type="x/officeDocument" Target="/book/b.xml"/>'
    sheets = '<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>'
    cells = "".join(f"<c t='inlineStr'><is><t>{text}</t></is></c>" for text in HEAD)
    row = "".join(f"<c t='str'><v>{text}</v></c>" for text in ROW)
    more = {
        "_rels/.rels": RELATIONS.format(each=relation),
        "book/b.xml": sheets,
        "book/_rels/b.xml.rels": RELATIONS.format(each='<Relationship Id="a" Type="x/worksheet" Target="s.xml"/>'),
        "book/s.xml": f"<worksheet><sheetData><row>{cells}</row><row>{row}</row></sheetData></worksheet>",
    }
    path = tmp_path / "r.xlsx"
    path.write_bytes(workbook(more={name: text.encode() for name, text in more.items()}))
    assert read(path)[:2] == (OCTOBER[:1], [])


def test_8_26_of_two_with_one_name_the_phone_decides(tmp_path: Path) -> None:
    people = {p.id: p for p in (Person("a", "同名", phone="13800000091"), Person("b", "同名", phone="13800000092"))}
    path = tmp_path / "r.csv"
    path.write_text(csv_of((*HEAD, "联系电话"), (*ROW[:5], "同名", "", "138-0000-0092")), "utf-8")
    faults = Problems()
    found = read_file(path, Words(people, SITE.posts, SITE.tz), faults)
    assert ([shift.person for shift in found.shifts], faults.found) == (["b"], [])
