"""A step that many hosts do together: begun in one transaction, ended in few, on one card; each host by its own record."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from bot.core import crash_points
from bot.core.redact import tail
from bot.work.work import Transactions, Work
from runbooks.engine.step import Execution
from runbooks.planning.outcome import StepFault, StepResult
from runbooks.planning.plan import Plan
from runbooks.remote.command import Lost, Remote
from runbooks.remote.journal import Journal
from runbooks.runs import notices
from runbooks.runs import steps as store_steps
from runbooks.runs.run import Run
from runbooks.runs.steps import StepRecord

NOTED_EVERY = 1.0  # seconds between two notes of what ended: a card that changes faster is not read


class Wave:
    """The steps from place ``first`` on that have its number. ``remote``: each writes a record of its own on its host."""

    def __init__(
        self, transactions: Transactions, remote: Remote, run: Run, plan: Plan, first: int, execution: Execution
    ) -> None:
        self._run = run
        self._remote = remote
        self._transactions = transactions
        self._plan = plan
        self._first = first
        self._execution = execution
        number = plan.steps[first - 1].wave
        self._steps = [step for step in plan.steps[first - 1 :] if step.wave == number]
        self._results: dict[int, StepResult] = {}
        self._lost: Lost | None = None
        self._ended: list[StepRecord] = []
        self._alarmed: set[str] = set()

    async def begin(self) -> bool:
        """All are on record before the first is sent; False when the run is to stop here."""
        may_stop = not self._execution.edited

        def begin(work: Work) -> bool:
            if not store_steps.begin_steps(work, self._run, self._first, self._steps, may_stop=may_stop):
                return False
            notices.wave(work, self._run, self._plan, self._first)
            return True

        return await self._transactions.do(f"{self._run.name}:begin{self._first}", begin)

    async def carry_out(self) -> list[StepResult]:
        """Every one is tried, whatever the others do; up to the first that failed, as they stand in the plan.

        Raises ``Lost`` when all are through and nobody knows of one whether it ran; of the others it is on record.
        """
        turns = iter(range(self._first, self._first + len(self._steps)))
        workers = [asyncio.create_task(self._work(turns)) for _ in range(self._steps[0].at_once)]
        try:
            pending: set[asyncio.Task[None]] = set(workers)
            while pending:
                _, pending = await asyncio.wait(pending, timeout=NOTED_EVERY)
                await self._note()
            await asyncio.gather(*workers)  # a bug in one is the run's
        finally:
            for worker in workers:
                worker.cancel()
        if self._lost is not None:
            raise self._lost
        return list(self._up_to_the_first_fault())

    @property
    def results(self) -> list[StepResult]:
        """All of them, in the order of the plan."""
        return [self._results[place] for place in sorted(self._results)]

    async def _work(self, turns: Iterator[int]) -> None:
        for place in turns:
            try:
                await self._step(place)
            except Lost as error:
                self._lost = self._lost or error

    async def _step(self, place: int) -> None:
        step, began = self._plan.steps[place - 1], self._now()
        journal = Journal(self._remote, self._run.record)
        journal.begin(place)
        crash_points.point("run.before_step")
        result = await self._execution.beside(journal).step(step)
        crash_points.point("run.after_step")
        self._results[place] = result
        state = "done" if result.fault is None else result.fault.value
        said = tail(result.output, 40, 4000)
        self._ended.append(StepRecord(place, step.target.id, state, result.exit, said, began, self._now()))

    async def _note(self) -> None:
        ended, self._ended = self._ended, []
        if not ended:
            return

        results = [self._results[record.place] for record in ended]
        fresh = [result for result in results if result.host not in self._alarmed]  # many may lie behind one jump host

        def note(work: Work) -> None:
            store_steps.end_steps(work, self._run, ended)
            notices.alarm(work, self._run, fresh)
            notices.wave(work, self._run, self._plan, self._first)

        await self._transactions.do(f"{self._run.name}:end{ended[0].place}", note)
        self._alarmed |= {result.host for result in fresh if result.fault is StepFault.HOST_KEY}

    def _up_to_the_first_fault(self) -> Iterator[StepResult]:
        for place in sorted(self._results):
            yield self._results[place]
            if self._results[place].fault is not None:
                return

    def _now(self) -> datetime:
        return self._transactions.runtime.clock.real()
