"""What people hear where a run stops: at a step that asks them, at its end, or after a look at what a cut run left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.core.content import Attachment
from bot.core.errors import UserError
from bot.core.redact import tail
from bot.work.work import Work
from runbooks.language.vocabulary import Confirm, Report, Text
from runbooks.planning.outcome import StepResult, Undone
from runbooks.planning.plan import Plan
from runbooks.remote.journal import Ending
from runbooks.runs import answer, buttons, policy, questions, store
from runbooks.runs import steps as store_steps
from runbooks.runs.cut_together import of_the_step, under_way_together
from runbooks.runs.group_words import in_words
from runbooks.runs.left_down import left_down
from runbooks.runs.lifecycle import Act, move
from runbooks.runs.notices import answer_chat, close_cards, host_key, in_private, page_of
from runbooks.runs.recovery import Found
from runbooks.runs.report import coming, shown, since_asked
from runbooks.runs.roll_progress import rolled
from runbooks.runs.run import Run, State
from runbooks.runs.way_back import NOBODY, Back


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A step that failed and may: its exit status and the end of what it said."""

    title: Text
    exit: int | None
    said: str


def ask_person(
    work: Work, run: Run, plan: Plan, place: int, results: Sequence[StepResult], files: tuple[Attachment, ...]
) -> None:
    """A step that waits for a person's yes; the whole of what was found since the last question is in ``files``."""
    if not questions.put(work, run, place, plan.steps[place - 1].limit, results):
        return
    rows = shown((plan.steps[n - 1], results[n - 1].output) for n in range(since_asked(plan.steps, place), place))
    found: dict[str, Any] = {"rows": rows, "files": files if rows else ()}
    step = plan.steps[place - 1]
    facts: dict[str, Any] = {
        "place": place,
        "step": step,
        "roles": plan.confirmers,
        "alone": policy.alone(work.site, run),
    }
    for chat in sorted(run.chats):
        may_read = answer_chat(work, chat, run.requester) == chat
        told, public = in_words(work, chat, run, plan)
        ahead = coming(plan.steps[place:])
        facts |= {"run": told, "plan": public}
        facts["coming"] = ahead if may_read else [replace(part, lines=()) for part in ahead]
        work.say("runs/pause", chat, about=run.name, **facts, **(found if may_read else {"rows": []}))
    if answer_chat(work, run.chat, run.requester) not in run.chats:
        in_private(work, run, place, step, **found)


def done(work: Work, run: Run, plan: Plan, results: Sequence[StepResult], files: tuple[Attachment, ...]) -> None:
    """Every step was carried out. Of a run that only read its answer is the end: where there is none, it has failed."""
    if plan.report is Report.TEXT and plan.confirm is not Confirm.NONE:
        _changed(work, run, plan, results)
        return
    output = answer.answer_text(plan, results)
    try:
        message, facts = answer.report(work.site, run, plan, results, output)
    except UserError as problem:
        _without_answer(work, run, plan, len(results), problem)
        return
    if not _finished(work, run, plan, results):
        return
    fits = facts.get("text", "") in {"", output.rstrip("\n")}
    whole = files[:1] if files and files[0].name == f"{run.name}.txt" else ()
    shown = files[len(whole) :] if fits and plan.report is not Report.FILE else files
    _answer(work, run, message, files=shown, **facts)


def _finished(work: Work, run: Run, plan: Plan, results: Sequence[StepResult]) -> bool:
    said = {f"{row.host} {row.title.en}": row.lines for row in answer.since_last_question(plan, results)}
    if not move(work, run, Act.FINISH, told={"said": said} if said else {}):
        return False
    close_cards(work, run, "done", run.confirmer, plan)
    return True


