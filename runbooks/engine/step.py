"""How one step of a plan goes, and how it is taken back. Talks to hosts, knows no database and no chat."""

import asyncio
import copy
import shlex
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import assert_never

from bot.core import crash_points
from bot.core.errors import UserError
from bot.core.redact import clean, mask
from runbooks.engine import nginx
from runbooks.engine.downloading import download
from runbooks.engine.draining import emptied
from runbooks.engine.edits import hash_there, restore, tidy
from runbooks.engine.floors import is_up, look
from runbooks.engine.judging import judged, status, still_there, told_status
from runbooks.engine.nginx_look import read_layout
from runbooks.engine.nginx_workers import Workers, workers_now
from runbooks.engine.prechecks import Prechecked
from runbooks.engine.sending import Sending
from runbooks.language.vocabulary import Effect, Kind, Report
from runbooks.planning.outcome import StepFault, StepResult, Undone, WorkersBefore
from runbooks.planning.plan import Change, Edit, Step
from runbooks.remote.command import Lost, NotStarted, Remote, Result
from runbooks.remote.files import faces_alike

POLL = 1.0  # seconds between two looks at whether something answers
POLL_LIMIT = 10.0  # seconds one of these looks may take


# why a host did not take a command; the other codes are told as unreachable
_NOT_TAKEN = (
    StepFault.HOST_KEY,
    StepFault.KNOWN_HOSTS,
    StepFault.KEY,
    StepFault.LOGIN,
    StepFault.SESSIONS,
    StepFault.REPEATED,
    StepFault.NO_RECORD,
    StepFault.NO_CURL,
)
# files of our own machine: where they lie is for the log, not for a chat
_OURS = (StepFault.KNOWN_HOSTS, StepFault.KEY)


