"""What do people hear of a run under way and of its end? The card is updated in place; a new message is for the end alone."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.core.content import Attachment
from bot.durable.work import Work
from runbooks import store
from runbooks.definition import Report
from runbooks.execute import StepResult, Undone
from runbooks.output import tail
from runbooks.plan import Plan
from runbooks.report import connections, disks, node_lines
from runbooks.store import Run, State


async def keep_output(state_dir: Path, run: Run, plan: Plan, results: Sequence[StepResult]) -> tuple[Attachment, ...]:
    """The whole output as ``<state_dir>/runs/R17.txt``; nothing when nothing was said."""
    parts = [
        f"# {place}. {step.target.id}: {step.title.en}\n{result.output.rstrip()}\n"
        for place, (step, result) in enumerate(zip(plan.steps, results, strict=False), 1)
        if result.output.strip()
    ]
    if not parts:
        return ()
    path = state_dir / "runs" / f"{run.name}.txt"
    await asyncio.to_thread(_write, path, "\n".join(parts))
    return (Attachment(path.name, f"runs/{path.name}"),)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o640)


def progress(work: Work, run: Run, plan: Plan, place: int) -> None:
    """Which step is under way, on the card."""
    step = plan.steps[place - 1]
    _cards(work, run, "runs/progress", plan=plan, place=place, total=len(plan.steps), step=step)


def close_cards(work: Work, run: Run, reason: str, by: str | None = None) -> None:
    """The question is over; its buttons go."""
    person = work.site.people.get(by) if by else None
    _cards(work, run, "runs/closed", plan=run.plan, reason=reason, person=person)


def done(work: Work, run: Run, plan: Plan, results: Sequence[StepResult], files: tuple[Attachment, ...]) -> None:
    if not store.move(work, run, State.DONE, State.RUNNING):
        return
    work.audit("run.end", run.name, "done", line=run.line)
    close_cards(work, run, "done", run.confirmer)
    if plan.report is Report.TEXT and run.posts:
        seconds = (work.real_now - run.confirmed_at).total_seconds() if run.confirmed_at else 0
        work.say("runs/done", run.chat, about=run.name, run=run, plan=plan, seconds=max(1, seconds))
        return
    name, facts = _report(work, plan, results[-1].output)
    shown = files if facts.get("text", "") not in {"", results[-1].output.rstrip("\n")} else ()  # no file for what fits
    work.say(f"runs/{name}", run.chat, about=run.name, reply_to=run.message, files=shown, run=run, plan=plan, **facts)


def _report(work: Work, plan: Plan, output: str) -> tuple[str, dict[str, Any]]:
    group = work.site.hosts[plan.target].group
    for found in work.site.host_groups.values():
        if found.balancer and found.balancer.host == plan.target:
            group = found.id
    balancer = work.site.host_groups[group].balancer
    match plan.report:
        case Report.NODES:
            return "nodes", {"rows": node_lines(output, balancer.upstream if balancer else "", work.site)}
        case Report.CONNS:
            return "conns", {"rows": connections(output, group, work.site)}
        case Report.DISK:
            return "disk", {"rows": disks(output)}
        case Report.TEXT:
            return "text", {"text": tail(output, 20, 1500)}


def failed(
    work: Work,
    run: Run,
    plan: Plan,
    results: Sequence[StepResult],
    undone: Undone,
    files: tuple[Attachment, ...],
) -> None:
    """The step that failed, why, and what became of the edit."""
    place, result = len(results), results[-1]
    fault = result.fault.value if result.fault else ""
    if not store.move(work, run, State.FAILED, State.RUNNING, code=fault):
        return
    work.audit("run.end", run.name, "failed", fault, line=run.line, step=place, undone=undone.value)
    close_cards(work, run, "failed", run.confirmer)
    step = plan.steps[place - 1]
    facts: dict[str, Any] = {
        "run": run,
        "plan": plan,
        "place": place,
        "step": step,
        "fault": fault,
        "exit": result.exit,
        "undone": undone.value,
    }
    work.say("runs/failed", run.chat, about=run.name, files=files, **facts)


def stopped(work: Work, run: Run, plan: Plan, finished: int) -> None:
    """``/cancel`` came while it ran: stopped before its next step."""
    if store.move(work, run, State.CANCELLED, State.RUNNING, code="stopped"):
        work.audit("run.end", run.name, "cancelled", "stopped", line=run.line, step=finished)
        close_cards(work, run, "stopped")
        work.say("runs/stopped", run.chat, about=run.name, run=run, plan=plan, finished=finished)


def unknown(work: Work, run: Run, *, put_back: bool) -> None:
    """Nobody knows how the step under way ended; the targets stay held until a human says so."""
    if not store.move(work, run, State.UNKNOWN, State.RUNNING, put_back=put_back):
        return
    now = store.get(work, run.id) or run
    work.audit("run.end", run.name, "unknown", line=run.line, step=now.step)
    close_cards(work, run, "unknown")
    step = now.plan["steps"][now.step - 1] if now.step else None
    ended = any(s.place == now.step and s.state != "running" for s in store.steps(work.session, run.id))
    facts: dict[str, Any] = {"plan": now.plan, "place": now.step, "step": step, "ended": ended}
    work.say("runs/unknown", run.chat, about=run.name, run=now, **facts)


def put_back(work: Work, run: Run, undone: Undone) -> None:
    """What became of a half-done edit; the run stays ``unknown``."""
    store.change(work, run, put_back=False)
    work.audit("run.put_back", run.name, undone.value, line=run.line)
    work.say("runs/put_back", run.chat, about=run.name, run=run, plan=run.plan, undone=undone.value)


def bug(work: Work, run: Run) -> None:
    """A fault of ours in a unit: before the start nothing ran; after it nobody knows."""
    if store.move(work, run, State.REFUSED, State.REQUESTED, State.APPROVED, code="bug"):
        work.audit("run.refuse", run.name, "refused", "bug", line=run.line)
        close_cards(work, run, "refused")
        work.say("runs/not_run", run.chat, about=run.name, reply_to=run.message, run=run, code="bug")
    elif run.state is State.UNKNOWN:
        put_back(work, run, Undone.LEFT)
    else:
        unknown(work, run, put_back=False)


def _cards(work: Work, run: Run, template: str, **facts: Any) -> None:
    for chat, post in run.posts:
        work.update(post, chat, template, about=run.name, run=run, **facts)
