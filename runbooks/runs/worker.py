"""The worker that carries runs out beside the handlers: looks, asks, executes what was approved, and tells the truth after a crash.

Each unit finds its work by a query and claims it by a guarded update, so a crash anywhere is followed by a plain restart.
Nothing runs twice: a run that was under way when the process died becomes ``unknown`` and stays so until a human ends it.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.core import crash_points
from bot.core.bugs import where
from bot.core.errors import UserError
from bot.storage.store import Session
from bot.work.work import Transactions, Work
from bot.work.worker import Worker
from runbooks.engine.prechecks import Prechecked, precheck
from runbooks.engine.secrets import check_secrets
from runbooks.language.definition import Catalogue
from runbooks.language.vocabulary import Confirm, Kind
from runbooks.planning.from_line import plan_line
from runbooks.planning.plan import Plan
from runbooks.planning.target import Target
from runbooks.remote.command import Lost, NotStarted, Remote
from runbooks.runs import asking, endings, locks, questions, store, watches
from runbooks.runs import steps as store_steps
from runbooks.runs.cut_together import each_looked_back, under_way_together
from runbooks.runs.going_on import continue_run
from runbooks.runs.handed_in import take_in
from runbooks.runs.lifecycle import Act
from runbooks.runs.questions import Question
from runbooks.runs.recovery import look_back, look_back_each, worst
from runbooks.runs.run import Run, State
from runbooks.runs.run_steps import execute_run
from runbooks.runs.watches import Watch
from runbooks.runs.watching import Watching

HEARTBEAT = 5.0  # seconds
DEAD = timedelta(seconds=30)  # a running run whose heart has not beaten for so long belongs to nobody
LOOK_BACK_AGAIN = timedelta(seconds=10)  # between two tries to ask a host about a run that was cut
LONGEST_GRACE = 5.0  # seconds for runs under way to end before the service stops
LOOK_AGAIN = 5.0  # seconds between two looks at the table when nobody wakes the runner

log = logging.getLogger(__name__)


class Hosts(Remote, Protocol):
    """A remote that knows the keys its hosts are pinned by."""

    def pinned(self, targets: Iterable[Target]) -> dict[str, list[str]]: ...

    async def close(self) -> None: ...


class Runner(Worker):
    """``run`` for ever, or ``step`` by hand in tests; both do the same units."""

    name = "runner"
    dry_run = False  # it reaches servers

    def __init__(self, transactions: Transactions, remote: Hosts, catalogue: Catalogue) -> None:
        self._transactions = transactions
        self.remote = remote
        self._catalogue = catalogue
        self._watching = Watching(transactions, remote, lambda run: self._as_confirmed(run, run.plan))
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._next_look: dict[int, datetime] = {}

    async def recover(self) -> None:
        """At start: whatever is ``running`` was another life's. Called before any unit, by the one process there is."""
        for name in await self._transactions.store.read(store.unreadable):
            log.error("runner: %s was written by a newer program and is left as it stands", name)
        await self._transactions.do(f"runner:{self._transactions.runtime.owner}:release", watches.release)
        for run in await self._transactions.store.read(_left_running):
            await self._unknown(run)

    async def run(self) -> None:
        """Work for ever, woken by handlers; runs on different targets go at the same time."""
        woken = self._transactions.store.event("runner")
        while True:
            woken.clear()
            await self._start_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN):
                    await woken.wait()

    async def step(self) -> int:
        """Do everything that can be done now, to its end; how many units that were."""
        started = await self._start_all()
        await asyncio.gather(*self._in_hand.values())
        return started

    async def stop(self, grace: float = 0.0) -> None:
        """Give what is under way ``grace`` seconds, at most ``LONGEST_GRACE``, to end, and let go of the hosts.

        What does not end is found as ``unknown`` at the next start.
        """
        tasks = list(self._in_hand.values())
        if tasks and grace:
            await asyncio.wait(tasks, timeout=min(grace, LONGEST_GRACE))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.remote.close()

    async def _start_all(self) -> int:
        read = self._transactions.store.read
        now = self._transactions.runtime.clock.real()
        started = 0
        to_do, beside = await read(_to_do)
        for run, question, watch in to_do:
            if run.id in self._in_hand:
                continue
            if run.state is State.REQUESTED:
                started += self._take(run, self._ask(run))
            elif run.state is State.APPROVED:
                started += self._take(run, self._execute(run))
            elif question is not None:
                started += self._take(run, self._go_on(run)) if run.stop or question.over(now) else 0
            elif watch is not None:
                started += self._take(run, self._hold(run, watch)) if run.stop or watch.ripe(now) else 0
            elif run.heartbeat_at is None or now - run.heartbeat_at > DEAD:
                started += self._take(run, self._unknown(run))
        for run, watch in beside:
            if run.id not in self._in_hand and watch.ripe(now):
                started += self._take(run, self._watching.beside(run, watch))
        for run in await read(store.to_look_back):
            if run.id not in self._in_hand and self._next_look.get(run.id, now) <= now:
                started += self._take(run, self._look_back(run))
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
                await self._do(run, "bug", lambda work: endings.bug(work, run))
            except Exception as again:
                log.error("runner: %s could not be told: %s", run.name, where(again))

    async def _do(self, run: Run, act: str, fn: Callable[[Work], None]) -> None:
        await self._transactions.do(f"{run.name}:{act}", fn)

    async def _look(self, run: Run) -> Prechecked:
        """The plan anew from today's catalogue and inventory, and what the servers say."""
        runtime = self._transactions.runtime
        busy, began, taken = await self._transactions.store.read(
            lambda s: (locks.held_by_others(s, run), store.began(s, run), store.taken_out(s, run))
        )
        plan = plan_line(self._catalogue, run.line, runtime.site(), began, run.first, run.done)
        await take_in(self._transactions, run, plan)
        now = runtime.site().local(runtime.clock.real())
        files = runtime.settings.state_dir / "files"
        looked = await precheck(self.remote, plan, busy, now=now, files=files, taken=taken)
        await asyncio.to_thread(check_secrets, looked.plan, runtime.settings.state_dir)  # of the steps that are left
        return looked

    async def _ask(self, run: Run) -> None:
        """``requested`` → ``asked``: the plan as it is shown, with what the servers say."""
        try:
            looked = await self._look(run)
        except (UserError, NotStarted, Lost) as error:
            problem = error
            await self._do(run, "refuse", lambda work: asking.refuse(work, run, problem, Act.REFUSE))
            return
        keys = self._keys(looked.plan)
        await self._do(run, "ask", lambda work: asking.show(work, run, looked.plan, keys))

    def _keys(self, plan: Plan) -> dict[str, list[str]]:
        """The pinned fingerprints of every host of the plan: a host that is pinned anew meanwhile voids the yes."""
        return self.remote.pinned({step.target for step in plan.steps})

    def _as_confirmed(self, run: Run, plan: Plan) -> bool:
        """Whether what would run now is what was shown; without anybody's yes it may only read."""
        if run.confirmer is None:
            return plan.confirm is Confirm.NONE
        return asking.bound(run, plan, self._keys(plan)) == run.hash

    async def _execute(self, run: Run) -> None:
        """``approved`` → ``running`` → ``done``, ``failed`` or ``unknown``; void when anything differs from what was shown."""
        if not await self._transactions.do(f"{run.name}:claim", lambda work: asking.claim(work, run)):
            return
        beating = asyncio.create_task(self._beat(run))
        try:
            try:
                looked = await self._look(run)
            except (UserError, NotStarted, Lost) as error:
                problem = error
                await self._do(run, "refuse", lambda work: asking.refuse(work, run, problem, Act.REFUSE_START))
                return
            if not self._as_confirmed(run, looked.plan):
                what = asking.what_changed(run, looked.plan, self._keys(looked.plan))
                await self._do(run, "void", lambda work: asking.ask_again(work, run, what))
                return
            if run.confirmer is None and any(step.kind is Kind.ASK for step in looked.plan.steps):
                await self._do(run, "plan", lambda work: store.set_plan(work, run, looked.plan))
            await execute_run(self._transactions, self.remote, run, looked)
        finally:
            beating.cancel()

    async def _go_on(self, run: Run) -> None:
        """A run whose step waited for a person: on with the yes, or to its end without it."""
        question = await self._transactions.do(f"{run.name}:take", lambda work: questions.take(work, run))
        if question is None:
            return
        beating = asyncio.create_task(self._beat(run))
        try:
            as_confirmed = self._as_confirmed(run, run.plan)
            await continue_run(self._transactions, self.remote, run, question, as_confirmed=as_confirmed)
        finally:
            beating.cancel()

    async def _hold(self, run: Run, watch: Watch) -> None:
        """A run whose step waits for old connections: one look, and on with what follows from it."""
        beating = asyncio.create_task(self._beat(run))
        try:
            await self._watching.hold(run, watch)
        finally:
            beating.cancel()

    async def _unknown(self, run: Run) -> None:
        """``running`` → ``unknown``: people are told the exact step at once; then the servers are asked how far it came.

        A run that was cut between a wait for old connections and what follows it waits on.
        """
        if await self._transactions.do(f"{run.name}:wait_again", lambda work: watches.again(work, run)):
            return
        await self._do(run, "unknown", lambda work: endings.unknown(work, run))

    async def _look_back(self, run: Run) -> None:
        """Ask the host's record, take a half-done edit back, tell people; asked again later while there is no answer."""
        self._next_look[run.id] = self._transactions.runtime.clock.real() + LOOK_BACK_AGAIN
        records = await self._transactions.store.read(lambda s: store_steps.steps(s, run.id))
        if under_way := under_way_together(run, records):
            each = await look_back_each(self.remote, run, under_way)
            crash_points.point("run.looked_back")
            await self._do(
                run, f"look_back.{worst(each.values()).code}", lambda work: each_looked_back(work, run, each)
            )
            return
        last = next((record.state for record in records if record.place == run.step), "running")
        found = await look_back(self.remote, run, None if last == "running" else last)
        crash_points.point("run.looked_back")
        await self._transactions.do(
            f"{run.name}:look_back.{found.code}", lambda work: endings.looked_back(work, run, found)
        )

    async def _beat(self, run: Run) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            with suppress(Exception):
                await self._do(run, "beat", lambda work: store.beat(work, run))


ToDo = list[tuple[Run, Question | None, Watch | None]]


def _to_do(session: Session) -> tuple[ToDo, list[tuple[Run, Watch]]]:
    """The runs that may have something to be done, each with the question or the watch that it waits at; watches without one."""
    asked = questions.waiting(session)
    watched, beside = watches.to_look_at(session)
    runs = store.in_state(session, State.REQUESTED, State.APPROVED, State.RUNNING)
    return [(run, asked.get(run.id), watched.get(run.id)) for run in runs], beside


def _left_running(session: Session) -> list[Run]:
    """The runs that somebody had under way; one that waits for a person, or for old connections, waits on."""
    runs, _ = _to_do(session)
    return [run for run, *waits in runs if run.state is State.RUNNING and waits == [None, None]]
