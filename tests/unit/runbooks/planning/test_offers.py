"""What is offered in an organisation is what can run there, in words of its own: the planner says of each line whether it can."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product
from pathlib import Path

import pytest

from bot.core.errors import UserError
from data.load.site import load_site
from data.site import Site
from runbooks.language.definition import Catalogue, Definition
from runbooks.language.load.catalogue import load_catalogue
from runbooks.language.vocabulary import ArgumentType
from runbooks.planning.from_line import plan_line
from tests.support.desk import WORKDAY, Desk, open_desk
from tests.support.paths import EXAMPLE
from tests.unit.handlers.help.test_help import hints

OWN = """ssh: {user: zhiban, port: 22}
groups:
  oa:
    name: 门户
    min_in_service: 1
    max_unavailable: 1
    app_port: 8080
    balancer: {host: gate, conf: /etc/nginx/nginx.conf, binary: /usr/sbin/nginx, upstream: portal}
  edge: {name: 入口}
hosts:
  portal-a: {group: oa, address: 192.0.2.11, upstream: "192.0.2.11:8080"}
  portal-b: {group: oa, address: 192.0.2.12, upstream: "192.0.2.12:8080"}
  gate: {group: edge, address: 192.0.2.10}
"""
NO_BALANCER = re.sub(r"    balancer: .*\n", "", OWN)
ONLY_DATABASES = """ssh: {user: zhiban, port: 22}
groups:
  db: {name: 数据库}
hosts:
  data-1: {group: db, address: 192.0.2.21, tags: [primary]}
"""
NOTHING = "groups: {}\nhosts: {}\n"
ABSENT = {"no_such_group", "no_balancer", "unknown_target", "same_host"}
DEMO = re.compile(r"\b(?:oa|dm|lb|test)[0-9]+\b|10\.154\.")
ORGANISATIONS = pytest.mark.parametrize("hosts", [OWN, NO_BALANCER, ONLY_DATABASES, NOTHING, ""])


def organisation(folder: Path, hosts: str) -> Site:
    """The example's people with these servers; with its own where ``hosts`` is empty."""
    shutil.copytree(EXAMPLE, folder / "data")
    if hosts:
        (folder / "data" / "hosts.yaml").write_text(hosts, "utf-8")
    site = load_site(folder / "data")
    assert site.faults == ()
    return site


@asynccontextmanager
async def desk_of(folder: Path, empty: Path, hosts: str) -> AsyncIterator[Desk]:
    async with open_desk(folder / "state", empty, site=organisation(folder, hosts)) as desk:
        yield desk


async def offered(desk: Desk) -> set[str]:
    """Every line that the pages of help show for a runbook, as zhou reads them."""
    menu = (await desk.says("zhou", "/help", chat="dm-zhou"))[-1].text
    lines: set[str] = set()
    for verb in set(re.findall(r"/([a-z-]+)", menu)) & set(load_catalogue().verbs()):
        page = (await desk.says("zhou", f"/help {verb}", chat="dm-zhou"))[-1].text
        lines |= {found[1] for found in re.finditer(rf"^　(/{verb}\b[^（]*?)(?: 或 .*)?（", page, re.MULTILINE)}
    return lines


def tried(definition: Definition, site: Site) -> list[str]:
    """Every line of a runbook with hosts and groups of the site."""
    hosts = [*site.hosts, "none-a", "none-b"] if len(site.hosts) < 2 else [*site.hosts]
    choices = []
    for argument in definition.arguments:
        places = {ArgumentType.GROUP: [*site.host_groups, "none"], ArgumentType.HOST: hosts, ArgumentType.NODE: hosts}
        choices.append(places.get(argument.type, [argument.example or argument.default or "1"]))
    return [" ".join((f"/{definition.name}", *words)) for words in product(*choices)]


def refusal(catalogue: Catalogue, line: str, site: Site) -> str:
    try:
        plan_line(catalogue, line, site, WORKDAY)
    except UserError as error:
        return error.code
    return f"{line} can run"


