"""Where declared cover has nobody; the expectations follow from posts.yaml and the calendar, by hand."""

from datetime import date, timedelta

from data.load.site import load_site
from data.model import Slot
from data.roster.cover import gaps
from data.shifts import Shift, roster_of
from data.site import Site
from data.times import Window
from tests.support.paths import EXAMPLE

SITE = load_site(EXAMPLE)


def shift(day: date, post: str, slot: Slot, start: str, end: str, person: str) -> Shift:
    first, last = (int(text[:2]) * 60 + int(text[3:]) for text in (start, end))
    return Shift(day, post, slot, *Window(first, last).on(day, SITE.tz), person)


def rostered(*shifts: Shift) -> Site:
    return SITE.with_roster(roster_of(shifts))


def test_october_2026_has_no_gap() -> None:
    assert [gap for n in range(31) for gap in gaps(SITE, date(2026, 10, 1) + timedelta(days=n))] == []


def spans(site: Site, day: date) -> list[tuple[str, str, str]]:
    return [(gap.post.id, f"{gap.start:%d %H:%M}", f"{gap.end:%d %H:%M}") for gap in gaps(site, day)]


def test_an_empty_workday_lacks_everything_declared() -> None:
    assert spans(rostered(), date(2026, 11, 23)) == [
        ("shifu", "23 08:30", "23 18:00"),
        ("zhengshu", "23 08:30", "23 18:00"),
        ("online", "23 00:00", "23 08:30"),
        ("online", "23 18:00", "24 00:00"),
    ]


def test_a_makeup_saturday_is_covered_like_a_workday_and_a_holiday_is_not() -> None:
    assert len(spans(rostered(), date(2026, 10, 10))) == 4
    assert spans(rostered(), date(2026, 10, 1)) == [("online", "01 00:00", "02 00:00")]


def test_a_lunch_without_anybody_is_a_gap_of_cover() -> None:
    day = date(2026, 11, 23)
    morning = shift(day, "shifu", Slot.ONSITE, "08:30", "12:00", "zhou")
    afternoon = shift(day, "shifu", Slot.ONSITE, "14:00", "18:00", "zhou")
    assert spans(rostered(morning, afternoon), day)[0] == ("shifu", "23 12:00", "23 14:00")


def test_online_hours_are_kept_where_every_post_has_somebody_of_its_own() -> None:
    day = date(2026, 10, 1)
    ours = shift(day, "shifu", Slot.ONLINE, "00:00", "24:00", "zhou")
    theirs = shift(day, "zhengshu", Slot.ONLINE, "00:00", "20:00", "su")
    assert spans(rostered(ours, theirs), day) == [("online", "01 20:00", "02 00:00")]
    assert spans(rostered(ours), day) == [("online", "01 00:00", "02 00:00")]
