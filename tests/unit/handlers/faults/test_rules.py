"""Tables for the pure rules: dialogue rules 3 and 4; data/example/sla.yaml read by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.people import Chat
from bot.work.understanding import Act, Kind, RouteName, Scope, Understanding
from data.load.site import load_site
from data.model import Audience
from data.site import Site
from handlers.faults import rules
from handlers.faults.model import State, Ticket
from handlers.triage.labels import System
from tests.support.desk import WORKDAY
from tests.support.paths import EXAMPLE


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return load_site(EXAMPLE, tmp_path_factory.mktemp("state"), "Asia/Shanghai")


def ticket(number: str, system: str, minutes: int = 0, state: State = State.WAITING) -> Ticket:
    """A fault opened some minutes after ten."""
    at = WORKDAY + timedelta(minutes=minutes)
    return Ticket(
        number=number, incident=number, kind=Kind.FAULT, state=state, chat="shifuban", system=system,
        route=RouteName.INTERNAL, severity=2, unsure=False, reporter="lixiao", reporter_name="李晓", text="x", message="m",
        opened_at=at, received_at=at, respond_by=at + timedelta(minutes=10), engineer="wen",
    )  # fmt: skip


def fault(system: System, *, named: bool) -> Understanding:
    return Understanding(
        "x", kind=Kind.FAULT, act=Act.REPORT, route=RouteName.INTERNAL, system=system.value,
        subject=system.value if named else None, scope=Scope.BLOCKED,
    )  # fmt: skip


SEAL, VPN = ticket("2", "seal", 1), ticket("1", "vpn")


@pytest.mark.parametrize(
    ("line", "joined"),
    [
        (fault(System.SEAL, named=True), SEAL),
        (fault(System.VPN, named=True), VPN),
        (fault(System.WPS, named=True), None),
        (fault(System.OA, named=False), SEAL),
        (fault(System.OA, named=True), None),
    ],
)
def test_a_report_joins_the_same_system_or_the_newest_when_it_names_none(line: Understanding, joined: Ticket) -> None:
    assert rules.joins([SEAL, VPN], line) == joined


def test_a_question_is_nothing_to_join() -> None:
    assert rules.joins([replace(SEAL, kind=Kind.QUESTION)], fault(System.SEAL, named=True)) is None


@pytest.mark.parametrize(
    ("systems", "quoted", "minutes", "answered"),
    [
        (set(), None, 2, ["2", "1"]),
        ({"seal"}, None, 2, ["2"]),
        ({"wps"}, None, 2, ["2", "1"]),
        ({"seal"}, VPN, 2, ["1"]),
        (set(), None, 0, ["1"]),
        (set(), replace(SEAL, state=State.RESOLVED), 2, []),
    ],
)
def test_which_tickets_an_answer_is_for(
    systems: set[str], quoted: Ticket | None, minutes: int, answered: list[str]
) -> None:
    sent = WORKDAY + timedelta(minutes=minutes)
    found = rules.answered_by([SEAL, VPN], quoted, frozenset(systems), sent)
    assert [one.number for one in found] == answered


def test_words_that_go_on_about_an_answered_system_answer_nothing_else() -> None:
    seal = replace(SEAL, state=State.ANSWERED, answered_at=WORKDAY + timedelta(minutes=2))
    assert rules.answered_by([seal, VPN], None, frozenset({"seal"}), WORKDAY + timedelta(minutes=3)) == []


def test_an_earlier_proof_replaces_a_later_answer() -> None:
    seal = replace(SEAL, state=State.ANSWERED, answered_at=WORKDAY + timedelta(minutes=20))
    assert rules.answered_by([seal], None, frozenset(), WORKDAY + timedelta(minutes=9)) == [seal]


def test_the_ladder_of_the_example(site: Site) -> None:
    policy = site.policy("shifu", 2)
    steps = [rules.step(policy, number) for number in range(18)]
    shown = [(s.name, s.after.total_seconds() / 60, s.to[0].value, s.breach, s.last) for s in steps if s]
    assert shown == [
        ("rung0", 5, "engineer", False, False),
        ("rung1", 8, "engineer", False, False),
        ("rung2", 10, "lead", True, False),
        ("rung3", 15, "director", False, False),
        *[(f"again{n}", 15 + 5 * n, "director", False, False) for n in range(1, 13)],
        ("end", 80, "operator", False, True),
    ]
    assert steps[17] is None


def test_the_home_of_direct_words_is_the_most_important_group_of_the_person(site: Site) -> None:
    assert rules.home(site, Chat("dm-qian", "钱多")).id == "zhengshuju"
    assert rules.home(site, Chat("dm-pan", "潘越")).id == "shifuban"
    assert rules.home(site, Chat("dm-nobody", "x")).post is None
    assert rules.home(site, site.chats["donghu"]).id == "donghu"


def test_a_rung_for_the_engineer_tells_the_owner_and_who_is_on_duty_now(site: Site) -> None:
    evening = WORKDAY.replace(hour=18, minute=4)
    people = rules.targets(site, ticket("1", "oa"), (Audience.ENGINEER,), evening)
    assert [person.id for person in people] == ["wen", "su"]
    gone = replace(ticket("1", "oa"), engineer="left")
    assert [person.id for person in rules.targets(site, gone, (Audience.ENGINEER,), evening)] == ["su"]