def _changed(work: Work, run: Run, plan: Plan, results: Sequence[StepResult]) -> None:
    if not _finished(work, run, plan, results):
        return
    seconds = (work.real_now - run.confirmed_at).total_seconds() if run.confirmed_at else 0
    here = answer_chat(work, run.chat, run.requester) == run.chat
    told, public = in_words(work, run.chat, run, plan)
    work.say(
        "runs/done",
        run.chat,
        about=run.name,
        page=page_of(run),
        run=told,
        plan=public,
        seconds=max(1, seconds),
        rows=answer.since_last_question(plan, results) if here else [],
        old=results[-1].left,
    )


def _without_answer(work: Work, run: Run, plan: Plan, place: int, problem: UserError) -> None:
    """What was read is not what ``hosts.yaml`` says: that sentence is what who asked gets."""
    if move(work, run, Act.FAIL, code=problem.code, told={"step": place}, undone=Undone.NOTHING.value):
        close_cards(work, run, "failed", run.confirmer, plan)
        _answer(work, run, f"refusals/{problem.code}", **problem.facts)


def _answer(work: Work, run: Run, message: str, /, **facts: Any) -> None:
    """To who asked, where it may stand."""
    chat = answer_chat(work, run.chat, run.requester)
    if chat != run.chat:
        told, _ = in_words(work, run.chat, run)
        work.say("runs/in_private", run.chat, about=run.name, reply_to=run.message, run=told)
    reply_to = run.message if chat == run.chat else None
    work.say(message, chat, about=run.name, reply_to=reply_to, **facts)


def failed(
    work: Work,
    run: Run,
    plan: Plan,
    results: Sequence[StepResult],
    undone: Undone,
    files: tuple[Attachment, ...],
    left: tuple[str, ...],
    back: Back = NOBODY,
) -> None:
    """The step that failed, why, what became of the edit, what the command left running, which nodes were put back."""
    place, result = len(results), results[-1]
    fault = result.fault.value if result.fault else ""
    if not move(work, run, Act.FAIL, code=fault, told={"step": place, "undone": undone.value}, undone=undone.value):
        return
    close_cards(work, run, "failed", run.confirmer, plan)
    step = plan.steps[place - 1]
    facts: dict[str, Any] = {
        "run": run,
        "plan": plan,
        "place": place,
        "step": step,
        "fault": fault,
        "exit": result.exit,
        "undone": undone.value,
        "roll": rolled(plan, place - 1, back.hosts),
        "old": result.left,
        "out": back.out,
        "down": () if undone is Undone.RESTORED else left_down(plan, place - 1, result),
    }
    passed = _passed_over(plan, results)
    others = [r for r in of_the_step(run, store_steps.steps(work.session, run.id), place) if r.place != place]
    facts["with_it"] = {
        "done": [record.host for record in others if record.state == "done"],
        "failed": [record.host for record in others if record.state != "done"],
    }
    text = tail(result.output, 4, 300)
    if answer_chat(work, run.chat, run.requester) == run.chat:
        facts |= {"left": left, "said": text, "files": files}
        work.say("runs/failed", run.chat, about=run.name, page=page_of(run), **facts, passed=passed)
        return
    facts["run"], facts["plan"] = in_words(work, run.chat, run, plan)
    if passed:
        text = f"{passed.said}\n{text}".strip()
        passed = replace(passed, said="")
    work.say("runs/failed", run.chat, about=run.name, page=page_of(run), **facts, left=(), said="", passed=passed)
    in_private(work, run, place, step, text=text, left=left, files=files)


def _passed_over(plan: Plan, results: Sequence[StepResult]) -> PassedOver | None:
    """The step before the failed one, where that had failed on the same host and was gone on behind: it may be the cause."""
    if len(results) < 2:
        return None
    (step, behind), before = plan.steps[len(results) - 2 : len(results)], results[-2]
    if not step.passes_over(before.exit) or step.target.id != behind.target.id:
        return None
    return PassedOver(step.title, before.exit, tail(before.output, 4, 300))


