"""Reads the steps of a definition: from what is written to what is planned with."""

from collections.abc import Iterable
from dataclasses import replace

from bot.core.problems import Told
from data.load.yaml_file import Spot
from runbooks.language import placeholders
from runbooks.language.load import shared_keys as read
from runbooks.language.load import step_acts
from runbooks.language.load.prechecks import NAME
from runbooks.language.load.step_forms import (
    NGINX_KINDS,
    AskStep,
    CommandStep,
    EachEntry,
    NginxStep,
    RollStep,
    RunbookStep,
    RunStep,
    StepEntry,
    StepForm,
)
from runbooks.language.load.texts import fits
from runbooks.language.steps import AnyStep, Each, NestedRunbook, Roll, StepDefinition
from runbooks.language.vocabulary import ArgumentType, Effect, Kind

_LIMIT, _ASK_LIMIT = 30, 3600  # seconds


def load_steps(
    written: Iterable[StepForm], at: Spot, names: read.KnownNames, *, rolled: bool = False
) -> tuple[AnyStep, ...]:
    """In order; ``rolled``: they stand within a roll."""
    return tuple(_item(entry, at.child("steps", place), names, rolled=rolled) for place, entry in enumerate(written))


def _item(entry: StepForm, at: Spot, names: read.KnownNames, *, rolled: bool) -> AnyStep:
    match entry:
        case RollStep():
            return _roll(entry, at, names, rolled=rolled)
        case RunbookStep():
            return _inner(entry, at, names)
        case _:
            pass
    step = _step(entry, at, names)
    if step.on and step.on.here and not rolled:
        at.report(Told("runbooks/here_outside"), "on")
    return step


def _roll(entry: RollStep, at: Spot, names: read.KnownNames, *, rolled: bool) -> Roll:
    if rolled:
        at.report(Told("runbooks/roll_in_roll"), "roll")
    batch = entry.batch
    numbers = frozenset(a.name for a in names.arguments if a.type is ArgumentType.INT)
    placeholders.check(at, "batch", batch, numbers)
    if "{" not in batch and not (batch.isascii() and batch.isdigit() and int(batch)):
        at.report(Told("runbooks/bad_batch", given=batch), "batch")
    if not entry.steps:
        at.report(Told("runbooks/empty_roll"))
    over = read.selector(at, "roll", entry.roll, names)
    return Roll(over, batch, load_steps(entry.steps, at, names, rolled=True))


def _inner(entry: RunbookStep, at: Spot, names: read.KnownNames) -> NestedRunbook:
    for word in entry.words:
        placeholders.check(at, "with", word, names.known - names.facts)
    chosen = replace(names, facts=frozenset())  # its steps are written out before any look
    return NestedRunbook(entry.runbook, entry.words, read.when(at, entry.when, chosen), at.at("runbook"))


def _step(entry: StepEntry, at: Spot, names: read.KnownNames) -> StepDefinition:
    each = _each(entry, at, names)
    names = names.plus(placeholders.host_names(each.name)) if each else names
    step = StepDefinition(
        kind=_kind(entry, at, names),
        title=fits(at, "ask" if isinstance(entry, AskStep) else "title", step_acts.title(entry, at), names.known),
        limit=float(entry.limit or (_ASK_LIMIT if isinstance(entry, AskStep) else _LIMIT)),
        on=read.maybe_selector(at, "on", entry.on, names),
        become=entry.become,
        show=read.pattern(at, "show", entry.show),
        ends=read.ends(at, entry.ends, names),
        each=each,
        at_once=entry.at_once,
        when=read.when(at, entry.when, names),
    )
    if isinstance(entry, CommandStep):
        step = _commanded(step, entry, at, names)
    return step_acts.acted(step, entry, at, names)


def _kind(entry: StepEntry, at: Spot, names: read.KnownNames) -> Kind:
    kind = entry.kind if isinstance(entry, RunStep | NginxStep) else Kind.RUN
    if isinstance(entry, RunStep) and kind in NGINX_KINDS:
        at.report(Told("runbooks/no_own_command", kind=kind))
    if kind in NGINX_KINDS and names.effect not in {Effect.OUT, Effect.IN}:
        at.report(Told("runbooks/needs_effect", kind=kind), "kind")
    return kind


def _commanded(step: StepDefinition, entry: CommandStep, at: Spot, names: read.KnownNames) -> StepDefinition:
    """The step with what only a command has."""
    retried = _retried(step, entry, at)
    return replace(
        retried,
        may_fail=entry.may_fail,
        cwd=read.word(at, "cwd", entry.cwd, names),
        stdin=read.word(at, "stdin", entry.stdin, names, secrets=True),
        ok=read.codes(at, entry.ok),
        expect=read.pattern(at, "expect", entry.expect),
        forbid=read.pattern(at, "forbid", entry.forbid),
        undo=read.argv(at, "undo", entry.undo, names),
        same=entry.same,
    )


def _retried(step: StepDefinition, entry: CommandStep, at: Spot) -> StepDefinition:
    """A step is sent again only where its author says that twice is the same as once."""
    if entry.retry is None:
        return step
    if not entry.idempotent:
        at.report(Told("runbooks/retry_once"), "retry")
    return replace(step, tries=1 + entry.retry.times, pause=float(entry.retry.pause))


def _each(entry: StepEntry, at: Spot, names: read.KnownNames) -> Each | None:
    written: EachEntry | None = entry.each if isinstance(entry, CommandStep) else None
    if written is None:
        return None
    here = at.child("each")
    if not NAME.fullmatch(written.name) or written.name in names.known:
        here.report(Told("runbooks/name_unusable", given=written.name), "name")
    return Each(written.name, read.selector(here, "of", written.of, names))
