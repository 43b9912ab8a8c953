"""Who may say yes to a run, who may end it, and when; every refusal has its code (decisions: Runs; faults F75 to F80)."""

from collections.abc import Callable, Iterable

from bot.core.errors import Refused, UserError
from bot.core.events import Command
from bot.core.people import Person
from bot.work.arguments import Argument
from bot.work.work import Work
from runbooks.runs import guesses, locks, policy, store
from runbooks.runs.run import Run, State, number_of


def actor(work: Work) -> Person:
    """The known person behind the event; a stranger may not."""
    if work.actor is None:
        raise Refused("not_authorised")
    return work.actor


def named(work: Work, name: str) -> Run:
    """The run of that id. Five ids in a minute that do not exist lock the person out (:mod:`runbooks.runs.guesses`)."""
    if guesses.locked(work, work.actor_name):
        raise Refused("rate_limited", seconds=60)
    number = number_of(name)
    run = store.get(work, number) if number else None
    if run is None:
        work.if_refused(lambda work: guesses.note(work, work.actor_name))
        raise Refused("unknown_run", name=name)
    return run


def which(candidates: Callable[[Command, Work], Iterable[Run]]) -> Argument[Run]:
    """The run that a command names; where it names none it is refused with the ``candidates``: nobody guesses which."""

    def ask(event: Command, work: Work) -> Run:
        raise UserError(
            "ambiguous", verb=event.verb, runs=[f"{run.name} {run.line}" for run in candidates(event, work)]
        )

    return Argument(lambda word, work: named(work, word), ask)


RUN = which(lambda _event, _work: ())


def check_chat(run: Run, chat: str) -> None:
    """By word only where it was asked."""
    if chat not in run.chats:
        raise Refused("wrong_chat", run=run.name)


def check_confirm(work: Work, run: Run, person: Person) -> None:
    """Raises ``Refused`` unless this person may say yes to this run now."""
    _check_asked(work, run)
    policy.check_kind(run, person)
    if not policy.requester_may(work, run):
        raise Refused("requester_role", run=run.name)
    free(work, run.plan.locks, but=run.origin)


def check_break_glass(work: Work, run: Run, person: Person) -> None:
    """The same for one who says it alone."""
    _check_asked(work, run)
    if not run.plan.breakglass:
        raise Refused("no_break_glass", run=run.name)
    if not policy.may_break_glass(run, person):
        raise Refused("not_authorised")
    if not policy.requester_may(work, run):
        raise Refused("requester_role", run=run.name)
    free(work, run.plan.locks, but=run.origin)


def _check_asked(work: Work, run: Run) -> None:
    if run.state is State.EXPIRED or (run.state is State.ASKED and run.expires_at and work.real_now >= run.expires_at):
        raise Refused("confirm_expired", run=run.name, line=run.line)
    if run.state is not State.ASKED:
        by = work.site.people.get(run.confirmer) if run.confirmer else None
        raise Refused("already_used", run=run.name, by=by.name if by else None)


def check_end(run: Run, person: Person) -> None:
    """The requester, and whoever may run or confirm it, may end it."""
    if person.id != run.requester and not policy.may_confirm(run, person) and not policy.may_run(run, person):
        raise Refused("not_authorised")


def check_run(run: Run, person: Person) -> None:
    """Whoever may run it may ask for its rest; whoever may confirm it may say yes to a step of it."""
    if not policy.may_run(run, person) and not policy.may_confirm(run, person):
        raise Refused("not_authorised")


def check_seen(run: Run, person: Person) -> None:
    """Commands and outputs are for those who may run or confirm it."""
    if not policy.may_confirm(run, person) and not policy.may_run(run, person):
        raise Refused("not_authorised")


def free(work: Work, targets: Iterable[str], but: int | None = None) -> None:
    """Raises ``UserError`` ``target_busy`` naming who holds one of ``targets``; nobody waits in a hidden queue.

    ``but``: a run that the new one goes on with.
    """
    held = locks.holder(work, targets, but)
    if held:
        target, run = held
        person = work.site.people.get(run.requester)
        raise UserError(
            "target_busy",
            target=target,
            run=run.name,
            line=run.line,
            by=person.name if person else "",
            unknown=run.state is State.UNKNOWN,
        )
