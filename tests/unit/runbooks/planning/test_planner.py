"""A plan is exactly what its definition says: rolls written out, runbooks within checked, policies as strict as the words."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.errors import UserError
from bot.core.people import Role
from data.load.site import load_site
from data.site import Site
from runbooks.language.definition import Catalogue
from runbooks.language.load.catalogue import load_catalogue
from runbooks.language.vocabulary import Confirm, Kind
from runbooks.planning.plan import Plan
from runbooks.planning.planner import plan_run
from runbooks.runs.layout import blocks
from runbooks.runs.roll_progress import rolled
from tests.support.paths import EXAMPLE

TODAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NODES = tuple(f"oa{n}" for n in range(1, 11))
BLOCK = ["edit", "run", "run", "workers", "drained", "run", "down", "run", "up", "edit", "run", "run", "workers"]
POLICY = """verb: look-up
alias: 查看
title: {zh: 查看, en: look up}
source: test
roles: [engineer, lead, operator]
confirm: none
arguments:
  - {name: host, type: host, values: {oa1: {confirm: self}}}
  - name: log
    type: choice
    default: app
    choices: {app: a.log, audit: b.log, system: c.log}
    roles: [engineer, lead]
    values:
      system: {confirm: second, roles: [lead], confirmers: [director]}
steps:
  - {title: {zh: 读, en: read}, run: [cat, "{log}"]}
"""


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(EXAMPLE, with_roster=False)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("runbooks")
    (folder / "policy.yaml").write_text(POLICY, "utf-8")
    return load_catalogue(folder)


def plan(catalogue: Catalogue, site: Site, line: str, first: int = 1) -> Plan:
    verb, *words = line.removeprefix("/").split()
    definition, rest = catalogue.pick(verb, tuple(words))
    return plan_run(definition, rest, site, catalogue=catalogue, at=TODAY, first=first)


def test_a_roll_is_written_out_node_by_node(catalogue: Catalogue, site: Site) -> None:
    found = plan(catalogue, site, "/rolling-restart oa")
    assert found.items == NODES
    assert found.locks == tuple(sorted(("lb1", *NODES)))
    for place, node in enumerate(NODES):
        steps = found.steps[place * 13 : place * 13 + 13]
        assert [step.kind.value for step in steps] == BLOCK
        assert {step.item for step in steps} == {node}
        assert [step.target.id for step in steps] == ["lb1"] * 5 + [node] * 4 + ["lb1"] * 4
    assert [step.index for step in found.steps] == list(range(1, 131))
    assert found.service is not None
    assert (found.service.min_in_service, found.service.max_unavailable) == (5, 2)


@pytest.mark.parametrize(
    ("first", "begins"), [(1, 1), (5, 1), (6, 6), (2, 1), (4, 1), (11, 10), (18, 14), (19, 19), (16, 14)]
)
def test_going_on_never_cuts_an_edit_from_what_verifies_it(
    catalogue: Catalogue, site: Site, first: int, begins: int
) -> None:
    assert plan(catalogue, site, "/rolling-restart oa", first).steps[0].index == begins


@pytest.mark.parametrize(
    ("line", "confirm", "roles", "confirmers"),
    [
        ("/look-up oa3", Confirm.NONE, {"engineer", "lead", "operator"}, {"engineer", "lead", "operator"}),
        ("/look-up oa3 app", Confirm.NONE, {"engineer", "lead", "operator"}, {"engineer", "lead", "operator"}),
        ("/look-up oa3 audit", Confirm.NONE, {"engineer", "lead"}, {"engineer", "lead", "operator"}),
        ("/look-up oa3 system", Confirm.SECOND, {"lead"}, {"director"}),
        ("/look-up oa1", Confirm.SELF, {"engineer", "lead", "operator"}, {"engineer", "lead", "operator"}),
        ("/look-up oa1 system", Confirm.SECOND, {"lead"}, {"director"}),
    ],
)
def test_the_strictest_word_decides(
    catalogue: Catalogue, site: Site, line: str, confirm: Confirm, roles: set[str], confirmers: set[str]
) -> None:
    found = plan(catalogue, site, line)
    assert found.confirm is confirm
    assert set(found.roles) == {Role(role) for role in roles}
    assert set(found.confirmers) == {Role(role) for role in confirmers}
    assert found.locks == (() if confirm is Confirm.NONE else (line.split()[1],))


@pytest.mark.parametrize("order", [("restart", "disk"), ("disk", "restart")])
def test_a_runbook_within_makes_the_outer_as_strict(site: Site, tmp_path: Path, order: tuple[str, str]) -> None:
    text = POLICY.replace("look-up", "sly").replace("查看", "偷跑").partition("steps:")[0]
    steps = "".join(f'  - {{runbook: {name}, with: ["{{host}}"]}}\n' for name in order)
    (tmp_path / "sly.yaml").write_text(f"{text}steps:\n{steps}", "utf-8")
    found = plan(load_catalogue(tmp_path), site, "/sly oa3")
    assert found.confirm is Confirm.SECOND
    assert set(found.roles) == {Role.ENGINEER, Role.LEAD}


WITHIN = """verb: inner
alias: 内
title: {zh: 内, en: inner}
source: test
roles: [engineer, lead]
confirm: second
confirmers: [director]
arguments:
  - {name: host, type: host}
  - {name: log, type: choice, default: app, choices: {app: a, system: s}, values: {system: {roles: [lead]}}}
