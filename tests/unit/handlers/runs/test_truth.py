"""What is told of runs is true, and nobody is asked twice for the same: the answers in chat, and the rows beside them."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot.work.work import Work
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.from_line import plan_line
from runbooks.planning.outcome import StepFault, StepResult, Undone
from runbooks.runs import endings
from runbooks.runs import steps as store_steps
from runbooks.runs.lifecycle import Act, Request, begin, move
from runbooks.runs.run import State
from tests.support.desk import Desk, make_settings, open_desk
from tests.support.once import example_site, renderer
from tests.unit.handlers.runs.rooms import ROOM


@pytest.fixture
async def desk(tmp_path: Path, empty_db: Path, policy_data: Path) -> AsyncIterator[Desk]:
    """Nobody looks at servers here: what was sent is put on record by the tests."""
    settings = make_settings(tmp_path / "state", data_dir=policy_data)
    async with open_desk(tmp_path / "state", empty_db, settings=settings) as opened:
        yield opened


async def put(
    desk: Desk, *acts: Act, line: str = "/drain oa3", places: int = 0, fault: StepFault | None = None
) -> None:
    """A run of ``line``, moved by ``acts``; with ``fault`` it failed at step ``places``."""
    now = desk.clock.real()
    plan = plan_line(load_catalogue(desk.app.settings.data_dir / "runbooks"), line, desk.site, now)

    def act(work: Work) -> None:
        added = begin(work, plan, Request("zhou", ROOM, "m"), State.APPROVED if acts else State.REQUESTED)
        for one in acts:
            assert move(work, added, one)
        for place in range(1, places + 1):
            assert store_steps.begin_steps(work, added, place, plan.steps[place - 1 : place], may_stop=True)
            store_steps.end_step(work, added, place, "done" if place < places else "exit", int(place == places), "")
        if fault:
            results = [*[StepResult(None, 0)] * (places - 1), StepResult(fault, 1)]
            endings.failed(work, added, plan, results, Undone.NOTHING, files=(), left=())

    await desk.app.transactions.do(f"put{desk.clock.real()}{line}{acts}", act)


async def states(desk: Desk) -> list[tuple[str, str]]:
    """Every run as the database has it: line and state."""
    sql = "SELECT line || ' ' || state FROM run ORDER BY id"
    return [tuple(row.rsplit(" ", 1)) for row in await column(desk, sql)]  # type: ignore[misc]  # two parts


async def column(desk: Desk, sql: str) -> list[str]:
    return await desk.app.store.read(lambda session: list(session.connection().execute(text(sql)).scalars()))


@pytest.mark.parametrize("again", ["/drain oa3", "/drain 10.154.0.164", "/摘除 oa3"])
@pytest.mark.parametrize("who", ["zhou", "wen"])
async def test_8_9_the_same_asked_for_again_is_pointed_to_the_one_that_waits(desk: Desk, who: str, again: str) -> None:
    await desk.says("zhou", "/drain oa3", chat=ROOM)
    answers = await desk.says(who, again, chat=ROOM)
    assert len(await states(desk)) == 1
    assert any("R1" in answer.text and "同样的操作" in answer.text for answer in answers)


async def test_8_9_another_argument_is_another_run_and_a_run_that_is_over_is_in_nobodys_way(desk: Desk) -> None:
    await desk.says("zhou", "/drain oa3", chat=ROOM)
    await desk.says("zhou", "/drain oa4", chat=ROOM)
    await desk.says("zhou", "/cancel R1", chat=ROOM)
    await desk.says("zhou", "/drain oa3", chat=ROOM)
    assert [state for _, state in await states(desk)] == ["cancelled", "requested", "requested"]


async def test_8_9_two_people_who_go_on_with_a_run_make_one(desk: Desk) -> None:
    await put(desk, Act.START, line="/restart oa3", places=2, fault=StepFault.EXIT)
    await desk.says("zhou", "/resume R1", chat=ROOM)
    answer = (await desk.says("wen", "/resume R1", chat=ROOM))[-1]
    assert [state for _, state in await states(desk)] == ["failed", "requested"]
    assert "R1 已由 R2 继续" in answer.text


async def test_8_9_a_run_that_stopped_is_listed_until_somebody_goes_on_with_it(desk: Desk) -> None:
    await put(desk, Act.START, line="/restart oa3", places=2, fault=StepFault.EXIT)
    await desk.settle()
    listed = (await desk.says("wen", "/runs", chat=ROOM))[-1]
    assert re.search(r"R1 /restart oa3 .*未完成，继续发 /resume R1", listed.text)
    await desk.says("zhou", "/resume R1", chat=ROOM)
    (listed,) = await desk.says("wen", "/runs", chat=ROOM)
    assert "/resume R1" not in listed.text
    assert "R2 /restart oa3" in listed.text


async def test_8_9_the_end_of_a_run_has_its_buttons(desk: Desk) -> None:
    await put(desk, Act.START, line="/restart oa3", places=2, fault=StepFault.EXIT)
    await desk.settle()
    (post,) = [post for post in await desk.bot(ROOM) if "未完成" in post.text]
    assert set(post.actions) >= {"output:R1", "resume:R1"}
    await desk.taps("wen", post, "resume")
    assert [state for _, state in await states(desk)] == ["failed", "requested"]


def said(template: str, **facts: object) -> str:
    return renderer(ZoneInfo("Asia/Shanghai")).post(template, "zh", facts).text


@pytest.mark.parametrize(
    ("verb", "items", "effect", "online"),
    [
        ("rolling-restart", ("oa1", "oa2"), "brief", 10),
        ("rolling-restart", ("oa1", "oa2"), "out", 10),
        ("restart", (), "brief", 10),
        ("drain", (), "out", 9),
    ],
)
def test_8_9_after_a_roll_all_nodes_are_said_to_be_there(
    verb: str, items: tuple[str, ...], effect: str, online: int
) -> None:
    seen = SimpleNamespace(diff=("-a", "+b"), before=10, after=9)
    title = SimpleNamespace(zh="逐个重启", en="roll")
    plan = SimpleNamespace(
        title=title, what="oa", called="oa", seen=seen, items=items, effect=effect, undo="", longest_wait=0.0
    )
    run = SimpleNamespace(name="R1", verb=verb)
    assert f"{online} 个节点在线" in said("runs/done", run=run, plan=plan, seconds=60, rows=[], old=None)


def test_8_9_the_node_that_does_not_answer_is_named_and_not_its_group() -> None:
    step = SimpleNamespace(title=SimpleNamespace(zh="停止", en="stop"), target=SimpleNamespace(id="oa3"))
    plan = SimpleNamespace(what="oa", called="oa", seen=None)
    found = SimpleNamespace(
        well=False, ending="ended", exit=1, undone=None, answers=False, left=(), refused="", host=""
    )
    text = said("runs/looked_back", run=SimpleNamespace(name="R1"), plan=plan, place=2, step=step, total=9, found=found)
    assert "oa3 现在不能访问" in text
    assert "oa 现在" not in text


def test_8_9_old_workers_that_do_not_begin_to_end_are_not_called_harmless() -> None:
    plan = plan_line(load_catalogue(), "/drain oa3", example_site(), datetime(2026, 10, 14, 2, tzinfo=UTC))
    facts: dict[str, Any] = {"exit": None, "undone": "left", "roll": None, "left": (), "said": "", "down": ()}
    facts |= {"old": None, "out": (), "with_it": {"done": [], "failed": []}, "passed": None}
    run, fault = SimpleNamespace(name="R1"), StepFault.OLD_WORKERS.value
    told = said("runs/failed", run=run, plan=plan, place=4, step=plan.steps[3], fault=fault, **facts)
    assert "新配置已生效，但旧进程可能还在接收新请求" in told
