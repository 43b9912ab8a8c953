"""What people hear of old connections that are waited for: the last is gone, the longest wait is over, it has become moot."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from bot.work.work import Work
from runbooks.language.vocabulary import Effect
from runbooks.planning.outcome import Left
from runbooks.planning.plan import Plan
from runbooks.runs import notices, policy, store, watches
from runbooks.runs.run import Run
from runbooks.runs.watch_lifecycle import WatchAct, WatchState, move_watch
from runbooks.runs.watches import Watch


def gone(work: Work, run: Run, watch: Watch) -> None:
    """The last old connection of a node whose run is done."""
    if move_watch(work, watch.run, watch.place, WatchAct.END):
        took = work.real_now - watch.began_at
        work.audit("run.drained", run.name, "done", line=run.line, seconds=round(took.total_seconds()))
        facts: dict[str, Any] = {"node": node_name(run.plan, watch.place), "took": took}
        work.say("runs/drained", run.chat, about=run.name, page=notices.page_of(run), run=run, **facts)


def back(work: Work, run: Run, watch: Watch) -> None:
    """Somebody has put the node back by hand."""
    if move_watch(work, watch.run, watch.place, WatchAct.PUT_BACK):
        work.say("runs/drain_moot", run.chat, about=run.name, run=run, node=node_name(run.plan, watch.place), by="")


def overdue(work: Work, run: Run, watch: Watch) -> None:
    """The longest wait is over and the run is, too: how many are left, and what can be typed."""
    if move_watch(work, watch.run, watch.place, WatchAct.RUN_OUT):
        facts = _facts(work, run, watch.place)
        work.audit("run.drained", run.name, "late", line=run.line, left=asdict(facts["old"]), unseen=facts["unseen"])
        work.say("runs/drain_overdue", run.chat, about=run.name, page=notices.page_of(run), run=run, **facts)


def ask(work: Work, run: Run, place: int) -> None:
    """The longest wait is over and the run cannot go on by itself: people decide; without them the node is put back."""
    limit = run.plan.steps[place - 1].limit
    until = work.real_now + timedelta(seconds=limit)
    if move_watch(work, run.id, place, WatchAct.RUN_OUT, until=until):
        _ask(work, run, place)


def ask_again(work: Work, run: Run, watch: Watch) -> None:
    """A yes counts no more; who may say it is asked once more where he had been asked."""
    watches.forget_answer(work, watch)
    _ask(work, run, watch.place)


def _ask(work: Work, run: Run, place: int) -> None:
    says = {"roles": run.plan.confirmers, "alone": policy.alone(work.site, run)}
    facts = {"place": place, **says, **_facts(work, run, place)}
    for chat in sorted(run.chats):
        work.say("runs/drain_ask", chat, about=run.name, page=notices.page_of(run), run=run, **facts)


def ended_by(work: Work, run: Run, address: str) -> None:
    """A run has put the node back: whoever still waited for its old connections need not any more."""
    for watch in watches.of_node(work.session, address):
        if watch.run == run.id or not move_watch(work, watch.run, watch.place, WatchAct.PUT_BACK):
            continue
        drained = store.find(work.session, watch.run)
        if drained is not None:
            node = node_name(drained.plan, watch.place)
            work.say("runs/drain_moot", drained.chat, about=drained.name, run=drained, node=node, by=run.name)


def lengthened(work: Work, run: Run, place: int, chats: Iterable[str], until: datetime) -> None:
    """Somebody lets it wait once more."""
    facts: dict[str, Any] = {"node": node_name(run.plan, place), "limit": until - work.real_now, "person": work.actor}
    for chat in chats:
        work.say("runs/drain_lengthened", chat, about=run.name, run=run, **facts)


def already_out(work: Work, run: Run, address: str) -> bool:
    """Somebody asks for a drain of a node that is out: by which run, and how many connections are left. False: nobody waits."""
    watch = next(iter(watches.of_node(work.session, address)), None)
    if watch is None:
        return False
    rest = watch.until - work.real_now if watch.state is WatchState.WAITING else None
    facts: dict[str, Any] = {"node": _host(run.plan), "old": watch.left, "by": watch.name, "rest": rest}
    work.say("runs/out_already", run.chat, about=run.name, reply_to=run.message, run=run, **facts)
    return True


def cut_by(work: Work, plan: Plan) -> Left | None:
    """The old connections that a run would cut: its node is out, and they were waited for."""
    if plan.longest_wait or plan.effect not in {Effect.OUT, Effect.BRIEF} or not plan.address:
        return None
    watch = next(iter(watches.of_node(work.session, plan.address)), None)
    return watch.left if watch else None


def node_name(plan: Plan, place: int) -> str:
    """As people call it and can type it: the host of a roll, or of the node that was named; else what was typed."""
    return plan.steps[place - 1].item or _host(plan)


def _host(plan: Plan) -> str:
    return plan.called.split(" ", 1)[0]


def _facts(work: Work, run: Run, place: int) -> dict[str, Any]:
    watch = watches.of_run(work.session, run)
    step = run.plan.steps[place - 1]
    return {
        "node": node_name(run.plan, place),
        "limit": step.limit,
        "old": watch.left if watch else Left(None),
        "unseen": watch.unseen if watch else None,
        "waited": work.real_now - watch.began_at if watch else timedelta(),
    }
