"""Which run is meant and who speaks; every refusal has its code (decisions: Runs)."""

from collections.abc import Callable, Iterable

from bot.core.errors import Refused, UserError
from bot.core.events import Command
from bot.core.people import Person
from bot.work.arguments import Argument
from bot.work.work import Work
from runbooks.runs import guesses, policy, store
from runbooks.runs.group_words import by_name
from runbooks.runs.run import Run, number_of


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
        found = [f"{run.name} {by_name(work.site, run.line)}" for run in candidates(event, work)]
        raise UserError("ambiguous", verb=event.verb, runs=found)

    return Argument(lambda word, work: named(work, word), ask)


RUN = which(lambda _event, _work: ())


def check_chat(work: Work, run: Run, chat: str, verb: str = "confirm") -> None:
    """By word only where it was asked. Raises ``Refused`` ``wrong_chat`` with where that is, and what to type there."""
    if chat not in run.chats:
        own = f"dm-{work.actor_name}" in run.chats
        raise Refused("wrong_chat", run=run.name, rooms=policy.rooms(work, run), own=own, verb=verb)
