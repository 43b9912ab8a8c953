"""Tomorrow's gaps are told the day before, to those who can fill them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from data.holidays import Calendar, Day, DayKind
from data.shifts import Shift, roster_of
from data.site import Site
from tests.support.desk import Desk, open_desk
from tests.support.once import example_site

SITE = example_site()


def without(gone: Callable[[Shift], bool]) -> Site:
    return SITE.with_roster(roster_of(shift for shift in SITE.roster.shifts if not gone(shift)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


async def told(desk: Desk, *chats: str) -> list[list[str]]:
    return [[m.text for m in await desk.bot(chat)] for chat in chats]


async def test_a_posts_gap_goes_to_its_lead_and_the_duty_room(tmp_path: Path, empty_db: Path) -> None:
    site = without(lambda shift: shift.post == "shifu" and shift.date == date(2026, 10, 15))
    async with open_desk(tmp_path, empty_db, start=at("2026-10-14T16:59:59"), site=site) as desk:
        await desk.settle()
        assert await told(desk, "dm-hemu", "dm-fang", "duty-room") == [[], [], []]
        await desk.later(seconds=1)
        (hemu,), fang, (room,) = await told(desk, "dm-hemu", "dm-fang", "duty-room")
        assert "市府 08:30-18:00 无人驻场，暂由 何牧/沈砚 接报" in hemu.split("\n")
        assert room == hemu
        assert "10-15" in hemu
        assert fang == []


async def test_a_shared_posts_gap_goes_to_every_lead(tmp_path: Path, empty_db: Path) -> None:
    site = without(lambda shift: shift.post == "online" and shift.date == date(2026, 10, 17))
    async with open_desk(tmp_path, empty_db, start=at("2026-10-16T16:00:00"), site=site) as desk:
        await desk.later(hours=2)
        (hemu,), (fang,), (room,) = await told(desk, "dm-hemu", "dm-fang", "duty-room")
        assert hemu == fang == room
        assert "线上 00:00-24:00 无人值班，暂由 何牧/方屹/沈砚 接报" in room.split("\n")


async def test_8_26_gaps_of_days_off_are_told_on_the_workday_before(tmp_path: Path, empty_db: Path) -> None:
    """Friday tells Saturday to Monday; nobody is asked on a day off, when nobody can fill a gap."""
    days = {date(2026, 10, 17), date(2026, 10, 18), date(2026, 10, 19)}
    site = without(lambda shift: shift.date in days and (shift.post == "online" or shift.date.day == 19))
    async with open_desk(tmp_path, empty_db, start=at("2026-10-16T16:00:00"), site=site) as desk:
        await desk.later(days=2, hours=7)
        ((text,),) = await told(desk, "duty-room")
        assert text.split("\n")[0] == "到下个工作日（10-19）为止有时段无人值班："
        assert "10-17、10-18 线上 00:00-24:00 无人值班，暂由 何牧/方屹/沈砚 接报" in text.split("\n")
        assert "10-19 市府 08:30-18:00 无人驻场，暂由 何牧/沈砚 接报" in text.split("\n")


async def test_a_complete_roster_is_not_worth_a_word(tmp_path: Path, empty_db: Path) -> None:
    async with open_desk(tmp_path, empty_db, start=at("2026-10-14T16:00:00")) as desk:
        await desk.later(hours=7)
        assert await told(desk, "dm-hemu", "dm-fang", "duty-room") == [[], [], []]


async def test_an_unpublished_year_is_said_from_november_on(tmp_path: Path, empty_db: Path) -> None:
    async with open_desk(tmp_path, empty_db, start=at("2099-10-30T16:00:00")) as desk:
        await desk.later(hours=2)
        ((before,),) = await told(desk, "duty-room")
        assert "2100" not in before
        await desk.later(days=3)  # 11-01 is a Sunday
        assert "2100 年节假日安排尚未公布" in (await desk.bot("duty-room"))[-1].text


async def test_a_published_year_is_not_mentioned(tmp_path: Path, empty_db: Path) -> None:
    known = Calendar({date(2100, 1, 1): Day(DayKind.HOLIDAY, "元旦")})
    async with open_desk(
        tmp_path, empty_db, start=at("2099-11-02T16:00:00"), site=replace(SITE, calendar=known)
    ) as desk:
        await desk.later(hours=2)
        ((text,),) = await told(desk, "duty-room")
        assert "2100" not in text
