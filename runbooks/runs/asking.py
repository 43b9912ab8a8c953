"""What becomes of a run around its confirmation: shown, refused, claimed, or asked again because something changed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.errors import UserError
from bot.core.people import Chat
from bot.work.work import Work
from runbooks.planning.plan import Plan, Step
from runbooks.remote.command import Lost, NotStarted
from runbooks.runs import buttons, drain_notices, locks, notices, store
from runbooks.runs.group_words import in_words
from runbooks.runs.layout import blocks, differences
from runbooks.runs.lifecycle import Act, Fields, begin_again, move
from runbooks.runs.policy import holder_facts, may_run, still_allowed, validity
from runbooks.runs.run import Run, State


def bound(run: Run, plan: Plan, keys: Mapping[str, list[str]]) -> str:
    """What a confirmation is bound to: every command, host and file hash, requester and chat, the hosts' keys, the first step."""
    text = json.dumps([plan.hash(run.requester, run.chat), dict(sorted(keys.items())), run.first, *run.done])
    return hashlib.sha256(text.encode()).hexdigest()


def show(work: Work, run: Run, plan: Plan, keys: Mapping[str, list[str]]) -> None:
    """``requested`` → ``asked``: exactly what will run, and the expiry counts from here. A dry run ends here.

    Whoever lost his role while the servers were looked at is told so, and nothing is asked (decisions: Rights).
    """
    requester = work.site.people.get(run.requester)
    if requester is None or not may_run(run, requester):
        refuse(work, run, UserError("requester_role", run=run.name), Act.REFUSE)
        return
    steps = plan.steps
    last = None if run.goes_on else store.last_done(work.session, run)
    facts: dict[str, Any] = {
        "run": run,
        "plan": plan,
        "hosts": blocks(steps),
        "last": last,
        "differs": differences(steps, run.requested_at, last, work.site.local),
    }
    if run.dry_run:
        if move(work, run, Act.REHEARSE, plan=plan):
            chat, reply_to = _private_place(work, run)
            work.say("runs/plan", chat, about=run.name, reply_to=reply_to, **facts)
        return
    expires = work.real_now + validity(work)
    shown: Fields = {"plan": plan, "keys": dict(keys), "hash": bound(run, plan, keys), "expires_at": expires}
    if not move(work, run, Act.ASK, told={"requester": run.requester, "hash": shown["hash"]}, **shown):
        return
    facts |= {
        "requester": requester,
        "roles": plan.confirmers,
        "valid": validity(work),
        "old": drain_notices.cut_by(work, plan),
    }
    rooms = _rooms(work, run)
    if notices.answer_chat(work, run.chat, run.requester) != run.chat:
        where = {"rooms": rooms, "valid": facts["valid"]}
        told, public = in_words(work, run.chat, run, plan)
        work.say("runs/asked_there", run.chat, about=run.name, reply_to=run.message, run=told, plan=public, **where)
    places = [notices.answer_chat(work, run.chat, run.requester), *(room.id for room in rooms)]
    store.set_posts(work, run, [[chat, work.say("runs/ask", chat, about=run.name, **facts)] for chat in places])
    work.due("runs.expire", run.name, expires, real=True)


def refuse(work: Work, run: Run, problem: UserError | NotStarted | Lost, act: Act) -> None:
    """The look says no: a floor, a node that is out already, a balancer that cannot be reached. Nothing ran."""
    if not move(work, run, act, code=problem.code):
        return
    notices.close_cards(work, run, "refused")
    if problem.code == "node_already_out" and drain_notices.already_out(work, run, run.plan.address):
        return
    if isinstance(problem, UserError):
        chat, reply_to = _private_place(work, run)
        work.say(f"refusals/{problem.code}", chat, about=run.name, reply_to=reply_to, **_by_name(run, problem))
        return
    told, _ = in_words(work, run.chat, run)
    work.say(
        "runs/unreachable",
        run.chat,
        about=run.name,
        reply_to=run.message,
        run=told,
        host=problem.host,
        code=problem.code,
    )
    if problem.code == "host_key":
        notices.host_key(work, run, problem.host)


def _by_name(run: Run, problem: UserError) -> dict[str, Any]:
    """The facts of a refusal; a node that it is about by the name of its host, with the address behind it."""
    nodes = run.plan.service.nodes if run.plan.service else ()
    names = {known.address: f"{known.host} {known.address}" for known in nodes}
    node = problem.facts.get("node")
    return problem.facts | ({"node": names.get(node, node)} if node else {})


