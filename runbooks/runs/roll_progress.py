"""How far a roll got: which hosts are done, where it stopped and whether that one is out of service, which are untouched."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from runbooks.language.vocabulary import Kind
from runbooks.planning.plan import Change, Plan, Step


@dataclass(frozen=True, slots=True)
class Rolled:
    """``host``: where it stopped; ``out``: that host is left out of the load balancer; ``others``: those of its batch.

    ``back``: hosts that were taken out, not treated, and put back.
    """

    done: tuple[str, ...]
    host: str
    out: bool
    others: tuple[str, ...]
    untouched: tuple[str, ...]
    back: tuple[str, ...] = ()


def taken_out(
    plan: Plan, begun: int, before: Mapping[str, tuple[int, ...]] = MappingProxyType({})
) -> dict[str, tuple[int, ...]]:
    """The nodes (by address) that the first ``begun`` steps took out and did not begin to put back, each with its lines.

    The lines are those that the plan would have put back; none where it would not have. ``before``: those that were out
    already when the plan began, by the run that it goes on with.
    """
    edits = [step.edit for step in plan.steps if step.kind is Kind.EDIT and step.edit]
    back = {e.what[0]: tuple(int(line) for line in e.what[1:]) for e in edits if e.change is Change.UNDRAIN}
    out = dict(before)
    for edit in (step.edit for step in plan.steps[:begun] if step.kind is Kind.EDIT and step.edit):
        if edit.change is Change.DRAIN:
            out[edit.what[0]] = back.get(edit.what[0], ())
        else:
            out.pop(edit.what[0], None)
    return out


def first_out(plan: Plan, place: int) -> int:
    """Where the plan begins with the first of the nodes that it has taken out and not put back before ``place``."""
    done = {step.edit.what[0] for step in plan.steps[:place] if step.edit and step.edit.change is Change.UNDRAIN}
    sections = {s.section for s in plan.steps[:place] if s.kind is Kind.DRAINED and s.node not in done}
    return next((n for n, step in enumerate(plan.steps[:place], 1) if step.section in sections), place)


def put_back_by(plan: Plan, place: int) -> str:
    """The address of the node that is in service again once the step at ``place`` has ended well; empty for any other step."""
    if plan.steps[place - 1].kind is not Kind.WORKERS:
        return ""
    section = plan.steps[place - 1].section
    edits = [
        step.edit for step in plan.steps[:place] if step.kind is Kind.EDIT and step.edit and step.section == section
    ]
    return edits[-1].what[0] if edits and edits[-1].change is Change.UNDRAIN else ""


def way_back(plan: Plan, node: str) -> list[tuple[int, Step]]:
    """The steps of the plan that put a node back, with their places; none where it would leave the node out."""
    edits = [s for s in plan.steps if s.edit and (s.kind, s.edit.change) == (Kind.EDIT, Change.UNDRAIN)]
    sections = [step.section for step in edits if step.edit and step.edit.what[0] == node]
    return [(place, step) for place, step in enumerate(plan.steps, 1) if step.section in sections[:1]]


def rolled(plan: Plan, finished: int, back: tuple[str, ...] = ()) -> Rolled | None:
    """After the first ``finished`` steps went well and the next one failed; None where that is in no roll.

    ``back``: the hosts that were put back afterwards.
    """
    if finished >= len(plan.steps) or not plan.steps[finished].item:
        return None
    host = plan.steps[finished].item
    begun = {step.item for step in plan.steps[: finished + 1] if step.item}
    ahead = {step.item for step in plan.steps[finished:] if step.item}
    return Rolled(
        done=tuple(item for item in plan.items if item in begun and item not in ahead),
        host=host,
        out=host not in back and _out(plan, finished, host),
        others=tuple(item for item in plan.items if item in begun and item in ahead and item not in {host, *back}),
        untouched=tuple(item for item in plan.items if item not in begun),
        back=back,
    )


def _out(plan: Plan, finished: int, host: str) -> bool:
    """By the last change of the balancer's file that was verified for this host; a run that goes on may have found it out."""
    mine = [step for step in plan.steps if step.item == host]
    changes = [step.edit.change for step in mine if step.kind is Kind.EDIT and step.edit]
    out = changes[:1] == [Change.UNDRAIN]
    changing, section = Change.UNDRAIN, -1
    for step in (step for step in plan.steps[:finished] if step.item == host):
        if step.kind is Kind.EDIT and step.edit:
            changing, section = step.edit.change, step.section
        elif step.kind is Kind.WORKERS and step.section == section:
            out = changing is Change.DRAIN
    return out
