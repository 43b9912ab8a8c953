"""Who is on duty at a minute and where cover is missing; the expectations are read off the committed roster by eye."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.people import Chat, direct_chat
from data.model import Audience, Slot
from data.roster.cover import gaps
from data.shifts import Roster, Shift, roster_of
from data.site import Site
from data.times import Window
from handlers.duty.rules import on_duty, told
from tests.support.once import example_site

SITE = example_site()
TZ = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TZ)


def shift(day: date, post: str, slot: Slot, start: str, end: str, person: str) -> Shift:
    first, last = (int(text[:2]) * 60 + int(text[3:]) for text in (start, end))
    return Shift(day, post, slot, *Window(first, last).on(day, TZ), person)


def rostered(*shifts: Shift) -> Site:
    return SITE.with_roster(roster_of(shifts))


def names(chat: str, when: str, site: Site = SITE) -> list[str]:
    return [person.id for person in on_duty(site, site.chats[chat], at(when)).people]


@pytest.mark.parametrize(
    ("chat", "when", "people"),
    [
        ("shifuban", "2026-10-08 09:00", ["wen"]),
        ("shiweiban", "2026-10-08 09:00", ["wen"]),  # 市委 is served by 市府
        ("donghu", "2026-10-08 09:00", ["tang"]),
        ("shifuban", "2026-10-08 12:30", ["wen"]),  # presence hours are not cover
        ("shifuban", "2026-10-08 08:29:59", ["qiao"]),
        ("shifuban", "2026-10-08 08:30:00", ["wen"]),
        ("shifuban", "2026-10-08 17:59:59.999999", ["wen"]),
        ("shifuban", "2026-10-08 18:00:00", ["qiao"]),
        ("shifuban", "2026-10-08 23:59:59", ["qiao"]),
        ("shifuban", "2026-10-09 00:00:00", ["su"]),
        ("weijian", "2026-10-03 10:00", ["qiao"]),  # National Day: one shared online person
        ("shifuban", "2026-10-10 10:00", ["wen"]),  # 调休: a worked Saturday
        ("duty-room", "2026-10-08 09:00", ["wen", "tang"]),  # no post: anybody on duty
    ],
)
def test_who_is_on_duty_for_a_chat(chat: str, when: str, people: list[str]) -> None:
    duty = on_duty(SITE, SITE.chats[chat], at(when))
    assert [person.id for person in duty.people] == people
    assert not duty.fallback
    assert duty.emergency.id == "shen"


def test_the_instant_counts_not_its_zone() -> None:
    utc = at("2026-10-08 18:00").astimezone(ZoneInfo("UTC"))
    assert [p.id for p in on_duty(SITE, SITE.chats["shifuban"], utc).people] == ["qiao"]


def test_nobody_on_the_roster_falls_back_to_lead_and_emergency_contact() -> None:
    duty = on_duty(SITE, SITE.chats["shiweiban"], at("2030-05-06 10:00"))
    assert duty.fallback
    assert [person.id for person in duty.people] == ["hemu", "shen"]
    assert duty.post is SITE.posts["shifu"]


@pytest.mark.parametrize("where", [None, SITE.chats["duty-room"], direct_chat(SITE.people["lixiao"])])
def test_without_a_post_the_emergency_contact_is_never_silent(where: Chat | None) -> None:
    duty = on_duty(SITE, where, at("2030-05-06 10:00"))
    assert duty.fallback
    assert [person.id for person in duty.people] == ["shen"]


def test_own_people_come_before_shared_ones_and_onsite_before_online() -> None:
    day = date(2026, 11, 23)
    site = rostered(
        shift(day, "online", Slot.ONLINE, "00:00", "24:00", "su"),
        shift(day, "shifu", Slot.ONLINE, "00:00", "24:00", "qiao"),
        shift(day, "shifu", Slot.ONSITE, "08:30", "18:00", "zhou"),
        shift(day, "zhengshu", Slot.ONSITE, "08:30", "18:00", "tang"),
    )
    assert names("shifuban", "2026-11-23 10:00", site) == ["zhou", "qiao", "su"]
    assert names("weijian", "2026-11-23 10:00", site) == ["tang", "su"]


def test_a_standby_is_the_emergency_contact_and_covers_nothing() -> None:
    day = date(2026, 11, 21)
    site = rostered(shift(day, "online", Slot.STANDBY, "00:00", "24:00", "hemu"))
    duty = on_duty(site, site.chats["weijian"], at("2026-11-21 10:00"))
    assert (duty.emergency.id, duty.fallback) == ("hemu", True)
    assert [person.id for person in duty.people] == ["fang", "hemu"]
    assert [(gap.post.id, gap.slot) for gap in gaps(site, day)] == [("online", Slot.ONLINE)]


@pytest.mark.parametrize(
    ("audience", "chat", "people"),
    [
        (Audience.ENGINEER, "weijian", ["tang"]),
        (Audience.LEAD, "weijian", ["fang"]),
        (Audience.LEAD, "shiweiban", ["hemu"]),
        (Audience.LEAD, "duty-room", []),
        (Audience.DIRECTOR, "weijian", ["shen"]),
        (Audience.EMERGENCY, "weijian", ["shen"]),
        (Audience.HEADQUARTERS, "weijian", ["hq"]),
        (Audience.BUSINESS, "weijian", ["jiang"]),
        (Audience.COORDINATOR, "weijian", ["gu"]),
        (Audience.OPERATOR, "weijian", ["qin"]),
        (Audience.VENDOR, "weijian", ["duan"]),
    ],
)
def test_who_an_audience_is(audience: Audience, chat: str, people: list[str]) -> None:
    found = told(SITE, audience, SITE.chats[chat], at("2026-10-08 09:00"), system="seal")
    assert [person.id for person in found] == people


def test_a_system_of_our_own_has_no_vendor() -> None:
    assert told(SITE, Audience.VENDOR, SITE.chats["weijian"], at("2026-10-08 09:00"), system="oa") == ()


MINUTES = st.integers(0, 1440)
PIECES = st.lists(st.tuples(MINUTES, MINUTES).filter(lambda w: w[0] < w[1]), max_size=6)


@given(PIECES)
def test_a_minute_of_cover_is_in_a_gap_exactly_when_nobody_covers_it(pieces: list[tuple[int, int]]) -> None:
    day, midnight = date(2026, 10, 1), at("2026-10-01 00:00")
    site = rostered(*(Shift(day, "online", Slot.ONLINE, *Window(*piece).on(day, TZ), "su") for piece in pieces))
    found = gaps(site, day)
    for n in range(0, 1440, 7):
        minute = midnight + timedelta(minutes=n)
        missing = any(gap.start <= minute < gap.end for gap in found)
        assert missing == (not any(start <= n < end for start, end in pieces))
        assert missing == on_duty(site, site.posts["online"], minute).fallback


@given(st.integers(1, 1439))
def test_a_change_of_shift_is_half_open(minute: int) -> None:
    day, change = date(2026, 10, 1), at("2026-10-01 00:00") + timedelta(minutes=minute)
    early, late = Window(0, minute).on(day, TZ), Window(minute, 1440).on(day, TZ)
    site = rostered(Shift(day, "online", Slot.ONLINE, *early, "su"), Shift(day, "online", Slot.ONLINE, *late, "tang"))
    online = site.posts["online"]
    assert [p.id for p in on_duty(site, online, change).people] == ["tang"]
    assert [p.id for p in on_duty(site, online, change - timedelta(microseconds=1)).people] == ["su"]


def test_an_empty_roster_knows_no_month() -> None:
    assert Roster().months == frozenset()
    assert SITE.roster.months == {"2026-10"}
