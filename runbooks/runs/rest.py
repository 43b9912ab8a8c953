"""Where a run goes on that stopped: of hosts that did a step together, each by what is known of it alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runbooks.language.vocabulary import Confirm
from runbooks.runs.run import Run
from runbooks.runs.steps import StepRecord

UNCERTAIN = frozenset({"running", "cut"})  # a step begun of which nobody knows whether it was finished


@dataclass(frozen=True, slots=True)
class Rest:
    """``first``: the place in the whole plan, ``done``: those behind it that are not done again."""

    first: int
    done: tuple[int, ...] = ()


WHOLE = Rest(1)


def rest_from(run: Run, records: Sequence[StepRecord], place: int) -> Rest | None:
    """What is left of ``run`` from ``place`` of its own plan on; None when nothing is.

    Of hosts that did a step together, those that ended well are left out, and those that did not, or never began, do it again,
    wherever ``place`` points among them or right behind them. It decides only about those of which nobody knows: before it
    they count as done.
    """
    steps, states = run.plan.steps, {record.place: record.state for record in records}
    behind, here = _together(run, place - 1), _together(run, place)
    together = next((wave for wave in (behind, here) if _partly(wave, states)), [])
    left = [n for n in together if states.get(n) != "done" and not (n < place and states.get(n) in UNCERTAIN)]
    if together:
        start = min(left, default=max(place, together[-1] + 1))
    else:
        start = min((n for n in here if n not in states), default=place)
    if start > len(steps):
        return None
    first = steps[start - 1].index
    done = {steps[n - 1].index for n in together if n not in left} | set(run.done)
    return Rest(first, tuple(sorted(index for index in done if index > first)))


def _together(run: Run, place: int) -> list[int]:
    """The places of the step that several hosts do together, of which ``place`` is one."""
    steps = run.plan.steps
    if run.plan.confirm is Confirm.NONE or not 0 < place <= len(steps):
        return []  # what only reads is read once more as a whole
    wave = steps[place - 1].wave
    return [n for n, step in enumerate(steps, 1) if wave and step.wave == wave]


def _partly(wave: Sequence[int], states: Mapping[int, str]) -> bool:
    """Whether it was begun, and did not end well on every host."""
    begun = [states[n] for n in wave if n in states]
    return bool(begun) and any(state != "done" for state in begun)
