"""What do people hear of a run under way and of its end? The card is updated in place; a new message is for the end alone."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.core.content import Attachment
from bot.core.people import Person, Role
from bot.core.redact import masked, tail
from bot.work.work import Work
from runbooks.engine.edits import Undone
from runbooks.language.vocabulary import Confirm, Report
from runbooks.planning.outcome import Fault, StepResult
from runbooks.planning.plan import Plan
from runbooks.remote.journal import Ending
from runbooks.runs import answer, store
from runbooks.runs import steps as store_steps
from runbooks.runs.layout import live
from runbooks.runs.recovery import Found
from runbooks.runs.report import coming, shown, since_asked
from runbooks.runs.roll_progress import rolled
from runbooks.runs.store import Run, State


async def keep_output(state_dir: Path, run: Run, plan: Plan, results: Sequence[StepResult]) -> tuple[Attachment, ...]:
    """The whole output as ``<state_dir>/runs/R17.txt`` and what was downloaded beside it; nothing when nothing was said."""
    parts = [
        f"# {place}. {step.target.id}: {step.title.en}\n{result.output.rstrip()}\n"
        for place, (step, result) in enumerate(zip(plan.steps, results, strict=False), 1)
        if result.output.strip()
    ]
    found = [(f"{run.name}.txt", "\n".join(parts).encode())] if parts else []
    found += [(f"{run.name}-{Path(name).name}", masked(data)) for result in results for name, data in result.files]
    for name, data in found:
        await asyncio.to_thread(write_file, state_dir / "runs" / name, data)
    return tuple(Attachment(name, f"runs/{name}") for name, _ in found)


def write_file(path: Path, data: bytes) -> None:
    """A file of a run, for the service's own group to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o640)
    path.write_bytes(data)


def progress(work: Work, run: Run, plan: Plan, place: int) -> None:
    """Which step is under way, on the card, below those that ended and how long each took."""
    rows = live(plan.steps, store_steps.steps(work.session, run.id), work.real_now)
    _cards(
        work, run, "runs/progress", plan=plan, place=place, total=len(plan.steps), step=plan.steps[place - 1], rows=rows
    )


def wave(work: Work, run: Run, plan: Plan, place: int) -> None:
    """Steps that go together: a card of its own where nobody was asked, then how many have ended."""
    records = [record for record in store_steps.steps(work.session, run.id) if record.state != "running"]
    rows = live(plan.steps, records, work.real_now)
    place = max(place, len(records))
    facts: dict[str, Any] = {"plan": plan, "place": place, "total": len(plan.steps), "rows": rows}
    facts["step"] = plan.steps[place - 1]
    if _posts(work, run):
        _cards(work, run, "runs/progress", **facts)
        return
    chat = answer_chat(work, run.chat, run.requester)
    posts = [[chat, work.say("runs/progress", chat, about=run.name, page=page_of(run), run=run, **facts)]]
    store.change(work, run, posts=posts)


def close_cards(work: Work, run: Run, reason: str, by: str | None = None, plan: Plan | None = None) -> None:
    """The question is over; its buttons go. With ``plan`` its steps and their times stay to be read."""
    person = work.site.people.get(by) if by else None
    rows = live(plan.steps, store_steps.steps(work.session, run.id), work.real_now) if plan else []
    _cards(work, run, "runs/closed", plan=run.plan, reason=reason, person=person, rows=rows)


def page_of(run: Run) -> str:
    """Its page of the console."""
    return f"runs/{run.name}"


def answer_chat(work: Work, chat: str, person: str) -> str:
    """Where what servers say is shown: in a group of reporters nobody but who asked should see it."""
    known = work.site.chat(chat)
    return f"dm-{person}" if known is not None and known.post is not None else chat


def in_private(work: Work, run: Run, place: int, step: Any, **said: Any) -> None:
    """To who asked alone, what servers said of a run in a group of reporters; nothing where they said nothing.

    ``said``: ``rows``, ``text`` and ``left`` as in the group's message, ``files`` that would hang on it.
    """
    if any(said.values()):
        facts = {"rows": (), "text": "", "left": (), **said}
        chat = answer_chat(work, run.chat, run.requester)
        work.say("runs/private", chat, about=run.name, page=page_of(run), run=run, place=place, step=step, **facts)


