"""Who carries runs out? A worker beside the handlers: looks, asks, executes what was approved, and tells the truth after a crash.

Each unit finds its work by a query and claims it by a guarded update, so a crash anywhere is followed by a plain restart.
Nothing runs twice: a run that was under way when the process died becomes ``unknown`` and stays so until a human ends it.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

from bot.core.errors import UserError
from bot.durable import crash
from bot.durable.bugs import where
from bot.durable.work import Transactions, Work
from runbooks import ask, store, tell
from runbooks.definition import Catalogue, Kind
from runbooks.execute import Execution, Fault, StepResult, Undone, restore
from runbooks.look import Looked, look
from runbooks.output import tail
from runbooks.plan import Plan, Step, plan_run, seen_of, service_of
from runbooks.remote import Lost, NotStarted, Remote
from runbooks.store import Run, State

HEARTBEAT = 5.0  # seconds
DEAD = timedelta(seconds=30)  # a running run whose heart has not beaten for so long belongs to nobody
LOOK_AGAIN = 5.0  # seconds between two looks at the table when nobody wakes the runner

log = logging.getLogger(__name__)


class Runner:
    """``run`` for ever, or ``step`` by hand in tests; both do the same units."""

    def __init__(self, transactions: Transactions, remote: Remote, catalogue: Catalogue) -> None:
        self._transactions = transactions
        self._remote = remote
        self._catalogue = catalogue
        self._in_hand: dict[int, asyncio.Task[None]] = {}

    async def recover(self) -> None:
        """At start: whatever is ``running`` was another life's. Called before any unit, by the one process there is."""
        for run in await self._transactions.store.read(lambda s: store.in_state(s, State.RUNNING)):
            await self._unknown(run)

    async def run(self) -> None:
        """Work for ever, woken by handlers; runs on different targets go at the same time."""
        woken = self._transactions.store.event("runner")
        while True:
            woken.clear()
            await self._start_all()
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), LOOK_AGAIN)

    async def step(self) -> int:
        """Do everything that can be done now, to its end; how many units that were."""
        started = await self._start_all()
        await asyncio.gather(*self._in_hand.values())
        return started

    async def stop(self, grace: float = 0.0) -> None:
        """Give what is under way ``grace`` seconds to end; what does not is found as ``unknown`` at the next start."""
        tasks = list(self._in_hand.values())
        if tasks and grace:
            await asyncio.wait(tasks, timeout=grace)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _start_all(self) -> int:
        read = self._transactions.store.read
        now = self._transactions.tools.clock.real()
        started = 0
        for run in await read(lambda s: store.in_state(s, State.REQUESTED, State.APPROVED, State.RUNNING)):
            if run.id in self._in_hand:
                continue
            if run.state is State.REQUESTED:
                started += self._take(run, self._ask(run))
            elif run.state is State.APPROVED:
                started += self._take(run, self._execute(run))
            elif run.heartbeat_at is None or now - run.heartbeat_at > DEAD:
                started += self._take(run, self._unknown(run))
        for run in await read(store.to_put_back):
            if run.id not in self._in_hand:
                started += self._take(run, self._put_back(run))
        return started

    def _take(self, run: Run, unit: Coroutine[Any, Any, None]) -> int:
        task = asyncio.create_task(self._guard(run, unit), name=run.name)
        self._in_hand[run.id] = task
        task.add_done_callback(lambda _: self._in_hand.pop(run.id, None))
        return 1

    async def _guard(self, run: Run, unit: Coroutine[Any, Any, None]) -> None:
        """A bug in a unit ends this run in the open, never silently and never by trying again."""
        try:
            await unit
        except Exception as error:
            log.error("runner: %s failed: %s", run.name, where(error))
            try:
                await self._do(run, "bug", lambda work: tell.bug(work, run))
            except Exception as again:
                log.error("runner: %s could not be told: %s", run.name, where(again))

    async def _do(self, run: Run, act: str, fn: Callable[[Work], None]) -> None:
        await self._transactions.do(f"{run.name}:{act}", fn)

    async def _look(self, run: Run) -> Looked:
        """The plan anew from today's catalogue and inventory, and what the servers say."""
        definition = self._catalogue.definitions.get(run.verb)
        if definition is None:
            raise UserError("unknown_command", verb=run.verb, nearest=None)
        words = tuple(run.line.split()[1:])
        plan = plan_run(definition, words, self._transactions.tools.site())
        busy = await self._transactions.store.read(lambda s: store.held_by_others(s, run))
        return await look(self._remote, plan, busy)

    async def _ask(self, run: Run) -> None:
        """``requested`` → ``asked``: the plan as it is shown, with what the servers say."""
        try:
            looked = await self._look(run)
        except (UserError, NotStarted, Lost) as error:
            problem = error
            await self._do(run, "refuse", lambda work: ask.refuse(work, run, problem, State.REQUESTED))
            return
        await self._do(run, "ask", lambda work: ask.show(work, run, looked.plan))

    async def _execute(self, run: Run) -> None:
        """``approved`` → ``running`` → ``done``, ``failed`` or ``unknown``; void when anything differs from what was shown."""
        if not await self._transactions.do(f"{run.name}:claim", lambda work: ask.claim(work, run)):
            return
        beating = asyncio.create_task(self._beat(run))
        try:
            try:
                looked = await self._look(run)
            except (UserError, NotStarted, Lost) as error:
                problem = error
                await self._do(run, "refuse", lambda work: ask.refuse(work, run, problem, State.RUNNING))
                return
            if looked.plan.hash(run.requester, run.chat) != run.hash:
                await self._do(run, "void", lambda work: ask.ask_again(work, run))
                return
            await self._steps(run, looked)
        finally:
            beating.cancel()

    async def _steps(self, run: Run, looked: Looked) -> None:
        plan = looked.plan
        execution = Execution(self._remote, looked)
        results: list[StepResult] = []
        for place, step in enumerate(plan.steps, 1):
            if not await self._begin(run, plan, place, step, execution.edited):
                await self._do(run, "stopped", lambda work: tell.stopped(work, run, plan, len(results)))
                return
            crash.point("run.before_step")
            try:
                result = await execution.step(step)
            except Lost:
                await self._unknown(run)
                return
            crash.point("run.after_step")
            results.append(result)
            await self._end(run, place, result)
            if result.fault is not None:
                await self._failed(run, plan, results, execution)
                return
        crash.point("run.before_finish")
        output = await tell.keep_output(self._transactions.tools.settings.state_dir, run, plan, results)
        await self._do(run, "done", lambda work: tell.done(work, run, plan, results, output))

    async def _begin(self, run: Run, plan: Plan, place: int, step: Step, edited: bool) -> bool:
        """The intent is on record before the effect; a run is never stopped between its edit and its verification."""

        def begin(work: Work) -> bool:
            if not store.begin_step(work, run, place, step.target.id, step.commands, may_stop=not edited):
                return False
            tell.progress(work, run, plan, place)
            return True

        return await self._transactions.do(f"{run.name}:begin{place}", begin)

    async def _end(self, run: Run, place: int, result: StepResult) -> None:
        state = "done" if result.fault is None else result.fault.value
        await self._do(
            run,
            f"end{place}",
            lambda work: store.end_step(work, run, place, state, result.exit, tail(result.output, 40, 4000)),
        )

    async def _failed(self, run: Run, plan: Plan, results: list[StepResult], execution: Execution) -> None:
        step, fault = plan.steps[len(results) - 1], results[-1].fault or Fault.EXIT
        try:
            undone = await execution.undo(step, fault)
        except (NotStarted, Lost):
            undone = Undone.LEFT
        output = await tell.keep_output(self._transactions.tools.settings.state_dir, run, plan, results)
        if fault is Fault.CHANGED and undone is Undone.NOTHING:
            await self._do(run, "void", lambda work: ask.ask_again(work, run))
            return
        await self._do(run, "failed", lambda work: tell.failed(work, run, plan, results, undone, output))

    async def _unknown(self, run: Run) -> None:
        """``running`` → ``unknown``: people are told the exact step; an edit that never got to its reload is looked at."""
        await self._do(run, "unknown", lambda work: tell.unknown(work, run, put_back=_half_edited(work, run)))

    async def _put_back(self, run: Run) -> None:
        """Take the half-done edit back, only if the file's hash is the one we wrote; the run stays ``unknown``."""
        service, seen = service_of(run.plan), seen_of(run.plan)
        undone = Undone.LEFT
        if service is not None and seen is not None:
            undone = await restore(self._remote, service.balancer, service.nginx, seen)
        await self._do(run, "put_back", lambda work: tell.put_back(work, run, undone))

    async def _beat(self, run: Run) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            with suppress(Exception):
                await self._do(run, "beat", lambda work: store.beat(work, run))


def _half_edited(work: Work, run: Run) -> bool:
    """Whether the run died in its edit or before its reload began: until then nothing but the file has changed."""
    now = store.get(work, run.id)
    kinds = [step["kind"] for step in run.plan["steps"]]
    if now is None or Kind.EDIT not in kinds:
        return False
    edit = kinds.index(Kind.EDIT) + 1
    return edit <= now.step <= edit + 1
