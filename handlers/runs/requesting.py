"""A runbook is asked for: which one, whether this person may, whether its target is free. The runner looks at the servers next."""

from bot.core.errors import Refused, UserError
from bot.core.events import Envelope
from bot.work.work import Work
from data.site import Site
from handlers.runs import naming
from runbooks.language.definition import Catalogue
from runbooks.language.vocabulary import Confirm
from runbooks.planning.from_line import plan_line
from runbooks.planning.plan import Plan
from runbooks.runs import policy, store
from runbooks.runs.group_words import by_name
from runbooks.runs.lifecycle import Request, begin
from runbooks.runs.rest import WHOLE, Rest
from runbooks.runs.run import Run, State


def request(
    catalogue: Catalogue, line: str, envelope: Envelope, work: Work, *, rest: Rest = WHOLE, origin: Run | None = None
) -> None:
    """Store the request; the runner looks at the servers and asks, or reads at once where nothing changes.

    ``rest``: what of it; ``origin``: the run that this one goes on with or takes back, which holds the targets while its
    state is unknown.
    """
    asked_at = store.began(work.session, origin) if origin and rest != WHOLE else work.real_now
    person = naming.actor(work)
    try:
        plan = plan_line(catalogue, line, work.site, asked_at, rest.first, rest.done, by=person)
    except UserError as problem:
        if origin and "line" in problem.facts:  # a line that he has not typed himself
            problem.facts["line"] = by_name(work.site, line)
        raise
    if origin and rest != WHOLE:
        _check_same(work.site, origin, plan_line(catalogue, line, work.site, asked_at), rest)
    if not person.may(*plan.roles):
        raise Refused("not_runner", line=by_name(work.site, line), roles=plan.roles)
    policy.check_free(work, plan.locks, but=origin.id if origin and origin.state is State.UNKNOWN else None)
    if plan.confirm is not Confirm.NONE and not plan.dry_run:
        policy.check_not_waiting(work, plan.line, person, envelope.chat)
    reads = plan.confirm is Confirm.NONE and not plan.dry_run
    state = State.APPROVED if reads else State.REQUESTED
    came_from = origin.id if origin else None
    asked = Request(person.id, envelope.chat, envelope.key, rest.first, came_from, rest.done)
    run = begin(work, plan, asked, state)
    work.audit("run.request", run.name, line=run.line, origin=origin.name if origin else None, first=rest.first)


def _check_same(site: Site, origin: Run, whole: Plan, rest: Rest) -> None:
    """A rest is told by places: what they name must be what it was, or another step would be done than was left.

    Raises ``UserError`` ``steps_changed`` after an edit of the runbook or the group, or a newer program's catalogue.
    """
    begun = [step for step in origin.plan.steps if step.index <= rest.first]
    now = {step.index: (step.kind, step.target.id) for step in whole.steps}
    if any(now.get(step.index) != (step.kind, step.target.id) for step in begun):
        raise UserError("steps_changed", run=origin.name, line=by_name(site, origin.line))
