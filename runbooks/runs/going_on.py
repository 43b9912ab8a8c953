"""A run that waited is taken up again, for a person's answer or behind old connections, by what the rows say of it."""

import asyncio

from bot.work.work import Transactions
from runbooks.engine.prechecks import Prechecked
from runbooks.engine.secrets import read_secrets
from runbooks.planning.outcome import Left, StepFault, StepResult
from runbooks.remote.command import Remote
from runbooks.runs import locks, output_files, questions
from runbooks.runs.questions import Question
from runbooks.runs.run import Run
from runbooks.runs.run_steps import RunExecutor
from runbooks.runs.watch_lifecycle import WatchAct


async def continue_run(
    transactions: Transactions, remote: Remote, run: Run, question: Question, *, as_confirmed: bool
) -> None:
    """The same from the step on that waited for a person, with what the rows say of the steps before it.

    ``as_confirmed``: the stored plan and the hosts' pinned keys are still those that people said yes to; without that the
    answer counts for nothing, and the run fails at this step.
    """
    executor, results = await _taken_up(transactions, remote, run, question.place)
    await executor.go_on(question, results, as_confirmed=as_confirmed)


async def go_on_from(
    transactions: Transactions,
    remote: Remote,
    run: Run,
    place: int,
    result: StepResult,
    *,
    ends: WatchAct | None,
    as_confirmed: bool,
) -> None:
    """The same behind a step that waited for old connections; ``result`` is that step's, ``ends`` what its watch ends with."""
    executor, results = await _taken_up(transactions, remote, run, place)
    await executor.go_on_behind(place, results, result if as_confirmed else StepResult(StepFault.CHANGED), ends)


async def go_on_put_back(transactions: Transactions, remote: Remote, run: Run, place: int, left: Left) -> None:
    """A run that waited for old connections goes no further: what it has taken out and not treated yet goes back."""
    executor, results = await _taken_up(transactions, remote, run, place)
    await executor.give_up(place, results, left)


async def _taken_up(
    transactions: Transactions, remote: Remote, run: Run, place: int
) -> tuple[RunExecutor, list[StepResult]]:
    """A run that waited at ``place``, with what the rows say of the steps before it."""
    state_dir = transactions.runtime.settings.state_dir
    secrets = await asyncio.to_thread(read_secrets, state_dir)
    busy = await transactions.store.read(lambda s: locks.held_by_others(s, run))
    results = await transactions.store.read(lambda s: questions.kept_results(s, run, place))
    results = await output_files.with_files(state_dir, run, results)
    looked = Prechecked(run.plan, {}, busy, state_dir / "files")
    return RunExecutor(transactions, remote, run, looked, secrets), results
