"""Runs a site's runbooks on scratch hosts and compares with what their author expects; the oracle is the hosts' own record."""

import difflib
import itertools
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.core.commands import read, words
from bot.core.errors import UserError
from bot.trial.cases import Case
from bot.trial.scratch import Scratch
from data.site import Site
from runbooks.engine.prechecks import precheck
from runbooks.engine.secrets import secret_names
from runbooks.engine.step import Execution
from runbooks.language.definition import Catalogue
from runbooks.planning.outcome import StepResult, Undone
from runbooks.planning.plan import Plan, Step
from runbooks.planning.planner import plan_run
from runbooks.remote.command import Remote
from runbooks.remote.ssh import Ssh


@dataclass(slots=True)
class Carried:
    """What became of a plan: the steps that ran with their results, and of the failed one its undo."""

    plan: Plan
    results: list[tuple[Step, StepResult]] = field(default_factory=list)
    undone: Undone | None = None

    @property
    def failed(self) -> tuple[Step, StepResult] | None:
        return next(((step, result) for step, result in self.results if result.fault), None)


async def carry(
    catalogue: Catalogue,
    site: Site,
    remote: Remote,
    line: str,
    *,
    now: datetime,
    files: Path | None = None,
    secrets: Mapping[str, str] | None = None,
    says: bool = True,
    first: int = 1,
) -> Carried:
    """Plan, look, then every step from ``first`` on until one fails; that one's changes are taken back.

    ``says`` is what people answer to a question. ``secrets`` None: whatever secret the plan names is known.
    """

    async def ask(step: Step) -> bool:
        return says

    plan = plan_line(catalogue, site, line, now, first)
    looked = await precheck(remote, plan, now=now, files=files)
    known = _named(looked.plan) if secrets is None else secrets
    execution, carried = Execution(remote, looked, ask=ask, secrets=known), Carried(looked.plan)
    for step in looked.plan.steps:
        result = await execution.step(step)
        carried.results.append((step, result))
        if result.fault:
            carried.undone = await execution.undo(step, result.fault)
            break
    return carried


def plan_line(catalogue: Catalogue, site: Site, line: str, at: datetime, first: int = 1) -> Plan:
    """The plan of a command line as it would be typed."""
    command = read(line)
    if command is None:
        raise UserError("unknown_command", verb=line, nearest=None)
    definition, rest = catalogue.pick(command.verb, words(command.rest))
    return plan_run(definition, rest, site, catalogue=catalogue, at=at, first=first)


async def try_case(case: Case, catalogue: Catalogue, scratch: Scratch, now: datetime, files: Path) -> list[str]:
    """What differs from what the case expects; nothing when it holds."""
    scratch.prepare(case.files, case.answers)
    remote = Ssh(scratch.known_hosts, scratch.key_file)
    now = case.at.replace(tzinfo=now.tzinfo) if case.at else now
    ends = "done"
    try:
        carried = await carry(catalogue, scratch.site, remote, case.line, now=now, files=files)
        if carried.failed and carried.failed[1].fault:
            ends = f"failed {carried.failed[1].fault.value}"
    except UserError as error:
        ends = f"refused {error.code}"
    finally:
        await remote.close()
    faults = [] if ends == case.ends else [f"it ended {ends}, expected {case.ends}"]
    return faults + _differing(case, scratch)


def _differing(case: Case, scratch: Scratch) -> list[str]:
    faults = []
    sent = [(host, list(argv)) for host, argv in scratch.script.record]
    got = [f"- {host}: {shlex.join(argv)}" for host, argv in _collapsed(sent)]
    if case.sent is None:
        faults.append("\n".join(["sent: is not there yet; the hosts were sent", *got]))
    elif _collapsed(sent) != case.sent:
        wanted = [f"- {host}: {shlex.join(argv)}" for host, argv in case.sent]
        faults.append("\n".join(["sent differs (? hints, - expected, + sent)", *difflib.ndiff(wanted, got)]))
    for host, tree in case.after.items():
        for path, content in tree.items():
            if scratch.file(host, path) != content:
                faults.append(f"{host}:{path} holds {scratch.file(host, path)!r}, expected {content!r}")
    return faults


def _collapsed(sent: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """Asked again and again until it answers counts once; nodes that are asked at the same time stand in one order."""
    found: list[tuple[str, list[str]]] = []
    for _, group in itertools.groupby(sent, key=lambda entry: entry[0] if entry[1][:1] == ["curl"] else ""):
        entries = list(group)
        found += sorted(entries) if entries[0][1][:1] == ["curl"] else entries
    return [entry for before, entry in zip([None, *found], found, strict=False) if entry != before]


def _named(plan: Plan) -> dict[str, str]:
    """A value for each secret that the plan names."""
    return dict.fromkeys(secret_names(plan), "scratch")
