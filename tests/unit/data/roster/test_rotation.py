"""Generated months: complete, fair, repeatable; and the demo's roster that is never empty."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.demo.roster import ensure_demo_roster
from data.load.site import load_site
from data.model import Slot
from data.roster.cover import gaps
from data.roster.quality import Load, loads
from data.roster.rotation import days_of, generate, month_after, month_before, shifts_of
from data.shifts import Roster, Shift, roster_of
from data.site import Site
from data.times import Window
from tests.support.paths import EXAMPLE

OCTOBER = load_site(EXAMPLE)
EMPTY = OCTOBER.with_roster(Roster())
MONTHS = ["2026-02", "2026-11", "2026-12", "2027-01", "2028-02"]


def rostered(site: Site, month: str) -> Site:
    return site.with_roster(roster_of([*site.roster.shifts, *shifts_of(generate(site, month))]))


def online(site: Site, month: str) -> dict[date, str]:
    return {s.date: s.person for s in site.roster.of_month(month) if s.slot is Slot.ONLINE}


def test_the_months_around_a_month() -> None:
    assert (month_before("2027-01"), month_after("2026-12")) == ("2026-12", "2027-01")
    assert len(days_of("2028-02")) == 29


@pytest.mark.parametrize("month", MONTHS)
def test_a_generated_month_has_no_gap(month: str) -> None:
    site = rostered(EMPTY, month)
    assert [gap for day in days_of(month) for gap in gaps(site, day)] == []


@pytest.mark.parametrize("month", MONTHS)
def test_nobody_is_online_two_days_running_nor_after_a_day_on_site(month: str) -> None:
    site = rostered(EMPTY, month)
    turns = online(site, month)
    onsite = {(s.date, s.person) for s in site.roster.of_month(month) if s.slot is Slot.ONSITE}
    assert all(turns[day] != turns.get(day - timedelta(days=1)) for day in turns)
    assert all((day, person) not in onsite for day, person in turns.items())


@pytest.mark.parametrize("month", MONTHS)
def test_weekends_and_holidays_are_shared_evenly(month: str) -> None:
    site = rostered(EMPTY, month)
    off = Counter(p for day, p in online(site, month).items() if not site.calendar.kind(day).works)
    counts = [off[p] for p in ("zhou", "wen", "qiao", "su", "tang", "meng")]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) == sum(off.values())  # the leads are not in it


def test_the_main_rotation_goes_on_from_the_month_before() -> None:
    site = OCTOBER
    order = []
    for month in ("2026-11", "2026-12", "2027-01", "2027-02"):
        site = rostered(site, month)
        order.append({s.person for s in site.roster.of_month(month) if s.post == "shifu"})
    assert order == [{"qiao"}, {"zhou"}, {"wen"}, {"qiao"}]  # October was wen's


def test_the_same_input_gives_the_same_roster() -> None:
    assert generate(OCTOBER, "2026-12") == generate(load_site(EXAMPLE), "2026-12")


def test_every_choice_has_its_reason_and_an_unpublished_year_says_so() -> None:
    assert all(choice.reason.text("zh") for choice in generate(OCTOBER, "2026-12"))
    assert all("未公布" in c.reason.text("zh") for c in generate(OCTOBER, "2097-05") if c.shifts[0].post == "online")


def test_the_committed_october_is_what_the_rotation_gives() -> None:
    assert roster_of(shifts_of(generate(EMPTY, "2026-10"))).shifts == OCTOBER.roster.shifts


def test_loads_are_counted_in_days() -> None:
    day = date(2026, 11, 20)  # a Friday: two shifts online, then a Saturday and, a day apart, a Monday
    friday = [Window(0, 510), Window(1080, 1440)]
    rows = [(day, window) for window in friday]
    rows += [(day + timedelta(days=1), Window(0, 1440)), (day + timedelta(days=3), Window(0, 510))]
    shifts = [Shift(on, "online", Slot.ONLINE, *window.on(on, EMPTY.tz), "su") for on, window in rows]
    assert loads(EMPTY.with_roster(roster_of(shifts)), "2026-11") == [Load("su", 0, 3, 1, 2)]


@pytest.mark.parametrize("today", [date(2026, 11, 22), date(2026, 12, 31), date(2027, 6, 1)])
def test_the_demo_always_has_this_month_and_the_next(tmp_path: Path, today: date) -> None:
    site = ensure_demo_roster(load_site(EXAMPLE), tmp_path, today)
    assert {f"{today:%Y-%m}", month_after(f"{today:%Y-%m}")} <= site.roster.months
    assert gaps(site, today) == gaps(site, today + timedelta(days=28)) == []
    assert load_site(EXAMPLE, tmp_path).roster == site.roster


def test_the_demo_keeps_a_month_that_is_there(tmp_path: Path) -> None:
    ensure_demo_roster(load_site(EXAMPLE), tmp_path, date(2026, 10, 5))
    assert [path.name for path in (tmp_path / "roster").iterdir()] == ["2026-11.csv"]
