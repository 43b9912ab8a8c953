"""What is asked about runs: which wait, what exactly will be sent, what was said."""

import shlex
from dataclasses import dataclass
from datetime import timedelta

from bot.core.content import Attachment
from bot.core.events import Command, Tap
from bot.core.redact import tail
from bot.work.arguments import takes
from bot.work.work import Work
from handlers.runs import naming
from runbooks.language.vocabulary import Text
from runbooks.runs import notices, output_files, policy, store, watches
from runbooks.runs import steps as store_steps
from runbooks.runs.group_words import in_words
from runbooks.runs.run import OPEN, Run, State

STOPPED_LATELY = timedelta(days=3)  # over a weekend
MOST_LINES = 30  # commands in a message; more are a file


def listed(event: Command, work: Work) -> None:
    """``/runs``: what waits, runs, is unknown, or stopped lately and can be gone on with, and whose old connections are watched."""
    _, beside = watches.to_look_at(work.session)
    watched = [run for run, _ in beside if run.state is State.DONE]
    stopped = store.to_go_on_with(work.session, work.real_now - STOPPED_LATELY)
    runs = [*store.in_state(work.session, *OPEN), *stopped, *watched]
    chat = event.envelope.chat
    rows = [(in_words(work, chat, run)[0], work.site.people.get(run.requester)) for run in runs]
    work.say("runs/list", chat, reply_to=event.envelope.key, rows=rows)


def commands_tap(event: Tap, work: Work) -> None:
    """The button, and ``/commands R17`` where there are no buttons."""
    _commands(naming.named(work, event.subject), event.envelope.chat, work)


@takes(naming.RUN)
def commands(event: Command, work: Work, run: Run) -> None:
    _commands(run, event.envelope.chat, work)


def _commands(run: Run, asked_in: str, work: Work) -> None:
    """Every command, host by host, exactly as it will be sent, and what it writes."""
    person = naming.actor(work)
    policy.check_part(run, person)
    steps = command_lines(run)
    files = (
        _as_file(work, run, steps)
        if sum(len(part) for step in steps for part in (step.lines, step.typed, step.diff)) > MOST_LINES
        else ()
    )
    chat = notices.answer_chat(work, asked_in, person.id)
    work.say("runs/commands", chat, about=run.name, files=files, run=run, steps=[] if files else steps)


@dataclass(frozen=True, slots=True)
class StepCommands:
    """One step with its commands as one reads them in a shell, what they are given to read, and the lines an edit changes."""

    title: Text
    host: str
    lines: tuple[str, ...]
    typed: tuple[str, ...]
    diff: tuple[str, ...]


def command_lines(run: Run) -> list[StepCommands]:
    """The steps of a run, in order."""
    return [
        StepCommands(step.title, step.target.id, tuple(shlex.join(argv) for argv in step.commands), *step.writes)
        for step in run.plan.steps
    ]


def _as_file(work: Work, run: Run, steps: list[StepCommands]) -> tuple[Attachment, ...]:
    """What is too long for a phone, as a file of the run."""
    name = f"{run.name}-commands.txt"
    parts = [
        "\n".join((f"# {place}. {step.host}: {step.title.en}", *step.lines, *_commented(step)))
        for place, step in enumerate(steps, 1)
    ]
    output_files.write_file(work.settings.state_dir / "runs" / name, ("\n\n".join(parts) + "\n").encode())
    return (Attachment(name, f"runs/{name}"),)


def _commented(step: StepCommands) -> list[str]:
    """What a step writes, so that the file of its commands stays one that a shell could read."""
    return [*(f"# < {line}" for line in step.typed), *(f"# {line}" for line in step.diff)]


def output_tap(event: Tap, work: Work) -> None:
    """The button, and ``/output R17`` where there are no buttons."""
    _output(naming.named(work, event.subject), event.envelope.chat, work)


@takes(naming.RUN)
def output(event: Command, work: Work, run: Run) -> None:
    _output(run, event.envelope.chat, work)


def _output(run: Run, asked_in: str, work: Work) -> None:
    """What the commands of a run said: the end of it here, the whole as a file; in a group of reporters to who asked alone."""
    person = naming.actor(work)
    policy.check_part(run, person)
    steps = [step for step in store_steps.steps(work.session, run.id) if step.output.strip()]
    name = f"{run.name}.txt"
    kept = (work.settings.state_dir / "runs" / name).is_file()
    files = (Attachment(name, f"runs/{name}"),) if kept else ()
    text = tail(steps[-1].output, 20, 1500) if steps else ""
    chat = notices.answer_chat(work, asked_in, person.id)
    pages = bool(work.settings.server.public_url) and not chat.startswith("dm-")
    page = notices.page_of(run)
    work.say("runs/output", chat, about=run.name, files=files, page=page, run=run, text=text, pages=pages)
