"""What people hear of a run under way and of its end; the card is updated in place, a new message is for the end alone."""

from collections.abc import Iterable
from typing import Any

from bot.core.people import Person, Role
from bot.work.work import Work
from runbooks.planning.outcome import StepFault, StepResult
from runbooks.planning.plan import Plan
from runbooks.runs import steps as store_steps
from runbooks.runs import store
from runbooks.runs.layout import live
from runbooks.runs.run import Run


def progress(work: Work, run: Run, plan: Plan, place: int) -> None:
    """Which step is under way, on the card, below those that ended and how long each took."""
    rows = live(plan.steps, store_steps.steps(work.session, run.id), work.real_now)
    facts: dict[str, Any] = {"plan": plan, "place": place, "total": len(plan.steps), "rows": rows}
    _cards(work, run, "runs/progress", step=plan.steps[place - 1], together=None, **facts)


def wave(work: Work, run: Run, plan: Plan, place: int) -> None:
    """Steps that go together: a card of its own where nobody was asked, then how many have ended."""
    begun = store_steps.steps(work.session, run.id)
    records = [record for record in begun if record.state != "running"]
    together = {"ended": sum(record.place >= place for record in records), "hosts": len(begun) - place + 1}
    rows = live(plan.steps, records, work.real_now)
    place = max(place, len(records))
    facts: dict[str, Any] = {"plan": plan, "place": place, "total": len(plan.steps), "rows": rows}
    facts |= {"step": plan.steps[place - 1], "together": together}
    if _posts(work, run):
        _cards(work, run, "runs/progress", **facts)
        return
    chat = answer_chat(work, run.chat, run.requester)
    posts = [[chat, work.say("runs/progress", chat, about=run.name, page=page_of(run), run=run, **facts)]]
    store.set_posts(work, run, posts)


def close_cards(work: Work, run: Run, reason: str, by: str | None = None, plan: Plan | None = None) -> None:
    """The question is over; its buttons go. With ``plan`` its steps and their times stay to be read."""
    person = work.site.people.get(by) if by else None
    rows = live(plan.steps, store_steps.steps(work.session, run.id), work.real_now) if plan else []
    _cards(work, run, "runs/closed", plan=run.plan, reason=reason, person=person, rows=rows)


def page_of(run: Run) -> str:
    """Its page of the console."""
    return f"runs/{run.name}"


def answer_chat(work: Work, chat: str, person: str) -> str:
    """Where what servers say is shown: in a group of reporters nobody but who asked should see it."""
    known = work.site.chat(chat)
    return f"dm-{person}" if known is not None and known.post is not None else chat


def in_private(work: Work, run: Run, place: int, step: Any, **said: Any) -> None:
    """To who asked alone, what servers said of a run in a group of reporters; nothing where they said nothing.

    ``said``: ``rows``, ``text`` and ``left`` as in the group's message, ``files`` that would hang on it.
    """
    if any(said.values()):
        facts = {"rows": (), "text": "", "left": (), **said}
        chat = answer_chat(work, run.chat, run.requester)
        work.say("runs/private", chat, about=run.name, page=page_of(run), run=run, place=place, step=step, **facts)


def alarm(work: Work, run: Run, results: Iterable[StepResult]) -> None:
    """Of steps that have just ended, those that met another machine than the pinned one."""
    hosts = sorted({result.host for result in results if result.fault is StepFault.HOST_KEY})
    if hosts:
        host_key(work, run, ", ".join(hosts))


def host_key(work: Work, run: Run, host: str) -> None:
    """Another machine may be posing as this one: every lead hears of it, in whatever moment it is seen (fault F63)."""
    for lead in work.site.with_role(Role.LEAD):
        work.say("runs/host_key", f"dm-{lead.id}", about=run.name, run=run, host=host)


def go_on(work: Work, run: Run, place: int, person: Person) -> None:
    for chat in sorted(run.chats):
        work.say("runs/go_on", chat, about=run.name, run=run, place=place, person=person)


def _posts(work: Work, run: Run) -> list[list[str]]:
    """A run that nobody was asked about may have got its card only now."""
    return run.posts or store.posts(work, run)


def _cards(work: Work, run: Run, template: str, **facts: Any) -> None:
    for chat, post in _posts(work, run):
        work.update(post, chat, template, about=run.name, page=page_of(run), run=run, **facts)
