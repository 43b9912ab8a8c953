"""Where a server stands is nothing for a group of reporters: whatever it reads of a run names hosts by their ids."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.work.work import Work
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.from_line import plan_line
from runbooks.planning.outcome import StepResult
from runbooks.remote.command import NotStarted
from runbooks.remote.journal import Ending
from runbooks.runs import asking, cut_together, endings, store
from runbooks.runs import steps as store_steps
from runbooks.runs.group_words import by_name
from runbooks.runs.lifecycle import Act, Request, begin, move
from runbooks.runs.recovery import Found
from runbooks.runs.run import Run, State
from tests.support.desk import Desk, open_desk
from tests.support.once import example_site

GROUP = "shifuban"
ADDRESS = "10.154.54.57"


@pytest.fixture
async def desk(tmp_path: Path, empty_db: Path) -> AsyncIterator[Desk]:
    """Nobody looks at servers here: how the run stands is put on record."""
    async with open_desk(tmp_path / "state", empty_db) as opened:
        yield opened


async def put(desk: Desk, state: State, *after: Callable[[Work, Run], object]) -> None:
    """R1, which zhou asked for in the group by the node's id, in ``state``; then ``after`` happens to it."""
    plan = plan_line(load_catalogue(), "/drain oa9", desk.site, desk.clock.real())
    assert ADDRESS in plan.line

    def act(work: Work) -> None:
        added = begin(work, plan, Request("zhou", GROUP, "m"), state)
        for one in after:
            one(work, store.get(work, added.id) or added)

    await desk.app.transactions.do(f"put{after}", act)
    await desk.settle()


async def told(desk: Desk) -> str:
    """All that the group has read; no address is in it."""
    read = "\n".join(said.text for said in await desk.bot(GROUP))
    assert ADDRESS not in read
    return read


def started(work: Work, run: Run) -> None:
    assert move(work, run, Act.START)
    assert store_steps.begin_steps(work, run, 1, run.plan.steps[:1], may_stop=True)


def waits(work: Work, run: Run) -> None:
    started(work, run)
    store_steps.end_step(work, run, 1, "done", 0, "")
    endings.ask_person(work, store.get(work, run.id) or run, run.plan, 2, [StepResult(None, 0)], ())


LATE = "/drain oa9"


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (State.REQUESTED, lambda work, run: asking.refuse(work, run, NotStarted("unreachable", "lb1"), Act.REFUSE)),
        (State.REQUESTED, endings.bug),
        (State.APPROVED, lambda work, run: asking._not_run(work, run, Act.LAPSE, "expired")),
    ],
    ids=["unreachable", "bug", "too late"],
)
async def test_8_17_what_did_not_run_is_to_be_sent_again_by_the_name_of_its_host(
    desk: Desk, state: State, after: Callable[[Work, Run], object]
) -> None:
    await put(desk, state, after)
    assert f"重新发送：{LATE}" in await told(desk)


async def test_8_17_a_question_that_nobody_answered_names_the_host(desk: Desk) -> None:
    def asked(work: Work, run: Run) -> None:
        expires = work.real_now
        assert move(work, run, Act.ASK, expires_at=expires)
        work.due("runs.expire", run.name, expires, real=True)

    await put(desk, State.REQUESTED, asked)
    await desk.later(seconds=1)
    assert f"重新发送：{LATE}" in await told(desk)
    await desk.says("wen", "/confirm R1", chat=GROUP)
    await told(desk)


async def test_8_17_a_cancelled_run_and_one_that_is_in_the_way_name_the_host(desk: Desk) -> None:
    await put(desk, State.REQUESTED)
    await desk.says("wen", "/drain oa9", chat=GROUP)
    await desk.says("wen", "/cancel", chat=GROUP)
    await desk.says("wen", "/cancel R1", chat=GROUP)
    assert f"R1（{LATE}）已由 温若川 取消" in await told(desk)


async def test_8_17_a_target_that_is_held_and_words_that_are_no_yes_name_the_host(desk: Desk) -> None:
    await put(desk, State.APPROVED, waits)
    await desk.says("wen", "@值班 R1 取消", chat=GROUP)
    read = await told(desk)
    assert f"R1（{LATE}）还没有结束" in read
    assert "停在第 2 步" in read


async def test_8_17_what_many_hosts_know_of_a_cut_run_names_them(desk: Desk) -> None:
    def lost(work: Work, run: Run) -> None:
        started(work, run)
        assert move(work, run, Act.LOSE, look_back=True)
        cut_together.each_looked_back(work, store.get(work, run.id) or run, {1: Found(Ending.CUT)})

    await put(desk, State.APPROVED, lost)
    assert "请查看 oa9，再发" in await told(desk)


def test_8_17_an_address_is_named_whole_or_not_at_all() -> None:
    site = example_site()
    for text, named in {
        "/drain 10.154.54.57": "/drain oa9",
        "/drain 10.154.54.57:6888 now": "/drain oa9 now",
        "/drain 10.154.54.570": "/drain 10.154.54.570",
        "/drain 110.154.54.57": "/drain 110.154.54.57",
        "/restart oa9": "/restart oa9",
    }.items():
        assert by_name(site, text) == named
