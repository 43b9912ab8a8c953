"""What is left on a node that was taken out: old workers of the balancer with their connections. Reads only.

A node is empty when no old worker is left at all: one that has a connection to another node alone may still have taken a request
that goes to this one (decisions: Runs).
"""

import asyncio

from runbooks.engine.nginx_look import read_layout
from runbooks.engine.nginx_workers import workers_ending
from runbooks.engine.old_workers import left_of
from runbooks.planning.outcome import LeftSeen, StepFault, StepResult, WorkersBefore
from runbooks.planning.plan import Plan, Step
from runbooks.remote.command import Remote

POLL = 0.25  # seconds between two looks while they are expected to end at once


async def look(remote: Remote, plan: Plan, step: Step, before: WorkersBefore | None, age: float) -> LeftSeen:
    """One look, ``age`` seconds after the reload; ``before`` None: nobody noted them, so whoever is ending now is old.

    Raises ``NotStarted``, ``Lost``, ``UserError``: what cannot be seen is not over.
    """
    if before is None:
        before = await workers_ending(remote, step, plan.seen.pid_file if plan.seen else "")
    return LeftSeen(before, await left_of(remote, step.target, frozenset(before.pids), step.node, age))


async def is_out(remote: Remote, plan: Plan, step: Step) -> bool:
    """Whether nginx sends the node nothing, by all that it loads now. Raises as ``look`` does."""
    if plan.service is None:
        raise LookupError("a plan that waits for old connections knows its balancer")
    return not (await read_layout(remote, plan.service)).receives(step.node)


async def emptied(remote: Remote, plan: Plan, step: Step, before: WorkersBefore | None) -> StepResult:
    """Wait here for at most the step's limit, where nobody else does; what is not over by then is a fault."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        seen = await look(remote, plan, step, before, loop.time() - began)
        before = seen.before
        if not seen.left.workers:
            return StepResult(None if await is_out(remote, plan, step) else StepFault.CHANGED, 0)
        if loop.time() > began + step.limit:
            return StepResult(StepFault.OLD_WORKERS, left=seen.left)
        await asyncio.sleep(POLL)
