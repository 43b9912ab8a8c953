"""What the page of a run shows: facts for its template, from the record and the organisation as it is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from bot.core.errors import Refused
from bot.storage.store import Session
from bot.work.pages import KeptFile, Page, Reading, Shown
from data.site import Site
from runbooks.runs import history, policy, store
from runbooks.runs.history import StepStory, Story
from runbooks.runs.run import Run, State, number_of

FEW = 8  # steps; of more only those that did not end well stand open
REFRESH = 5  # seconds between two looks while it is under way
_UNDER_WAY = (State.REQUESTED, State.ASKED, State.APPROVED, State.RUNNING)
_TONES = {State.ASKED: "ask", State.FAILED: "breach", State.UNKNOWN: "breach", State.DONE: "done"}


@dataclass(frozen=True, slots=True)
class Part:
    """Steps that follow one another for one host, by the machines that they run on; ``ended``: how many, where all are done."""

    name: str
    hosts: tuple[tuple[str, tuple[StepStory, ...]], ...]
    ended: int


def show(session: Session, reading: Reading) -> Shown | None:
    """The page of a run, for those who may run or confirm it."""
    number = number_of(reading.subject)
    story = history.story(session, number, reading.site.local) if number is not None else None
    if story is None:
        return None
    try:
        policy.check_part(story.run, reading.reader)
    except Refused:
        return None
    told = facts(story, reading) | {"after": _after(session, story.run)}
    return Shown(told, tuple(kept(reading.state_dir, story.run)))


def kept(state_dir: Path, run: Run) -> list[KeptFile]:
    """The whole output first, then what was downloaded. A name that cannot be shown is left out."""
    folder = state_dir / "runs"
    whole = f"{run.name}.txt"
    paths = [path for path in (folder / whole, *sorted(folder.glob(f"{run.name}-*"))) if path.is_file()]
    return [KeptFile(path.name, path, path.stat().st_size) for path in paths if path.name.isprintable()]


def _after(session: Session, run: Run) -> Run | None:
    """The run that takes this one back or goes on with it."""
    return store.undone_by(session, run) if run.state is State.DONE else store.gone_on_with(session, run)


def facts(story: Story, reading: Reading) -> dict[str, Any]:
    """The facts of ``run.html``; what can be done next is told by what this reader may."""
    run, site, reader = story.run, reading.site, reading.reader
    under_way = run.state in _UNDER_WAY or run.look_back
    return {
        "run": run,
        "plan": run.plan,
        "seen": run.plan.seen,
        "state": run.state.value,
        "tone": _TONES.get(run.state, "open" if under_way else "quiet"),
        "refresh": REFRESH if under_way else 0,
        "now": reading.now,
        "may": {"confirm": policy.says_yes(site, run, reader), "run": policy.may_run(run, reader)},
        "alone": policy.alone(site, run),
        "parts": _parts(story),
        "total": len(story.steps),
        "last": _stands_at(story.steps),
        "finished": len([step for step in story.steps if _is_done(run, step)]),
        "open": {step.place for step in story.steps if len(story.steps) <= FEW or _looked_at(step)},
        "before": story.last,
        "differs": story.differs,
        "audit": [(line, _who(site, line.actor)) for line in story.audit],
        "who": lambda person: _who(site, person),
        "chat": lambda chat: _where(site, chat),
    }


def _parts(story: Story) -> list[Part]:
    """The steps host by host, those of one host of a roll together; of many, hosts that are done stand folded."""
    many = len(story.steps) > FEW
    found = []
    for name, group in groupby(story.steps, key=lambda step: step.item or step.host):
        steps = list(group)
        ended = many and all(_is_done(story.run, step) for step in steps)
        hosts = tuple((host, tuple(same)) for host, same in groupby(steps, key=lambda step: step.host))
        found.append(Part(name, hosts, len(steps) if ended else 0))
    return found


def _stands_at(steps: Sequence[StepStory]) -> StepStory | None:
    """The first that did not end well, as the run counts it; else the last that began. Steps at once all have begun."""
    begun = [step for step in steps if step.state]
    return next((step for step in begun if _looked_at(step)), begun[-1] if begun else None)


def _is_done(run: Run, step: StepStory) -> bool:
    """Whether it is done, by this run or the one that this goes on with."""
    return step.state == "done" or step.place < run.first or step.place in run.done


def _looked_at(step: StepStory) -> bool:
    """What somebody opens the page for."""
    return step.state not in {"", "done"}


def _who(site: Site, person: str) -> str:
    known = site.people.get(person)
    return known.name if known else person


def _where(site: Site, chat: str) -> str:
    """A group by its name; empty for a direct chat, which the page has a word for."""
    known = site.chat(chat)
    return "" if chat.startswith("dm-") else known.name if known else chat


RUN = Page("runs", Path(__file__).parent / "templates" / "run.html", show)
