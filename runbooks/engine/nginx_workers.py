"""Whether nginx has taken its new configuration: its workers tell; a reload that answers 0 may have changed nothing (fault F72)."""

import asyncio

from runbooks.planning.outcome import StepFault, WorkersBefore
from runbooks.planning.plan import Step
from runbooks.remote.command import Remote
from runbooks.remote.files import read_bytes

POLL = 0.25  # seconds between two looks


class Workers:
    """The worker processes of one nginx, as they were (``before``) when its file was changed."""

    def __init__(self, remote: Remote, before: WorkersBefore) -> None:
        self._remote = remote
        self._pid_file = before.pid_file
        self._before = frozenset(before.pids)

    async def replaced(self, step: Step) -> StepFault | None:
        """Drained means: no worker of the old configuration is left, and new ones are there (decisions: Runs)."""
        loop = asyncio.get_running_loop()
        until = loop.time() + step.limit
        while True:
            now = await children(self._remote, step, self._pid_file)
            if now - self._before and not now & self._before:
                return None
            if loop.time() > until:
                return StepFault.OLD_WORKERS if now - self._before else StepFault.NOT_RELOADED
            await asyncio.sleep(POLL)


async def children(remote: Remote, step: Step, pid_file: str) -> frozenset[str]:
    """The process ids under nginx's master."""
    pid = (await read_bytes(remote, step.target, ("cat", pid_file))).decode("ascii", "replace").strip()
    listed = await remote.run(step.target, ("ps", "-o", "pid=", "--ppid", pid))
    return frozenset(listed.stdout.decode("ascii", "replace").split())
