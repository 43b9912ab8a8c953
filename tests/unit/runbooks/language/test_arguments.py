"""Every command of the bad inputs comes out as it states, and every plan is exact."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.core import commands
from bot.core.errors import UserError
from data.site import Site
from runbooks.language.definition import Catalogue
from runbooks.language.load.catalogue import load_catalogue
from runbooks.planning.plan import Plan
from runbooks.planning.planner import plan_run
from tests.support.once import example_site
from tests.support.paths import INPUTS

ROWS = json.loads((INPUTS / "inputs" / "commands.json").read_text("utf-8"))["inputs"]
COMMANDS = [row for row in ROWS if row["surface"] == "command"]


@pytest.fixture(scope="module")
def site() -> Site:
    return example_site()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def plan(site: Site, catalogue: Catalogue, text: str) -> Plan | None:
    """The way a message goes: read, verb, words, plan; None for ordinary talk."""
    line = commands.read(text)
    if line is None:
        return None
    commands.check_verb(line.verb, frozenset(w for d in catalogue.definitions.values() for w in (d.verb, d.alias)))
    definition = catalogue.find(line.verb)
    assert definition is not None
    return plan_run(definition, commands.words(line.rest), site)


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row["id"])
def test_bad_inputs_come_out_as_stated(site: Site, catalogue: Catalogue, row: dict[str, Any]) -> None:
    code, line = "ok", None
    try:
        found = plan(site, catalogue, row["input"])
    except UserError as error:
        code = error.code
    else:
        code, line = ("ok", found.line) if found else ("not_a_command", None)
    assert (code, line) == (row["code"], row.get("normalised"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("/drain oa10", "/drain 10.154.54.58"),
        ("/logs oa3", "/logs oa3 app 50"),
        ("/日志 OA3 Ecology 007", "/logs oa3 ecology 7"),
        ("/disk lb1", "/disk lb1"),
        ("/nodes", "/nodes"),
    ],
)
def test_echo_is_normalised(site: Site, catalogue: Catalogue, text: str, line: str) -> None:
    found = plan(site, catalogue, text)
    assert found is not None
    assert found.line == line
    assert plan(site, catalogue, line) == found


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        ("/restart", "missing_argument", {"argument": "host", "example": "/restart oa1"}),
        ("/restart oa33", "unknown_target", {"value": "oa33", "nearest": "oa3"}),
        ("/drain 10.154.1.179", "unknown_target", {"nearest": None}),
        ("/restart lb1", "unknown_target", {}),
        ("/logs oa1 kernel", "bad_choice", {"value": "kernel"}),
        ("/logs oa1 app 5001", "bad_number", {"most": 5000}),
        ("/logs oa1 app 0", "bad_number", {"least": 1}),
        ("/nodes oa", "too_many_arguments", {"example": "/nodes"}),
    ],
)
def test_refusals_say_what_to_type(
    site: Site, catalogue: Catalogue, text: str, code: str, facts: dict[str, Any]
) -> None:
    with pytest.raises(UserError) as caught:
        plan(site, catalogue, text)
    assert caught.value.code == code
    assert facts.items() <= caught.value.facts.items()


def test_restart_runs_what_the_sop_says_on_that_host_alone(site: Site, catalogue: Catalogue) -> None:
    found = plan(site, catalogue, "/restart oa3")
    assert found is not None
    assert {step.target.address for step in found.steps} == {"10.154.0.164"}
    assert [step.commands[0][:2] for step in found.steps if step.commands[0][0] != "curl"] == [
        ("/data/WEAVER/ApusicAS/bin/asadmin", "stop-domain"),
        ("/data/WEAVER/ApusicAS/bin/asadmin", "start-domain"),
    ]
    assert found.steps[-1].commands[0][-1] == "http://10.154.0.164:6888/"
    assert "%{http_code}" in found.steps[-1].commands[0]
    assert found.locks == ("oa3",)


def test_drain_holds_the_balancer_and_the_node(site: Site, catalogue: Catalogue) -> None:
    found = plan(site, catalogue, "/drain 10.154.54.58 --dry-run")
    assert found is not None
    assert (found.locks, found.dry_run, found.undo) == (("lb1", "oa10"), True, "/undrain 10.154.54.58")
    assert [step.commands for step in found.steps[1:3]] == [
        (("/data/nginx/sbin/nginx", "-t"),),
        (("/data/nginx/sbin/nginx", "-s", "reload"),),
    ]


def test_hash_is_of_everything_that_was_shown(site: Site, catalogue: Catalogue) -> None:
    found = plan(site, catalogue, "/restart oa3")
    assert found is not None
    other = site.with_hosts({"oa3": replace(site.hosts["oa3"], address="10.0.0.9")})
    moved = plan(other, catalogue, "/restart oa3")
    assert moved is not None
    hashes = {
        found.hash("zhou", "duty-room"),
        found.hash("wen", "duty-room"),
        found.hash("zhou", "minzheng"),
        moved.hash("zhou", "duty-room"),
    }
    assert len(hashes) == 4
    again = plan(site, catalogue, "/重启 oa03")
    assert again is not None
    assert again.hash("zhou", "duty-room") == found.hash("zhou", "duty-room")


def test_8_25_a_group_without_a_balancer_is_named_as_the_reason(site: Site, catalogue: Catalogue) -> None:
    bare = replace(site.host_groups["oa"], balancer=None)
    alone = replace(site, host_groups={**site.host_groups, "oa": bare})
    for text in ("/drain oa3", "/undrain 10.154.0.164"):
        with pytest.raises(UserError) as caught:
            plan(alone, catalogue, text)
        assert (caught.value.code, caught.value.facts["group"]) == ("no_balancer", "oa")
