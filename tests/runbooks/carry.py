"""A plan carried out as the runner does it, without database and chat."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from runbooks.definition import Catalogue
from runbooks.edits import Undone
from runbooks.execute import Execution, StepResult
from runbooks.look import look
from runbooks.plan import Plan, Step
from runbooks.planner import plan_run
from runbooks.remote import Remote
from tests.support.estate import Estate

TODAY = date(2026, 11, 22)


class Carried:
    """What became of a plan: the steps that ran with their results, and of the failed one its undo."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.results: list[tuple[Step, StepResult]] = []
        self.undone: Undone | None = None

    @property
    def failed(self) -> tuple[Step, StepResult] | None:
        return next(((step, result) for step, result in self.results if result.fault), None)


async def carry(
    catalogue: Catalogue,
    estate: Estate,
    remote: Remote,
    line: str,
    *,
    files: Path | None = None,
    now: datetime | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Carried:
    """Plan, look, then every step until one fails; that one's changes are taken back."""
    verb, *words = line.split()
    definition, rest = catalogue.pick(verb.removeprefix("/"), tuple(words))
    plan = plan_run(definition, rest, estate.site, catalogue=catalogue, today=TODAY)
    looked = await look(remote, plan, now=now or datetime.combine(TODAY, datetime.min.time()), files=files)
    execution, carried = Execution(remote, looked, secrets=secrets), Carried(looked.plan)
    for step in looked.plan.steps:
        result = await execution.step(step)
        carried.results.append((step, result))
        if result.fault:
            carried.undone = await execution.undo(step, result.fault)
            break
    return carried
