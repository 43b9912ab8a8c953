"""The buttons of what is said of a run go when they ask nothing any more; read in the chat as its readers see it."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.work.work import Work
from runbooks.language.load.catalogue import load_catalogue
from runbooks.language.vocabulary import Kind
from runbooks.planning.from_line import plan_line
from runbooks.planning.outcome import StepFault, StepResult, Undone
from runbooks.planning.plan import Plan
from runbooks.remote.journal import Ending
from runbooks.runs import asking, drain_notices, endings, questions, store, watches
from runbooks.runs import steps as store_steps
from runbooks.runs.cut_together import each_looked_back
from runbooks.runs.lifecycle import Act, Request, begin, move
from runbooks.runs.recovery import Found
from runbooks.runs.run import Run, State
from tests.support.desk import Desk, make_settings, open_desk
from tests.support.paths import ROOT
from tests.unit.handlers.runs.rooms import ROOM

VIEWS = {"output", "commands"}


@pytest.fixture
async def desk(tmp_path: Path, empty_db: Path, policy_data: Path) -> AsyncIterator[Desk]:
    """Nobody looks at servers here: what runs did is put on record by the tests."""
    (policy_data / "runbooks" / "ask-me.yaml").write_text(
        "verb: ask-me\nalias: 问我\ntitle: {zh: 问, en: ask}\nsource: a test\nroles: [engineer]\nwhere: balancer\ngroup: oa\n"
        "steps:\n  - {title: {zh: 前, en: before}, run: [/bin/true]}\n  - {ask: {zh: 可以吗, en: may it}, limit: 600}\n"
        "  - {title: {zh: 后, en: behind}, run: [/bin/true]}\n"
    )
    (policy_data / "runbooks" / "all-of-us.yaml").write_text(
        "verb: all-of-us\nalias: 一起\ntitle: {zh: 一起, en: together}\nsource: a test\nroles: [engineer]\nwhere: balancer\n"
        "group: oa\nsteps:\n  - {title: {zh: 一起做, en: all at once}, on: {group: oa}, at_once: 10, run: [/bin/true]}\n"
        "  - {title: {zh: 后, en: behind}, run: [/bin/true]}\n"
    )
    settings = make_settings(tmp_path / "state", data_dir=policy_data)
    async with open_desk(tmp_path / "state", empty_db, settings=settings) as opened:
        yield opened


class Runs:
    """Runs of a desk, moved by hand as the runner would."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._acts = 0

    def plan(self, line: str) -> Plan:
        catalogue = load_catalogue(self.desk.app.settings.data_dir / "runbooks")
        return plan_line(catalogue, line, self.desk.site, self.desk.clock.real())

    async def act(self, do: Callable[[Work], object]) -> None:
        self._acts += 1
        await self.desk.app.transactions.do(f"act{self._acts}", do)
        await self.desk.settle()

    async def asked(self, line: str, origin: int | None = None) -> None:
        """A run stands with its question in the room."""

        def ask(work: Work) -> None:
            asking.show(
                work, begin(work, self.plan(line), Request("zhou", ROOM, "m", origin=origin)), self.plan(line), {}
            )

        await self.act(ask)

    async def started(self, line: str, origin: int | None = None) -> None:
        """A run is claimed by the runner after a yes."""

        def start(work: Work) -> None:
            run = begin(work, self.plan(line), Request("zhou", ROOM, "m", origin=origin))
            assert move(work, run, Act.ASK, plan=run.plan, expires_at=work.real_now)
            assert move(work, run, Act.CONFIRM, confirmer="wen", confirmed_at=work.real_now)
            assert asking.claim(work, store.get(work, run.id) or run)

        await self.act(start)

    async def moved(self, number: int, do: Callable[[Work, Run, Plan], object]) -> None:
        def move_it(work: Work) -> None:
            run = store.get(work, number)
            assert run is not None
            do(work, run, run.plan)

        await self.act(move_it)

    async def ended(self, number: int, how: str) -> None:
        await self.moved(number, ENDS[how])


def begun(work: Work, run: Run, plan: Plan, places: int, last: str) -> None:
    assert store_steps.begin_steps(work, run, 1, plan.steps[:places], may_stop=True)
    for place in range(1, places + 1):
        store_steps.end_step(work, run, place, "done" if place < places else last, int(place == places), "")


def waits(work: Work, run: Run, plan: Plan) -> None:
    endings.ask_person(work, run, plan, 2, [StepResult(None, 0)], ())


def fails(work: Work, run: Run, plan: Plan) -> None:
    begun(work, run, plan, 2, "exit")
    endings.failed(work, run, plan, [StepResult(None, 0), StepResult(StepFault.EXIT, 1)], Undone.NOTHING, (), ())


def nobody(work: Work, run: Run, plan: Plan) -> None:
    assert questions.take(work, run) is not None
    results = [StepResult(None, 0), StepResult(StepFault.NOT_CONFIRMED, None)]
    endings.failed(work, run, plan, results, Undone.NOTHING, (), ())


def stops(work: Work, run: Run, plan: Plan) -> None:
    begun(work, run, plan, 1, "done")
    endings.stopped(work, run, plan, 1)


