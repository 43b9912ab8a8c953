"""Whether what a command said and how it ended is what its step asks for; a signal is told from an error and from a time limit."""

import re

from runbooks.planning.outcome import StepFault
from runbooks.planning.plan import Step
from runbooks.remote.command import UNNAMED, Result

_REFUSED = 7  # curl: nothing listens there


def status(result: Result) -> int | None:
    """The exit status as a shell gives it: 128 and the number of the signal that ended the command, where one did.

    None where nobody knows it: of a signal without a name, or none was told.
    """
    if result.by_signal == UNNAMED:
        return None
    return 128 + result.by_signal if result.by_signal else result.exit


def ended_wrongly(result: Result) -> StepFault:
    """Why a command has another status than it should."""
    if result.killed:
        return StepFault.TIME
    return StepFault.SIGNAL if result.by_signal else StepFault.EXIT


def judged(step: Step, result: Result, text: str, *, cut: bool = False) -> StepFault | None:
    """``text``: what it said, clean. ``cut``: it was stopped for its flood, and what came is all that is wanted."""
    if status(result) not in step.ok and not cut:
        return ended_wrongly(result)
    if step.expect and not re.search(step.expect, text, re.ASCII):
        return StepFault.EXPECT
    return StepFault.FORBIDDEN if step.forbid and re.search(step.forbid, text, re.ASCII) else None


def still_there(result: Result) -> StepFault | None:
    """Of a step that waits until nothing listens any more."""
    return None if result.exit == _REFUSED else StepFault.STILL_UP


def told_status(fault: StepFault | None, result: Result) -> int | None:
    """The status as people are told it; one that a limit or a look of ours ended has none of its own."""
    return None if fault is StepFault.TIME else status(result)
