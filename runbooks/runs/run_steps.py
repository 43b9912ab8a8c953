"""One approved run, step by step, to its end: what is sent is on record first; what ended is told as it ended."""

import asyncio
from collections.abc import Callable, Mapping
from typing import NoReturn, TypeVar

from bot.core import crash_points
from bot.core.content import Attachment
from bot.core.redact import tail
from bot.work.work import Transactions, Work
from runbooks.engine.prechecks import Prechecked
from runbooks.engine.secrets import read_secrets
from runbooks.engine.step import Execution
from runbooks.language.vocabulary import Kind
from runbooks.planning.outcome import Left, StepFault, StepResult, Undone, Waiting
from runbooks.planning.plan import Step
from runbooks.remote.command import Lost, NotStarted, Remote
from runbooks.remote.journal import Journal
from runbooks.runs import (
    asking,
    drain_notices,
    endings,
    notices,
    output_files,
    policy,
    roll_progress,
    store,
    watches,
)
from runbooks.runs import steps as store_steps
from runbooks.runs.parallel import Wave
from runbooks.runs.questions import Question
from runbooks.runs.recovery import left_behind
from runbooks.runs.run import Run
from runbooks.runs.watch_lifecycle import WatchAct, move_watch
from runbooks.runs.way_back import NOBODY, Back, WayBack

T = TypeVar("T")


async def execute_run(transactions: Transactions, remote: Remote, run: Run, looked: Prechecked) -> None:
    """``running`` → ``done``, ``failed``, ``cancelled`` or ``unknown``, or up to a step that waits for a person."""
    secrets = await asyncio.to_thread(read_secrets, transactions.runtime.settings.state_dir)
    await RunExecutor(transactions, remote, run, looked, secrets).execute()


