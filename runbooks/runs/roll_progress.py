"""How far a roll got: which hosts are done, where it stopped and whether that one is out of service, which are untouched."""

from dataclasses import dataclass

from runbooks.language.vocabulary import Kind
from runbooks.planning.plan import Change, Plan


@dataclass(frozen=True, slots=True)
class Rolled:
    """``host``: where it stopped; ``out``: that host is left out of the load balancer; ``others``: those of its batch."""

    done: tuple[str, ...]
    host: str
    out: bool
    others: tuple[str, ...]
    untouched: tuple[str, ...]


def rolled(plan: Plan, finished: int) -> Rolled | None:
    """After the first ``finished`` steps went well and the next one failed; None where that is in no roll."""
    if finished >= len(plan.steps) or not plan.steps[finished].item:
        return None
    host = plan.steps[finished].item
    begun = {step.item for step in plan.steps[: finished + 1] if step.item}
    ahead = {step.item for step in plan.steps[finished:] if step.item}
    return Rolled(
        done=tuple(item for item in plan.items if item in begun and item not in ahead),
        host=host,
        out=_out(plan, finished, host),
        others=tuple(item for item in plan.items if item in begun and item in ahead and item != host),
        untouched=tuple(item for item in plan.items if item not in begun),
    )


def _out(plan: Plan, finished: int, host: str) -> bool:
    """By the last change of the balancer's file that was verified for this host."""
    out, changing = False, Change.UNDRAIN
    for step in plan.steps[:finished]:
        if step.item != host:
            continue
        if step.kind is Kind.EDIT and step.edit:
            changing = step.edit.change
        elif step.kind is Kind.WORKERS:
            out = changing is Change.DRAIN
    return out