steps:
  - {title: {zh: 读, en: read}, run: [cat, "{log}"]}
"""
OUTER = """verb: outer
alias: 外
title: {zh: 外, en: outer}
source: test
roles: [engineer, lead]
confirm: second
breakglass: true
arguments:
  - {name: host, type: host}
steps:
  - {runbook: inner, with: ["{host}", WORD]}
"""


@pytest.mark.parametrize(("word", "roles"), [("app", {Role.ENGINEER, Role.LEAD}), ("system", {Role.LEAD})])
def test_nothing_is_easier_within_another(site: Site, tmp_path: Path, word: str, roles: set[Role]) -> None:
    """Who may ask, who may say yes, and whether one may alone: a wrapper changes nothing of it."""
    (tmp_path / "inner.yaml").write_text(WITHIN, "utf-8")
    (tmp_path / "outer.yaml").write_text(OUTER.replace("WORD", word), "utf-8")
    found = plan(load_catalogue(tmp_path), site, "/outer oa3")
    assert set(found.roles) == roles
    assert found.confirmers == (Role.DIRECTOR,)
    assert not found.breakglass


@pytest.mark.parametrize(
    ("outer", "steps", "confirmers"),
    [
        ("[director]", ["backup app"], {"director"}),
        ("[director]", ["strict", "backup app"], {"director"}),
        ("[lead, coordinator]", ["backup app"], {"lead"}),
        ("[lead, coordinator]", ["watch"], {"lead", "coordinator"}),
        ("[lead, coordinator]", ["strict"], {"lead", "coordinator"}),
        ("", ["backup app", "strict", "backup files"], {"director"}),
    ],
)
def test_no_runbook_within_asks_others_instead(
    site: Site, tmp_path: Path, outer: str, steps: list[str], confirmers: set[str]
) -> None:
    """Roles that merely may run something never stand in for those whom a file names, and a reading runbook asks nobody."""
    watch = WITHIN.replace("confirm: second", "confirm: none").replace("confirmers: [director]\n", "")
    (tmp_path / "watch.yaml").write_text(watch.replace("verb: inner\nalias: 内", "verb: watch\nalias: 看守"), "utf-8")
    strict = WITHIN.replace("verb: inner\nalias: 内", "verb: strict\nalias: 严")
    (tmp_path / "strict.yaml").write_text(strict, "utf-8")
    text = OUTER.partition("steps:")[0].replace("confirm: second", "confirm: self")
    text = text.replace("breakglass", f"confirmers: {outer}\nbreakglass") if outer else text
    inner = "".join(f'  - {{runbook: {name}, with: ["{{host}}"]}}\n' for name in steps)
    (tmp_path / "outer.yaml").write_text(f"{text}steps:\n{inner}", "utf-8")
    found = plan(load_catalogue(tmp_path), site, "/outer oa3")
    assert {role.value for role in found.confirmers} == confirmers


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        (("18:00-24:00", ""), "18:00-24:00"),
        (("", "18:00-24:00"), "18:00-24:00"),
        (("18:00-24:00", "17:00-20:00"), "18:00-20:00"),
        (("18:00-24:00", "08:00-18:00"), None),
    ],
)
def test_the_windows_of_both_hold(tmp_path: Path, windows: tuple[str, str], expected: str | None) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "data")
    hosts = tmp_path / "data" / "hosts.yaml"
    text = hosts.read_text("utf-8").replace("    change_window: 18:00-24:00\n", "")
    for group, hours in zip(("oa", "db"), windows, strict=True):
        text = text.replace(f"  {group}:\n", f"  {group}:\n    change_window: {hours}\n") if hours else text
    hosts.write_text(text, "utf-8")
    look = "look: [{window: true}]\nsteps:"
    (tmp_path / "inner.yaml").write_text(WITHIN.replace("steps:", look), "utf-8")
    outer = OUTER.replace("steps:", look).replace('["{host}", WORD]', "[dm1]")
    (tmp_path / "outer.yaml").write_text(outer, "utf-8")
    catalogue, changed = load_catalogue(tmp_path), load_site(tmp_path / "data", with_roster=False)
    if expected is not None:
        assert plan(catalogue, changed, "/outer oa3").window == expected
        return
    with pytest.raises(UserError) as caught:
        plan(catalogue, changed, "/outer oa3")
    assert caught.value.code == "outside_window"


def test_within_what_changes_something_hosts_take_turns(site: Site, tmp_path: Path) -> None:
    inner = WITHIN.replace("confirm: second", "confirm: none").replace(
        "run: [cat", "on: {group: oa}, at_once: 4, run: [cat"
    )
    (tmp_path / "inner.yaml").write_text(inner, "utf-8")
    (tmp_path / "outer.yaml").write_text(OUTER.replace("WORD", "app"), "utf-8")
    catalogue = load_catalogue(tmp_path)
    assert {step.wave for step in plan(catalogue, site, "/inner oa3").steps} == {1}
    assert {step.wave for step in plan(catalogue, site, "/outer oa3").steps} == {0}


SEVERAL = """verb: several
alias: 多
title: {zh: 多, en: several}
source: test
roles: [engineer, lead]
confirm: self
group: oa
arguments:
  - {name: node, type: node, values: {oa3: {confirmers: [director]}}}
  - {name: ports, type: port, many: true, values: {22: {confirm: second}}}
  - {name: day, type: date, default: yesterday, roles: [lead]}
