"""What is on record of one run: its steps with what was sent, what differs from last time, its audit lines."""

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from bot.storage.audit_log import Entry
from bot.storage.tables import AuditRow, table_of
from runbooks.language.vocabulary import Kind, Text
from runbooks.planning.plan import Step
from runbooks.runs import store
from runbooks.runs.layout import differences
from runbooks.runs.run import Run
from runbooks.runs.tables import RunStepRow

_step = table_of(RunStepRow)
_audit = table_of(AuditRow)


@dataclass(frozen=True, slots=True)
class StepStory:
    """One step of the plan and what became of it; ``state`` is empty when it never began.

    ``lines``: its commands as one reads them in a shell, secrets still marked; those of a step that began are what was
    sent. ``typed``: what the command is given to read. ``diff``: the lines that its edit changes. ``output`` is the clean end
    of what it said.
    """

    place: int
    kind: Kind
    title: Text
    host: str
    item: str
    lines: tuple[str, ...]
    typed: tuple[str, ...]
    diff: tuple[str, ...]
    state: str = ""
    exit: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    output: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A run with everything. ``last`` is the run before of the same line that went well, ``differs`` what is sent otherwise."""

    run: Run
    steps: tuple[StepStory, ...]
    last: Run | None
    differs: tuple[str, ...]
    audit: tuple[Entry, ...]


def story(session: Session, number: int, local: Callable[[datetime], datetime]) -> Story | None:
    """The run of that number; None when there is none. ``local`` puts a moment on the site's clock."""
    run = store.find(session, number)
    if run is None:
        return None
    rows = session.connection().execute(select(_step).where(_step.c.run == number))
    begun = {row.place: row for row in rows}
    steps = tuple(_told(place, step, begun.get(place)) for place, step in enumerate(run.plan.steps, 1))
    last = None if run.goes_on else store.last_done(session, run)
    differs = differences(run.plan.steps, run.requested_at, last, local)
    return Story(run, steps, last, tuple(differs), _audited(session, run))


def _told(place: int, step: Step, row: Row[Any] | None) -> StepStory:
    host, commands = (step.target.id, step.commands) if row is None else (row.host, row.commands)
    ended = () if row is None else (row.state, row.exit, row.started_at, row.ended_at, row.output)
    return StepStory(place, step.kind, step.title, host, step.item, _lines(commands), *step.writes, *ended)


def _lines(commands: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(shlex.join(argv) for argv in commands)


def _audited(session: Session, run: Run) -> tuple[Entry, ...]:
    """The audit lines about it, oldest first."""
    rows = session.connection().execute(select(_audit).where(_audit.c.target == run.name).order_by(_audit.c.seq))
    return tuple(Entry(r.at, r.actor, r.action, r.target, r.outcome, r.code, r.detail) for r in rows)
