"""Whether the preconditions hold, and which facts the looks found. Reads only."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.core.errors import UserError
from data.times import window
from runbooks.language.placeholders import unmark
from runbooks.planning.plan import Plan, PlannedPrecheck, needed
from runbooks.remote.command import Remote

LONGEST = 512  # characters of a fact
_LOOK_LIMIT = 10.0  # seconds
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def check_window(plan: Plan, now: datetime | None) -> None:
    """Raises ``UserError`` ``outside_window``; ``now`` is local time."""
    hours = window(plan.window) if plan.window else None
    if hours and now and not hours.start <= now.hour * 60 + now.minute < hours.end:
        raise UserError("outside_window", line=plan.line, window=plan.window)


async def find_facts(remote: Remote, plan: Plan, today: date | None) -> dict[str, dict[str, str]]:
    """Every look in order: what each fact is, by host; a later look sees what was found on its own host first.

    One that does not hold refuses the run with its own words (``precondition``).
    """
    await _environments(remote, plan)
    facts: dict[str, dict[str, str]] = {}
    for look in plan.looks:
        host = look.target.id
        known = {name: found.get(host, next(iter(found.values()))) for name, found in facts.items()}
        found = await _find(remote, plan, look, known, today)
        if look.name:
            facts.setdefault(look.name, {})[host] = found
    return facts


async def _environments(remote: Remote, plan: Plan) -> None:
    """Whether commands find on every host of the plan what ``environment`` of hosts.yaml says that they need there.

    Seen before anybody is asked: a start that misses its ``JAVA_HOME`` would leave stopped what was running.
    """
    targets = dict.fromkeys(step.target for step in plan.steps if step.target.account.environment)
    for target in targets:
        result = await remote.run(target, ("printenv", *target.account.environment), limit=_LOOK_LIMIT)
        if not result.ok:
            names = ", ".join(target.account.environment)
            raise UserError("environment_missing", line=plan.line, host=target.id, names=names)


def with_facts(plan: Plan, found: dict[str, dict[str, str]]) -> Plan:
    """The plan with what was found: conditional steps are in or out, and only the facts that matter are kept.

    Free space changes by the minute; were it kept, no confirmation would ever hold. Raises ``UserError`` ``facts_differ`` when
    steps need a fact of which hosts say different things.
    """
    used = needed(plan.steps)
    facts = {name: next(iter(values.values())) for name, values in found.items() if name in used}
    for name in facts:
        if len(set(found[name].values())) > 1:
            both = ", ".join(f"{host}: {value}" for host, value in found[name].items())
            raise UserError("facts_differ", line=plan.line, both=both)
    wanted = [s for s in plan.steps if all(facts[name] in allowed for name, allowed in s.when)]
    return replace(plan, steps=tuple(step.with_facts(facts) for step in wanted), facts=tuple(facts.items()))


async def _find(remote: Remote, plan: Plan, look: PlannedPrecheck, facts: dict[str, str], today: date | None) -> str:
    argv = tuple(unmark(word, facts) for word in look.argv)
    result = await remote.run(look.target, argv, limit=look.limit)
    if result.exit in {126, 127} or result.killed:
        raise UserError("cannot_read", host=look.target.id, command=" ".join(argv))
    match = re.fullmatch(look.match, result.text(result.stdout).strip(), re.ASCII)
    if result.exit not in look.ok or result.truncated or match is None:
        raise _refused(plan, look, facts)
    found = match[1] if match.re.groups and match[1] is not None else match[0]
    if len(found) > LONGEST or ("\n" in found and look.name):
        raise _refused(plan, look, facts)
    if not _within(look, found, facts, today):
        raise _refused(plan, look, facts)
    return found


def _within(look: PlannedPrecheck, found: str, facts: dict[str, str], today: date | None) -> bool:
    least, most = unmark(look.least, facts), unmark(look.most, facts)
    if look.dated:
        try:
            day = date.fromisoformat(found)
        except ValueError:
            return False
        return today is None or day >= today + timedelta(days=int(least))
    if not least and not most:
        return True
    if not all(_NUMBER.fullmatch(number) for number in (found, least or "0", most or "0")):
        return False
    return (not least or int(found) >= int(least)) and (not most or int(found) <= int(most))


def _refused(plan: Plan, look: PlannedPrecheck, facts: dict[str, str]) -> UserError:
    zh, en = unmark(look.refuse.zh, facts), unmark(look.refuse.en, facts)
    return UserError("precondition", line=plan.line, host=look.target.id, zh=zh, en=en)
