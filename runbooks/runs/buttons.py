"""Which buttons below what was said of a run still ask something, and taking the others off (decisions: Truth).

The question of a run is its card, which ``notices`` rewrites; these are the buttons of what is said beside it.
"""

from bot.work import buttons
from bot.work.work import Work
from runbooks.runs import store
from runbooks.runs.run import Run, State

STOPPED = "stopped"
"""The code of a run that was cancelled between two steps; it can be gone on with."""
WAIT = "wait"
"""Old connections are let wait for once more; a question of a watch, not of its run."""
NEXT = frozenset({"resume", "cancel", "undo"})
"""What is offered below the end of a run, or below what was found of one that was cut."""


def end(work: Work, run: Run, state: State, code: str | None, waits: int | None) -> None:
    """Takes off what a run in ``state``, remembered by ``code`` and waiting at step ``waits``, no longer asks."""

    def over(actions: tuple[str, ...]) -> list[str]:
        gone = [action for action in actions if not _asks(action, state, code, waits)]
        put = any(_verb(action) == "continue" for action in gone)
        return list(actions) if put else gone  # what was found is told again at the run's end, with its own button

    buttons.take_off(work, [run.name], over)


def end_next(work: Work, *names: str) -> None:
    """Takes off what was offered to do next with these runs: it is being done, or offered anew."""
    if names:
        buttons.take_off(work, names, lambda actions: [action for action in actions if _verb(action) in NEXT])


def end_wait(work: Work, name: str) -> None:
    """Takes off what was asked because old connections had not ended in time: somebody has said, or nobody waits any more."""

    def over(actions: tuple[str, ...]) -> list[str]:
        waits = [action for action in actions if _verb(action) == WAIT]
        return list(actions) if waits and any(_verb(action) == "continue" for action in actions) else waits

    buttons.take_off(work, [name], over)


def taken_up(work: Work, run: Run) -> None:
    """A run begins: what it goes on with or takes back, whether by a button or by the same words, offers that no more."""
    names = [f"R{number}" for number in store.taken_back_by(work, run)]
    end_next(work, *dict.fromkeys([*([f"R{run.origin}"] if run.origin else []), *names]))


def _asks(action: str, state: State, code: str | None, waits: int | None) -> bool:
    match _verb(action):
        case "continue":
            return state is State.RUNNING and action.endswith(f".{waits}")
        case "resume":
            stopped = state is State.CANCELLED and code == STOPPED
            return stopped or state in {State.FAILED, State.UNKNOWN}
        case "cancel":
            return state is State.UNKNOWN
        case "undo":
            return state is State.DONE
        case _:
            return True


def _verb(action: str) -> str:
    return action.partition(":")[0]
