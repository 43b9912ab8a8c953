"""How does one step of a plan go, and how is it taken back? Talks to hosts, knows no database and no chat."""

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from bot.core.errors import UserError
from bot.durable import crash
from runbooks import nginx
from runbooks.definition import Confirm, Kind, Report
from runbooks.look import CONF_LIMIT, Looked, digest, is_up, read_bytes
from runbooks.output import clean
from runbooks.plan import Seen, Step, backup_path
from runbooks.remote import KEPT, Lost, NotStarted, Remote, Result, Target

POLL = 1.0  # seconds between two looks at whether something answers
WORKER_POLL = 0.25  # seconds between two looks at nginx's workers
_REFUSED = 7  # curl: nothing listens there


class Fault(StrEnum):
    """Why a step failed, for the report."""

    EXIT = "exit"
    TIME = "time"
    STILL_UP = "still_up"
    NOT_UP = "not_up"
    CHANGED = "changed"
    NOT_WRITTEN = "not_written"
    NOT_RELOADED = "not_reloaded"
    OLD_WORKERS = "old_workers"
    UNREACHABLE = "unreachable"


class Undone(StrEnum):
    """What became of an edit when a later step failed."""

    NOTHING = "nothing"
    RESTORED = "restored"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class StepResult:
    """``fault`` None: it went well. ``output`` is clean already."""

    fault: Fault | None
    exit: int | None = None
    output: str = ""