@ORGANISATIONS
async def test_8_16_what_is_offered_is_what_can_run_here(tmp_path: Path, empty_db: Path, hosts: str) -> None:
    catalogue = load_catalogue()
    async with desk_of(tmp_path, empty_db, hosts) as desk:
        lines = await offered(desk)
        able = {plan_line(catalogue, line, desk.site, WORKDAY).title for line in lines}
        assert len(able) == len(lines)
        others = [each for each in catalogue.definitions.values() if each.title not in able]
        assert {refusal(catalogue, line, desk.site) for each in others for line in tried(each, desk.site)} <= ABSENT


@pytest.mark.parametrize(
    ("hosts", "has", "has_not"),
    [
        (OWN, {"restart", "drain", "rolling-restart", "nodes", "logs"}, {"db", "sync-test"}),
        (NO_BALANCER, {"restart", "logs"}, {"drain", "undrain", "rolling-restart", "nodes", "nginx", "db"}),
        (ONLY_DATABASES, {"db", "disk"}, {"restart", "drain", "sync-test", "nginx", "upgrade", "bandwidth"}),
        (NOTHING, {"runs", "output"}, {"restart", "db", "disk", "nodes", "licence", "backup"}),
    ],
)
async def test_8_16_help_hints_and_slips_name_no_command_whose_hosts_are_absent(
    tmp_path: Path, empty_db: Path, hosts: str, has: set[str], has_not: set[str]
) -> None:
    async with desk_of(tmp_path, empty_db, hosts) as desk:
        (menu,) = await desk.says("zhou", "/help", chat="dm-zhou")
        shown = set(re.findall(r"/([a-z-]+)", menu.text))
        assert has <= shown
        assert shown.isdisjoint(has_not)
        hinted = {hint["verb"] for hint in await hints(desk, "zhou")}
        assert hinted == shown
        for verb in sorted(has_not):
            (page,) = await desk.says("zhou", f"/help {verb}", chat="dm-zhou")
            assert "这里没有" in page.text
            (slip,) = await desk.says("zhou", f"/{verb}x", chat="dm-zhou")
            assert f"/{verb}？" not in slip.text
            (how,) = await desk.says("zhou", f"/{verb} --help", chat="dm-zhou")
            assert "这里没有" in how.text


@pytest.mark.parametrize("hosts", [OWN, ""])
def test_8_16_every_plan_calls_its_host_by_its_name(tmp_path: Path, hosts: str) -> None:
    """Named by its name or by its address in the balancer: the name stands first, the address of a node behind it."""
    catalogue, site = load_catalogue(), organisation(tmp_path, hosts)
    seen = 0
    for definition in catalogue.definitions.values():
        for host in site.group_hosts("oa")[:2]:
            for word in {host.id, host.address}:
                try:
                    words = [word, "/data/x", "10G"] if definition.arguments else []
                    line = " ".join([f"/{definition.name}", *words[: len(definition.arguments)]])
                    plan = plan_line(catalogue, line, site, WORKDAY)
                except UserError:
                    continue
                if plan.target == host.id and plan.what != "oa":
                    seen += 1
                    assert plan.called.split(" ")[0] == host.id, line
                    assert plan.called in {host.id, f"{host.id} {host.address}"}
    assert seen > 20


async def test_8_16_a_verb_names_those_of_its_words_that_can_run_here(tmp_path: Path, empty_db: Path) -> None:
    async with desk_of(tmp_path, empty_db, OWN) as desk:
        (answer,) = await desk.says("zhou", "/backup", chat="dm-zhou")
        assert "一个词：app（应用）、files（文件）。" in answer.text
        assert "例如 /backup files portal-a" in answer.text or "例如 /backup app portal-a" in answer.text
        (answer,) = await desk.says("zhou", "/backup everything", chat="dm-zhou")
        assert answer.text == "没有“everything”这一项，可选：app、files。"
        for line in ("/db", "/db status", "/db everything"):
            (answer,) = await desk.says("zhou", line, chat="dm-zhou")
            assert answer.text == "没有主机组 db，/db 在这里不能用，请联系管理员。"
        usage = {hint["verb"]: hint["usage"] for hint in await hints(desk, "zhou")}
        assert usage["backup"] == "app|files"
        assert usage["restart"] == "portal-a"


