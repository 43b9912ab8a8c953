"""A plan comes out of the database as it went in, and so does one that the version before has stored."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core.errors import UserError
from runbooks.language.definition import Definition
from runbooks.planning.plan import Plan, Seen, plan_json
from runbooks.planning.planner import plan_run
from runbooks.runs.stored_plan import VERSION, read_plan, write_plan
from tests.support.once import catalogue, example_site

WORDS = {"host": "oa1", "node": "10.154.54.58", "group": "oa", "number": "1"}
SEEN = Seen("/data/nginx/conf/nginx.conf", "a" * 64, "b" * 64, ("- server x;", "+ #server x;"), 10, 9)


def plans() -> list[Plan]:
    """Of every shipped runbook that can be written out with plain words."""
    found = [_planned(definition) for definition in catalogue().definitions.values()]
    return [plan for plan in found if plan is not None]


def _planned(definition: Definition) -> Plan | None:
    typed = tuple(a.default or next(iter(a.choices), "") or WORDS.get(a.type.value, "1") for a in definition.arguments)
    try:
        return plan_run(
            definition, typed, example_site(), catalogue=catalogue(), at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
        )
    except UserError:
        return None


@pytest.mark.parametrize("plan", plans(), ids=lambda plan: plan.line)
def test_a_plan_comes_back_as_it_was(plan: Plan) -> None:
    for one in (plan, replace(plan, seen=SEEN, facts=(("fs", "xfs"),))):
        back = read_plan(json.loads(json.dumps(write_plan(one))))
        assert back == one
        assert back.hash("zhou", "duty-room") == one.hash("zhou", "duty-room")


def test_the_shipped_runbooks_are_worth_the_name() -> None:
    kinds = {step.kind.value for plan in plans() for step in plan.steps}
    assert {"run", "edit", "workers", "wait", "up", "down", "ask"} <= kinds
    assert len(plans()) > 15


def test_a_plan_of_before_there_were_versions_is_read() -> None:
    plan = plans()[0]
    assert read_plan(json.loads(json.dumps(plan_json(plan)))) == plan
    assert write_plan(plan)["version"] == VERSION


def test_what_a_newer_program_has_written_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match=f"the form {VERSION + 1}"):
        read_plan({**write_plan(plans()[0]), "version": VERSION + 1})


def test_what_is_no_plan_is_refused() -> None:
    stored = write_plan(plans()[0])
    with pytest.raises(ValueError, match="confirm"):
        read_plan({**stored, "confirm": "perhaps"})
    with pytest.raises(ValueError, match="steps"):
        read_plan({name: value for name, value in stored.items() if name != "steps"})
