"""Which words and buttons ask for, confirm, end and list runs? One command for each runbook of the catalogue."""

from collections.abc import Iterable
from datetime import datetime

from bot.core.content import Attachment
from bot.core.errors import Refused, UserError
from bot.core.events import Command, Due, Tap
from bot.core.people import Role
from bot.durable.routes import Args, Routes
from bot.durable.work import Work
from handlers.runs import rules
from runbooks import store, tell
from runbooks.definition import Catalogue, Confirm, Definition
from runbooks.output import tail
from runbooks.plan import plan_run
from runbooks.store import OPEN, Run, State


def table(catalogue: Catalogue) -> Routes:
    """The routes of this capability, with one command for each runbook."""
    on = Routes("runs")
    known = tuple(catalogue.definitions.values())
    changing = [definition for definition in known if definition.confirm is not Confirm.NONE]
    for definition in known:
        _add(on, definition)
    confirmers = _roles(definition.confirmers for definition in changing)
    enders = _roles((*definition.roles, *definition.confirmers) for definition in changing)
    on.command("confirm", "确认", args=Args.WORDS, roles=confirmers, usage="R17")(confirm)
    on.command("cancel", "取消", args=Args.WORDS, roles=enders, usage="R17")(cancel)
    on.command("runs", "操作", args=Args.STRICT, roles=_roles(definition.roles for definition in known))(listed)
    on.tap("confirm")(confirm_tap)
    on.tap("reject")(reject)
    on.tap("commands")(commands)
    on.tap("output")(output)
    on.due("runs.expire")(expire)
    return on


def _roles(of: Iterable[tuple[Role, ...]]) -> tuple[Role, ...]:
    """Everybody whom at least one of the runbooks names."""
    named = {role for roles in of for role in roles}
    return tuple(role for role in Role if role in named)


def _add(on: Routes, definition: Definition) -> None:
    @on.command(definition.verb, definition.alias, args=Args.STRICT, roles=definition.roles, usage=definition.usage)
    def ask(event: Command, work: Work) -> None:
        request(definition, event, work)


def request(definition: Definition, event: Command, work: Work) -> None:
    """Store the request; the runner looks at the servers and asks, or reads at once where nothing changes."""
    plan = plan_run(definition, event.args, work.site)
    rules.free(work, plan.locks)
    reads = definition.confirm is Confirm.NONE and not plan.dry_run
    state = State.APPROVED if reads else State.REQUESTED
    run = store.add(work, plan, rules.actor(work).id, event.envelope.chat, event.envelope.key, state)
    work.audit("run.request", run.name, line=run.line)


def confirm(event: Command, work: Work) -> None:
    """``/confirm R17``, only in the chat that was asked."""
    if not event.args:
        waiting = [r for r in store.in_state(work.session, State.ASKED) if event.envelope.chat in r.chats]
        raise UserError("ambiguous", verb=event.verb, runs=[f"{r.name} {r.line}" for r in waiting])
    run = rules.named(work, event.args[0])
    if event.envelope.chat not in run.chats:
        raise Refused("wrong_chat", run=run.name)
    _confirm(run, work)


def confirm_tap(event: Tap, work: Work) -> None:
    """The button on any copy of the question."""
    _confirm(rules.named(work, event.subject), work)


def _confirm(run: Run, work: Work) -> None:
    person = rules.actor(work)
    rules.check_confirm(work, run, person)
    values: dict[str, str | datetime] = {"confirmer": person.id, "confirmed_at": work.real_now}
    if not store.move(work, run, State.APPROVED, State.ASKED, **values):
        raise Refused("already_used", run=run.name, by=None)
    work.cancel_due("runs.expire", run.name)
    work.audit("run.confirm", run.name, line=run.line, hash=run.hash)
    tell.close_cards(work, run, "confirmed", person.id)
    work.wake("runner")


def reject(event: Tap, work: Work) -> None:
    """Somebody who could confirm, or the requester, says no."""
    run = rules.named(work, event.subject)
    person = rules.actor(work)
    rules.check_end(run, person)
    if not store.move(work, run, State.CANCELLED, State.ASKED, code="rejected"):
        raise Refused("already_used", run=run.name, by=None)
    work.cancel_due("runs.expire", run.name)
    work.audit("run.reject", run.name, line=run.line)
    tell.close_cards(work, run, "rejected", person.id)


def cancel(event: Command, work: Work) -> None:
    """``/cancel R17``: before the start at once, under way before its next step, ``unknown`` when somebody has looked."""
    if not event.args:
        open_runs = store.in_state(work.session, *OPEN)
        raise UserError("ambiguous", verb=event.verb, runs=[f"{r.name} {r.line}" for r in open_runs])
    run = rules.named(work, event.args[0])
    person = rules.actor(work)
    rules.check_end(run, person)
    if store.move(
        work, run, State.CANCELLED, State.REQUESTED, State.ASKED, State.APPROVED, State.UNKNOWN, code="cancelled"
    ):
        work.cancel_due("runs.expire", run.name)
        tell.close_cards(work, run, "cancelled", person.id)
        work.say("runs/cancelled", event.envelope.chat, about=run.name, run=run, person=person)
    elif run.state is State.RUNNING:
        store.change(work, run, stop=True)
        work.say("runs/stopping", event.envelope.chat, about=run.name, run=run)
    else:
        raise UserError("run_over", run=run.name)
    work.audit("run.cancel", run.name, line=run.line, state=run.state.value)


def listed(event: Command, work: Work) -> None:
    """``/runs``: what waits, runs, or is unknown."""
    rows = [(run, work.site.people.get(run.requester)) for run in store.in_state(work.session, *OPEN)]
    work.say("runs/list", event.envelope.chat, reply_to=event.envelope.key, rows=rows)


def commands(event: Tap, work: Work) -> None:
    """Every command, host by host, exactly as it will be sent."""
    run = rules.named(work, event.subject)
    rules.check_seen(run, rules.actor(work))
    work.say("runs/commands", event.envelope.chat, about=run.name, run=run, steps=rules.command_lines(run))


def output(event: Tap, work: Work) -> None:
    """What the commands of a run said: the end of it here, the whole as a file."""
    run = rules.named(work, event.subject)
    rules.check_seen(run, rules.actor(work))
    steps = [step for step in store.steps(work.session, run.id) if step.output.strip()]
    name = f"{run.name}.txt"
    kept = (work.settings.state_dir / "runs" / name).is_file()
    files = (Attachment(name, f"runs/{name}"),) if kept else ()
    text = tail(steps[-1].output, 20, 1500) if steps else ""
    work.say("runs/output", event.envelope.chat, about=run.name, files=files, run=run, text=text)


def expire(event: Due, work: Work) -> None:
    """Nobody said yes in time: ``asked`` → ``expired``."""
    number = store.number_of(event.key)
    run = store.get(work, number) if number else None
    if run and store.move(work, run, State.EXPIRED, State.ASKED, code="expired"):
        work.audit("run.expire", run.name, "expired", line=run.line)
        tell.close_cards(work, run, "expired")
        work.say("runs/not_run", run.chat, about=run.name, reply_to=run.message, run=run, code="expired")