class Execution:
    """One plan being carried out, from the look that preceded it.

    ``ask`` puts the question of an ask step to people, and raises ``Waiting`` where it lets the run wait for the answer;
    ``secrets`` are filled in when a command is sent, and masked in what it says.
    """

    def __init__(
        self,
        remote: Remote,
        looked: Prechecked,
        *,
        ask: Callable[[Step], Awaitable[bool]] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        self._remote = remote
        self._looked = looked
        self._plan = looked.plan
        self._ask = ask
        self._send = Sending(remote, looked.plan, secrets or {})
        self._item = ""
        # what could be taken back: since the last node of a roll, without what was verified
        self._done: list[Step] = []
        self._laid: list[Step] = []  # their copies lie beside the file still
        self._open: Edit | None = None
        self._workers: Workers | None = None
        self._said: dict[tuple[int, str], tuple[str, str]] = {}

    @property
    def edited(self) -> bool:
        """Whether the balancer's file is ours and not yet verified: from here on the run goes to its verification."""
        return self._open is not None

    @property
    def before(self) -> WorkersBefore | None:
        """The workers of before the last reload, where that was this run's."""
        return self._workers.before if self._workers else None

    def beside(self, remote: Remote) -> "Execution":
        """For one of several steps that go together: ``remote`` keeps its record, everything else is shared."""
        one = copy.copy(self)
        one._remote, one._send = remote, self._send.over(remote)
        return one

    def hidden(self, text: str) -> str:
        """``text`` without the secrets that may have been sent."""
        return self._send.hidden(text)

    async def step(self, step: Step) -> StepResult:
        """Carry out one step. Raises ``Lost`` when nobody knows whether it ran."""
        self._begin(step)
        try:
            await self._floor_holds(step)
            result = await self._carried_out(step)
        except NotStarted as error:
            fault = next((f for f in _NOT_TAKEN if f.value == error.code), StepFault.UNREACHABLE)
            if self._send.reading and step.may_fail and error.code == "unreachable":
                return StepResult(None, None, str(error), host=error.host)  # a finding: the other hosts are asked, too
            told = "" if fault in _OURS else str(error)
            return StepResult(fault, None, told, host=error.host)
        except Lost as error:
            if not self._send.reading:
                raise
            # it changes nothing, so nobody has to look what it did
            return StepResult(None if step.may_fail else StepFault.NO_ANSWER, None, str(error), host=error.host)
        except UserError as error:
            fault = StepFault.FLOOR if error.code == "floor" else StepFault.EXIT
            unseen = (f"{host} ({why})" for host, why in error.facts.get("unseen", ()))
            absent = (f"{host} ({'out' if out else 'down'})" for host, out in error.facts.get("absent", ()))
            words = (error.code, error.facts.get("command", ""), error.facts.get("said", ""), *unseen, *absent)
            return StepResult(fault, None, " ".join(filter(None, words)))
        if result.fault is None and step.undo:
            self._done.append(step)
        result = self._as_on_the_first(step, result)
        if result.fault is None and step is self._plan.steps[-1]:
            await self.tidy()
        return result

    def _as_on_the_first(self, step: Step, result: StepResult) -> StepResult:
        """A step that must say the same on every host: what the first said is what the others are held to."""
        if not step.same or result.fault is not None:
            return result
        host, said = self._said.setdefault((step.section, step.title.en), (step.target.id, result.output))
        if said == result.output:
            return result
        return StepResult(StepFault.DIFFERS, result.exit, f"{host}:\n{said}\n{step.target.id}:\n{result.output}")

    def went_well(self, steps: Iterable[tuple[Step, StepResult]]) -> None:
        """Go on behind steps that were carried out before the run waited: what could be taken back still can be."""
        for step, result in steps:
            self._begin(step)
            self._as_on_the_first(step, result)
            if result.workers is not None:
                self._workers = Workers(self._remote, result.workers)
            if step.kind in {Kind.EDIT, Kind.SET, Kind.UPLOAD}:
                self._done.append(step)
                self._laid.append(step)
                self._open = step.edit if step.kind is Kind.EDIT else None
            elif step.kind is Kind.WORKERS:
                self._verified()
            if step.undo:
                self._done.append(step)

    def _begin(self, step: Step) -> None:
        if step.item != self._item:
            self._item, self._done = step.item, []

    def _verified(self) -> None:
        self._done = [done for done in self._done if done.kind is not Kind.EDIT]  # it stays, whatever comes
        self._open = None

    async def undo(self, failed: Step, fault: StepFault) -> Undone:
        """After a failed step: put files back byte for byte where that is still ours to do, run the declared undo commands.

        Old workers that linger are no reason: the new configuration is live and right.
        """
        if fault is StepFault.OLD_WORKERS:
            await self.tidy()
            return Undone.LEFT
        results = [await self._taken_back(step, failed) for step in reversed(self._done)]
        self._done, self._open = [], None
        if Undone.LEFT not in results:  # else a person may need what was there before
            await self.tidy()
        if Undone.LEFT in results:
            return Undone.LEFT
        return Undone.RESTORED if Undone.RESTORED in results else Undone.NOTHING

    async def tidy(self) -> None:
        """Take away the copies of files that were changed: nothing of ours stays on a host."""
        while self._laid:
            step = self._laid.pop()
            if step.edit is not None:
                await tidy(self._remote, step.target, step.edit)

    async def _carried_out(self, step: Step) -> StepResult:
        match step.kind:
            case Kind.RUN:
                return await self._run_noted(step)
            case Kind.WAIT | Kind.UP | Kind.DOWN:
                return await self._wait(step)
            case Kind.EDIT | Kind.SET | Kind.UPLOAD:
                return await self._write(step)
            case Kind.WORKERS:
                return await self._verify(step)
            case Kind.DRAINED:
                return await emptied(self._remote, self._plan, step, self.before)
            case Kind.DOWNLOAD:
                return await download(self._remote, self._send, step)
            case Kind.ASK:
                yes = self._ask is not None and await self._ask(step)
                return StepResult(None if yes else StepFault.NOT_CONFIRMED)
        assert_never(step.kind)

    async def _floor_holds(self, step: Step) -> None:
        """In a roll, minutes after the question: other nodes may have died since (fault F81)."""
        service = self._plan.service
        if not step.item or service is None or step.effect not in {Effect.OUT, Effect.BRIEF}:
            return
        layout = await read_layout(self._remote, service)
        now = await look(self._remote, service, layout, self._looked.busy)
        then = None
        if step.edit and step.kind is Kind.EDIT:
            with suppress(UserError):  # changed by hand meanwhile: the write will say so
                new = nginx.edited(layout, service.upstream, step.edit.change, step.node)
                then = layout.changed(new.file, new.text)
        now.after(step.effect, step.node, then)

    async def _run_noted(self, step: Step) -> StepResult:
        """A reload without an edit before it, in a run that goes on behind one, notes itself who serves before it."""
        behind = next((then for this, then in pairwise(self._plan.steps) if this is step), None)
        if behind is None or behind.kind is not Kind.WORKERS or self.edited:
            return await self._run(step)
        before = await workers_now(self._remote, step, self._pid_file)
        self._workers = Workers(self._remote, before)
        return replace(await self._run(step), workers=before)

    @property
    def _pid_file(self) -> str:
        return self._plan.seen.pid_file if self._plan.seen else ""

    async def _run(self, step: Step) -> StepResult:
        """Every command in order; the first that fails ends it, unless a later step decides."""
        said: list[str] = []
        result: Result | None = None
        for argv in step.commands:
            fault, result = await self._tried(step, argv)
            text = self._send.shown(result)
            if len(step.commands) > 1:
                text = f"$ {shlex.join(argv)}\n{text.rstrip()}\n= {'?' if result.exit is None else result.exit}\n"
            said.append(text)
            if fault and not step.may_fail:
                return StepResult(fault, told_status(fault, result), "".join(said))
        return StepResult(None, result.exit if result else 0, "".join(said))

    async def _tried(self, step: Step, argv: tuple[str, ...]) -> tuple[StepFault | None, Result]:
        """One command, sent again only where its author declared that twice is the same as once."""
        for tries_left in range(step.tries - 1, -1, -1):
            result = await self._send(step, argv, stdin=step.stdin)
            fault = self._judged(step, result)
            if fault is None or not tries_left:
                break
            await asyncio.sleep(step.pause)
        return fault, result

    def _judged(self, step: Step, result: Result) -> StepFault | None:
        cut = self._send.reading and self._plan.report is Report.TEXT and result.truncated
        return judged(step, result, self._send.said(result), cut=cut)

    async def _wait(self, step: Step) -> StepResult:
        """Ask until the answer is the wanted one, for at most ``limit`` seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + step.limit
        (argv,) = step.commands
        while True:
            result = await self._remote.run(step.target, argv, limit=POLL_LIMIT)
            fault = self._awaited(step, result)
            if fault is None:
                return StepResult(None, result.exit, self._send.said(result) if step.kind is Kind.WAIT else "")
            if loop.time() > until or result.exit in {126, 127}:
                return StepResult(fault, status(result), self._send.said(result))
            await asyncio.sleep(POLL)

    def _awaited(self, step: Step, result: Result) -> StepFault | None:
        if step.kind is Kind.UP:
            return None if is_up(result.exit, result.stdout, step.health) else StepFault.NOT_UP
        if step.kind is Kind.DOWN:
            return still_there(result)
        return self._judged(step, result)

    async def _write(self, step: Step) -> StepResult:
        """Change one file: back up, write beside it, compare every hash, put in place in one move."""
        edit = step.edit
        if edit is None or not edit.new_sha256:
            raise LookupError("a plan that edits must have been looked at")
        new = await self._looked.content(self._remote, step, edit)
        if new is None:
            return StepResult(StepFault.CHANGED)
        self._laid.append(step)
        *before, write, move = step.commands
        for argv, content in (*((argv, b"") for argv in before), (write, new)):
            result = await self._send(step, argv, content=content)
            if not result.ok:
                return StepResult(StepFault.EXIT, result.exit, clean(result.stderr))
        backup = before[0][-1] if edit.sha256 else edit.path
        for path in (backup, edit.path):
            if await hash_there(self._remote, step.target, edit, path) != edit.sha256:
                return StepResult(StepFault.CHANGED)
        if await hash_there(self._remote, step.target, edit, write_path(write)) != edit.new_sha256:
            return StepResult(StepFault.NOT_WRITTEN)
        if edit.sha256 and not await faces_alike(self._remote, step.target, edit.path, write_path(write)):
            return StepResult(StepFault.NOT_WRITTEN)
        self._done.append(step)
        self._open = edit if step.kind is Kind.EDIT else None
        result = await self._send(step, move)
        crash_points.point("run.after_edit")
        if not result.ok or await hash_there(self._remote, step.target, edit, edit.path) != edit.new_sha256:
            return StepResult(StepFault.NOT_WRITTEN, result.exit, clean(result.stderr))
        workers = None
        if step.kind is Kind.EDIT:
            workers = await workers_now(self._remote, step, self._pid_file)
            self._workers = Workers(self._remote, workers)
        return StepResult(None, 0, mask("\n".join(edit.diff)), workers=workers)

    async def _verify(self, step: Step) -> StepResult:
        """The new configuration is live, from the file that we wrote."""
        fault = await self._workers.taken(step) if self._workers else StepFault.NOT_RELOADED
        edit = self._open
        back = edit is not None and edit.change is Change.UNDRAIN
        if fault and not (back and fault is StepFault.OLD_WORKERS):  # to be back, the node needs new workers alone
            return StepResult(fault)
        if edit and await hash_there(self._remote, step.target, edit, edit.path) != edit.new_sha256:
            return StepResult(StepFault.CHANGED)
        self._verified()
        for done in [laid for laid in self._laid if laid.kind is Kind.EDIT]:
            await tidy(self._remote, done.target, done.edit) if done.edit else None
            self._laid.remove(done)
        return StepResult(None, 0)

    async def _taken_back(self, step: Step, failed: Step) -> Undone:
        if step.edit is None:
            result = await self._send(replace(step, limit=max(step.limit, 30.0)), step.undo)
            return Undone.RESTORED if result.ok else Undone.LEFT
        undone = await restore(self._remote, step.target, step.edit)
        if undone is not Undone.LEFT and step.kind is Kind.EDIT and failed.kind is Kind.WORKERS:
            # the reload was taken, and may yet be acted on: let it act on the old file
            await self._send(step, (step.edit.test[0], "-s", "reload"))
            return Undone.RESTORED
        return undone


def write_path(argv: tuple[str, ...]) -> str:
    """The file that the writing command of an edit writes."""
    return argv[1].removeprefix("of=")
