"""``/oncall``, at the minutes where duty changes; the expectations are read off the committed roster by eye."""

from datetime import date, datetime
from pathlib import Path

import pytest

from bot.core.errors import UserError
from bot.core.events import Envelope, Tap
from bot.core.people import Account
from handlers.duty.dates import day_meant
from tests.support.desk import Desk, open_desk

ON_SITE = ["市府/市委：温若川 13800000013 驻场，至 18:00", "政数局：唐叙 13800000023 驻场，至 18:00"]


@pytest.mark.parametrize(
    ("when", "rows"),
    [
        ("2026-10-14T12:30:00", ON_SITE),  # nobody is in the room, somebody is on duty
        ("2026-10-14T17:59:59", ON_SITE),
        ("2026-10-14T18:00:00", ["市府/市委、政数局：苏明 13800000022 线上，至 24:00"]),
        ("2026-10-15T00:10:00", ["市府/市委、政数局：孟书言 13800000024 线上，至 08:30"]),
        ("2026-10-15T08:30:00", ON_SITE),
        ("2026-10-04T12:30:00", ["市府/市委、政数局：苏明 13800000022 线上，至 24:00"]),  # National Day
        (
            "2026-11-03T09:00:00",  # a workday of a month without a roster
            [
                "市府/市委：无人排班，请找 何牧 13800000011、沈砚 13800000001",
                "政数局：无人排班，请找 方屹 13800000021、沈砚 13800000001",
            ],
        ),
    ],
)
async def test_who_is_on_duty_now(tmp_path: Path, empty_db: Path, when: str, rows: list[str]) -> None:
    async with open_desk(tmp_path, empty_db, start=datetime.fromisoformat(f"{when}+08:00")) as desk:
        (answer,) = await desk.says("zhou", "/oncall", chat="dm-zhou")
        assert answer.text.split("\n") == [f"{when[11:16]} 值班", *rows, "紧急联系人：沈砚 13800000001"]


async def test_a_stranger_is_not_told_by_a_button_what_he_may_not_ask(desk: Desk) -> None:
    now = desk.clock.now()
    envelope = Envelope("t1", Account("local", "stranger"), None, "shifuban", now, now)
    await desk.app.inbox.accept(Tap(envelope, "oncall:now"))
    await desk.settle()
    (answer,) = await desk.bot("shifuban")
    assert "13800000" not in answer.text
    assert (await desk.audit())[-1].entry.code == "not_authorised"


async def test_a_groups_own_post_stands_first(desk: Desk) -> None:
    (answer,) = await desk.says("qian", "/值班", chat="zhengshuju")
    assert answer.text.split("\n")[1:3] == ON_SITE[::-1]


@pytest.mark.parametrize("word", ["明天", "tomorrow", "10-15", "10月15日", "2026-10-15", "１０－１５"])
async def test_a_date_is_told_stretch_by_stretch(desk: Desk, word: str) -> None:
    (answer,) = await desk.says("zhou", f"/oncall {word}", chat="duty-room")
    assert answer.text.split("\n")[:5] == [
        "10-15 周四 工作日",
        "市府/市委",
        "　00:00-08:30 线上 孟书言 13800000024",
        "　08:30-18:00 驻场 温若川 13800000013",
        "　18:00-24:00 线上 孟书言 13800000024",
    ]


async def test_the_button_asks_for_tomorrow(desk: Desk) -> None:
    (now,) = await desk.says("zhou", "/oncall", chat="duty-room")
    (answer,) = await desk.taps("wen", now, "oncall")
    assert answer.text.startswith("10-15 周四 工作日\n")


@pytest.mark.parametrize(
    ("word", "heading"),
    [
        ("10-10", "10-10 周六 补班日（国庆节）"),
        ("10-07", "10-07 周三 节假日（国庆节）"),
        ("10-18", "10-18 周日 周末"),
        ("2099-01-05", "01-05 周一 工作日\n2099 年节假日安排尚未公布：法定节假日按规定，其余按星期推算。"),
    ],
)
async def test_the_kind_of_day_is_told(desk: Desk, word: str, heading: str) -> None:
    (answer,) = await desk.says("zhou", f"/oncall {word}", chat="duty-room")
    assert answer.text.startswith(heading + "\n")


async def test_what_is_no_date_is_refused_with_an_example(desk: Desk) -> None:
    (answer,) = await desk.says("zhou", "/oncall 02-30", chat="duty-room")
    assert "02-30" in answer.text
    assert "/oncall 明天" in answer.text
    assert (await desk.audit())[-1].entry.code == "bad_date"


@pytest.mark.parametrize(
    ("word", "today", "meant"),
    [
        ("12-31", "2027-01-02", "2026-12-31"),
        ("01-02", "2026-12-31", "2027-01-02"),
        ("今天", "2026-12-31", "2026-12-31"),
        ("明天", "2026-12-31", "2027-01-01"),
        ("后天", "2028-02-27", "2028-02-29"),
        ("昨天", "2027-01-01", "2026-12-31"),
        ("2-29", "2027-06-01", "2028-02-29"),  # the only leap year near
    ],
)
def test_a_date_without_a_year_is_the_nearest(word: str, today: str, meant: str) -> None:
    assert day_meant(word, date.fromisoformat(today)) == date.fromisoformat(meant)


@pytest.mark.parametrize("word", ["13-01", "02-30", "2026-02-29", "0-1", "11-23-4", "明年", "11", "9999-99-99", ""])
def test_what_is_no_date(word: str) -> None:
    with pytest.raises(UserError, match="bad_date"):
        day_meant(word, date(2026, 10, 14))


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Saturday", "2026-10-17"),
        ("wed", "2026-10-14"),  # today included
        ("next Wednesday", "2026-10-21"),
        ("this thurs", "2026-10-15"),
        ("this weekend", "2026-10-17"),
        ("next weekend", "2026-10-24"),
        ("the day after tomorrow", "2026-10-16"),
        ("October 20th", "2026-10-20"),
        ("20 oct", "2026-10-20"),
        ("3rd of January", "2027-01-03"),
    ],
)
def test_8_15_a_day_as_it_is_said_in_english(word: str, meant: str) -> None:
    assert day_meant(word, date(2026, 10, 14)) == date.fromisoformat(meant)


@pytest.mark.parametrize("word", ["month", "sunny", "mayor 3", "Feb 30", "weekday", "next"])
def test_8_15_what_is_no_day_in_english(word: str) -> None:
    with pytest.raises(UserError, match="bad_date"):
        day_meant(word, date(2026, 10, 14))
