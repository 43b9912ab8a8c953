"""A run that stopped is gone on with by the places of its steps, so only while they still name the same steps."""

from dataclasses import replace

import pytest

from bot.work.work import Work
from runbooks.language.vocabulary import Kind
from runbooks.planning.plan import Plan, Step
from runbooks.runs import endings, store
from runbooks.runs import steps as store_steps
from runbooks.runs.run import Run
from tests.support.desk import Desk
from tests.unit.handlers.runs.rooms import ROOM
from tests.unit.handlers.runs.test_ended_buttons import Runs, desk

__all__ = ["desk"]
STOPPED_AT = 8  # of the first node's twelve; a later program's catalogue has thirteen
LINE = "/rolling-restart oa"


class Earlier(Runs):
    """Runs as a program stored them whose rolls did not wait for old connections."""

    def plan(self, line: str) -> Plan:
        plan = super().plan(line)
        return replace(plan, steps=earlier(plan.steps))


def earlier(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    kept = [step for step in steps if step.kind is not Kind.DRAINED]
    return tuple(replace(step, index=place) for place, step in enumerate(kept, 1))


def stops(work: Work, run: Run, plan: Plan) -> None:
    assert store_steps.begin_steps(work, run, 1, plan.steps[:STOPPED_AT], may_stop=True)
    for place in range(1, STOPPED_AT + 1):
        store_steps.end_step(work, run, place, "done", 0, "")
    endings.stopped(work, run, plan, STOPPED_AT)


@pytest.mark.parametrize("word", ["", " 9"])
async def test_8_21_a_run_whose_steps_have_changed_is_not_gone_on_with(desk: Desk, word: str) -> None:
    runs = Earlier(desk)
    await runs.started(LINE)
    await runs.moved(1, stops)
    (told,) = await desk.says("zhou", f"/resume R1{word}", chat=ROOM)
    assert told.text == f"R1 之后步骤改过了，不能接着做。请先看各台停在哪一步，再重新发：{LINE}"
    assert await desk.app.store.read(lambda session: store.find(session, 2)) is None


async def test_what_has_not_changed_is_gone_on_with(desk: Desk) -> None:
    runs = Runs(desk)
    await runs.started(LINE)
    await runs.moved(1, stops)
    await desk.says("zhou", "/resume R1", chat=ROOM)
    again = await desk.app.store.read(lambda session: store.find(session, 2))
    assert again is not None
    assert (again.first, again.plan.steps[0].title) == (STOPPED_AT + 1, runs.plan(LINE).steps[STOPPED_AT].title)
