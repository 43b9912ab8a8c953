"""A run that was cut while several hosts did its step together: what is known of each, and what people hear of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.work.work import Work
from runbooks.language.vocabulary import Confirm, Text
from runbooks.remote.journal import Ending
from runbooks.runs import buttons, store
from runbooks.runs import steps as store_steps
from runbooks.runs.group_words import in_words
from runbooks.runs.lifecycle import Act, move
from runbooks.runs.notices import close_cards, host_key, page_of
from runbooks.runs.recovery import Found, worst
from runbooks.runs.run import Run
from runbooks.runs.steps import StepRecord

_ON_RECORD = {Ending.ENDED, Ending.NOT_BEGUN, Ending.CUT}


@dataclass(frozen=True, slots=True)
class Apart:
    """One host of the step: ``outcome`` is ``done``, an :class:`Ending`, or ``failed`` where we saw that ourselves."""

    host: str
    place: int
    outcome: str
    exit: int | None
    refused: str | None = None


def of_the_step(run: Run, records: Sequence[StepRecord], place: int) -> list[StepRecord]:
    """The records of the step that several hosts do together, of which ``place`` is one; none for any other step."""
    steps = run.plan.steps
    wave = steps[place - 1].wave if 0 < place <= len(steps) and run.plan.confirm is not Confirm.NONE else 0
    return [record for record in records if wave and steps[record.place - 1].wave == wave]


def under_way_together(run: Run, records: Sequence[StepRecord]) -> list[int]:
    """The places whose hosts are to be asked what became of it."""
    return [record.place for record in of_the_step(run, records, run.step) if record.state == "running"]


def each_looked_back(work: Work, run: Run, each: Mapping[int, Found]) -> None:
    """Put on record what each host knows, and tell people; while one runs still or cannot be asked, it is asked again."""
    for place, found in each.items():
        if found.ending in _ON_RECORD:
            state = "done" if found.well else found.ending.value
            store_steps.end_step(work, run, place, state, found.exit, "")
    asked = each.values()
    told = worst(asked)
    again = any(found.ending in {Ending.UNREAD, Ending.RUNNING} and found.refused != "login" for found in asked)
    if again and run.code == told.code:
        return  # said already; asked again later
    store.note_look_back(work, run, again, told.code)
    records = store_steps.steps(work.session, run.id)
    hosts = [_apart(record, each.get(record.place)) for record in of_the_step(run, records, run.step)]
    work.audit("run.look_back", run.name, told.ending.value, told.refused, line=run.line, step=run.step)
    if told.refused == "host_key":
        host_key(work, run, told.host)
    finished = len(records) == len(run.plan.steps) and all(record.state == "done" for record in records)
    if finished and move(work, run, Act.PROVE):
        close_cards(work, run, "done", run.confirmer)
    buttons.end_next(work, run.name)  # an earlier look's: this one offers them anew
    title: Text = run.plan.steps[run.step - 1].title
    shown_run, public = in_words(work, run.chat, run)
    facts: dict[str, Any] = {"plan": public, "title": title, "hosts": hosts, "finished": finished}
    work.say("runs/each_looked_back", run.chat, about=run.name, page=page_of(run), run=shown_run, **facts)


def _apart(record: StepRecord, found: Found | None) -> Apart:
    ending = found.ending.value if found else record.state
    outcome = "done" if record.state == "done" else ending if ending in set(Ending) else "failed"
    return Apart(record.host, record.place, outcome, record.exit, found.refused if found else None)
