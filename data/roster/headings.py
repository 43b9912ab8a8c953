"""What the columns of a roster are called, and where in a sheet its tables begin (contract: Roster files)."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from data.model import DutyPost
from data.roster.grid import Line, Sheet, filled
from data.roster.keys import key
from data.roster.sentences import RosterError

COLUMNS = ("date", "post", "slot", "from", "to", "person", "note")
HEADINGS = {
    "日期": "date",
    "值班日期": "date",
    "驻点": "post",
    "值班地点": "post",
    "值班驻点": "post",
    "地点": "post",
    "岗位": "post",
    "班次": "slot",
    "类型": "slot",
    "开始": "from",
    "开始时间": "from",
    "结束": "to",
    "结束时间": "to",
    "人员": "person",
    "值班人员": "person",
    "值班人": "person",
    "姓名": "person",
    "备注": "note",
    "联系电话": "phone",
    "电话": "phone",
    "手机": "phone",
    "手机号": "phone",
    "phone": "phone",
} | {name: name for name in COLUMNS}
IGNORED = frozenset({"序号", "星期", "周几", "weekday"})
MONTHS = frozenset({"周期", "月份", "月", "month"})
_BESIDE = frozenset({"phone", "note"})  # columns of a month table that are no post
_MAKERS = frozenset({"制表", "填表", "编制", "审核", "复核", "审批", "批准"})
_FOOTERS = _MAKERS | {f"{word}人" for word in _MAKERS} | {"合计", "总计", "小计", "备注", "说明", "注", "附注"}
_CONTACT = re.compile(r"[^:：(（\s]*联系人[:：(（\s]+(?!(?:[0-9]+小时|[^:：]*(?:电话|方式|姓名|名单)))([^)）]+)[)）]?")
_PARTED = re.compile(r"[/、,|\s]+")
_SHOWN = 40  # characters
_DATE = 12  # characters of a date at most
_SIGNATURE = re.compile(r"[^0-9:：]{2,12}[:：][^0-9]{0,20}")
_HOURS = frozenset({"slot", "from", "to"})


class Shape(StrEnum):
    """The tables that are known: one line a shift; the holiday table (SOP 1.2); the month table (SOP 1.1)."""

    ROWS = "rows"
    HOLIDAY = "holiday"
    MONTHS = "months"


@dataclass(slots=True)
class Table:
    """A table of a sheet. ``columns``: where each heading stands, in a month table each post's name. ``titles``: what
    stands above it, for the year that it is about.
    """

    sheet: Sheet
    shape: Shape
    head: int
    columns: Mapping[str, int]
    titles: tuple[str, ...]
    lines: list[Line] = field(default_factory=list)
    contacts: list[Line] | None = None  # the emergency contacts below a holiday table
    first: int = 0  # where the months of a month table stand


@dataclass(slots=True)
class Found:
    """What a sheet holds: its tables, and lines that are neither heading nor row, as (line, text)."""

    tables: list[Table] = field(default_factory=list)
    loose: list[tuple[int, str]] = field(default_factory=list)


def named(text: str) -> str | None:
    """The column that a heading means; None for anything else."""
    return HEADINGS.get(key(text))


def find_tables(sheet: Sheet, posts: Mapping[str, DutyPost]) -> Found:
    """The tables of a sheet, one below another. Raises ``RosterError`` ``bad_header``."""
    found, above = Found(), list[tuple[int, str]]()
    names = {key(word) for post in posts.values() for word in (post.id, post.name)}
    for line in sheet.lines:
        head = _head(line.number, line.texts, names)
        if head is not None:
            found.tables.append(
                Table(sheet, *head, tuple(text for _, text in above), first=_months_at(line.texts) or 0)
            )
            above = []
        elif not (found.tables and _take(found.tables[-1], line)):
            above += [(line.number, text) for text in dict.fromkeys(line.texts) if text]
    found.loose = above if found.tables else []
    return found


def _take(table: Table, line: Line) -> bool:
    """Whether a line belongs to the table above it: a title or remark does not."""
    if table.shape is Shape.HOLIDAY and any("联系人" in text for text in line.texts):
        table.contacts = table.contacts or []
        line = Line(line.number, tuple(_contact(text) if "联系人" in text else text for text in line.texts))
        table.contacts += [line] if filled(line.cells) else []
        return True
    if _is_remark(line.texts, merged=bool(table.sheet.name)) and not (
        table.contacts is not None and _short(line.texts)
    ):
        return False
    if table.contacts is None and (_is_signed(table, line.texts) or _is_footer(line.texts)):
        return False
    (table.lines if table.contacts is None else table.contacts).append(line)
    return True


def _short(texts: Sequence[str]) -> bool:
    """Whether a lone text may be a name, with a phone perhaps."""
    return max(map(len, texts)) <= 2 * _DATE and not any("：" in text or ":" in text for text in texts)


def _head(line: int, texts: Sequence[str], posts: set[str]) -> tuple[Shape, int, dict[str, int]] | None:
    first = _months_at(texts)
    if first is not None and any(_names(text, posts) for text in texts[first + 1 :]):
        return Shape.MONTHS, line, _month_posts(line, texts, first)
    places: dict[str, int] = {}
    for at, text in enumerate(texts):
        name = named(text)
        if name in places:
            raise RosterError("bad_header", "column_twice", column=clipped(text)).at(line, at)
        if name:
            places[name] = at
    core = places.keys() & set(COLUMNS[:-1])
    if len(core) < 4 and not ({"date", "person"} <= core and len(core) > 2):
        return None  # a list of phones, for one
    for at, text in enumerate(texts):
        if text and named(text) is None and key(text) not in IGNORED:
            raise RosterError("bad_header", "column_unknown", column=clipped(text), columns=",".join(COLUMNS)).at(
                line, at
            )
    if {"date", "post", "person"} <= places.keys() and not _HOURS & places.keys():
        return Shape.HOLIDAY, line, places
    missing = [name for name in COLUMNS[:-1] if name not in places]
    if missing:
        raise RosterError("bad_header", "column_missing", column=",".join(missing), columns=",".join(COLUMNS)).at(line)
    return Shape.ROWS, line, places


def _months_at(texts: Sequence[str]) -> int | None:
    """Where a heading of months stands, behind blank columns and numbers of lines; None where there is none."""
    at = next((at for at, text in enumerate(texts) if text and key(text) not in IGNORED), None)
    return at if at is not None and key(texts[at]) in MONTHS else None


def _month_posts(line: int, texts: Sequence[str], first: int) -> dict[str, int]:
    """The columns of a month table that may be posts. One that stands twice (主要负责人, 备用) would put the wrong one on duty."""
    found: dict[str, int] = {}
    for at, text in enumerate(texts):
        if at <= first or not text or named(text) in _BESIDE or key(text) in IGNORED:
            continue
        if text in found:
            raise RosterError("bad_header", "column_twice", column=clipped(text)).at(line, at)
        found[text] = at
    return found


def _names(text: str, posts: set[str]) -> bool:
    """Whether it is a post's name, or several of them: 市府/市委."""
    return key(text) in posts or any(key(part) in posts for part in _PARTED.split(unicodedata.normalize("NFKC", text)))


