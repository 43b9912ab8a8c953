"""Nodes that a run has taken out and not treated yet are put back, by the steps of its own plan that would have done so later."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.core.errors import UserError
from bot.core.redact import tail
from bot.work.work import Transactions, Work
from runbooks.engine.renewed import renewed
from runbooks.engine.step import Execution
from runbooks.planning.outcome import StepFault, StepResult, Undone
from runbooks.planning.plan import Plan, Step
from runbooks.remote.command import Lost, NotStarted, Remote
from runbooks.remote.journal import Journal
from runbooks.runs import drain_notices, notices, roll_progress, store
from runbooks.runs import steps as store_steps
from runbooks.runs.run import Run
from runbooks.runs.watch_lifecycle import WatchAct, move_watch

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Back:
    """``hosts`` are in service again; ``out`` are not, and somebody has to look why (``/undrain``)."""

    hosts: tuple[str, ...] = ()
    out: tuple[str, ...] = ()

    @property
    def undone(self) -> Undone:
        """As it is remembered of the run: a run that goes on with it begins where these nodes were taken out."""
        if self.out:
            return Undone.LEFT
        return Undone.RESTORED if self.hosts else Undone.NOTHING


NOBODY = Back()


class WayBack:
    """``execution`` is the run's, with what could still be taken back of it."""

    def __init__(
        self, transactions: Transactions, remote: Remote, run: Run, journal: Journal, execution: Execution
    ) -> None:
        self._transactions = transactions
        self._remote = remote
        self._run = run
        self._journal = journal
        self._execution = execution

    async def go(self, plan: Plan, place: int) -> Back:
        """Every node that the steps before ``place`` took out, one after the other; none is left out because of another."""
        hosts, out = list[str](), list[str]()
        before = await self._transactions.store.read(lambda s: store.taken_out(s, self._run))
        for node in {**roll_progress.taken_out(plan, place - 1, before), plan.steps[place - 1].node: ()}:
            name = next((n.host for n in plan.service.nodes if n.address == node), node) if plan.service else node
            (hosts if await self._node(plan, node) else out).append(name)
        if not out:
            await self._do("back", lambda work: move_watch(work, self._run.id, place, WatchAct.PUT_BACK))
        return Back(tuple(hosts), tuple(out))

    async def _node(self, plan: Plan, node: str) -> bool:
        steps = roll_progress.way_back(plan, node)
        if not steps:
            return False  # the plan would have left it out for good
        try:
            first, edit = steps[0][1], steps[0][1].edit
            anew = await renewed(self._remote, plan, first, edit) if edit else first
        except UserError as error:
            return error.code == "node_already_in"
        except (NotStarted, Lost):
            return False
        place = steps[0][0]
        plan = replace(plan, steps=tuple(anew if n == place else step for n, step in enumerate(plan.steps, 1)))
        await self._do(f"back{place}", lambda work: store.set_plan(work, self._run, plan))
        for now, step in [(place, anew), *steps[1:]]:
            result = await self._step(plan, now, step)
            if result.fault:
                await self._taken_back(step, result.fault)
                return False
        return True

    async def _step(self, plan: Plan, place: int, step: Step) -> StepResult:
        """One step on record as any other; nobody stops it half way. A host that is lost is a fault: it is not back for sure."""
        run = self._run

        def begin(work: Work) -> None:
            store_steps.begin_step(work, run, place, step.target.id, step.commands, may_stop=False)
            notices.progress(work, run, plan, place)

        await self._do(f"begin{place}", begin)
        self._journal.begin(place)
        try:
            result = await self._execution.step(step)
        except Lost as error:
            result = StepResult(StepFault.UNREACHABLE, None, str(error), host=error.host)

        def end(work: Work) -> None:
            state = "done" if result.fault is None else result.fault.value
            store_steps.end_step(work, run, place, state, result.exit, tail(result.output, 40, 4000))
            notices.alarm(work, run, [result])
            node = roll_progress.put_back_by(plan, place) if result.fault is None else ""
            if node:
                drain_notices.ended_by(work, run, node)

        await self._do(f"end{place}", end)
        return result

    async def _taken_back(self, step: Step, fault: StepFault) -> None:
        try:
            await self._execution.undo(step, fault)
        except (NotStarted, Lost):
            return  # it is said that the node is not back; a person looks at the file

    async def _do(self, act: str, fn: Callable[[Work], T]) -> T:
        return await self._transactions.do(f"{self._run.name}:{act}", fn)
