"""Who may say yes, end or read, and until when: a table worked out by hand from the decisions, one line for each refusal."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import UserError
from bot.core.people import Person, Role
from bot.work.work import Work
from runbooks.language.vocabulary import Confirm
from runbooks.planning.from_line import plan_line
from runbooks.runs import locks, policy
from runbooks.runs.lifecycle import Request, begin
from runbooks.runs.run import Run, State
from tests.support.desk import WORKDAY
from tests.unit.handlers.runs.worlds import VALID, World, world

ENGINEER, LEAD, NOBODY = frozenset({Role.ENGINEER}), frozenset({Role.LEAD}), frozenset[Role]()
SECOND = timedelta(seconds=1)
ZHOU = Person("zhou", "周", ENGINEER)  # asks
WEN = Person("wen", "温", LEAD)  # may say yes
QIN = Person("qin", "秦", ENGINEER)  # may run it, not say yes
LI = Person("lixiao", "李晓", NOBODY)
EVERYBODY = (ZHOU, WEN, QIN, LI)


@pytest.fixture
async def fast(quick_state: Path) -> AsyncIterator[World]:
    """Engineers run, leads say yes."""
    async with world(quick_state) as opened:
        give(opened, *EVERYBODY)
        yield opened


def give(opened: World, *people: Person) -> None:
    opened.site = dataclasses.replace(opened.site, people={person.id: person for person in people})


async def told(opened: World, check: Callable[[Work, Run], None], **changed: Any) -> tuple[str, dict[str, object]]:
    """The code and the facts that ``check`` refuses with; of a run that zhou asked for, and that differs so."""
    found: list[UserError] = []

    def inside(work: Work) -> None:
        try:
            check(work, run_of(opened, work, **changed))
        except UserError as error:
            found.append(error)

    assert await opened.act("zhou", inside) == "ok"
    return (found[0].code, found[0].facts) if found else ("ok", {})


def run_of(opened: World, work: Work, **changed: Any) -> Run:
    plan = plan_line(opened.catalogue, "/do-glass 1", opened.site, WORKDAY)
    asked = begin(work, plan, Request("zhou", "duty-room", "m"))
    own: dict[str, Any] = {"roles": (Role.ENGINEER,), "confirmers": (Role.LEAD,)}
    own |= {name: changed.pop(name) for name in ("confirm", "breakglass") if name in changed}
    values: dict[str, Any] = {"state": State.ASKED, "plan": dataclasses.replace(plan, **own), **changed}
    return dataclasses.replace(asked, **values)


KINDS = [
    # the yes asked for, break-glass reason, confirmer, who says yes, refused with
    (Confirm.SECOND, None, None, WEN, "ok"),
    (Confirm.SECOND, None, None, QIN, "not_confirmer"),
    (Confirm.SECOND, None, None, LI, "not_authorised"),
    (Confirm.SECOND, None, None, dataclasses.replace(ZHOU, roles=LEAD), "self_confirm"),
    (Confirm.SELF, None, None, dataclasses.replace(ZHOU, roles=LEAD), "ok"),
    (Confirm.SELF, None, None, WEN, "not_requester"),
    (Confirm.NONE, None, None, WEN, "ok"),
    (Confirm.NONE, None, None, dataclasses.replace(ZHOU, roles=LEAD), "ok"),
    (Confirm.SECOND, "fire", None, QIN, "ok"),
    (Confirm.SECOND, "fire", None, ZHOU, "ok"),
    (Confirm.SECOND, "fire", None, WEN, "not_breaker"),
    (Confirm.SECOND, "fire", "qin", QIN, "ok"),
    (Confirm.SECOND, "fire", "zhou", QIN, "not_who_broke"),
    (Confirm.SECOND, "fire", None, LI, "not_authorised"),
    (Confirm.SECOND, "", None, WEN, "not_breaker"),  # an empty reason is one: it was broken open
]


@pytest.mark.parametrize(("kind", "reason", "confirmer", "person", "code"), KINDS)
async def test_a_yes_is_of_the_kind_that_is_asked_for(
    fast: World, kind: Confirm, reason: str | None, confirmer: str | None, person: Person, code: str
) -> None:
    changed = {"confirm": kind, "reason": reason, "confirmer": confirmer}
    refused, facts = await told(fast, lambda work, run: policy.check_kind(fast.site, run, person), **changed)
    assert refused == code
    named = {"self_confirm": {"roles"}, "not_confirmer": {"roles"}, "not_breaker": {"roles"}, "not_who_broke": {"by"}}
    told_of = set[str]() if code in {"ok", "not_authorised"} else {"run"} | named.get(code, set())
    assert set(facts) == told_of
    assert facts.get("run", "R1") == "R1"
    refused, _ = await told(fast, lambda work, run: policy.check_go_on(work, run, person), **changed)
    assert refused == code


async def test_no_yes_counts_once_the_requester_may_not_any_more(fast: World) -> None:
    for gone in ((WEN, QIN), (dataclasses.replace(ZHOU, roles=LEAD), WEN, QIN)):
        give(fast, *gone)
        for check, person in ((policy.check_go_on, WEN), *YES):
            code, facts = await told(fast, partial(check, person=person))
            assert (code, set(facts)) == ("requester_role", {"run"})
            assert str(facts["run"]).startswith("R")


async def test_the_glass_is_broken_where_the_runbook_allows_it_by_who_may_run_it(fast: World) -> None:
    assert (await told(fast, lambda work, run: policy.check_break_glass(work, run, QIN)))[0] == "ok"
    assert (await told(fast, lambda work, run: policy.check_break_glass(work, run, WEN)))[0] == "not_breaker"
    code, facts = await told(fast, lambda work, run: policy.check_break_glass(work, run, QIN), breakglass=False)
    assert (code, set(facts)) == ("no_break_glass", {"run"})
    assert str(facts["run"]).startswith("R")
    assert await fast.act("zhou", lambda work: none_may(fast, work)) == "ok"


def none_may(opened: World, work: Work) -> None:
    run = run_of(opened, work, breakglass=False)
    assert not any(policy.may_break_glass(run, person) for person in EVERYBODY)


YES = [(policy.check_confirm, WEN), (policy.check_break_glass, QIN)]


@pytest.mark.parametrize(("check", "person"), YES)
async def test_a_question_is_answered_in_time_and_once(
    fast: World, check: Callable[[Work, Run, Person], None], person: Person
) -> None:
    now = fast.clock.real()

    async def said(**changed: Any) -> tuple[str, dict[str, object]]:
        code, facts = await told(fast, lambda work, run: check(work, run, person), **changed)
        if code != "ok":
            assert str(facts.pop("run")).startswith("R")
        return code, facts

    line = "/do-glass 1"
    assert await said(expires_at=now + SECOND) == ("ok", {})
    assert await said(expires_at=now) == ("confirm_expired", {"line": line})
    assert await said(state=State.EXPIRED) == ("confirm_expired", {"line": line})
    assert await said(state=State.APPROVED, expires_at=now) == ("already_used", {"by": None, "never": None})
    assert await said(state=State.DONE, confirmer="wen") == ("already_used", {"by": "温", "never": None})
    never = {"state": State.CANCELLED, "started_at": None}
    assert await said(code="rejected", **never) == ("already_used", {"by": None, "never": "rejected"})
    assert await said(code="cancelled", confirmer="wen", **never) == (
        "already_used",
        {"by": "温", "never": "cancelled"},
    )
    assert await said(state=State.CANCELLED, code="stopped", started_at=now) == (
        "already_used",
        {"by": None, "never": None},
    )
    assert await said(state=State.DONE, confirmer="gone") == ("already_used", {"by": None, "never": None})


@pytest.mark.parametrize(("check", "person"), YES)
async def test_a_target_that_another_run_holds_is_named_with_who_holds_it(
    fast: World, check: Callable[[Work, Run, Person], None], person: Person
) -> None:
    names: list[int] = []

    def hold(work: Work) -> None:
        other = begin(
            work, plan_line(fast.catalogue, "/do-two 7", fast.site, WORKDAY), Request("qin", "duty-room", "m")
        )
        names.append(other.id)
        assert locks.lock(work, other, other.plan.locks)

    assert await fast.act("qin", hold) == "ok"
    busy = {"target": "lb1", "run": f"R{names[0]}", "line": "/do-two 7", "by": "秦", "unknown": False}
    assert await told(fast, lambda work, run: check(work, run, person)) == ("target_busy", busy)
    assert await told(fast, lambda work, run: check(work, run, person), origin=names[0]) == ("ok", {})
    give(fast, ZHOU, WEN)
    if person is WEN:
        assert await told(fast, lambda work, run: check(work, run, person)) == ("target_busy", busy | {"by": ""})


@pytest.mark.parametrize(
    ("person", "ends", "reads"), [(ZHOU, True, True), (WEN, True, True), (QIN, True, True), (LI, False, False)]
)
async def test_who_ends_a_run_and_who_reads_its_commands(fast: World, person: Person, ends: bool, reads: bool) -> None:
    codes = {True: "ok", False: "not_authorised"}
    assert (await told(fast, lambda work, run: policy.check_end(run, person)))[0] == codes[ends]
    assert (await told(fast, lambda work, run: policy.check_part(run, person)))[0] == codes[reads]


async def test_its_requester_ends_a_run_whatever_he_may_by_now(fast: World) -> None:
    former = dataclasses.replace(ZHOU, roles=NOBODY)
    assert (await told(fast, lambda work, run: policy.check_end(run, former)))[0] == "ok"
    assert (await told(fast, lambda work, run: policy.check_part(run, former)))[0] == "not_authorised"


async def test_a_yes_is_good_to_its_last_moment(fast: World) -> None:
    said = fast.clock.real()
    found: list[tuple[bool, bool]] = []

    def look(work: Work) -> None:
        run = run_of(fast, work)
        found.append((policy.fresh(work, said), policy.still_counts(work, run, "wen", said)))

    for wait in (timedelta(), VALID, SECOND):
        fast.clock.move_to(fast.clock.now() + wait)
        assert await fast.act("wen", look) == "ok"
    assert found == [(True, True), (True, True), (False, False)]


async def test_a_yes_to_a_step_counts_while_both_may_still(fast: World) -> None:
    async def counts(person: str | None, *people: Person) -> bool:
        give(fast, *people)
        found: list[bool] = []
        assert (
            await fast.act("wen", lambda w: found.append(policy.still_counts(w, run_of(fast, w), person, w.real_now)))
            == "ok"
        )
        return found[0]

    assert await counts("wen", *EVERYBODY)
    assert not await counts(None, *EVERYBODY)
    assert not await counts("qin", *EVERYBODY)
    assert not await counts("wen", ZHOU)
    assert not await counts("wen", ZHOU, dataclasses.replace(WEN, roles=ENGINEER))
    assert not await counts("wen", dataclasses.replace(ZHOU, roles=NOBODY), WEN)


@pytest.mark.parametrize(
    ("kind", "confirmer", "people", "allowed"),
    [
        (Confirm.SECOND, "wen", EVERYBODY, True),
        (Confirm.SECOND, "qin", EVERYBODY, False),
        (Confirm.SECOND, None, EVERYBODY, False),
        (Confirm.SECOND, "gone", EVERYBODY, False),
        (Confirm.NONE, None, EVERYBODY, True),
        (Confirm.NONE, "gone", EVERYBODY, False),
        (Confirm.SECOND, "wen", (WEN,), False),
        (Confirm.NONE, None, (dataclasses.replace(ZHOU, roles=LEAD), WEN), False),
    ],
)
async def test_roles_are_looked_at_again_at_the_start(
    fast: World, kind: Confirm, confirmer: str | None, people: tuple[Person, ...], allowed: bool
) -> None:
    give(fast, *people)
    found: list[bool] = []

    def look(work: Work) -> None:
        found.append(policy.still_allowed(work, run_of(fast, work, confirm=kind, confirmer=confirmer)))

    assert await fast.act("wen", look) == "ok"
    assert found == [allowed]