def _contact(text: str) -> str:
    """What stands in one cell with the word, if that is a person: 紧急联系人：沈砚 138…"""
    found = _CONTACT.fullmatch(text)
    return found[1] if found else ""


def _is_footer(texts: Sequence[str]) -> bool:
    """Whether a line says who made the table, its sum or a remark, each in a cell of its own."""
    return key(next(text for text in texts if text)).rstrip(":") in _FOOTERS


def _is_remark(texts: Sequence[str], *, merged: bool) -> bool:
    """Whether a line has one text only, in Excel also merged over many cells, that is no lone date or month."""
    words = [text for text in texts if text]
    alone = len(set(words) if merged else words) == 1
    return alone and not (words[0][0].isdigit() and len(words[0]) <= _DATE)


def _is_signed(table: Table, texts: Sequence[str]) -> bool:
    """Whether a line is who made or checked the table (``制表人：何牧`` … ``审核：沈砚``), with no date, post or person."""
    words = [text for text in texts if text]
    told = [text for text in words if _SIGNATURE.fullmatch(text)]
    columns = [table.columns[name] for name in ("date", "post", "person") if name in table.columns]
    held = [texts[at] for at in columns if at < len(texts) and texts[at] not in told]
    return bool(told) and not any(held) and not any(text[0].isdigit() for text in words)


def clipped(text: str) -> str:
    """As much of what somebody wrote as a sentence can show, on one line and without what a terminal would obey."""
    shown = "".join(char if char.isprintable() else " " for char in text[: _SHOWN + 1])
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