class RunExecutor:
    """The claimed ``run`` and the look that its yes was compared with."""

    def __init__(
        self, transactions: Transactions, remote: Remote, run: Run, looked: Prechecked, secrets: Mapping[str, str]
    ) -> None:
        self._transactions = transactions
        self._remote = remote
        self._run = run
        self._plan = looked.plan
        self._journal = Journal(remote, run.record)
        self._execution = Execution(self._journal, looked, ask=self._ask_person, secrets=secrets)
        self._results: list[StepResult] = []
        self._behind: list[StepResult] = []  # of hosts that did the failed step with the one that failed first
        self._taken: Question | None = None
        self._back = NOBODY

    async def execute(self) -> None:
        """Each step once; the first that is not to be, or fails, or is lost, or waits for a person, is the last for now."""
        steps = self._plan.steps
        while (place := len(self._results) + 1) <= len(steps):
            try:
                goes_on = await (self._wave(place) if steps[place - 1].wave else self._single(place))
            except Lost:
                await self._do("unknown", lambda work: endings.unknown(work, self._run))
                return
            except Waiting:
                return
            if not goes_on:
                return
        crash_points.point("run.before_finish")
        files = await self._keep_output()
        await self._do("done", lambda work: endings.done(work, self._run, self._plan, self._results, files))

    async def go_on(self, question: Question, results: list[StepResult], *, as_confirmed: bool) -> None:
        """From the step of ``question`` on; ``results`` are those of the steps before it.

        A yes to what is no longer as confirmed fails the run; a silence or a cancel means the same as ever.
        """
        self._results = results
        self._execution.went_well(zip(self._plan.steps[: question.place - 1], results, strict=True))
        if as_confirmed or question.answered_at is None or await self._cancelled():
            self._taken = question
            await self.execute()
        else:
            self._journal.begin(question.place)
            await self._ended(question.place, StepResult(StepFault.CHANGED))

    async def go_on_behind(
        self, place: int, results: list[StepResult], result: StepResult, ends: WatchAct | None
    ) -> None:
        """From behind a step that waited for old connections, with its own result."""
        self._results = results
        self._execution.went_well(zip(self._plan.steps[: place - 1], results, strict=True))
        if ends is WatchAct.PUT_BACK:  # by somebody else, while it waited
            self._back = Back((drain_notices.node_name(self._plan, place),))
        if await self._ended(place, result, ends):
            await self.execute()

    async def give_up(self, place: int, results: list[StepResult], left: Left) -> None:
        """Nothing has been done on the nodes whose old connections did not end: they are put back, and the run is over."""
        self._results = results
        self._execution.went_well(zip(self._plan.steps[: place - 1], results, strict=True))
        cancelled = await self._cancelled()
        result = StepResult(StepFault.OLD_WORKERS, left=left)
        self._results.append(result)
        await self._end(place, result)
        way = WayBack(self._transactions, self._remote, self._run, self._journal, self._execution)
        back = await way.go(self._plan, place)
        if cancelled:
            await self._do("stopped", lambda work: endings.stopped(work, self._run, self._plan, place - 1, back))
            return
        files = await self._keep_output()
        await self._do(
            "failed",
            lambda work: endings.failed(work, self._run, self._plan, self._results, back.undone, files, (), back),
        )

    async def _single(self, place: int) -> bool:
        """One step; False when the run has ended with it. Raises ``Lost``."""
        step = self._plan.steps[place - 1]
        if step.kind is Kind.DRAINED:
            await self._do(f"begin{place}", lambda work: self._watch(work, place))
            raise Waiting
        if not (self._taken and self._taken.place == place) and not await self._begin(place, step):
            return await self._stopped(place - 1)
        crash_points.point("run.before_step")
        self._journal.begin(place)
        result = await self._execution.step(step)
        crash_points.point("run.after_step")
        return await self._ended(place, result)

    def _watch(self, work: Work, place: int) -> None:
        """The run waits for old connections from here on, and nobody has to live for that."""
        if watches.put(work, self._run, place, self._results, self._execution.before):
            notices.progress(work, self._run, self._plan, place)

    async def _ended(self, place: int, result: StepResult, watch: WatchAct | None = None) -> bool:
        """The end of one step on record; whether the run goes on.

        A cancel at a question between an edit and its verification is a no: the file is put back, never left half done.
        """
        self._results.append(result)
        await self._end(place, result, watch)
        if result.fault is None:
            return True
        if result.fault is StepFault.NOT_CONFIRMED and not self._execution.edited and await self._cancelled():
            return await self._stopped(place - 1)
        return await self._failed(self._plan.steps[place - 1], result.fault)

    async def _wave(self, place: int) -> bool:
        """A step of several hosts at the same time. Raises ``Lost`` when the others are through."""
        wave = Wave(self._transactions, self._remote, self._run, self._plan, place, self._execution)
        if not await wave.begin():
            return await self._stopped(place - 1)
        self._results += await wave.carry_out()
        self._behind = wave.results[len(self._results) - place + 1 :]
        fault = self._results[-1].fault
        return fault is None or await self._failed(self._plan.steps[len(self._results) - 1], fault)

    async def _begin(self, place: int, step: Step) -> bool:
        """The intent is on record before the effect; a run is never stopped between its edit and its verification."""
        may_stop = not self._execution.edited

        def begin(work: Work) -> bool:
            if not store_steps.begin_step(work, self._run, place, step.target.id, step.commands, may_stop=may_stop):
                return False
            notices.progress(work, self._run, self._plan, place)
            return True

        return await self._do(f"begin{place}", begin)

    async def _end(self, place: int, result: StepResult, watch: WatchAct | None = None) -> None:
        state = "done" if result.fault is None else result.fault.value
        said = tail(result.output, 40, 4000)

        def end(work: Work) -> None:
            store_steps.end_step(work, self._run, place, state, result.exit, said)
            notices.alarm(work, self._run, [result])
            if watch is not None:
                move_watch(work, self._run.id, place, watch)
            node = roll_progress.put_back_by(self._plan, place) if result.fault is None else ""
            if node:
                drain_notices.ended_by(work, self._run, node)

        await self._do(f"end{place}", end)

    async def _ask_person(self, step: Step) -> bool:
        """The answer to a step's question; without one the question is put, and the run waits (``Waiting``) with no process.

        A yes that nobody took in time, because the service was down, or whose giver has lost his role since, is asked for
        once more.
        """
        taken = self._taken
        if taken is None or taken.place != self._place:
            await self._put_question(f"ask{self._place}")
        said_at = taken.answered_at
        if said_at is None or await self._cancelled():
            return False
        if not await self._do("counts", lambda work: policy.still_counts(work, self._run, taken.answered_by, said_at)):
            await self._put_question(f"ask{self._place}.{said_at:%Y%m%d%H%M%S}")
        return True

    async def _put_question(self, act: str) -> NoReturn:
        """``act`` names this asking of it alone: what it says goes out once."""
        place = self._place
        files = tuple(file for file in await self._keep_output() if file.name == f"{self._run.name}.txt")
        await self._do(act, lambda work: endings.ask_person(work, self._run, self._plan, place, self._results, files))
        raise Waiting

    @property
    def _place(self) -> int:
        """The place of the step under way."""
        return len(self._results) + 1

    async def _as_it_stands(self) -> Run | None:
        return await self._transactions.store.read(lambda s: store.find(s, self._run.id))

    async def _cancelled(self) -> bool:
        now = await self._as_it_stands()
        return now is not None and now.stop

    async def _stopped(self, finished: int) -> bool:
        await self._execution.tidy()
        await self._do("stopped", lambda work: endings.stopped(work, self._run, self._plan, finished))
        return False

    async def _failed(self, step: Step, fault: StepFault) -> bool:
        try:
            undone = await self._execution.undo(step, fault)
        except (NotStarted, Lost):
            undone = Undone.LEFT
        processes = await left_behind(self._remote, self._run, step, len(self._results), fault)
        left = tuple(self._execution.hidden(words) for words in processes)
        files = await self._keep_output()
        if fault is StepFault.CHANGED and undone is Undone.NOTHING and len(self._results) == 1:
            what = [("file", step.target.id)]
            await self._do("void", lambda work: asking.ask_again(work, self._run, what))
            return False
        await self._do(
            "failed",
            lambda work: endings.failed(work, self._run, self._plan, self._results, undone, files, left, self._back),
        )
        return False

    async def _keep_output(self) -> tuple[Attachment, ...]:
        folder = self._transactions.runtime.settings.state_dir
        return await output_files.keep_output(folder, self._run, self._plan, [*self._results, *self._behind])

    async def _do(self, act: str, fn: Callable[[Work], T]) -> T:
        return await self._transactions.do(f"{self._run.name}:{act}", fn)
