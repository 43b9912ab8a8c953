"""What is said to have changed between what people confirmed and what would run now; each kind worked out by hand."""

import dataclasses

import pytest

from bot.core.people import Role
from runbooks.planning.plan import Plan
from runbooks.planning.planner import plan_run
from runbooks.runs.asking import what_changed
from runbooks.runs.run import Run
from tests.unit.handlers.runs.test_words import CATALOGUE, PLAN, RUN, SEEN, SITE

KEYS = {"lb1": ["ssh-ed25519 AAAA"]}
WAS: Run = dataclasses.replace(RUN, keys=KEYS)


def edited(plan: Plan, sha256: str) -> Plan:
    """The same plan on a file that somebody has edited."""
    steps = [
        dataclasses.replace(step, edit=dataclasses.replace(step.edit, sha256=sha256)) if step.edit else step
        for step in plan.steps
    ]
    return dataclasses.replace(plan, steps=tuple(steps))


@pytest.mark.parametrize(
    ("now", "keys", "told"),
    [
        (PLAN, KEYS, []),
        (PLAN, {"lb1": ["ssh-ed25519 BBBB"]}, [("key", "lb1")]),
        (PLAN, {}, []),  # a host that has no key now is refused elsewhere, in words of its own
        (edited(PLAN, "c" * 64), KEYS, [("file", "lb1")]),
        (dataclasses.replace(PLAN, seen=dataclasses.replace(SEEN, before=9)), KEYS, [("nodes", "10 → 9")]),
        (dataclasses.replace(PLAN, confirmers=(Role.LEAD,)), KEYS, [("confirmers", "")]),
    ],
)
def test_8_9_what_changed_is_told_by_its_kind(
    now: Plan, keys: dict[str, list[str]], told: list[tuple[str, str]]
) -> None:
    assert what_changed(WAS, now, keys) == told


def test_8_9_other_hosts_are_told() -> None:
    restart = CATALOGUE.definitions["restart"]
    was = dataclasses.replace(WAS, plan=plan_run(restart, ("oa3",), SITE), keys={})
    assert ("hosts", "") in what_changed(was, plan_run(restart, ("oa4",), SITE), {})
