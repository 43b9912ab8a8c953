"""A worker: something that goes on beside the handlers for as long as the service runs."""

from collections.abc import Awaitable, Callable


class Worker:
    """``run`` for ever, or ``step`` by hand on a clock that stands still; both do the same work.

    ``dry_run``: a dry run steps it too. A worker that reaches the site's machines, or only watches the others, is left out.
    """

    name = ""
    dry_run = True

    async def recover(self) -> None:
        """Take up what a crash left; called once, before anything else."""

    async def run(self) -> None:
        """Work for ever. Raises when it cannot go on: it is started again, and the operators are told."""
        raise NotImplementedError

    async def step(self) -> int:
        """Do everything that can be done now; how much that was."""
        return 0

    async def rest(self) -> float | None:
        """True seconds until there will be something to do; None when nothing is foreseen."""
        return None

    async def stop(self, grace: float = 0.0) -> None:
        """Give what is under way ``grace`` seconds to end, and let go of it."""


class Background(Worker):
    """A coroutine that runs beside the service and has nothing to be stepped, taken up or ended."""

    dry_run = False

    def __init__(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._run = run

    async def run(self) -> None:
        """Run it."""
        await self._run()