async def test_8_16_what_was_mended_in_the_inventory_is_offered_at_once(tmp_path: Path, empty_db: Path) -> None:
    async with desk_of(tmp_path, empty_db, OWN) as desk:
        assert "db" not in {hint["verb"] for hint in await hints(desk, "zhou")}
        more = load_site(EXAMPLE)
        desk.app.runtime.site = lambda: more
        (menu,) = await desk.says("zhou", "/help", chat="dm-zhou")
        assert "/db" in menu.text


PEOPLE_OF_THE_DEMO = ("周予安", "温若川", "段正", "何牧")
LINES = (
    "/restart ｏａ３号",
    "/drain 节点",
    "/logs-at portal-a '; rm'",
    "/licence show app ｏа3",
    "/disk $HOME",
    "/upgrade $x",
)


def renamed(folder: Path, hosts: str) -> Site:
    """An organisation of its own: other hosts, other people, another vendor."""
    site = organisation(folder, hosts)
    text = (folder / "data" / "people.yaml").read_text("utf-8")
    for number, name in enumerate(person.name for person in site.people.values() if person.name in text):
        text = text.replace(name, f"同事{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{number}")
    (folder / "data" / "people.yaml").write_text(text.replace("vendor: wps", "vendor: acme"), "utf-8")
    routes = folder / "data" / "routes.yaml"
    routes.write_text(routes.read_text("utf-8").replace("  wps: {name:", "  acme: {name:"), "utf-8")
    return load_site(folder / "data")


@pytest.mark.parametrize("line", LINES)
async def test_8_16_what_is_no_ascii_gets_an_example_of_its_own_command(
    tmp_path: Path, empty_db: Path, line: str
) -> None:
    """Whatever was typed is refused with a line of the same command which would be right here."""
    async with desk_of(tmp_path, empty_db, OWN) as desk:
        (answer,) = await desk.says("zhou", line, chat="dm-zhou")
        found = re.search(r"例如 (/[ -~]+?)。", answer.text)
        assert found, answer.text
        verb, *words = line.split()
        assert found[1].split()[0] == verb
        assert "portal" in found[1] or not any(word in found[1] for word in ("oa1", "oa3", "dm1"))
        assert not DEMO.search(found[1])
        if words[:2] == ["show", "app"]:
            assert found[1] == "/licence show app portal-a"
        plan_line(load_catalogue(), found[1], desk.site, WORKDAY)


async def test_8_16_examples_name_people_vendors_and_groups_of_this_organisation(
    tmp_path: Path, empty_db: Path
) -> None:
    site = renamed(tmp_path, OWN)
    async with open_desk(tmp_path / "state", empty_db, site=site) as desk:
        duty = [site.people[shift.person].name for shift in site.roster.at(WORKDAY)]
        given = {hint["verb"]: hint["usage"] for hint in await hints(desk, "hemu")}
        assert given["assign"].removeprefix("GD-… ") in duty
        assert given["route"] == f"GD-… vendor {next(iter(site.vendors))}"
        told = " ".join(given.values())
        for person in ("hemu", "zhou"):
            for line in (
                "/help",
                "/help 操作",
                "/help assign",
                "/help route",
                "/assign GD-20261014-001 没有",
                "/sent x",
            ):
                for said in await desk.says(person, line, chat=f"dm-{person}"):
                    told += said.text
        assert [name for name in PEOPLE_OF_THE_DEMO if name in told] == []
        assert DEMO.findall(told) == []


async def test_8_16_the_example_of_a_colleague_is_on_duty(tmp_path: Path, empty_db: Path) -> None:
    async with desk_of(tmp_path, empty_db, "") as desk:
        await desk.says("lixiao", "OA打不开了", chat="shifuban")
        said = await desk.says("hemu", "/assign GD-20261014-001 没有这个人", chat="duty-room")
        example = said[-1].text.rpartition("/assign GD-20261122-003 ")[2]
        assert example in {desk.site.people[shift.person].name for shift in desk.site.roster.at(WORKDAY)}
        said = await desk.says("hemu", "/route GD-20261014-001 nowhere", chat="duty-room")
        assert said[-1].text.endswith(f"/route GD-20261122-003 vendor {next(iter(desk.site.vendors))}。")
