"""One look at a node's old connections, and what follows: wait on, let the run go on, tell people, ask them, put it back."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from bot.core import crash_points
from bot.core.errors import UserError
from bot.work.work import Transactions, Work
from runbooks.engine.draining import POLL, is_out, look
from runbooks.planning.outcome import Left, LeftSeen, StepFault, StepResult
from runbooks.remote.command import Lost, NotStarted, Remote
from runbooks.runs import drain_notices, policy, store, watches
from runbooks.runs.going_on import go_on_from, go_on_put_back
from runbooks.runs.run import Run
from runbooks.runs.watch_lifecycle import WatchAct, WatchState, move_watch
from runbooks.runs.watches import Watch

T = TypeVar("T")
AT_ONCE = 2.0  # seconds in which connections usually end by themselves: the first look lasts so long


class Watching:
    """``as_confirmed``: whether what the run would go on with is still what people said yes to."""

    def __init__(self, transactions: Transactions, remote: Remote, as_confirmed: Callable[[Run], bool]) -> None:
        self._transactions = transactions
        self._remote = remote
        self._as_confirmed = as_confirmed

    async def hold(self, run: Run, watch: Watch) -> None:
        """A run that waits here, or is about to be done with its last step."""
        claimed = await self._claim(run, watch)
        if claimed is None:
            return
        now = await self._transactions.store.read(lambda s: store.find(s, run.id))
        last = watch.place == len(run.plan.steps)
        if now is not None and now.stop and not last:
            await self._put_back(run, claimed)
        elif claimed.answered_at is not None:
            await self._answered(run, claimed)
        else:
            await self._looked(run, claimed, last=last)

    async def _looked(self, run: Run, watch: Watch, *, last: bool) -> None:
        found = await self._seen(run, watch)
        crash_points.point("run.watch_looked")
        await self._do(run, watch, "note", lambda work: watches.note(work, watch, found))
        if isinstance(found, LeftSeen) and not found.left.workers:
            fault = None if found.out else StepFault.CHANGED
            await self._go_on(run, watch, StepResult(fault, 0), WatchAct.END if found.out else WatchAct.PUT_BACK)
        elif last:  # nothing waits for it: the run is done, and the watch goes on beside
            left = found.left if isinstance(found, LeftSeen) else Left(None)
            await self._go_on(run, watch, StepResult(None, 0, left=left), None)
        elif self._now() >= watch.until and watch.state is WatchState.OVERDUE:
            await self._put_back(run, watch)
        elif self._now() >= watch.until:
            await self._do(run, watch, "overdue", lambda work: drain_notices.ask(work, run, watch.place))

    async def beside(self, run: Run, watch: Watch) -> None:
        """A watch whose run is over: people hear once that the longest wait is, and once how it ends."""
        waiting = watch.state is WatchState.WAITING
        claimed = await self._claim(run, watch, watches.EVERY if waiting else watches.SELDOM)
        if claimed is None:
            return
        over = waiting and self._now() >= claimed.until
        found = await self._seen(run, claimed, decides=over)
        crash_points.point("run.watch_looked")

        def tell(work: Work) -> None:
            watches.note(work, claimed, found)
            if isinstance(found, LeftSeen) and not found.out:
                drain_notices.back(work, run, claimed)
            elif isinstance(found, LeftSeen) and not found.left.workers:
                drain_notices.gone(work, run, claimed)
            elif over:
                drain_notices.overdue(work, run, claimed)
            elif work.real_now >= claimed.until + watches.FORGOTTEN:
                move_watch(work, run.id, claimed.place, WatchAct.DROP)

        await self._do(run, claimed, "look", tell)

    async def _seen(self, run: Run, watch: Watch, *, decides: bool = False) -> LeftSeen | str:
        """What the host says; why it says nothing, where it does not. ``decides``: it matters now whether the node is out."""
        loop = asyncio.get_running_loop()
        until = loop.time() + (AT_ONCE if watch.seen_at is None and watch.unseen is None else 0.0)
        step = run.plan.steps[watch.place - 1]
        before = watch.before
        try:
            while True:
                age = (self._now() - watch.began_at).total_seconds()
                seen = await look(self._remote, run.plan, step, before, age)
                before = seen.before
                if not seen.left.workers or loop.time() >= until:
                    break
                await asyncio.sleep(POLL)
            if seen.left.workers and not decides:
                return seen
            return LeftSeen(seen.before, seen.left, await is_out(self._remote, run.plan, step))
        except (NotStarted, Lost, UserError) as error:
            return error.code

    async def _answered(self, run: Run, watch: Watch) -> None:
        """A yes that was given too long ago, or whose giver may no longer, is asked for once more."""
        by, at = watch.answered_by, watch.answered_at
        if at is None or not await self._do(run, watch, "counts", lambda work: policy.still_counts(work, run, by, at)):
            await self._do(run, watch, "again", lambda work: drain_notices.ask_again(work, run, watch))
            return
        await self._go_on(run, watch, StepResult(None, 0, left=watch.left), WatchAct.GO_ON)

    async def _go_on(self, run: Run, watch: Watch, result: StepResult, act: WatchAct | None) -> None:
        if await self._do(run, watch, "take", lambda work: watches.take(work, run, watch)):
            confirmed = self._as_confirmed(run)
            await go_on_from(
                self._transactions, self._remote, run, watch.place, result, ends=act, as_confirmed=confirmed
            )

    async def _put_back(self, run: Run, watch: Watch) -> None:
        if await self._do(run, watch, "take", lambda work: watches.take(work, run, watch)):
            await go_on_put_back(self._transactions, self._remote, run, watch.place, watch.left)

    async def _claim(self, run: Run, watch: Watch, every: timedelta = watches.EVERY) -> Watch | None:
        return await self._do(run, watch, "claim", lambda work: watches.claim(work, watch, every))

    def _now(self) -> datetime:
        return self._transactions.runtime.clock.real()

    async def _do(self, run: Run, watch: Watch, act: str, fn: Callable[[Work], T]) -> T:
        """Each look is an act of its own: what it says goes out once."""
        moment = f"{watch.until:%Y%m%d%H%M%S%f}.{watch.next_look_at:%Y%m%d%H%M%S%f}"
        source = f"{run.name}:watch{watch.place}.{moment}.{act}"
        return await self._transactions.do(source, fn)
