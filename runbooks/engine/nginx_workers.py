"""Whether nginx has taken its new configuration: its workers tell; a reload that answers 0 may have changed nothing (fault F72)."""

import asyncio

from runbooks.engine.old_workers import old_workers
from runbooks.planning.outcome import StepFault, WorkersBefore
from runbooks.planning.plan import Step
from runbooks.remote.command import Remote
from runbooks.remote.files import read_bytes

POLL = 0.25  # seconds between two looks


class Workers:
    """The worker processes of one nginx, as they were (``before``) when its file was changed."""

    def __init__(self, remote: Remote, before: WorkersBefore) -> None:
        self._remote = remote
        self.before = before
        self._pids = frozenset(before.pids)

    async def taken(self, step: Step) -> StepFault | None:
        """New workers are there, and no old one takes a connection any more; those that it has may last (decisions: Runs)."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            fresh = await children(self._remote, step, self.before.pid_file) - self._pids
            old = await old_workers(self._remote, step.target, self._pids, loop.time() - began)
            if fresh and all(worker.ending for worker in old):
                return None
            if loop.time() > began + step.limit:
                return StepFault.OLD_WORKERS if fresh else StepFault.NOT_RELOADED
            await asyncio.sleep(POLL)


async def workers_now(remote: Remote, step: Step, pid_file: str) -> WorkersBefore:
    """Who serves now, to be told from those who come with a reload."""
    return WorkersBefore(pid_file, tuple(sorted(await children(remote, step, pid_file))))


async def workers_ending(remote: Remote, step: Step, pid_file: str) -> WorkersBefore:
    """Those of now that are ending already: the old ones, where nobody has noted them before the reload."""
    pids = await children(remote, step, pid_file)
    old = await old_workers(remote, step.target, pids, float("inf"))
    return WorkersBefore(pid_file, tuple(sorted(worker.pid for worker in old if worker.ending)))


async def children(remote: Remote, step: Step, pid_file: str) -> frozenset[str]:
    """The process ids under nginx's master."""
    pid = (await read_bytes(remote, step.target, ("cat", pid_file))).decode("ascii", "replace").strip()
    listed = await remote.run(step.target, ("ps", "-o", "pid=", "--ppid", pid))
    return frozenset(listed.stdout.decode("ascii", "replace").split())
