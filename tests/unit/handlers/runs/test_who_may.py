"""Whoever has a part in a run, and may not say yes to it himself, is told who may; a stranger hears as little as ever."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.work.work import Work
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.from_line import plan_line
from runbooks.planning.outcome import StepFault, StepResult, Undone
from runbooks.runs import endings, store
from runbooks.runs import steps as store_steps
from runbooks.runs.lifecycle import Act, Request, begin, move
from runbooks.runs.run import State
from tests.support.desk import Desk, Said, make_settings, open_desk
from tests.unit.handlers.runs.rooms import ROOM, code

BOOK = """
verb: ask-lead
alias: 问领
title: {zh: 问, en: ask}
source: a test
roles: [engineer]
confirm: second
confirmers: [lead, director]
breakglass: true
where: balancer
group: oa
steps:
  - {title: {zh: 前, en: before}, run: [act, before]}
  - {ask: {zh: 可以吗, en: may it}, limit: 600}
  - {title: {zh: 后, en: behind}, run: [act, behind]}
"""
WHO = "R1 要由负责人、总监确认，请找其中一位。"


@pytest.fixture
async def desk(tmp_path: Path, empty_db: Path, policy_data: Path) -> AsyncIterator[Desk]:
    """Nobody looks at servers here: how the run stands is put on record."""
    (policy_data / "runbooks" / "ask-lead.yaml").write_text(BOOK)
    settings = make_settings(tmp_path / "state", data_dir=policy_data)
    async with open_desk(tmp_path / "state", empty_db, settings=settings) as opened:
        yield opened


async def waits(desk: Desk, *, alone: str | None = None) -> Said:
    """R1 of zhou waits at its second step; ``alone``: who broke the glass for it."""
    plan = plan_line(load_catalogue(desk.app.settings.data_dir / "runbooks"), "/ask-lead", desk.site, desk.clock.real())

    def act(work: Work) -> None:
        added = begin(work, plan, Request("zhou", ROOM, "m"), State.APPROVED)
        assert move(work, added, Act.START, reason="联系不上" if alone else None, confirmer=alone or "hemu")
        assert store_steps.begin_steps(work, added, 1, plan.steps[:1], may_stop=True)
        store_steps.end_step(work, added, 1, "done", 0, "")
        now = store.get(work, added.id)
        assert now is not None
        endings.ask_person(work, now, plan, 2, [StepResult(None, 0)], ())

    await desk.app.transactions.do("waits", act)
    await desk.settle()
    return (await desk.bot(ROOM))[-1]


async def test_8_16_a_waiting_step_says_whose_yes_it_waits_for(desk: Desk) -> None:
    pause = await waits(desk)
    assert "需另一人确认（负责人、总监），或发 /cancel R1 停下" in pause.text


@pytest.mark.parametrize("user", ["zhou", "wen"])
@pytest.mark.parametrize("line", ["/resume R1", "/confirm R1", ""])
async def test_8_16_who_may_not_say_yes_to_a_waiting_step_is_told_who_may(desk: Desk, user: str, line: str) -> None:
    pause = await waits(desk)
    said = await desk.says(user, line, chat=ROOM) if line else await desk.taps(user, pause, "continue")
    assert [answer.text for answer in said] == [WHO]
    assert await code(desk) == ("refused", "not_confirmer")


async def test_8_16_a_confirm_of_a_step_by_who_may_is_told_the_word_for_it(desk: Desk) -> None:
    await waits(desk)
    (answer,) = await desk.says("hemu", "/confirm R1", chat=ROOM)
    assert "/resume R1" in answer.text
    assert "不用再确认" not in answer.text


async def test_8_16_a_step_of_who_broke_the_glass_waits_for_him_by_name(desk: Desk) -> None:
    pause = await waits(desk, alone="zhou")
    assert "由 周予安 本人确认（紧急执行）" in pause.text
    (answer,) = await desk.says("wen", "/resume R1", chat=ROOM)
    assert answer.text == "R1 由 周予安 紧急执行，后面的步骤也只能由本人确认。"


async def test_8_16_strangers_hear_as_little_as_ever(desk: Desk) -> None:
    pause = await waits(desk)
    for user in ("lixiao", "pan"):
        said = [*await desk.taps(user, pause, "continue"), *await desk.says(user, "/resume R1", chat=ROOM)]
        assert not [answer for answer in said if "负责人" in answer.text or "R1" in answer.text]
        assert await code(desk) == ("refused", "not_authorised")


async def test_8_16_who_may_confirm_a_run_and_not_ask_for_it_is_told_who_asks_for_its_rest(desk: Desk) -> None:
    plan = plan_line(load_catalogue(desk.app.settings.data_dir / "runbooks"), "/ask-lead", desk.site, desk.clock.real())

    def act(work: Work) -> None:
        added = begin(work, plan, Request("zhou", ROOM, "m"), State.APPROVED)
        assert move(work, added, Act.START)
        assert store_steps.begin_steps(work, added, 1, plan.steps[:1], may_stop=True)
        store_steps.end_step(work, added, 1, "exit", 1, "")
        endings.failed(work, added, plan, [StepResult(StepFault.EXIT, 1)], Undone.NOTHING, files=(), left=())

    await desk.app.transactions.do("failed", act)
    answer = (await desk.says("shen", "/resume R1", chat=ROOM))[-1]
    assert answer.text == "/ask-lead 要由工程师申请，请找其中一位。"
