"""Who may ask for a run, say yes to it, and for how long a yes is good (decisions: Runs; faults F75 to F80)."""

from datetime import datetime, timedelta

from bot.core.errors import Refused
from bot.core.people import Person
from bot.work.work import Work
from runbooks.language.vocabulary import Confirm
from runbooks.runs.run import Run


def validity(work: Work) -> timedelta:
    """How long a question, and the yes to it, is good for; true time."""
    return timedelta(minutes=work.settings.runs.confirm_minutes)


def fresh(work: Work, said_at: datetime) -> bool:
    """Whether a yes of then still counts."""
    return work.real_now <= said_at + validity(work)


def still_allowed(work: Work, run: Run) -> bool:
    """Whether requester and confirmer hold their roles at this moment, and the yes is of the kind asked for (faults F76, F79)."""
    if not requester_may(work, run):
        return False
    confirmer = work.site.people.get(run.confirmer) if run.confirmer else None
    if confirmer is None:
        return run.plan.confirm is Confirm.NONE and run.confirmer is None
    try:
        check_kind(run, confirmer)
    except Refused:
        return False
    return True


def requester_may(work: Work, run: Run) -> bool:
    requester = work.site.people.get(run.requester)
    return requester is not None and may_run(run, requester)


def check_kind(run: Run, person: Person) -> None:
    """Raises ``Refused`` unless this person's yes is of the kind that the run asks for; persons are compared, not accounts."""
    if run.reason is not None:
        if not may_break_glass(run, person) or person.id != (run.confirmer or person.id):
            raise Refused("not_authorised")
        return
    if not may_confirm(run, person):
        raise Refused("not_authorised")
    if run.plan.confirm is Confirm.SECOND and person.id == run.requester:
        raise Refused("self_confirm", run=run.name)
    if run.plan.confirm is Confirm.SELF and person.id != run.requester:
        raise Refused("not_requester", run=run.name)


def may_break_glass(run: Run, person: Person) -> bool:
    """Alone and with a reason: whoever may run it, where the runbook allows it (decisions: Runs)."""
    return run.plan.breakglass and may_run(run, person)


def may_confirm(run: Run, person: Person) -> bool:
    return person.may(*run.plan.confirmers)


def may_run(run: Run, person: Person) -> bool:
    return person.may(*run.plan.roles)
