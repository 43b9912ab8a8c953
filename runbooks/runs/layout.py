"""A plan or a run under way as it is read on a phone: host by host; finished hosts fold into one line."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from runbooks.language.vocabulary import Kind, Text
from runbooks.planning.compose import TIMES
from runbooks.planning.plan import Step
from runbooks.runs.run import Run
from runbooks.runs.steps import StepRecord

_COPY = re.compile(r"\.zhiban-[0-9a-f]{12}\b", re.ASCII)  # plan: backup_path
NOTHING: Mapping[str, str] = {}
MOST_LINES = 10  # of the steps under way; earlier ones fold


@dataclass(frozen=True, slots=True)
class Block:
    """The steps of one host that follow one another; empty ``host``: a question to people.

    Several hosts that do the same in turn are one block, called ``dm1 dm2`` or ``oa1…oa10``. ``lines``: the commands as one
    reads them in a shell; once where all hosts get the same, behind the host's name where they do not. ``together``: how many
    hosts do it at the same time, 0 where each waits for the one before.
    """

    host: str
    titles: tuple[Text, ...]
    lines: tuple[str, ...]
    together: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the live view: a step, or (``title`` None) all steps of a host, or (``host`` empty) several hosts.

    ``state`` is ``done``, ``now``, ``failed`` or, of a step that failed and may, ``passed``; ``count`` the steps or hosts
    behind it; ``item`` the host of a roll.
    """

    state: str
    host: str
    title: Text | None
    seconds: float
    count: int = 1
    item: str = ""


def blocks(steps: Sequence[Step]) -> list[Block]:
    """What will run, in order; of a roll its first host stands for all, which do the same one after the other."""
    first = next((step.item for step in steps if step.item), "")
    steps = [step for step in steps if step.item in {"", first}]
    found = []
    for (host, wave), group in groupby(steps, key=_place):
        same = tuple(group)
        lines = tuple(shlex.join(argv) for step in same for argv in step.commands)
        found.append((wave, Block(host, tuple(step.title for step in same), lines, same[0].at_once if wave else 0)))
    alike = groupby(found, key=lambda one: (one[0], one[1].titles))
    return [_alike(tuple(block for _, block in group)) for _, group in alike]


def _place(step: Step) -> tuple[str, int]:
    return "" if step.kind is Kind.ASK else step.target.id, step.wave


def _alike(same: tuple[Block, ...]) -> Block:
    """Hosts that do the same in turn, as one; commands that differ stand there all, each with its host."""
    if len(same) == 1:
        return replace(same[0], together=0)
    hosts = [block.host for block in same]
    name = " ".join(hosts) if len(hosts) < 4 else f"{hosts[0]}…{hosts[-1]}"
    lines = same[0].lines
    if any(block.lines != lines for block in same):
        lines = tuple(f"{block.host}: {line}" for block in same for line in block.lines)
    return replace(same[0], host=name, lines=lines, together=min(same[0].together, len(same)))


def differences(
    steps: Sequence[Step], asked_at: datetime, last: Run | None, local: Callable[[datetime], datetime]
) -> list[str]:
    """What differs from the last time that this line was run: ``- oa1: …`` was sent then, ``+ oa1: …`` will be now.

    ``asked_at``: when this run was asked for; ``local`` puts a moment on the site's clock, by which names are given.
    """
    if last is None:
        return []
    return changed(_sent(last.plan.steps), _sent(steps), _renamed(local(last.requested_at), local(asked_at)))


def changed(then: Sequence[str], now: Sequence[str], renamed: Mapping[str, str] = NOTHING) -> list[str]:
    """The lines that are gone and those that are new.

    Names that every run gives anew are no difference: a copy beside an edited file, which is called by what is in that file, and
    what is called by the time (``renamed``: then, now).
    """
    known = {*map(_unnamed, now)}
    kept = {line: {_unnamed(line), _unnamed(_with_names(line, renamed))} for line in then}
    same = set[str]().union(*kept.values())
    gone = [line for line in then if not kept[line] & known]
    return [f"- {line}" for line in gone] + [f"+ {line}" for line in now if _unnamed(line) not in same]


def _sent(steps: Sequence[Step]) -> list[str]:
    return [f"{step.target.id}: {shlex.join(argv)}" for step in steps for argv in step.commands]


def _unnamed(line: str) -> str:
    return _COPY.sub(".zhiban-", line)


def _renamed(then: datetime, now: datetime) -> dict[str, str]:
    """The times that stand in names, then and now; the longest first, which hold the others."""
    forms = sorted(TIMES.values(), key=lambda form: -len(now.strftime(form)))
    return {then.strftime(form): now.strftime(form) for form in forms}


def _with_names(line: str, renamed: Mapping[str, str]) -> str:
    """The line as it would have been called now; no name is changed twice."""
    return re.sub("|".join(map(re.escape, renamed)), lambda match: renamed[match[0]], line) if renamed else line


def live(steps: Sequence[Step], records: Sequence[StepRecord], now: datetime) -> list[Line]:
    """The steps begun so far, the host under way step by step, the others in a line each, the oldest in one."""
    begun = [_line(steps[record.place - 1], record, now) for record in records if record.place <= len(steps)]
    groups = [list(group) for _, group in groupby(begun, key=lambda line: line.item or line.host)]
    if not groups:
        return []
    folded = [_fold(group) for group in groups[:-1]]
    last = groups[-1][-MOST_LINES:]
    room = max(1, MOST_LINES - len(last))
    if len(folded) > room:
        old, folded = folded[: len(folded) - room + 1], folded[len(folded) - room + 1 :]
        folded.insert(0, Line("done", "", None, sum(line.seconds for line in old), len(old)))
    return folded + last


def _line(step: Step, record: StepRecord, now: datetime) -> Line:
    state = {"running": "now", "done": "done"}.get(record.state, "failed")
    if state == "done" and step.passes_over(record.exit):
        state = "passed"
    seconds = ((record.ended_at or now) - record.started_at).total_seconds()
    return Line(state, step.target.id, step.title, seconds, item=step.item)


def _fold(group: Sequence[Line]) -> Line:
    if len(group) == 1:
        return group[0]
    host = group[0].item or group[0].host
    return Line(group[-1].state, host, None, sum(line.seconds for line in group), len(group))
