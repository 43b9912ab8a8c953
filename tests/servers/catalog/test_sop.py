"""Every line of the SOP has its place, and is in the plan, on the host and as the user that the SOP means."""

import shlex
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from bot.core import commands
from data.site import Site
from runbooks.language.definition import Catalogue, Definition
from runbooks.language.load.catalogue import load_catalogue
from runbooks.language.vocabulary import Kind
from runbooks.planning.plan import Plan
from runbooks.planning.planner import plan_run
from tests.support.once import example_site
from tests.support.paths import INPUTS

TABLE = INPUTS / "sop"
DAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ROWS = yaml.safe_load((TABLE / "commands.yaml").read_text("utf-8"))
PLANS = yaml.safe_load((TABLE / "plans.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def site() -> Site:
    return example_site()


def picked(line: str, catalogue: Catalogue) -> tuple[Definition, tuple[str, ...]]:
    verb, *words = commands.words(line.removeprefix("/"))
    return catalogue.pick(verb, tuple(words))


def plan(line: str, catalogue: Catalogue, site: Site) -> Plan:
    definition, words = picked(line, catalogue)
    return plan_run(definition, words, site, catalogue=catalogue, at=DAY)


def said(plan: Plan) -> list[str]:
    """The plan as lines: ``host [as user]: argv``, and the questions to a person as they will be put."""
    lines: list[str] = []
    for step in plan.steps:
        user = f" as {step.target.become}" if step.target.become else ""
        lines += [f"{step.target.id}{user}: {shlex.join(argv)}" for argv in step.commands]
        if step.kind is Kind.ASK:
            lines.append(f"ask: {step.title.en}")
    return lines


def expanded(rows: list[Any], site: Site) -> list[str]:
    """The rows of ``plans.yaml`` as single lines."""
    lines: list[str] = []
    for row in rows:
        block = row["each"] if isinstance(row, dict) else [row.removeprefix("oa*: ")] if row.startswith("oa*") else None
        if block is None:
            lines.append(row)
            continue
        for host in site.group_hosts("oa"):
            own = [line.replace("{ip}", host.address) for line in block]
            lines += [line if line.startswith("lb1: ") else f"{host.id}: {line}" for line in own]
    return lines


def test_the_table_has_every_line_once() -> None:
    assert [row["n"] for row in ROWS] == list(range(1, 71))
    assert all(("run" in row) != ("why" in row) for row in ROWS)


@pytest.mark.parametrize("row", [row for row in ROWS if "run" in row], ids=lambda row: f"line {row['n']}")
def test_the_line_is_in_its_plan(row: dict[str, str], catalogue: Catalogue, site: Site) -> None:
    user = f" as {row['user']}" if "user" in row else ""
    wanted = f"{row['host']}{user}: {row['argv']}"
    assert wanted in said(plan(row["run"], catalogue, site))


@pytest.mark.parametrize("line", PLANS)
def test_the_plan_is_exactly_this(line: str, catalogue: Catalogue, site: Site) -> None:
    assert said(plan(line, catalogue, site)) == expanded(PLANS[line], site)


def test_every_runbook_has_a_plan_on_record(catalogue: Catalogue) -> None:
    told = {picked(line, catalogue)[0].name for line in PLANS}
    assert told == set(catalogue.definitions)
