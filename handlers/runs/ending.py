"""What follows a run that is not simply done: ended by hand, gone on with, taken back."""

from bot.core.arguments import number
from bot.core.errors import Again, UserError
from bot.core.events import Command, Envelope, Tap
from bot.work.arguments import takes
from bot.work.work import Work
from handlers.runs import draining, naming
from handlers.runs.confirming import go_on
from handlers.runs.requesting import request
from runbooks.language.definition import Catalogue
from runbooks.language.vocabulary import Confirm, Kind
from runbooks.planning.outcome import Undone
from runbooks.runs import notices, policy, store
from runbooks.runs import steps as store_steps
from runbooks.runs.group_words import in_words
from runbooks.runs.lifecycle import Act, move
from runbooks.runs.rest import UNCERTAIN, Rest, rest_from
from runbooks.runs.roll_progress import first_out
from runbooks.runs.run import OPEN, Run, State
from runbooks.runs.steps import StepRecord


@takes(naming.which(lambda _event, work: store.in_state(work.session, *OPEN)))
def cancel(event: Command, work: Work, run: Run) -> None:
    """``/cancel R17``: before the start at once, under way before its next step, ``unknown`` when somebody has looked."""
    _cancel(run, event.envelope, work)


def cancel_tap(event: Tap, work: Work) -> None:
    """The button below what was found of a run that was cut."""
    _cancel(naming.named(work, event.subject), event.envelope, work)


def _cancel(run: Run, envelope: Envelope, work: Work) -> None:
    person = naming.actor(work)
    policy.check_end(run, person)
    if move(work, run, Act.CANCEL, told={"state": run.state.value}):
        work.cancel_due("runs.expire", run.name)
        notices.close_cards(work, run, "cancelled", person.id)
        told, _ = in_words(work, envelope.chat, run)
        work.say("runs/cancelled", envelope.chat, about=run.name, run=told, person=person)
    elif run.state is State.RUNNING and run.stop:
        raise Again("stopping_already", run=run.name)
    elif run.state is State.RUNNING:
        store.stop_soon(work, run)
        work.audit("run.cancel", run.name, line=run.line, state=run.state.value)
        work.say("runs/stopping", envelope.chat, about=run.name, run=run)
        work.wake("runner")
    else:
        raise Again("run_over", run=run.name)


def resume(catalogue: Catalogue, event: Command | Tap, work: Work, run: Run, step: str) -> None:
    """``/resume R17``: the yes to a step that waits; else the rest of a run that was cut, stopped or failed, asked anew.

    Where nobody knows how the last step ended, the person says where to go on: ``/resume R17 4``. ``/resume R17 再等`` lets old
    connections be waited for once more.
    """
    policy.check_part(run, naming.actor(work))
    if step in draining.WAIT:
        draining.wait(run, event.envelope, work)
        return
    if run.state is State.RUNNING and run.waits:
        go_on(run, run.waits, work, typed_in=event.envelope.chat)
        return
    stopped = run.state is State.CANCELLED and run.code == "stopped"
    if not stopped and run.state not in {State.FAILED, State.UNKNOWN}:
        raise UserError("cannot_resume", run=run.name)
    policy.check_not_gone_on(work, run)
    records = store_steps.steps(work.session, run.id)
    rest = _rest(work, run, records, step)
    request(catalogue, run.line, event.envelope, work, rest=rest, origin=run)


def resume_tap(catalogue: Catalogue, event: Tap, work: Work) -> None:
    """The button below a run that failed or was stopped."""
    resume(catalogue, event, work, naming.named(work, event.subject), "")


def _rest(work: Work, run: Run, records: list[StepRecord], typed: str) -> Rest:
    """Behind a step that ended well; a failed one, or one that never began, again; one that nobody knows: not without a word.

    What the failure took back (``undo``, a file that was set or uploaded) is done again from there.
    """
    if not typed and not records:
        return Rest(run.first, run.done)
    place = number(typed, 1, len(run.plan.steps)) if typed else _next_place(run, records)
    rest = rest_from(run, records, place)
    if rest is None:
        raise UserError("cannot_resume", run=run.name)
    return rest


def _next_place(run: Run, records: list[StepRecord]) -> int:
    """In the run's own plan."""
    last = next((record for record in records if record.state != "done"), records[-1])
    asked = [last] if run.plan.confirm is Confirm.NONE else records  # nobody has to know what only reads
    uncertain = next((record for record in asked if record.state in UNCERTAIN), None)
    if uncertain is not None:
        raise UserError("resume_where", run=run.name, place=uncertain.place, total=len(run.plan.steps))
    if run.plan.steps[last.place - 1].kind is Kind.DRAINED and last.state != "done":
        return first_out(run.plan, last.place)  # what was put back is taken out again; what is out stays
    if run.state is State.FAILED:
        return _first_taken_back(run, records, last) if run.undone is Undone.RESTORED else last.place
    return last.place + (last.state == "done")


def _first_taken_back(run: Run, records: list[StepRecord], failed: StepRecord) -> int:
    """The first place that the failure undid, else that of the failure itself.

    A roll keeps what it did to its other hosts, and what was done before it: only the steps without a break of the failed
    step's host are taken back.
    """
    steps = run.plan.steps
    item, place = steps[failed.place - 1].item, failed.place
    for record in reversed([record for record in records if record.place < failed.place]):
        step = steps[record.place - 1]
        if step.item != item:
            break
        if record.state == "done" and (step.undo or step.kind in {Kind.SET, Kind.UPLOAD}):
            place = record.place
    return place


def undo_tap(catalogue: Catalogue, event: Tap, work: Work) -> None:
    """The button below a run that is done."""
    undo(catalogue, event, work, naming.named(work, event.subject))


def undo(catalogue: Catalogue, event: Command | Tap, work: Work, run: Run) -> None:
    """``/undo R17``: the command that takes a run back, asked like any other."""
    policy.check_part(run, naming.actor(work))
    line = run.plan.undo
    if run.state is not State.DONE or not line:
        raise UserError("no_undo", run=run.name)
    policy.check_not_undone(work, run)
    request(catalogue, line, event.envelope, work, origin=run)
