"""Who may ask for a run, say yes to it, end or read it, and when; every refusal has its code (decisions: Runs; F75 to F80)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from bot.core.errors import Again, Refused, UserError
from bot.core.people import Chat, Person
from bot.work.work import Work
from data.site import Site
from runbooks.language.vocabulary import Confirm
from runbooks.runs import locks, store
from runbooks.runs.group_words import by_name
from runbooks.runs.run import OPEN, Run, State
from runbooks.runs.settings import RunsSettings


def validity(work: Work) -> timedelta:
    """How long a question, and the yes to it, is good for; true time."""
    return timedelta(minutes=work.settings.section(RunsSettings).confirm_minutes)


def fresh(work: Work, said_at: datetime) -> bool:
    """Whether a yes of then still counts."""
    return work.real_now <= said_at + validity(work)


def still_counts(work: Work, run: Run, person: str | None, said_at: datetime) -> bool:
    """Whether this person's yes of then, to a step that waited, still does: it is fresh, he and the requester may still (F79)."""
    who = work.site.people.get(person) if person else None
    return who is not None and fresh(work, said_at) and requester_may(work, run) and _of_kind(work.site, run, who)


def still_allowed(work: Work, run: Run) -> bool:
    """Whether requester and confirmer hold their roles at this moment, and the yes is of the kind asked for (faults F76, F79)."""
    if not requester_may(work, run):
        return False
    confirmer = work.site.people.get(run.confirmer) if run.confirmer else None
    if confirmer is None:
        return run.plan.confirm is Confirm.NONE and run.confirmer is None
    return _of_kind(work.site, run, confirmer)


def _of_kind(site: Site, run: Run, person: Person) -> bool:
    try:
        check_kind(site, run, person)
    except Refused:
        return False
    return True


def check_go_on(work: Work, run: Run, person: Person) -> None:
    """Raises ``Refused`` unless this person may say yes to a step of this run now: the same yes as the one to the run."""
    check_kind(work.site, run, person)
    if not requester_may(work, run):
        raise Refused("requester_role", run=run.name)


def check_confirm(work: Work, run: Run, person: Person) -> None:
    """Raises ``Refused`` unless this person may say yes to this run now, ``Again`` where somebody has."""
    _check_asked(work, run)
    check_go_on(work, run, person)
    check_free(work, run.plan.locks, but=run.origin)


def check_break_glass(work: Work, run: Run, person: Person) -> None:
    """Raises ``Refused`` unless this person may say yes alone now, with a reason."""
    _check_asked(work, run)
    if not run.plan.breakglass:
        raise Refused("no_break_glass", run=run.name)
    if not may_break_glass(run, person):
        raise _no_breaker(run, person)
    if not requester_may(work, run):
        raise Refused("requester_role", run=run.name)
    check_free(work, run.plan.locks, but=run.origin)


def _check_asked(work: Work, run: Run) -> None:
    if run.state is State.EXPIRED or (run.state is State.ASKED and run.expires_at and work.real_now >= run.expires_at):
        raise Refused("confirm_expired", run=run.name, line=by_name(work.site, run.line))
    if run.state is not State.ASKED:
        by = work.site.people.get(run.confirmer) if run.confirmer else None
        never = run.code if run.started_at is None and run.state in {State.CANCELLED, State.VOID} else None
        raise Again("already_used", run=run.name, by=by.name if by else None, never=never)


def check_end(run: Run, person: Person) -> None:
    """Raises ``Refused`` unless this person may end the run: its requester, and whoever may run or confirm it."""
    if person.id != run.requester:
        check_part(run, person)


def check_part(run: Run, person: Person) -> None:
    """Raises ``Refused`` unless this person may run or confirm it: they alone see its commands and outputs, and go on with it."""
    if not may_run(run, person) and not may_confirm(run, person):
        raise Refused("not_authorised")


def check_free(work: Work, targets: Iterable[str], but: int | None = None) -> None:
    """Raises ``UserError`` ``target_busy`` naming who holds one of ``targets``; nobody waits in a hidden queue.

    ``but``: a run that the new one goes on with.
    """
    held = locks.holder(work, targets, but)
    if held:
        raise UserError("target_busy", **holder_facts(work, *held))