def found(work: Work, run: Run, _plan: Plan) -> None:
    if run.state is State.RUNNING:
        begun(work, run, run.plan, 1, "done")
        endings.unknown(work, run)
        run = store.get(work, run.id) or run
    endings.looked_back(work, run, Found(Ending.NOT_BEGUN))


def each_found(work: Work, run: Run, plan: Plan) -> None:
    """Of hosts that did a step together one did not begin, so that nobody has to say where to go on."""
    places = [place for place, step in enumerate(plan.steps, 1) if step.wave == plan.steps[0].wave]
    if run.state is State.RUNNING:
        assert store_steps.begin_steps(work, run, 1, plan.steps[: len(places)], may_stop=True)
        endings.unknown(work, run)
        run = store.get(work, run.id) or run
    each_looked_back(work, run, {place: Found(Ending.NOT_BEGUN) for place in places})


def done(work: Work, run: Run, plan: Plan) -> None:
    endings.done(work, run, plan, [StepResult(None, 0) for _ in plan.steps], ())


def waits_too_long(work: Work, run: Run, plan: Plan) -> None:
    """Old connections have not ended in the longest wait: of a roll, which asks, or of a drain, which is done."""
    place = next(n for n, step in enumerate(plan.steps, 1) if step.kind is Kind.DRAINED)
    begun(work, run, plan, place - 1, "done")
    results = [StepResult(None, 0) for _ in plan.steps[: place - 1]]
    assert watches.put(work, run, place, results, None)
    watch, now = watches.of_run(work.session, run), store.get(work, run.id)
    assert watch is not None
    assert now is not None
    if place < len(plan.steps):
        drain_notices.ask(work, now, place)
        return
    assert watches.take(work, now, watch)
    endings.done(work, now, plan, [*results, StepResult(None, 0)], ())
    drain_notices.overdue(work, now, watch)


def watch_ends(work: Work, run: Run, plan: Plan) -> None:
    watch = watches.of_run(work.session, run)
    assert watch is not None
    drain_notices.gone(work, run, watch)


def is_back(work: Work, run: Run, plan: Plan) -> None:
    """As when ``/undrain`` is through; it stands as a run of its own."""
    drain_notices.ended_by(work, run, plan.address)


def stops_waiting(work: Work, run: Run, plan: Plan) -> None:
    endings.stopped(work, run, plan, run.step - 1)


async def undrained(runs: Runs) -> None:
    await runs.started("/undrain oa3", 1)
    await runs.ended(2, "back")


ENDS = {"waits": waits, "fails": fails, "nobody": nobody, "stops": stops, "found": found, "done": done}
ENDS |= {"each found": each_found}
ENDS |= {"too long": waits_too_long, "watch ends": watch_ends, "stops waiting": stops_waiting, "back": is_back}
ENDS["lost"] = lambda work, run, _plan: endings.unknown(work, run)
Way = Callable[[Runs], Awaitable[object]]


def says(who: str, line: str) -> Way:
    return lambda runs: runs.desk.says(who, line, chat=ROOM)


def ends(number: int, how: str) -> Way:
    return lambda runs: runs.ended(number, how)


def starts(line: str, origin: int | None = None) -> Way:
    return lambda runs: runs.started(line, origin)


def taps(who: str, verb: str) -> Way:
    async def tap(runs: Runs) -> None:
        message = [m for m in await runs.desk.bot(ROOM) if any(a.startswith(f"{verb}:") for a in m.actions)][-1]
        await runs.desk.taps(who, message, verb)

    return tap


def passes(**span: float) -> Way:
    return lambda runs: runs.desk.later(**span)


async def nobody_in_time(runs: Runs) -> None:
    await runs.desk.later(minutes=11)
    await runs.ended(1, "nobody")


@dataclass(frozen=True)
class Question:
    """What stands in the room with ``template`` after ``asked``; each of ``ways`` ends it."""

    template: str
    asked: tuple[Way, ...]
    verbs: frozenset[str]
    ways: dict[str, Way]