def claim(work: Work, run: Run) -> bool:
    """``approved`` → ``running``: the yes is fresh, both people may still, and no other run holds a target."""
    now, targets = work.real_now, run.plan.locks
    if run.confirmed_at is None or now > run.confirmed_at + validity(work):
        _not_run(work, run, Act.LAPSE, "expired")
        return False
    if not still_allowed(work, run):
        _not_run(work, run, Act.LOSE_ROLE, "role_lost")
        return False
    held = locks.holder(work, targets, but=_taken_over(work, run))
    if held:
        _held(work, run, *held)
        return False
    people = {"requester": run.requester, "confirmer": run.confirmer, "hash": run.hash}
    if not move(work, run, Act.START, told=people, started_at=now, heartbeat_at=now):
        return False
    take_over(work, run)
    buttons.taken_up(work, run)
    if not locks.lock(work, run, targets):
        raise LookupError("a target was taken within the transaction that found it free")
    return True


def take_over(work: Work, run: Run) -> None:
    """A run that goes on with one whose state is unknown takes its targets; the yes to it was the word of a human."""
    origin = store.get(work, run.origin) if run.origin else None
    if origin:
        move(work, origin, Act.TAKE_OVER, told={"by": run.name})


def what_changed(run: Run, now: Plan, keys: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """What is different from what was shown, as (kind, which); empty where it is none of what people know by a word."""
    was = run.plan
    found = [("key", host) for host, key in sorted(keys.items()) if run.keys.get(host, key) != key]
    files = {step.target.id for step in _other_files(was, now)}
    found += [("file", host) for host in sorted(files)]
    if was.seen and now.seen and was.seen.before != now.seen.before:
        found.append(("nodes", f"{was.seen.before} → {now.seen.before}"))
    if {step.target for step in was.steps} != {step.target for step in now.steps}:
        found.append(("hosts", ""))
    if was.confirmers != now.confirmers:
        found.append(("confirmers", ""))
    return found


def _other_files(was: Plan, now: Plan) -> list[Step]:
    before = {(step.target.id, step.edit.path): step.edit.sha256 for step in was.steps if step.edit}
    edits = [(step, step.edit) for step in now.steps if step.edit]
    return [s for s, e in edits if before.get((s.target.id, e.path), e.sha256) != e.sha256]


def ask_again(work: Work, run: Run, what: Sequence[tuple[str, str]] = ()) -> None:
    """What was confirmed is no longer what would run: void, and a new run that looks and asks anew. ``what`` has changed."""
    if not move(work, run, Act.CHANGE):
        return
    notices.close_cards(work, run, "changed")
    work.say("runs/changed", run.chat, about=run.name, reply_to=run.message, run=run, what=what)
    begin_again(work, run)


def _taken_over(work: Work, run: Run) -> int | None:
    """The run whose targets this one may take: the one that it goes on with, while nobody knows how that ended."""
    origin = store.get(work, run.origin) if run.origin else None
    return origin.id if origin and origin.state is State.UNKNOWN else None


def _held(work: Work, run: Run, target: str, other: Run) -> None:
    """Another run was faster: who has the target now is told (product section 6)."""
    if move(work, run, Act.FIND_BUSY):
        notices.close_cards(work, run, "busy")
        told, _ = in_words(work, run.chat, run)
        held = holder_facts(work, target, other)
        work.say("runs/held", run.chat, about=run.name, reply_to=run.message, run=told, held=held)


def _not_run(work: Work, run: Run, act: Act, code: str) -> None:
    if move(work, run, act):
        notices.close_cards(work, run, code)
        told, _ = in_words(work, run.chat, run)
        work.say("runs/not_run", run.chat, about=run.name, reply_to=run.message, run=told, code=code)


def _private_place(work: Work, run: Run) -> tuple[str, str | None]:
    """Where a plan with its paths and addresses may stand, and the message that it answers; a group of reporters is told so."""
    chat = notices.answer_chat(work, run.chat, run.requester)
    if chat == run.chat:
        return chat, run.message
    told, _ = in_words(work, run.chat, run)
    work.say("runs/in_private", run.chat, about=run.name, reply_to=run.message, run=told)
    return chat, None


def _rooms(work: Work, run: Run) -> list[Chat]:
    """The duty rooms, where somebody else sees a question that does not stand where it was asked for, or in a direct chat."""
    elsewhere = notices.answer_chat(work, run.chat, run.requester).startswith("dm-")
    return [chat for chat in work.site.chats.values() if chat.post is None] if elsewhere else []