steps:
  - {title: {zh: 读, en: read}, run: [look, "{port}"], each: {name: port, of: ports}}
"""


@pytest.mark.parametrize(
    ("line", "confirm", "roles", "confirmers"),
    [
        ("/several oa1 80", Confirm.SELF, {"engineer", "lead"}, {"engineer", "lead"}),
        ("/several oa1 80,022,443", Confirm.SECOND, {"engineer", "lead"}, {"engineer", "lead"}),
        ("/several 10.154.0.164 80", Confirm.SELF, {"engineer", "lead"}, {"director"}),
        ("/several oa1 80 2026-11-20", Confirm.SELF, {"lead"}, {"engineer", "lead"}),
    ],
)
def test_a_strict_value_is_found_however_it_is_typed(
    site: Site, tmp_path: Path, line: str, confirm: Confirm, roles: set[str], confirmers: set[str]
) -> None:
    (tmp_path / "several.yaml").write_text(SEVERAL, "utf-8")
    found = plan(load_catalogue(tmp_path), site, line)
    assert (found.confirm, {r.value for r in found.roles}, {r.value for r in found.confirmers}) == (
        confirm,
        roles,
        confirmers,
    )


def test_a_runbook_within_checks_its_words_like_typed_ones(site: Site, tmp_path: Path) -> None:
    text = POLICY.replace("look-up", "sly").replace("查看", "偷跑").partition("steps:")[0]
    (tmp_path / "sly.yaml").write_text(text + 'steps:\n  - {runbook: restart, with: ["{host}"]}\n', "utf-8")
    with pytest.raises(UserError) as caught:
        plan(load_catalogue(tmp_path), site, "/sly lb1")
    assert caught.value.code == "unknown_target"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("/backup", "missing_argument"),
        ("/backup tapes oa3", "bad_choice"),
        ("/licence replace", "missing_argument"),
        ("/rolling-restart test", "unknown_target"),
        ("/rolling-restart oa3", "unknown_target"),
    ],
)
def test_refusals(catalogue: Catalogue, site: Site, line: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        plan(catalogue, site, line)
    assert caught.value.code == code


@pytest.mark.parametrize(("line", "name"), [("/备份 应用 oa3", "backup app"), ("/backup APP oa3", "backup app")])
def test_a_second_word_has_its_twin(catalogue: Catalogue, line: str, name: str) -> None:
    verb, *words = line.removeprefix("/").split()
    definition, rest = catalogue.pick(verb, tuple(words))
    assert (definition.name, rest) == (name, ("oa3",))


def test_where_a_roll_stopped(catalogue: Catalogue, site: Site) -> None:
    found = plan(catalogue, site, "/rolling-restart oa")
    start = next(s.index for s in found.steps if s.item == "oa3" and s.kind is Kind.UP) - 1
    stopped = rolled(found, start - 1)
    assert stopped is not None
    assert (stopped.done, stopped.host, stopped.out) == (NODES[:2], "oa3", True)
    assert (stopped.others, stopped.untouched) == ((), NODES[3:])
    early = rolled(found, 27)
    assert early is not None
    assert (early.host, early.out) == ("oa3", False)
    assert rolled(plan(catalogue, site, "/restart oa3"), 1) is None


def asked_anew(plan: Plan, name: str) -> list[str]:
    return [look.target.id for look in plan.looks if look.name == name]


def test_a_run_that_goes_on_is_not_asked_for_what_it_made_untrue_itself(catalogue: Catalogue, site: Site) -> None:
    line = "/upgrade a-1.zip"
    whole = plan(catalogue, site, line)
    places = {(s.title.en, s.target.id): s.index for s in whole.steps}
    assert (whole.window, asked_anew(whole, "fresh")) == ("18:00-24:00", list(NODES))
    checked = plan(catalogue, site, line, places["SQL in the package", "oa1"])
    assert (checked.window, asked_anew(checked, "fresh")) == ("18:00-24:00", list(NODES))
    packing = plan(catalogue, site, line, places["back up the application", "oa3"])
    assert (packing.window, asked_anew(packing, "fresh")) == ("", list(NODES[2:]))
    started = plan(catalogue, site, line, places["start the application", "oa1"])
    assert started.looks == ()


def test_what_later_steps_need_to_know_is_asked_all_the_same(catalogue: Catalogue, site: Site, tmp_path: Path) -> None:
    text = POLICY.replace("steps:\n", "look:\n  - {name: fs, on: host, run: [a]}\nsteps:\n").replace(
        "[cat, ", "[cat, '{fs}', "
    )
    step = "  - {title: {zh: 先, en: first}, run: [a], ends: [fs]}\n"
    (tmp_path / "policy.yaml").write_text(text.replace("steps:\n", f"steps:\n{step}"), "utf-8")
    assert asked_anew(plan(load_catalogue(tmp_path), site, "/look-up oa3", 2), "fs") == ["oa3"]


COMPOSITE = OUTER.partition("steps:")[0] + "steps:\n"


def test_a_step_ends_the_looks_of_its_own_runbook_only(site: Site, tmp_path: Path) -> None:
    """Behind the first tar the second is yet to come: today's other archive must not be overwritten unasked."""
    text = COMPOSITE + "".join(f'  - {{runbook: backup {name}, with: ["{{host}}"]}}\n' for name in ("app", "files"))
    (tmp_path / "outer.yaml").write_text(text, "utf-8")
    catalogue = load_catalogue(tmp_path)
    app, files = ["need", "room", "fresh"], ["need", "room", "fresh"]
    whole = plan(catalogue, site, "/outer oa3")
    assert [look.name for look in whole.looks] == app + files
    behind_app = plan(catalogue, site, "/outer oa3", first=2)
    assert [look.name for look in behind_app.looks] == files
    assert "/data/WEAVER/sharedata-20261122-0930.tar.gz" in behind_app.looks[-1].argv
    (second,) = [step.index for step in whole.steps if step.title.en == "pack the files"]
    assert len(plan(catalogue, site, "/outer oa3", first=second).looks) == 3
    assert plan(catalogue, site, "/outer oa3", first=second + 1).looks == ()