def holder_facts(work: Work, target: str, run: Run) -> dict[str, Any]:
    """What is said of a target that is held, and of the run that holds it."""
    person = work.site.people.get(run.requester)
    return {
        "target": by_name(work.site, target),
        "run": run.name,
        "line": by_name(work.site, run.line),
        "by": person.name if person else "",
        "unknown": run.state is State.UNKNOWN,
    }


def rooms(work: Work, run: Run) -> list[Chat]:
    """The groups where the question of a run stands, the direct chats left out."""
    found = (work.site.chat(chat) for chat in sorted(run.chats))
    return [chat for chat in found if chat is not None and not chat.direct]


def check_not_waiting(work: Work, line: str, person: Person, here: str) -> None:
    """Raises ``Again`` ``asked_already`` naming the run of the same line that waits; a second question helps nobody.

    It says where that one waits, but for somebody who may say yes to it in this chat (``here``).
    """
    waiting = store.waiting(work.session)
    wanted = by_name(work.site, line) if waiting else ""
    number = next((number for number, other in waiting if by_name(work.site, other) == wanted), None)
    readable = store.in_state(work.session, *store.WAITING) if number else []
    same = next((run for run in readable if run.id == number), None)
    if same is None:
        return
    by = work.site.people.get(same.requester)
    raise Again(
        "asked_already",
        run=same.name,
        line=by_name(work.site, same.line),
        by=by.name if by else "",
        asked=same.state is State.ASKED,
        his=here in same.chats and _of_kind(work.site, same, person),
        rooms=rooms(work, same),
    )


def check_not_gone_on(work: Work, run: Run) -> None:
    """Raises ``Again`` ``gone_on_already`` naming the run that goes on with this one."""
    other = store.gone_on_with(work.session, run)
    if other is not None:
        raise Again("gone_on_already", run=run.name, other=other.name, over=other.state not in OPEN)


def check_not_undone(work: Work, run: Run) -> None:
    """Raises ``Again`` ``undone_already`` naming the run that took this one back, or is about to."""
    other = store.undone_by(work.session, run)
    if other is not None:
        raise Again("undone_already", run=run.name, other=other.name, over=other.state not in OPEN)


def requester_may(work: Work, run: Run) -> bool:
    requester = work.site.people.get(run.requester)
    return requester is not None and may_run(run, requester)


def says_yes(site: Site, run: Run, person: Person) -> bool:
    """Whether a yes to the run, or to a step of it that waits, may come from this person."""
    return _of_kind(site, run, person)


def alone(site: Site, run: Run) -> str:
    """The name of who broke the glass, whose yes alone counts from there on; empty for any other run."""
    by = site.people.get(run.confirmer) if run.reason is not None and run.confirmer else None
    return by.name if by else ""


def check_kind(site: Site, run: Run, person: Person) -> None:
    """Raises ``Refused`` unless this person's yes is of the kind that the run asks for; persons are compared, not accounts.

    Whoever has a part in the run is told whose yes counts; a stranger hears nothing of it.
    """
    if run.reason is not None:
        if not may_break_glass(run, person):
            raise _no_breaker(run, person)
        if person.id != (run.confirmer or person.id):
            raise Refused("not_who_broke", run=run.name, by=alone(site, run))
        return
    if not may_confirm(run, person):
        raise _no_confirmer(run, person)
    if run.plan.confirm is Confirm.SECOND and person.id == run.requester:
        raise Refused("self_confirm", run=run.name, roles=run.plan.confirmers)
    if run.plan.confirm is Confirm.SELF and person.id != run.requester:
        raise Refused("not_requester", run=run.name)


def _no_confirmer(run: Run, person: Person) -> Refused:
    if not may_run(run, person):
        return Refused("not_authorised")
    return Refused("not_confirmer", run=run.name, roles=run.plan.confirmers)


def _no_breaker(run: Run, person: Person) -> Refused:
    if not may_confirm(run, person):
        return Refused("not_authorised")
    return Refused("not_breaker", run=run.name, roles=run.plan.roles)


def may_break_glass(run: Run, person: Person) -> bool:
    """Alone and with a reason: whoever may run it, where the runbook allows it (decisions: Runs)."""
    return run.plan.breakglass and may_run(run, person)


def may_confirm(run: Run, person: Person) -> bool:
    return person.may(*run.plan.confirmers)


def may_run(run: Run, person: Person) -> bool:
    return person.may(*run.plan.roles)