STEP = (starts("/ask-me"), ends(1, "waits"))
TOGETHER = (starts("/all-of-us"), ends(1, "each found"))
ANSWERS = {
    "tap": taps("wen", "confirm"),
    "typed": says("wen", "/confirm R1"),
    "no": taps("wen", "reject"),
    "typed no": says("zhou", "/cancel R1"),
    "time": passes(minutes=6),
}
QUESTIONS = [
    Question("runs/ask", (lambda runs: runs.asked("/ask-me"),), frozenset({"confirm", "reject", "commands"}), ANSWERS),
    Question("runs/pause", STEP, frozenset({"continue", "output"}), {
        "tap": taps("wen", "continue"),
        "typed": says("wen", "/resume R1"),
        "time": nobody_in_time,
        "stopped": ends(1, "stops"),
        "lost": ends(1, "lost"),
        "failed": ends(1, "fails"),
    }),
    Question("runs/done", (starts("/drain oa3"), ends(1, "done")), frozenset({"undo"}), {
        "tap": starts("/undrain oa3", 1),
        "typed": starts("/undrain oa3"),
    }),
    Question("runs/drain_ask", (starts("/rolling-restart oa"), ends(1, "too long")), frozenset({"continue", "wait"}), {
        "put back": ends(1, "stops waiting"),
        "tap": taps("wen", "continue"),
        "typed": says("wen", "/resume R1"),
        "waits on": taps("zhou", "wait"),
        "typed wait": says("zhou", "/resume R1 再等"),
        "gone": ends(1, "watch ends"),
    }),
    Question("runs/drain_overdue", (starts("/drain oa3"), ends(1, "too long")), frozenset({"wait"}), {
        "back": undrained,
        "waits on": taps("zhou", "wait"),
        "typed wait": says("zhou", "/resume R1 再等"),
        "gone": ends(1, "watch ends"),
    }),
    Question("runs/failed", (starts("/ask-me"), ends(1, "fails")), frozenset({"resume"}), {
        "gone on with": starts("/ask-me", 1),
    }),
    Question("runs/stopped", (starts("/ask-me"), ends(1, "stops")), frozenset({"resume"}), {
        "gone on with": starts("/ask-me", 1),
    }),
    Question("runs/looked_back", (starts("/ask-me"), ends(1, "found")), frozenset({"resume", "cancel"}), {
        "gone on with": starts("/ask-me", 1),
        "tap": taps("zhou", "cancel"),
        "typed": says("wen", "/cancel R1"),
        "looked at again": ends(1, "found"),
    }),
    Question("runs/each_looked_back", TOGETHER, frozenset({"resume", "cancel"}), {
        "gone on with": starts("/all-of-us", 1),
        "tap": taps("zhou", "cancel"),
        "typed": says("wen", "/cancel R1"),
        "looked at again": ends(1, "each found"),
    }),
]  # fmt: skip
CASES = [
    pytest.param(question, way, id=f"{question.template}-{way}") for question in QUESTIONS for way in question.ways
]


@pytest.mark.parametrize(("question", "way"), CASES)
async def test_8_27_the_buttons_of_an_ended_question_of_a_run_are_gone(
    desk: Desk, question: Question, way: str
) -> None:
    runs = Runs(desk)
    for act in question.asked:
        await act(runs)
    asked = await asking_now(desk, question.verbs)
    assert asked
    await question.ways[way](runs)
    left = await asking_now(desk, question.verbs)
    assert {message: left[message] for message in asked if message in left} == {}


@pytest.mark.parametrize("template", ["runs/done", "runs/drain_overdue"])
async def test_8_9_what_is_offered_by_a_button_is_not_said_beside_it_where_it_would_stay(
    desk: Desk, template: str
) -> None:
    """The end of a drain said "撤销请发 /undrain oa3" still, after it had been taken back."""
    runs = Runs(desk)
    (question,) = [known for known in QUESTIONS if known.template == template]
    for act in question.asked:
        await act(runs)
    (asked, *_) = [m for m in await desk.bot(ROOM) if question.verbs & {a.partition(":")[0] for a in m.actions}]
    await starts("/undrain oa3")(runs)
    (left,) = [m for m in await desk.bot(ROOM) if m.id == asked.id]
    assert not re.search("/undrain|/undo|/resume", left.text)


async def asking_now(desk: Desk, verbs: frozenset[str]) -> dict[str, list[str]]:
    """The messages that ask with buttons of these verbs, beside mere looks: their actions by id."""
    found = {m.id: [a for a in m.actions if a.partition(":")[0] in verbs] for m in await desk.bot(ROOM)}
    return {
        message: actions for message, actions in found.items() if any(a.partition(":")[0] not in VIEWS for a in actions)
    }


def test_8_27_every_message_of_a_run_with_buttons_is_one_of_these() -> None:
    folder = ROOT / "messages" / "zh" / "runs"
    with_buttons = {f"runs/{path.stem}" for path in folder.glob("*.j2") if "{{ button(" in path.read_text()}
    assert with_buttons == {question.template for question in QUESTIONS}


@pytest.mark.parametrize("question", [pytest.param(question, id=question.template) for question in QUESTIONS])
async def test_8_27_a_late_tap_on_a_run_gets_one_line_and_changes_nothing(desk: Desk, question: Question) -> None:
    """As somebody may still press it where a platform cannot take buttons off, or on a page that has not heard of it yet."""
    runs = Runs(desk)
    for act in question.asked:
        await act(runs)
    (asked,) = [m for m in await desk.bot(ROOM) if m.id in await asking_now(desk, question.verbs)][-1:]
    await next(iter(question.ways.values()))(runs)
    before = await states(desk)
    for action in asked.actions:
        if action.partition(":")[0] not in VIEWS:
            (said,) = await desk.taps("wen", asked, action)
            assert "\n" not in said.text
    assert await states(desk) == before


async def states(desk: Desk) -> list[tuple[object, ...]]:
    """Every run as the database has it."""
    query = text("SELECT id, state, waits, stop, confirmer FROM run ORDER BY id")
    return await desk.app.store.read(lambda session: [tuple(row) for row in session.connection().execute(query)])