@pytest.mark.parametrize(("first", "window"), [(1, "18:00-24:00"), (2, "18:00-24:00"), (3, "")])
def test_a_window_ends_for_its_own_runbook_only(site: Site, tmp_path: Path, first: int, window: str) -> None:
    for name, alias in (("one", "壹"), ("two", "贰")):
        text = WITHIN.replace("verb: inner\nalias: 内", f"verb: {name}\nalias: {alias}")
        text = text.replace("steps:", "look: [{window: true}]\nsteps:").replace(
            "run: [cat", "ends: [window], run: [cat"
        )
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    steps = "".join(f'  - {{runbook: {name}, with: ["{{host}}"]}}\n' for name in ("one", "two"))
    last = "  - {title: {zh: 完, en: over}, run: [true]}\n".replace("[true]", "['true']")
    (tmp_path / "outer.yaml").write_text(COMPOSITE + steps + last, "utf-8")
    assert plan(load_catalogue(tmp_path), site, "/outer oa3", first).window == window


def test_a_fact_that_only_another_runbook_needs_does_not_keep_an_ended_look(site: Site, tmp_path: Path) -> None:
    look, ends = "look:\n  - {name: fs, on: host, run: [a]}\nsteps:", "ends: [fs], run: [cat"
    for name, alias, step in (("one", "壹", ends), ("two", "贰", "run: [cat, '{fs}'")):
        text = WITHIN.replace("verb: inner\nalias: 内", f"verb: {name}\nalias: {alias}").replace("steps:", look)
        (tmp_path / f"{name}.yaml").write_text(text.replace("run: [cat", step), "utf-8")
    steps = "".join(f'  - {{runbook: {name}, with: ["{{host}}"]}}\n' for name in ("one", "two"))
    (tmp_path / "outer.yaml").write_text(COMPOSITE + steps, "utf-8")
    found = plan(load_catalogue(tmp_path), site, "/outer oa3", 2)
    assert len(found.looks) == 1
    assert found.looks[0].section == found.steps[0].section


def test_the_question_of_many_hosts_is_as_short_as_what_differs(catalogue: Catalogue, site: Site) -> None:
    """Every command is there: once where all hosts get the same, one by one where they do not."""
    found = blocks(plan(catalogue, site, "/upgrade a-1.zip").steps)
    assert [(block.host, block.titles[0].en, len(block.lines)) for block in found[:5]] == [
        ("oa1…oa10", "the package is whole", 1),
        ("oa1…oa10", "the package is the same on every node", 1),
        ("oa1", "no keyupgrade in the package", 3),
        ("", found[3].titles[0].en, 0),
        ("oa1…oa10", "stop the application", 1),
    ]
    assert (found[5].titles[0].en, len(found[5].lines)) == ("nothing answers", 10)
    assert [line.split(" ")[0] for line in found[5].lines] == [f"oa{number}:" for number in range(1, 11)]
    assert [block.host for block in blocks(plan(catalogue, site, "/db start").steps)] == ["dm1 dm2"] * 4