class Execution:
    """One plan being carried out, from the look that preceded it."""

    def __init__(self, remote: Remote, looked: Looked) -> None:
        self._remote = remote
        self._plan = looked.plan
        self._after = looked.after
        self._reading = looked.plan.confirm is Confirm.NONE
        self._pid_file = ""
        self._workers: frozenset[str] = frozenset()
        self._edited = False

    @property
    def edited(self) -> bool:
        """Whether the balancer's file is ours by now: from here on the run goes to its verification."""
        return self._edited

    async def step(self, step: Step) -> StepResult:
        """Carry out one step. Raises ``Lost`` when nobody knows whether it ran."""
        try:
            match step.kind:
                case Kind.RUN:
                    return await self._run(step)
                case Kind.UP | Kind.DOWN:
                    return await self._wait(step)
                case Kind.EDIT:
                    return await self._edit(step)
                case Kind.WORKERS:
                    return await self._verify(step)
            assert_never(step.kind)
        except NotStarted as error:
            return StepResult(Fault.UNREACHABLE, None, str(error))
        except UserError as error:
            return StepResult(Fault.EXIT, None, f"{error.code} {error.facts.get('command', '')}".strip())

    async def undo(self, failed: Step, fault: Fault) -> Undone:
        """After a failed step: put the file back byte for byte where that is still ours to do, test it.

        Old workers that linger are no reason: the new configuration is live and right.
        """
        seen = self._plan.seen
        if not self._edited or seen is None or fault is Fault.OLD_WORKERS:
            return Undone.LEFT if self._edited else Undone.NOTHING
        service = self._plan.service
        if service is None:
            return Undone.LEFT
        undone = await restore(self._remote, failed.target, service.nginx, seen)
        if undone is Undone.LEFT:
            return undone
        if failed.kind is Kind.WORKERS:  # the reload was taken, and may yet be acted on: let it act on the old file
            await self.step(replace(failed, kind=Kind.RUN, commands=((service.nginx, "-s", "reload"),)))
        return Undone.RESTORED

    async def _run(self, step: Step) -> StepResult:
        result = await self._command(step, step.commands[0])
        output = clean(result.stdout + result.stderr) + ("\n…（已截断）" if result.truncated else "")
        if result.killed:
            return StepResult(Fault.TIME, None, output)
        shown = self._plan.report is Report.TEXT and self._reading and result.truncated
        fine = result.ok or step.may_fail or shown
        return StepResult(None if fine else Fault.EXIT, result.exit, output)

    async def _command(self, step: Step, argv: tuple[str, ...], stdin: bytes = b"") -> Result:
        kept = KEPT if self._plan.report is Report.TEXT else CONF_LIMIT  # what is counted must be whole
        return await self._remote.run(
            step.target, argv, limit=step.limit, stdin=stdin, kept=kept, stop_flood=self._reading
        )

    async def _wait(self, step: Step) -> StepResult:
        """Ask until the answer is the wanted one, for at most ``limit`` seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + step.limit
        while True:
            result = await self._remote.run(step.target, step.commands[0])
            up = is_up(result.exit, result.stdout)
            if up if step.kind is Kind.UP else result.exit == _REFUSED:
                return StepResult(None, result.exit)
            if loop.time() > until or result.exit in {126, 127}:
                fault = Fault.NOT_UP if step.kind is Kind.UP else Fault.STILL_UP
                return StepResult(fault, result.exit, clean(result.stdout + result.stderr))
            await asyncio.sleep(POLL)

    async def _edit(self, step: Step) -> StepResult:
        seen = self._plan.seen
        if seen is None:
            raise LookupError("a plan that edits must have been looked at")
        backup, copy, write, move = step.commands
        for argv, stdin in ((backup, b""), (copy, b""), (write, nginx.encode(self._after))):
            result = await self._command(step, argv, stdin)
            if not result.ok:
                return StepResult(Fault.EXIT, result.exit, clean(result.stderr))
        if await self._hash(step, backup[-1]) != seen.sha256 or await self._hash(step, seen.conf) != seen.sha256:
            return StepResult(Fault.CHANGED)
        if await self._hash(step, write[-1]) != seen.new_sha256:
            return StepResult(Fault.NOT_WRITTEN)
        self._edited = True
        result = await self._command(step, move)
        crash.point("run.after_edit")
        if not result.ok or await self._hash(step, seen.conf) != seen.new_sha256:
            return StepResult(Fault.NOT_WRITTEN, result.exit, clean(result.stderr))
        self._pid_file = nginx.pid_file(self._after, seen.conf)
        self._workers = await self._children(step)
        return StepResult(None, 0, "\n".join(seen.diff))

    async def _verify(self, step: Step) -> StepResult:
        """Drained means: no worker of the old configuration is left, and new ones are there (decisions: Runs)."""
        loop = asyncio.get_running_loop()
        until = loop.time() + step.limit
        while True:
            now = await self._children(step)
            if now - self._workers and not now & self._workers:
                break
            if loop.time() > until:
                return StepResult(Fault.OLD_WORKERS if now - self._workers else Fault.NOT_RELOADED)
            await asyncio.sleep(WORKER_POLL)
        seen = self._plan.seen
        if seen is not None and await self._hash(step, seen.conf) != seen.new_sha256:
            return StepResult(Fault.CHANGED)
        return StepResult(None, 0)

    async def _children(self, step: Step) -> frozenset[str]:
        """The process ids under nginx's master."""
        pid = (await read_bytes(self._remote, step.target, ("cat", self._pid_file))).decode("ascii", "replace").strip()
        listed = await self._remote.run(step.target, ("ps", "-o", "pid=", "--ppid", pid))
        return frozenset(listed.stdout.decode("ascii", "replace").split())

    async def _hash(self, step: Step, path: str) -> str:
        return digest(nginx.decode(await read_bytes(self._remote, step.target, ("cat", path))))


async def restore(remote: Remote, balancer: Target, binary: str, seen: Seen) -> Undone:
    """Put the backup in place, only if the file is the one we wrote, and test it; ``NOTHING``: it never was changed.

    Used by the run that failed, and after a restart for a run that died between its edit and its reload.
    """
    fresh = f"{seen.conf}.zhiban-new"
    try:
        now = digest(nginx.decode(await read_bytes(remote, balancer, ("cat", seen.conf))))
        if now != seen.new_sha256:
            return Undone.NOTHING if now == seen.sha256 else Undone.LEFT
        for argv in (
            ("cp", "-p", backup_path(seen.conf, seen.sha256), fresh),
            ("mv", "-f", fresh, seen.conf),
            (binary, "-t"),
        ):
            if not (await remote.run(balancer, argv)).ok:
                return Undone.LEFT
        now = digest(nginx.decode(await read_bytes(remote, balancer, ("cat", seen.conf))))
        return Undone.RESTORED if now == seen.sha256 else Undone.LEFT
    except (UserError, NotStarted, Lost):
        return Undone.LEFT
