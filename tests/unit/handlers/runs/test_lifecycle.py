"""Every move of a run against a table worked out by hand: where it leads, what is remembered, what the audit log says."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, Table, delete, insert, select, update

from bot.storage.tables import AuditRow, table_of
from bot.work.work import Work
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.from_line import plan_line
from runbooks.planning.plan import Plan
from runbooks.runs.lifecycle import Act, Request, begin, begin_again, move
from runbooks.runs.run import Run, State
from runbooks.runs.stored_plan import write_plan
from runbooks.runs.tables import RunLockRow, RunResultRow, RunRow
from tests.support.desk import WORKDAY
from tests.support.kit import opened
from tests.support.once import example_site
from tests.unit.handlers.runs.worlds import POLICIES, World, world

RUN, LOCK, RESULT, AUDIT = table_of(RunRow), table_of(RunLockRow), table_of(RunResultRow), table_of(AuditRow)
Q, A, P, R, U = State.REQUESTED, State.ASKED, State.APPROVED, State.RUNNING, State.UNKNOWN
DONE, FAILED, VOID, EXPIRED, CANCELLED, REFUSED = (
    State.DONE,
    State.FAILED,
    State.VOID,
    State.EXPIRED,
    State.CANCELLED,
    State.REFUSED,
)
ENDS = {DONE, FAILED, VOID, EXPIRED, CANCELLED, REFUSED}
Line = tuple[str, str, str | None] | None
TABLE: dict[Act, tuple[set[State], State, str, Line]] = {
    # where it begins, where it leads, what is remembered when "why" is given, and the audit line: action, outcome, code
    Act.ASK: ({Q}, A, "why", ("run.ask", "ok", None)),
    Act.REHEARSE: ({Q}, CANCELLED, "dry_run", None),
    Act.REFUSE: ({Q}, REFUSED, "why", ("run.refuse", "refused", "why")),
    Act.CONFIRM: ({A}, P, "why", ("run.confirm", "ok", None)),
    Act.BREAK_GLASS: ({A}, P, "why", ("run.break_glass", "ok", None)),
    Act.REJECT: ({A}, CANCELLED, "rejected", ("run.reject", "ok", None)),
    Act.EXPIRE: ({A}, EXPIRED, "expired", ("run.expire", "expired", None)),
    Act.CANCEL: ({Q, A, P, U}, CANCELLED, "cancelled", ("run.cancel", "ok", None)),
    Act.START: ({P}, R, "why", ("run.start", "ok", None)),
    Act.LAPSE: ({P}, EXPIRED, "expired", ("run.start", "refused", "expired")),
    Act.LOSE_ROLE: ({P}, REFUSED, "role_lost", ("run.start", "refused", "role_lost")),
    Act.FIND_BUSY: ({P}, VOID, "busy", ("run.start", "refused", "busy")),
    Act.REFUSE_START: ({R}, REFUSED, "why", ("run.refuse", "refused", "why")),
    Act.CHANGE: ({R}, VOID, "changed", ("run.void", "refused", "changed")),
    Act.WAIT: ({R}, R, "why", ("run.wait", "ok", None)),
    Act.GO_ON: ({R}, R, "why", ("run.go_on", "ok", None)),
    Act.FINISH: ({R}, DONE, "why", ("run.end", "done", None)),
    Act.FAIL: ({R}, FAILED, "why", ("run.end", "failed", "why")),
    Act.STOP: ({R}, CANCELLED, "stopped", ("run.end", "cancelled", "stopped")),
    Act.LOSE: ({R}, U, "why", ("run.end", "unknown", None)),
    Act.PROVE: ({U}, DONE, "why", ("run.end", "done", None)),
    Act.TAKE_OVER: ({U}, CANCELLED, "resumed", ("run.end", "cancelled", "resumed")),
    Act.BREAK: ({Q, P}, REFUSED, "bug", ("run.refuse", "refused", "bug")),
}


@pytest.fixture
async def fast(quick_state: Path) -> AsyncIterator[World]:
    async with world(quick_state) as opened:
        yield opened


def plan(opened: World, number: int = 1) -> Plan:
    return plan_line(opened.catalogue, f"/do-two {number}", opened.site, WORKDAY)


async def rows(opened: World, table: Table) -> list[Row[Any]]:
    return await opened.transactions.store.read(lambda s: list(s.connection().execute(select(table))))


async def empty(opened: World) -> None:
    await opened.clear()
    await opened.transactions.store.write(lambda tx: tx.connection.execute(delete(RESULT)))


async def standing(opened: World, state: State) -> Run:
    """A run in that state with a lock and a kept result, beside another that has its own."""
    found: list[Run] = []

    def inside(work: Work) -> None:
        for number in (1, 2):
            run = begin(work, plan(opened, number), Request("zhou", "duty-room", "m"))
            work.execute(update(RUN).where(RUN.c.id == run.id).values(state=state.value))
            work.execute(insert(LOCK).values(target=f"t{number}", run=run.id))
            work.execute(insert(RESULT).values(run=run.id, place=1, output="", host="lb1", files=[], workers=None))
            found.append(run)

    assert await opened.act("zhou", inside) == "ok"
    return found[0]


async def does(opened: World, act: Callable[[Work], bool]) -> bool:
    made: list[bool] = []
    assert await opened.act("wen", lambda work: made.append(act(work))) == "ok"
    return made[0]


@pytest.mark.parametrize(
    ("act", "begins"), [(act, state) for act, (begins, *_) in TABLE.items() for state in sorted(begins)]
)
async def test_each_act_leads_where_the_table_says_and_leaves_its_line(fast: World, act: Act, begins: State) -> None:
    _, after, code, line = TABLE[act]
    run = await standing(fast, begins)
    assert await does(fast, lambda work: move(work, run, act, code="why", told={"more": 1}))
    row, other = await rows(fast, RUN)
    ended = fast.clock.real() if after in ENDS else None
    assert (row.state, row.code, row.ended_at) == (after.value, code, ended)
    assert (other.state, other.code, other.ended_at) == (begins.value, None, None)
    kept = [other.id] if after in ENDS else [row.id, other.id]
    assert [held.run for held in await rows(fast, LOCK)] == kept
    assert [held.run for held in await rows(fast, RESULT)] == kept
    said = [(r.actor, r.target, r.action, r.outcome, r.code, json.loads(r.detail)) for r in await rows(fast, AUDIT)]
    assert said == ([("wen", run.name, *line, {"line": "/do-two 1", "more": 1})] if line else [])


@pytest.mark.parametrize("act", Act)
async def test_no_act_happens_elsewhere(fast: World, act: Act) -> None:
    for state in set(State) - TABLE[act][0]:
        run = await standing(fast, state)
        assert not await does(fast, partial(move, run=run, act=act))
        assert {row.state for row in await rows(fast, RUN)} == {state.value}
        assert len(await rows(fast, LOCK)) == len(await rows(fast, RESULT)) == 2
        await empty(fast)
    assert await rows(fast, AUDIT) == []


async def test_a_code_that_nobody_gave_leaves_the_runs_own(fast: World) -> None:
    run = await standing(fast, State.RUNNING)
    assert await does(fast, lambda work: move(work, run, Act.LOSE, code="lost"))
    assert await does(fast, lambda work: move(work, run, Act.PROVE))
    assert (await rows(fast, RUN))[0].code == "lost"


async def test_who_starts_it_holds_it_for_a_minute_and_lets_go_at_the_end(fast: World) -> None:
    run = await standing(fast, State.APPROVED)
    assert await does(fast, lambda work: move(work, run, Act.START, started_at=work.real_now))
    row = (await rows(fast, RUN))[0]
    now = fast.clock.real()
    assert (row.owner, row.lease_until) == (fast.transactions.runtime.owner, now + timedelta(seconds=60))
    assert row.started_at == now
    assert await does(fast, lambda work: move(work, run, Act.WAIT, waits=2))
    row = (await rows(fast, RUN))[0]
    assert (row.waits, row.lease_until) == (2, now + timedelta(seconds=60))
    assert await does(fast, lambda work: move(work, run, Act.FINISH))
    row = (await rows(fast, RUN))[0]
    assert (row.owner, row.lease_until) == (fast.transactions.runtime.owner, None)


async def test_the_plan_that_is_shown_is_kept_as_a_plan(fast: World) -> None:
    run, shown = await standing(fast, State.REQUESTED), plan(fast, 9)
    assert await does(fast, lambda work: move(work, run, Act.ASK, plan=shown, hash="h"))
    row = (await rows(fast, RUN))[0]
    assert (row.plan, row.hash) == (json.loads(json.dumps(write_plan(shown))), "h")


async def test_a_new_run_has_what_was_asked_and_nothing_else(fast: World) -> None:
    request, asked = Request("zhou", "duty-room", "m7", 3, 5), plan(fast, 4)
    found: list[Run] = []

    def ask(work: Work) -> None:
        found.append(begin(work, asked, request))
        found.append(begin(work, asked, request, State.APPROVED))
        found.append(begin_again(work, found[1]))

    assert await fast.act("zhou", ask) == "ok"
    now, later = fast.clock.real(), await rows(fast, RUN)
    assert [row.state for row in later] == ["requested", "approved", "requested"]
    assert [run.confirmed_at for run in found] == [None, now, None]
    for run, row in zip(found, later, strict=True):
        assert run.id == row.id
        assert (run.verb, run.line, run.dry_run, run.plan) == ("do-two", "/do-two 4", False, asked)
        assert (run.requester, run.chat, run.message, run.first, run.origin) == ("zhou", "duty-room", "m7", 3, 5)
        assert (run.step, run.stop, run.look_back, run.hash, run.keys, run.posts) == (0, False, False, "", {}, [])
        assert (run.requested_at, run.ended_at, run.owner, run.code) == (now, None, None, None)


async def test_a_new_run_wakes_the_runner(quick_state: Path) -> None:
    asked = plan_line(load_catalogue(POLICIES), "/do-two 1", example_site(), WORKDAY)
    async with opened(quick_state) as parts:
        woken = parts.store.event("runner")
        await parts.transactions.do("before", lambda work: work.wake("sender"))
        assert not woken.is_set()
        await parts.transactions.do("a", lambda work: begin(work, asked, Request("zhou", "duty-room", "m")))
        assert woken.is_set()


@pytest.mark.parametrize("state", sorted(set(State) - {State.REQUESTED, State.APPROVED}))
async def test_no_run_begins_elsewhere(fast: World, state: State) -> None:
    def ask(work: Work) -> None:
        with pytest.raises(LookupError, match=f"^no run starts {state}$"):
            begin(work, plan(fast), Request("zhou", "duty-room", "m"), state)

    assert await fast.act("zhou", ask) == "ok"
    assert await rows(fast, RUN) == []