def stopped(work: Work, run: Run, plan: Plan, finished: int, back: Back = NOBODY) -> None:
    """``/cancel`` came while it ran: stopped before its next step; ``back``: what was put back because of that."""
    if move(work, run, Act.STOP, told={"step": finished}, undone=back.undone.value):
        close_cards(work, run, "stopped", None, plan)
        roll = rolled(plan, finished, back.hosts)
        told, public = in_words(work, run.chat, run, plan)
        work.say(
            "runs/stopped",
            run.chat,
            about=run.name,
            page=page_of(run),
            run=told,
            plan=public,
            finished=finished,
            untouched=store.untouched(run, plan, finished),
            roll=roll,
            out=back.out,
            down=left_down(plan, finished),
        )


def unknown(work: Work, run: Run) -> None:
    """Nobody knows how the step under way ended; the targets stay held until a human says so. The servers are asked next."""
    step_now = (store.get(work, run.id) or run).step
    if not move(work, run, Act.LOSE, told={"step": step_now}, look_back=True, waits=None):
        return
    now = store.get(work, run.id) or run
    close_cards(work, run, "unknown")
    records = store_steps.steps(work.session, run.id)
    open_places = under_way_together(now, records)
    place = open_places[0] if open_places else now.step
    step = now.plan.steps[place - 1] if place else None
    ended = any(s.place == place and s.state != "running" for s in records)
    hosts = [now.plan.steps[n - 1].target.id for n in open_places or ([place] if place else [])]
    shown_run, public = in_words(work, run.chat, now)
    facts: dict[str, Any] = {"plan": public, "place": place, "step": step, "ended": ended, "hosts": hosts}
    work.say("runs/unknown", run.chat, about=run.name, page=page_of(run), run=shown_run, **facts)
    work.wake("runner")


def looked_back(work: Work, run: Run, found: Found) -> None:
    """What the servers know of a run that was cut. One whose every step ended well is done; else it stays ``unknown``."""
    if found.ending in {Ending.ENDED, Ending.NOT_BEGUN, Ending.CUT} and run.step:
        state = "done" if found.well else found.ending.value
        store_steps.end_step(work, run, run.step, state, found.exit, "")
    again = found.ending in {Ending.UNREAD, Ending.RUNNING} and found.refused != "login"  # never lock an account
    if again and run.code == found.code:
        return  # said already; asked again later
    store.note_look_back(work, run, again, found.code)
    work.audit(
        "run.look_back", run.name, found.ending.value, found.refused, line=run.line, step=run.step, exit=found.exit
    )
    if found.refused == "host_key":
        host_key(work, run, found.host)
    if found.well and run.step == len(run.plan.steps) and move(work, run, Act.PROVE):
        close_cards(work, run, "done", run.confirmer)
    buttons.end_next(work, run.name)  # an earlier look's: this one offers them anew
    step = run.plan.steps[run.step - 1] if run.step else None
    shown_run, public = in_words(work, run.chat, run)
    facts: dict[str, Any] = {"plan": public, "place": run.step, "step": step, "total": len(run.plan.steps)}
    may_read = answer_chat(work, run.chat, run.requester) == run.chat
    told = found if may_read else replace(found, left=())
    work.say("runs/looked_back", run.chat, about=run.name, page=page_of(run), run=shown_run, found=told, **facts)
    if not may_read:
        in_private(work, run, run.step, step, left=found.left)


def bug(work: Work, run: Run) -> None:
    """A fault of ours in a unit: before the start nothing ran; after it nobody knows. A look back that was promised is said to
    have come to nothing."""
    if move(work, run, Act.BREAK):
        close_cards(work, run, "refused")
        told, _ = in_words(work, run.chat, run)
        work.say("runs/not_run", run.chat, about=run.name, reply_to=run.message, run=told, code="bug")
    elif run.state is State.UNKNOWN:
        store.note_look_back(work, run, False, run.code)
        told, public = in_words(work, run.chat, run)
        host = run.plan.steps[run.step - 1].target.id if run.step else public.called
        work.say("runs/not_looked_back", run.chat, about=run.name, page=page_of(run), run=told, host=host)
    else:
        unknown(work, run)
