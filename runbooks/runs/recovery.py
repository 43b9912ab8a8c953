"""What the servers know of a run that was cut: reads their record, takes a half-done edit back, looks whether all answers.

Nothing of the run is ever sent a second time here (faults F15 to F18).
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from runbooks.engine.edits import restore, tidy
from runbooks.engine.floors import is_up
from runbooks.language.vocabulary import Confirm, Kind
from runbooks.planning.outcome import StepFault, Undone
from runbooks.planning.plan import Step
from runbooks.remote.command import Lost, NotStarted, Remote
from runbooks.remote.files import LOOK_SECONDS
from runbooks.remote.journal import Ending, Remembered, remembered
from runbooks.runs.run import Run

_WENT_WRONG = {StepFault.TIME, StepFault.SIGNAL, StepFault.EXIT, StepFault.EXPECT, StepFault.FORBIDDEN}


@dataclass(frozen=True, slots=True)
class Found:
    """How the step begun last ended. ``well``: as it should. ``undone``: what became of a half-done edit.

    ``answers``: whether the application answers now, None where the run has no such check. ``refused``: why the record
    could not be read, and ``host`` where. ``left``: processes of the step that are still there.
    """

    ending: Ending
    exit: int | None = None
    well: bool = False
    undone: Undone | None = None
    answers: bool | None = None
    refused: str | None = None
    host: str = ""
    left: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """What people were told of it: the same is not said twice."""
        return self.refused if self.refused in {"host_key", "login"} else self.ending.value


async def look_back(remote: Remote, run: Run, ended: str | None) -> Found:
    """``ended``: how the step begun last ended by our own record, None when it has no end there."""
    if not run.step:
        return Found(Ending.NOT_BEGUN)
    step = run.plan.steps[run.step - 1]
    target = step.target
    try:
        known = Remembered(Ending.ENDED, len(step.commands))
        if ended is None:
            known = await remembered(remote, target, run.record, run.step) or Remembered(Ending.UNREAD)
        if known.ending in {Ending.UNREAD, Ending.RUNNING}:
            return Found(known.ending)
        open_edit = half_edited(run, known)
        undone = await _put_back(remote, open_edit) if open_edit else None
        await _tidied(remote, run, undone)
        answers = await _answers(remote, run, target.id)
    except (NotStarted, Lost) as error:
        return Found(Ending.UNREAD, refused=error.code, host=error.host)
    left = tuple(" ".join(words.split()[:2]) for words in known.left)  # what else was said to it may have been a secret
    if known.ending is Ending.ENDED and known.commands < len(step.commands):
        return Found(Ending.CUT, None, False, undone, answers, left=left)
    fine = ended == "done" or (ended is None and _fine(step, known.exit))
    well = known.ending is Ending.ENDED and fine and undone is None
    return Found(known.ending, known.exit, well, undone, answers, left=() if well else left)


async def left_behind(remote: Remote, run: Run, step: Step, place: int, fault: StepFault | None) -> tuple[str, ...]:
    """What a command that went wrong has left running on its host, for people to judge; nothing is ended (fault F67)."""
    if step.kind is not Kind.RUN or fault not in _WENT_WRONG or run.plan.confirm is Confirm.NONE:
        return ()
    try:
        known = await remembered(remote, step.target, run.record, place)
    except (NotStarted, Lost):
        return ()
    return known.left if known else ()


async def look_back_each(remote: Remote, run: Run, places: Iterable[int]) -> dict[int, Found]:
    """The same for the step that several hosts were doing together, by place: each is asked for itself."""
    many = list(places)
    found = await asyncio.gather(*(_look_at_one(remote, run, place) for place in many))
    return dict(zip(many, found, strict=True))


def worst(each: Iterable[Found]) -> Found:
    """Of the hosts that were asked the one that people have to hear of first."""
    order = (Ending.UNREAD, Ending.RUNNING, Ending.CUT, Ending.NOT_BEGUN, Ending.ENDED)
    return min(each, key=lambda found: (order.index(found.ending), found.refused != "host_key", found.well))


async def _look_at_one(remote: Remote, run: Run, place: int) -> Found:
    step = run.plan.steps[place - 1]
    try:
        known = await remembered(remote, step.target, run.record, place) or Remembered(Ending.UNREAD)
    except (NotStarted, Lost) as error:
        return Found(Ending.UNREAD, refused=error.code, host=error.host)
    return _judged(step, known)


def _judged(step: Step, known: Remembered) -> Found:
    """What a host's record of a step means."""
    if known.ending is Ending.ENDED and known.commands < len(step.commands):
        return Found(Ending.CUT)
    return Found(known.ending, known.exit, known.ending is Ending.ENDED and _fine(step, known.exit))


def _fine(step: Step, status: int | None) -> bool:
    """Whether a step may end with this status; what it said is lost, so a step judged by its output is never fine."""
    if step.expect or step.forbid:
        return False
    return step.may_fail or status in step.ok


def half_edited(run: Run, known: Remembered) -> Step | None:
    """The edit that the run died in, or before its reload began: until then nothing but the file has changed.

    The reload is the second step behind the edit, questions not counted: nothing of them is ever sent.
    """
    begun = run.plan.steps[: run.step]
    sent = [step for step in begun if step.kind is not Kind.ASK]
    last = 2 if begun[-1].kind is Kind.ASK or known.ending is not Ending.NOT_BEGUN else 3
    return next((step for step in reversed(sent[-last:]) if step.kind is Kind.EDIT), None)


async def _put_back(remote: Remote, step: Step) -> Undone:
    return await restore(remote, step.target, step.edit) if step.edit else Undone.LEFT


async def _tidied(remote: Remote, run: Run, undone: Undone | None) -> None:
    """Nothing of ours stays beside a file, unless it could not be put back: then a person may need what was there before."""
    for step in run.plan.steps[: run.step] if undone is not Undone.LEFT else ():
        if step.edit is not None:
            await tidy(remote, step.target, step.edit)


async def _answers(remote: Remote, run: Run, host: str) -> bool | None:
    """The run's own read-only check of this host, once."""
    for step in run.plan.steps:
        if step.kind is Kind.UP and step.target.id == host:
            result = await remote.run(step.target, step.commands[0], limit=LOOK_SECONDS)
            return is_up(result.exit, result.stdout, step.health)
    return None