def ask_person(
    work: Work, run: Run, plan: Plan, place: int, results: Sequence[StepResult], files: tuple[Attachment, ...]
) -> None:
    """A step that waits for a person's yes; the whole of what was found since the last question is in ``files``."""
    if not store.wait(work, run, place):
        return
    work.audit("run.wait", run.name, line=run.line, step=place)
    rows = shown((plan.steps[n - 1], results[n - 1].output) for n in range(since_asked(plan.steps, place), place))
    found: dict[str, Any] = {"rows": rows, "files": files if rows else ()}
    step = plan.steps[place - 1]
    facts: dict[str, Any] = {
        "run": run,
        "plan": plan,
        "place": place,
        "step": step,
        "coming": coming(plan.steps[place:]),
    }
    for chat in sorted(run.chats):
        may_read = answer_chat(work, chat, run.requester) == chat
        work.say("runs/pause", chat, about=run.name, **facts, **(found if may_read else {"rows": []}))
    if answer_chat(work, run.chat, run.requester) != run.chat:
        in_private(work, run, place, step, **found)


def alarm(work: Work, run: Run, results: Iterable[StepResult]) -> None:
    """Of steps that have just ended, those that met another machine than the pinned one."""
    hosts = sorted({result.host for result in results if result.fault is Fault.HOST_KEY})
    if hosts:
        host_key(work, run, ", ".join(hosts))


def host_key(work: Work, run: Run, host: str) -> None:
    """Another machine may be posing as this one: every lead hears of it, in whatever moment it is seen (fault F63)."""
    for lead in work.site.with_role(Role.LEAD):
        work.say("runs/host_key", f"dm-{lead.id}", about=run.name, run=run, host=host)


def go_on(work: Work, run: Run, place: int, person: Person) -> None:
    for chat in sorted(run.chats):
        work.say("runs/go_on", chat, about=run.name, run=run, place=place, person=person)


def done(work: Work, run: Run, plan: Plan, results: Sequence[StepResult], files: tuple[Attachment, ...]) -> None:
    if not store.move(work, run, State.DONE, State.RUNNING):
        return
    rows = answer.since_last_question(plan, results)
    detail: dict[str, Any] = {"line": run.line}
    if rows:
        detail["said"] = {f"{row.host} {row.title.en}": row.lines for row in rows}
    work.audit("run.end", run.name, "done", None, **detail)
    close_cards(work, run, "done", run.confirmer, plan)
    if plan.report is Report.TEXT and plan.confirm is not Confirm.NONE:
        seconds = (work.real_now - run.confirmed_at).total_seconds() if run.confirmed_at else 0
        rows = rows if answer_chat(work, run.chat, run.requester) == run.chat else []
        work.say(
            "runs/done",
            run.chat,
            about=run.name,
            page=page_of(run),
            run=run,
            plan=plan,
            seconds=max(1, seconds),
            rows=rows,
        )
        return
    output = answer.answer_text(plan, results)
    name, facts = answer.report(work.site, plan, results, output)
    fits = facts.get("text", "") in {"", output.rstrip("\n")}
    said = files[:1] if files and files[0].name == f"{run.name}.txt" else ()
    shown = files[len(said) :] if fits and plan.report is not Report.FILE else files
    chat = answer_chat(work, run.chat, run.requester)
    if chat != run.chat:
        work.say("runs/in_private", run.chat, about=run.name, reply_to=run.message, run=run)
    reply_to = run.message if chat == run.chat else None
    work.say(f"runs/{name}", chat, about=run.name, reply_to=reply_to, files=shown, run=run, plan=plan, **facts)


def failed(
    work: Work,
    run: Run,
    plan: Plan,
    results: Sequence[StepResult],
    undone: Undone,
    files: tuple[Attachment, ...],
    left: tuple[str, ...],
) -> None:
    """The step that failed, why, what became of the edit, and what the command left running."""
    place, result = len(results), results[-1]
    fault = result.fault.value if result.fault else ""
    if not store.move(work, run, State.FAILED, State.RUNNING, code=fault):
        return
    work.audit("run.end", run.name, "failed", fault, line=run.line, step=place, undone=undone.value)
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
        "roll": rolled(plan, place - 1),
    }
    text = tail(result.output, 4, 300)
    if answer_chat(work, run.chat, run.requester) == run.chat:
        facts |= {"left": left, "said": text, "files": files}
        work.say("runs/failed", run.chat, about=run.name, page=page_of(run), **facts)
        return
    work.say("runs/failed", run.chat, about=run.name, page=page_of(run), **facts, left=(), said="")
    in_private(work, run, place, step, text=text, left=left, files=files)


