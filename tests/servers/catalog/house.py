"""A few machines, the example organisation on them, and one way to type a command and see it carried out."""

import dataclasses
import re
import shlex
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core import commands
from data.site import Site
from runbooks.engine.prechecks import Prechecked, precheck
from runbooks.engine.step import Execution
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.outcome import StepFault, StepResult, Undone
from runbooks.planning.plan import Plan, Step
from runbooks.planning.planner import plan_run
from runbooks.remote.ssh import Ssh
from tests.support import machines, trees
from tests.support.machines import Machine, Machines
from tests.support.until import until

DAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NOTHING: Mapping[str, str] = {}
NO_STEP: Mapping[int, float] = {}
EVENING = datetime(2026, 11, 22, 20, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
_SENT = re.compile(r"(?:su - (?P<user>\w+) -c )?(?P<line>.*)", re.DOTALL)


@dataclasses.dataclass(slots=True)
class Outcome:
    """How a run ended: ``results`` of the steps that ran, of ``looked``'s; ``asked``: the questions put, in English."""

    looked: Prechecked
    results: list[StepResult]
    asked: list[str]
    undone: Undone | None = None

    @property
    def fine(self) -> bool:
        return [r.fault for r in self.results] == [None] * len(self.looked.plan.steps)

    @property
    def fault(self) -> StepFault | None:
        return self.results[-1].fault

    @property
    def failed(self) -> str:
        """The English title of the step that failed."""
        return self.looked.plan.steps[len(self.results) - 1].title.en

    @property
    def output(self) -> str:
        return "\n".join(result.output for result in self.results)

    def commands(self) -> list[tuple[str, str, str]]:
        """The plan's own commands, in order: (host, user, argv); questions and file edits have none."""
        return [
            (step.target.id, step.target.become or "", shlex.join(argv))
            for step in self.looked.plan.steps
            if step.edit is None
            for argv in step.commands
        ]


@dataclasses.dataclass(slots=True)
class House:
    """``run`` is what a confirmed command does; ``told`` what the machines noted."""

    machines: Machines
    site: Site
    remote: Ssh
    files: Path
    at: datetime = DAY  # when a command is given

    def __getitem__(self, name: str) -> Machine:
        return self.machines.all[name]

    def plan(self, line: str, first: int = 1) -> Plan:
        catalogue = load_catalogue()
        verb, *words = commands.words(line.removeprefix("/"))
        definition, rest = catalogue.pick(verb, tuple(words))
        return plan_run(definition, rest, self.site, catalogue=catalogue, at=self.at, first=first)

    async def look(self, line: str, now: datetime = EVENING, first: int = 1) -> Prechecked:
        return await precheck(self.remote, self.plan(line, first), now=now, files=self.files)

    async def run(
        self,
        line: str,
        *,
        yes: Callable[[Step], bool] = lambda step: True,
        now: datetime = EVENING,
        first: int = 1,
        secrets: Mapping[str, str] = NOTHING,
        short: Mapping[int, float] = NO_STEP,
    ) -> Outcome:
        """Look, forget what the look told the machines, then every step from ``first`` on until one fails; then what is
        declared undone. ``secrets``: those of the secrets folder, by name;
        ``short``: how many seconds a step is given, by its index.
        """
        looked = await self.look(line, now, first)
        found = enumerate(looked.plan.steps)
        steps = tuple(dataclasses.replace(step, limit=short.get(n, step.limit)) for n, step in found)
        looked = dataclasses.replace(looked, plan=dataclasses.replace(looked.plan, steps=steps))
        self.machines.forget()
        outcome = Outcome(looked, [], [])

        async def ask(step: Step) -> bool:
            outcome.asked.append(step.title.en)
            return yes(step)

        execution = Execution(self.remote, looked, ask=ask, secrets=secrets)
        for step in looked.plan.steps:
            result = await execution.step(step)
            outcome.results.append(result)
            if result.fault:
                outcome.undone = await execution.undo(step, result.fault)
                break
        return outcome

    def told(self) -> list[tuple[str, str, str]]:
        """What the machines were told by us: (host, user, argv), repeats of the same question left out."""
        rows: list[tuple[str, str, str]] = []
        for host, line in self.machines.told():
            match = _SENT.fullmatch(line)
            assert match is not None
            inner = shlex.split(match["line"])[0] if match["user"] else match["line"]
            words = shlex.split(inner)
            if words[:3] != ["timeout", "-s", "KILL"]:
                continue  # another machine's doing
            row = (host, match["user"] or "", shlex.join(words[4:]))
            if not rows or rows[-1] != row:
                rows.append(row)
        return rows

    def page(self, host: str, port: int = 6888) -> str | None:
        """What an application node serves; None when nothing answers."""
        return self.fetch(self[host].address, port)

    def fetch(self, host: str, port: int) -> str | None:
        try:
            with urllib.request.urlopen(f"http://{host}:{port}/", timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, OSError):
            return None

    async def start(self, *hosts: str) -> None:
        """Start application nodes by hand, as they stood before the test."""
        for host in hosts:
            at = f"ADDRESS={self[host].address}"
            self[host].inside("env", at, "/data/WEAVER/ApusicAS/bin/asadmin", "start-domain")
        await until(lambda: all(self.page(host) for host in hosts))

    def db(self, *words: str) -> None:
        """Tell a database host something by hand: ``db("dm1", "DmServiceDMSERVER", "start")``."""
        host, script, verb = words
        self[host].inside("su", "-", "dmdba", "-c", f"/data/dmdba/dmdbms/bin/{script} {verb}")

    def running(self, host: str) -> set[str]:
        """Which of the database's processes run on a host."""
        listed = self[host].inside("ps", "-e", "-o", "comm=").split()
        return {name for name in listed if name in {"dmserver", "dmwatcher"}}


@asynccontextmanager
async def house(folder: Path, *names: str, nginx_port: int = 0) -> AsyncIterator[House]:
    """The machines of these names, up; their trees lie below ``folder`` already."""
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    with machines.running(folder, names) as running:
        remote = Ssh(running.known_hosts, running.key_file)
        try:
            yield House(running, trees.site(names, nginx_port), remote, files)
        finally:
            await remote.close()
