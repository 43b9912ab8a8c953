"""Which hosts a run stopped and did not bring up again: said before anything else, because somebody has to act."""

from runbooks.language.vocabulary import Kind
from runbooks.planning.outcome import StepFault, StepResult
from runbooks.planning.plan import Plan, Step


def left_down(plan: Plan, done: int, failed: StepResult | None = None) -> tuple[str, ...]:
    """Of the first ``done`` steps, the hosts on which one stopped something that a step behind them was to start or see up.

    ``failed``: how the step behind them ended. What it was to see down and what answered all the same was not stopped.
    """
    stopped = dict.fromkeys(step.target.id for step in plan.steps[:done] if _stops(step))
    if failed is not None and failed.fault is StepFault.STILL_UP and failed.exit == 0:  # curl had a whole answer
        stopped.pop(plan.steps[done].target.id, None)
    waiting = {step.target.id for step in plan.steps[done:] if _brings_up(step)}
    return tuple(host for host in stopped if host in waiting)


def _stops(step: Step) -> bool:
    return step.kind is Kind.DOWN or _says(step, "stop")


def _brings_up(step: Step) -> bool:
    return step.kind is Kind.UP or _says(step, "start")


def _says(step: Step, word: str) -> bool:
    """A command's last word, as services are told: ``stop``, ``stop-domain``, ``start``."""
    said = (argv[-1] for argv in step.commands if argv)
    return step.kind is Kind.RUN and any(last == word or last.startswith(f"{word}-") for last in said)