def stopped(work: Work, run: Run, plan: Plan, finished: int) -> None:
    """``/cancel`` came while it ran: stopped before its next step."""
    if store.move(work, run, State.CANCELLED, State.RUNNING, code="stopped"):
        work.audit("run.end", run.name, "cancelled", "stopped", line=run.line, step=finished)
        close_cards(work, run, "stopped", None, plan)
        roll = rolled(plan, finished)
        work.say(
            "runs/stopped",
            run.chat,
            about=run.name,
            page=page_of(run),
            run=run,
            plan=plan,
            finished=finished,
            roll=roll,
        )


def unknown(work: Work, run: Run) -> None:
    """Nobody knows how the step under way ended; the targets stay held until a human says so. The servers are asked next."""
    if not store.move(work, run, State.UNKNOWN, State.RUNNING, look_back=True, waits=None):
        return
    now = store.get(work, run.id) or run
    work.audit("run.end", run.name, "unknown", line=run.line, step=now.step)
    close_cards(work, run, "unknown")
    step = now.plan["steps"][now.step - 1] if now.step else None
    ended = any(s.place == now.step and s.state != "running" for s in store_steps.steps(work.session, run.id))
    facts: dict[str, Any] = {"plan": now.plan, "place": now.step, "step": step, "ended": ended}
    work.say("runs/unknown", run.chat, about=run.name, page=page_of(run), run=now, **facts)
    work.wake("runner")


def looked_back(work: Work, run: Run, found: Found) -> None:
    """What the servers know of a run that was cut. One whose every step ended well is done; else it stays ``unknown``."""
    if found.ending in {Ending.ENDED, Ending.NOT_BEGUN, Ending.CUT} and run.step:
        state = "done" if found.well else found.ending.value
        store_steps.end_step(work, run, run.step, state, found.exit, "")
    again = found.ending in {Ending.UNREAD, Ending.RUNNING} and found.refused != "login"  # never lock an account
    if again and run.code == found.code:
        return  # said already; asked again later
    store.change(work, run, look_back=again, code=found.code)
    work.audit(
        "run.look_back", run.name, found.ending.value, found.refused, line=run.line, step=run.step, exit=found.exit
    )
    if found.refused == "host_key":
        host_key(work, run, found.host)
    if found.well and run.step == len(run.plan["steps"]) and store.move(work, run, State.DONE, State.UNKNOWN):
        work.audit("run.end", run.name, "done", line=run.line)
        close_cards(work, run, "done", run.confirmer)
    step = run.plan["steps"][run.step - 1] if run.step else None
    facts: dict[str, Any] = {"plan": run.plan, "place": run.step, "step": step, "total": len(run.plan["steps"])}
    may_read = answer_chat(work, run.chat, run.requester) == run.chat
    told = found if may_read else replace(found, left=())
    work.say("runs/looked_back", run.chat, about=run.name, page=page_of(run), run=run, found=told, **facts)
    if not may_read:
        in_private(work, run, run.step, step, left=found.left)


def bug(work: Work, run: Run) -> None:
    """A fault of ours in a unit: before the start nothing ran; after it nobody knows."""
    if store.move(work, run, State.REFUSED, State.REQUESTED, State.APPROVED, code="bug"):
        work.audit("run.refuse", run.name, "refused", "bug", line=run.line)
        close_cards(work, run, "refused")
        work.say("runs/not_run", run.chat, about=run.name, reply_to=run.message, run=run, code="bug")
    elif run.state is State.UNKNOWN:
        store.change(work, run, look_back=False)
    else:
        unknown(work, run)


def _posts(work: Work, run: Run) -> list[list[str]]:
    """A run that nobody was asked about may have got its card only now."""
    now = None if run.posts else store.get(work, run.id)
    return now.posts if now else run.posts


def _cards(work: Work, run: Run, template: str, **facts: Any) -> None:
    for chat, post in _posts(work, run):
        work.update(post, chat, template, about=run.name, page=page_of(run), run=run, **facts)
