"""How a run gets its yes: by button or word of a second person, or, where allowed, by one person who breaks the glass."""

from unicodedata import normalize

from bot.core.content import Priority
from bot.core.errors import Again, UserError
from bot.core.events import Command, Due, Tap
from bot.core.people import Role
from bot.core.redact import mask
from bot.work.arguments import takes, text
from bot.work.work import Work
from handlers.runs import naming
from runbooks.language.vocabulary import Kind
from runbooks.runs import notices, policy, questions, store, watches
from runbooks.runs.group_words import by_name, in_words
from runbooks.runs.lifecycle import Act, move
from runbooks.runs.run import Run, State, number_of

REASON = range(4, 201)  # characters, of which four are letters or numerals, and three different letters


def _asked_here(event: Command, work: Work) -> list[Run]:
    return [run for run in store.in_state(work.session, State.ASKED) if event.envelope.chat in run.chats]


@takes(naming.which(_asked_here), text())
def confirm(event: Command, work: Work, run: Run, more: str) -> None:
    """``/confirm R17`` and nothing else, only in the chat that was asked: "/confirm R17 先别" is no yes."""
    if more:
        raise UserError("consent_only", verb=event.verb, run=run.name)
    if run.state is State.RUNNING and run.waits:
        policy.check_go_on(work, run, naming.actor(work))
        naming.check_chat(work, run, event.envelope.chat, "resume")
        raise UserError("step_waits", run=run.name, place=run.waits)
    _approve(run, work, event.envelope.chat)


def confirm_tap(event: Tap, work: Work) -> None:
    """The button on any copy of the question."""
    _approve(naming.named(work, event.subject), work)


def _approve(run: Run, work: Work, typed_in: str | None = None, reason: str | None = None) -> None:
    """``typed_in``: the chat of a word; who may not say yes at all hears that first, and is not sent to another chat for it."""
    person = naming.actor(work)
    if reason is None:
        policy.check_confirm(work, run, person)
    else:
        policy.check_break_glass(work, run, person)
    if typed_in is not None:
        naming.check_chat(work, run, typed_in, "confirm" if reason is None else "break-glass")
    if reason is not None:
        reason = _with_words(run, reason)
    act = Act.CONFIRM if reason is None else Act.BREAK_GLASS
    told = {"hash": run.hash} | ({} if reason is None else {"reason": reason})
    if not move(work, run, act, told=told, confirmer=person.id, confirmed_at=work.real_now, reason=reason):
        raise Again("already_used", run=run.name, by=None, never=None)
    work.cancel_due("runs.expire", run.name)
    notices.close_cards(work, run, "confirmed", person.id)
    work.wake("runner")


def _with_words(run: Run, reason: str) -> str:
    """A reason as it is kept. Raises ``UserError`` ``reason_missing``."""
    if not _says_something(reason):
        raise UserError("reason_missing", run=run.name)
    return mask(reason)


def _says_something(reason: str) -> bool:
    words = [char for char in normalize("NFKC", reason).casefold() if char.isalnum()]
    return len(reason) in REASON and len(words) >= REASON.start and len({char for char in words if char.isalpha()}) > 2


@takes(naming.RUN, text())
def break_glass(event: Command, work: Work, run: Run, reason: str) -> None:
    """``/break-glass R17 why``: nobody else is there, and it cannot wait. The leads and the director hear of it at once."""
    _approve(run, work, event.envelope.chat, reason)
    reason = mask(reason)
    person = naming.actor(work)
    told = {p.id for role in (Role.LEAD, Role.DIRECTOR) for p in work.site.with_role(role)} - {person.id}
    rooms = {chat.id for chat in work.site.chats.values() if chat.post is None and not chat.direct}
    for chat in sorted(rooms | {f"dm-{known}" for known in told}):
        work.say(
            "runs/glass", chat, priority=Priority.ESCALATION, about=run.name, run=run, person=person, reason=reason
        )


def reject(event: Tap, work: Work) -> None:
    """Somebody who could confirm, or the requester, says no."""
    run = naming.named(work, event.subject)
    person = naming.actor(work)
    policy.check_end(run, person)
    if not move(work, run, Act.REJECT):
        raise Again("already_used", run=run.name, by=None, never=None)
    work.cancel_due("runs.expire", run.name)
    notices.close_cards(work, run, "rejected", person.id)


def go_on_tap(event: Tap, work: Work) -> None:
    """The button of a step that waits for a person: ``continue:R17.5``."""
    name, _, place = event.subject.partition(".")
    go_on(naming.named(work, name), int(place) if place.isascii() and place.isdigit() else 0, work)


def go_on(run: Run, place: int, work: Work, *, typed_in: str | None = None) -> None:
    """A yes to the step that waits, of the same kind as the yes to the run; ``typed_in``: the chat of a word."""
    person = naming.actor(work)
    if run.state is not State.RUNNING or run.waits != place:
        raise Again("already_used", run=run.name, by=None, never=None)
    if work.site.faults:  # it waits on until they are mended, or its time is up (decisions: Rights)
        raise UserError("servers_off", line=by_name(work.site, run.line), count=len(work.site.faults))
    policy.check_go_on(work, run, person)
    if typed_in is not None:
        naming.check_chat(work, run, typed_in, "resume")
    answer = watches.answer_yes if run.plan.steps[place - 1].kind is Kind.DRAINED else questions.answer_yes
    if not answer(work, run, place, person.id):
        raise Again("already_used", run=run.name, by=None, never=None)
    notices.go_on(work, run, place, person)
    work.wake("runner")


def expire(event: Due, work: Work) -> None:
    """Nobody said yes in time: ``asked`` → ``expired``."""
    number = number_of(event.key)
    run = store.get(work, number) if number else None
    if run and move(work, run, Act.EXPIRE):
        notices.close_cards(work, run, "expired")
        told, _ = in_words(work, run.chat, run)
        work.say("runs/not_run", run.chat, about=run.name, reply_to=run.message, run=told, code="expired")
