"""The stretches of a date, written out by hand for rosters that are not the ordinary one."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from data.model import Slot
from data.shifts import Shift, roster_of
from data.site import Site
from data.times import window
from handlers.duty.dayplan import announced, served_names, stretches
from tests.support.once import example_site

SITE = example_site()
TZ = ZoneInfo("Asia/Shanghai")
WORKDAY, SUNDAY = date(2026, 10, 14), date(2026, 10, 18)
Row = tuple[str | None, str, list[str], str]


def on(day: date, *rows: str) -> Site:
    """The site with a roster of one date, each row ``post slot hours person``."""
    return SITE.with_roster(roster_of(_shift(day, *row.split()) for row in rows))


def _shift(day: date, post: str, slot: str, hours: str, person: str) -> Shift:
    found = window(hours)
    assert found is not None
    start, end = found.on(day, TZ)
    return Shift(day, post, Slot(slot), start, end, person)


def plan(site: Site, day: date, post: str = "shifu", *, morning: bool = True) -> list[Row]:
    found = (announced if morning else stretches)(site, site.posts[post], day)
    return [(one.slot and one.slot.value, one.hours, [p.id for p in one.people], one.emergency.id) for one in found]


def test_two_halves_of_a_day_are_two_lines() -> None:
    site = on(WORKDAY, "shifu onsite 08:30-12:00 wen", "shifu onsite 12:00-18:00 zhou", "online online 18:00-24:00 su")
    assert plan(site, WORKDAY) == [
        ("onsite", "08:30-12:00", ["wen"], "shen"),
        ("onsite", "12:00-18:00", ["zhou"], "shen"),
        ("online", "18:00-24:00", ["su"], "shen"),
    ]


def test_hours_that_nobody_covers_name_the_lead_and_the_emergency_contact() -> None:
    site = on(WORKDAY, "shifu onsite 08:30-17:00 wen")
    assert plan(site, WORKDAY) == [
        ("onsite", "08:30-17:00", ["wen"], "shen"),
        (None, "17:00-24:00", ["hemu", "shen"], "shen"),
    ]
    assert plan(on(WORKDAY), SUNDAY) == [(None, "00:00-24:00", ["hemu", "shen"], "shen")]


def test_the_early_hours_are_over_when_the_announcement_comes() -> None:
    site = on(WORKDAY, "online online 00:00-08:30 su", "shifu onsite 08:30-18:00 wen", "online online 18:00-24:00 su")
    assert [row[1] for row in plan(site, WORKDAY)] == ["08:30-18:00", "18:00-24:00"]
    assert [row[1] for row in plan(site, WORKDAY, morning=False)] == ["00:00-08:30", "08:30-18:00", "18:00-24:00"]


def test_a_holiday_kept_by_each_post_names_its_own_person() -> None:
    site = on(SUNDAY, "shifu online 00:00-24:00 wen", "zhengshu online 00:00-24:00 tang")
    assert plan(site, SUNDAY) == [("online", "00:00-24:00", ["wen"], "shen")]
    assert plan(site, SUNDAY, "zhengshu") == [("online", "00:00-24:00", ["tang"], "shen")]


def test_somebody_on_standby_is_the_emergency_contact_of_the_day() -> None:
    site = on(SUNDAY, "online online 00:00-24:00 su", "online standby 00:00-24:00 fang")
    assert plan(site, SUNDAY) == [("online", "00:00-24:00", ["su"], "fang")]


def test_two_online_people_are_named_together() -> None:
    site = on(SUNDAY, "online online 00:00-24:00 su", "online online 00:00-24:00 tang")
    assert plan(site, SUNDAY) == [("online", "00:00-24:00", ["su", "tang"], "shen")]


def test_a_post_without_people_of_its_own_is_its_servers() -> None:
    site = on(WORKDAY, "shifu onsite 08:30-18:00 wen")
    assert plan(site, WORKDAY, "shiwei") == plan(site, WORKDAY, "shifu")
    assert served_names(SITE, SITE.posts["shifu"]) == "市府/市委"


def test_the_end_of_a_day_is_24_00_and_its_start_is_00_00() -> None:
    (one,) = stretches(on(SUNDAY, "online online 00:00-24:00 su"), SITE.posts["shifu"], SUNDAY)
    assert (one.hours, one.until) == ("00:00-24:00", "24:00")
    assert one.end == datetime(2026, 10, 19, tzinfo=TZ)
