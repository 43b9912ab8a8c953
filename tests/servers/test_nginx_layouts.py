"""Draining behind nginx layouts as administrators write them: the real nginx loads them, users' requests and the files judge."""

import os
import shutil
import stat
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import UserError
from data.model import Balancer, Host, HostGroup
from data.site import Site
from messages.render import Renderer
from runbooks.engine.prechecks import Prechecked, precheck
from runbooks.engine.step import Execution
from runbooks.planning.outcome import StepFault
from runbooks.planning.planner import plan_run
from runbooks.planning.target import Target
from runbooks.remote.command import Result
from tests.support.floor_rounds import played
from tests.support.nginx import NGINX
from tests.support.nginx_farm import DEAD, FAILING, HUNG, SICK, UP, Farm, Here, live
from tests.support.nginx_layouts import started, tree
from tests.support.once import catalogue, example_site
from tests.support.paths import ROOT
from tests.support.ports import address, free_port
from tests.support.scale import cases

pytestmark = pytest.mark.servers
FILES = ROOT / "tests" / "data" / "nginx"
NODES = [address(60 + n) for n in range(5)]


@pytest.fixture
async def farm() -> AsyncIterator[Farm]:
    opened = Farm(free_port())
    for node in NODES:
        await opened.put(node, UP)
    yield opened
    await opened.close()


class Balanced:
    """A configuration below ``prefix``, with five nodes of the farm in it, and the site that has them."""

    def __init__(self, prefix: Path, farm: Farm, conf: str = "conf/nginx.conf") -> None:
        self.prefix, self.farm, self.port = prefix, farm, free_port()
        self.remote = Here(env={"HOME": str(prefix)})
        hosts = {
            f"oa{n}": Host(f"oa{n}", "oa", node, upstream=f"{node}:{farm.port}") for n, node in enumerate(NODES, 1)
        }
        balancer = Balancer("lb1", str(prefix / conf), str(prefix / "sbin" / "nginx"), "ecologycluster")
        group = HostGroup("oa", "应用", 2, 2, app_port=farm.port, balancer=balancer)
        self.site: Site = replace(
            example_site(),
            hosts={**hosts, "lb1": Host("lb1", "lb", "127.0.0.1")},
            host_groups={"oa": group, "lb": HostGroup("lb", "负载")},
        )
        for name in ("logs", "sbin", "tmp"):
            (prefix / name).mkdir(parents=True, exist_ok=True)
        binary = prefix / "sbin" / "nginx"
        binary.write_text(f'#!/bin/sh\nexec {NGINX} -p {prefix} -c {prefix}/conf/nginx.conf "$@"\n')
        binary.chmod(0o755)

    def case(self, name: str) -> None:
        """The files of a case, with our addresses in them."""
        for path in (FILES / name).rglob("*.conf"):
            text = (
                path.read_text("utf-8")
                .replace(f"/RIG/ng-{name}", str(self.prefix))
                .replace("127.0.0.1:8131", self.listen)
            )
            for number, node in enumerate(NODES, 21):
                text = text.replace(f"127.0.0.{number}:8132", f"{node}:{self.farm.port}")
            place = self.prefix / path.relative_to(FILES / name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(f"user root;\n{text}" if "worker_processes" in text else text, "utf-8")

    def write(self, upstreams: str, locations: str = "", head: str = "pid logs/nginx.pid;") -> None:
        """One file: ``upstreams`` and what else stands in ``http``."""
        conf = self.prefix / "conf" / "nginx.conf"
        conf.parent.mkdir(exist_ok=True)
        conf.write_text(
            f"user root;\nworker_processes 1;\nerror_log logs/error.log;\n{head}\nevents {{}}\nhttp {{\n{upstreams}\n"
            f"server {{\nlisten {self.listen};\nproxy_read_timeout 300ms;\n"
            f"location / {{ proxy_pass http://ecologycluster; }}\n{locations}\n}}\n}}\n"
        )

    @property
    def listen(self) -> str:
        return f"127.0.0.1:{self.port}"

    def entries(self, form: str = "server {};") -> str:
        """The lines of an upstream with all five."""
        return "\n".join(form.format(f"{node}:{self.farm.port}") for node in NODES)

    async def look(self, verb: str, host: str, busy: frozenset[str] = frozenset()) -> Prechecked:
        return await precheck(self.remote, plan_run(catalogue().definitions[verb], (host,), self.site), busy)

    async def run(self, verb: str, host: str) -> StepFault | None:
        """Look, then every step; one that fails is taken back."""
        looked = await self.look(verb, host)
        execution = Execution(self.remote, looked)
        for step in looked.plan.steps:
            result = await execution.step(step)
            if result.fault:
                await execution.undo(step, result.fault)
                return result.fault
        return None

    async def refused(self, verb: str, host: str) -> UserError:
        """The refusal, after which nothing has changed."""
        before = tree(self.prefix)
        with pytest.raises(UserError) as caught:
            await self.look(verb, host)
        assert tree(self.prefix) == before
        return caught.value

    async def users_see(self, path: str = "/") -> frozenset[str]:
        return await live(self.port, path, len(NODES))


@pytest.fixture
def balanced(tmp_path: Path, farm: Farm) -> Callable[..., Balanced]:
    return lambda conf="conf/nginx.conf": Balanced(tmp_path, farm, conf)


async def out_and_back(rig: Balanced) -> set[str]:
    """oa3 gets nothing once it is said to be out, and everything is as it was once it is back; which files said so."""
    before = tree(rig.prefix)
    assert await rig.users_see() == set(NODES)
    assert await rig.run("drain", "oa3") is None
    had = rig.farm.requests[NODES[2]]
    assert await rig.users_see() == set(NODES) - {NODES[2]}
    assert rig.farm.requests[NODES[2]] == had
    meanwhile = tree(rig.prefix)
    assert set(meanwhile) == set(before)
    assert await rig.run("undrain", "oa3") is None
    assert tree(rig.prefix) == before
    assert await rig.users_see() == set(NODES)
    return {path for path in before if meanwhile[path] != before[path]}


async def test_8_19_a_file_of_conf_d_is_edited_and_the_pid_found_where_the_main_file_says(
    balanced: Callable[..., Balanced],
) -> None:
    rig = balanced("conf/conf.d/oa.conf")
    rig.case("B")
    with started(rig.prefix):
        assert await out_and_back(rig) == {"conf/conf.d/oa.conf"}


async def test_8_19_a_linked_file_stays_a_link_and_a_relative_pid_is_relative_to_the_prefix(
    balanced: Callable[..., Balanced],
) -> None:
    rig = balanced()
    rig.case("C")
    link = rig.prefix / "conf" / "nginx.conf"
    link.unlink()
    link.symlink_to((FILES / "C" / "conf" / "nginx.conf").read_text().strip())
    with started(rig.prefix):
        assert await out_and_back(rig) == {"repo/balancer/nginx.conf"}
    assert os.readlink(link) == "../repo/balancer/nginx.conf"


async def test_8_19_a_node_leaves_every_upstream_in_one_go(balanced: Callable[..., Balanced]) -> None:
    rig = balanced()
    rig.case("D")
    with started(rig.prefix):
        before = tree(rig.prefix)
        assert await rig.run("drain", "oa3") is None
        had = rig.farm.requests.get(NODES[2], 0)
        for path in ("/", "/m"):
            assert await rig.users_see(path) == set(NODES) - {NODES[2]}
        assert rig.farm.requests.get(NODES[2], 0) == had
        assert await rig.run("undrain", "oa3") is None
        assert tree(rig.prefix) == before
        assert await rig.users_see("/m") == set(NODES)


async def test_8_18_quoted_servers_count_and_come_back(balanced: Callable[..., Balanced]) -> None:
    rig = balanced()
    rig.case("M")
    with started(rig.prefix):
        assert await out_and_back(rig) == {"conf/nginx.conf"}
        for host in ("oa1", "oa2"):
            assert await rig.run("drain", host) is None
        assert (await rig.refused("drain", "oa3")).code == "floor"
        assert len(await rig.users_see()) == 3


@pytest.mark.parametrize("variable", ["http_proxy", "ALL_PROXY", "HTTP_PROXY"])
async def test_8_18_a_proxy_of_the_account_blinds_nobody(balanced: Callable[..., Balanced], variable: str) -> None:
    rig = balanced()
    rig.write(f"upstream ecologycluster {{\n{rig.entries()}\n}}")
    rig.remote.env = {**rig.remote.env, variable: "http://127.0.0.1:9", variable.lower(): "http://127.0.0.1:9"}
    (rig.prefix / ".curlrc").write_text("proxy = http://127.0.0.1:9\n")
    with started(rig.prefix):
        seen = (await rig.look("drain", "oa1")).plan.seen
    assert seen is not None
    assert (seen.before, seen.after) == (5, 4)


@pytest.mark.parametrize("state", [SICK, HUNG])
async def test_8_18_nodes_that_cannot_be_seen_are_no_spare(
    balanced: Callable[..., Balanced], farm: Farm, state: str
) -> None:
    rig = balanced()
    rig.write(f"upstream ecologycluster {{\n{rig.entries()}\n}}")
    for node in NODES[1:]:
        await farm.put(node, state)
    with started(rig.prefix):
        for verb in ("drain", "restart", "stop") if state == SICK else ("drain",):
            for host in ("oa1", "oa2"):
                refusal = await rig.refused(verb, host)
                assert (refusal.code, refusal.facts["in_service"]) == ("floor", 1)
                assert [host for host, _ in refusal.facts["unseen"]] == ["oa2", "oa3", "oa4", "oa5"]
        if state == SICK:
            assert await rig.users_see("/page") == set(NODES)
    for node in NODES:
        await farm.put(node, UP)


async def test_8_18_a_dead_node_may_be_restarted_even_when_all_are(
    balanced: Callable[..., Balanced], farm: Farm
) -> None:
    rig = balanced()
    rig.write(f"upstream ecologycluster {{\n{rig.entries()}\n}}")
    for node in NODES:
        await farm.put(node, DEAD)
    with started(rig.prefix):
        await rig.look("restart", "oa2")
        rig.remote.curl = (7, b"000")
        await farm.put(NODES[1], UP)  # curl is kept from it: that is no proof of its death
        assert (await rig.refused("restart", "oa2")).code == "floor"


async def test_8_18_a_node_that_answers_wrongly_is_not_put_back_and_told_why(
    balanced: Callable[..., Balanced], farm: Farm
) -> None:
    rig = balanced()
    rig.write(f"upstream ecologycluster {{\n{rig.entries()}\n}}")
    with started(rig.prefix):
        assert await rig.run("drain", "oa4") is None
        await farm.put(NODES[3], FAILING)
        refusal = await rig.refused("undrain", "oa4")
        assert (refusal.code, refusal.facts["why"]) == ("node_not_answering", "503")
        await farm.put(NODES[3], UP)
        assert await rig.run("undrain", "oa4") is None


@pytest.mark.parametrize(
    ("upstreams", "locations", "code"),
    [
        ("upstream ecologycluster {{ {one_line} }}", "", "node_line_shared"),
        ("upstream ecologycluster {{\n{lines}\n}}", "location /x {{ proxy_pass http://{node}; }}", "node_passed_to"),
        ("upstream ecologycluster {{\n{lines}\n}}\nmap $arg_x $b {{ default {node}; }}", "", "node_passed_to"),
        (
            "upstream ecologycluster {{\n{lines}\n}}",
            "location /x {{ set $b {node}; proxy_pass http://$b; }}",
            "node_passed_to",
        ),
        ("upstream ecologycluster {{\n{lines}\nserver {node};\n}}", "", "node_listed_twice"),
        ("upstream other {{\n{lines}\n}}\nupstream ecologycluster {{\nserver 127.0.0.1:1;\n}}", "", "node_not_listed"),
    ],
)
async def test_8_19_what_would_not_be_true_or_safe_is_refused_by_name(
    balanced: Callable[..., Balanced], upstreams: str, locations: str, code: str
) -> None:
    rig = balanced()
    node = f"{NODES[2]}:{rig.farm.port}"
    given = {"lines": rig.entries(), "one_line": rig.entries().replace("\n", " "), "node": node}
    rig.write(upstreams.format(**given), locations.format(**given))
    with started(rig.prefix):
        assert (await rig.refused("drain", "oa3")).code == code


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("sites-enabled/*", None),
        ("sites-enabled/oa; include sites-enabled/.o*", "copies_loaded"),
        ("sites-enabled/oa*", None),
    ],
)
async def test_8_19_nothing_of_ours_is_ever_where_nginx_loads_it(
    balanced: Callable[..., Balanced], pattern: str, code: str | None
) -> None:
    """Whoever reloads in the middle of an edit gets the old or the new file, and nothing twice."""
    rig = balanced("conf/sites-enabled/oa")
    rig.write(f"include {pattern};")
    site = Path(rig.site.host_groups["oa"].balancer.conf) if rig.site.host_groups["oa"].balancer else Path()
    site.parent.mkdir()
    site.write_text(f"upstream ecologycluster {{\n{rig.entries()}\n}}\n")
    with started(rig.prefix):
        if code:
            assert (await rig.refused("drain", "oa3")).code == code
            return
        looked = await rig.look("drain", "oa3")
        loads: list[set[str]] = []

        class Watched(Here):
            async def run(self, target: Target, argv: tuple[str, ...], **options: Any) -> Result:
                result = await super().run(target, argv, **options)
                dump = await super().run(target, (str(rig.prefix / "sbin" / "nginx"), "-T"))
                assert dump.ok
                loads.append(
                    {line for line in dump.stdout.decode().split("\n") if line.startswith("# configuration file")}
                )
                return result

        assert (await Execution(Watched(env=rig.remote.env), looked).step(looked.plan.steps[0])).fault is None
    assert len(loads) > 5
    assert {len(names) for names in loads} == {2}


async def test_8_19_attributes_stay_or_the_edit_is_refused(balanced: Callable[..., Balanced]) -> None:
    rig = balanced()
    rig.write(f"upstream ecologycluster {{\n{rig.entries()}\n}}")
    conf = rig.prefix / "conf" / "nginx.conf"
    conf.chmod(0o2664)
    os.chown(conf, 12, 34)
    os.setxattr(conf, "user.who", b"ops")
    with started(rig.prefix):
        assert await rig.run("drain", "oa3") is None
        found = conf.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o2664, 12, 34)
        assert os.getxattr(conf, "user.who") == b"ops"
        os.link(conf, rig.prefix / "kept-by-hand.conf")
        assert (await rig.refused("undrain", "oa3")).code == "file_has_names"


async def test_8_19_the_nginx_that_runs_must_be_the_one_that_was_asked(balanced: Callable[..., Balanced]) -> None:
    rig = balanced()
    rig.write(f"upstream ecologycluster {{\n{rig.entries()}\n}}")
    other = rig.prefix / "conf" / "other.conf"
    other.write_bytes((rig.prefix / "conf" / "nginx.conf").read_bytes())
    assert (await rig.refused("drain", "oa3")).code == "nginx_not_running"
    for left in (rig.prefix / "logs").glob("*.pid"):
        left.unlink()
    binary = rig.prefix / "sbin" / "nginx"
    asked = binary.read_text()
    binary.write_text(asked.replace("conf/nginx.conf", "conf/other.conf"))
    with started(rig.prefix):
        binary.write_text(asked)
        refusal = await rig.refused("drain", "oa3")
    assert (refusal.code, refusal.facts["other"]) == ("nginx_other_conf", str(other))


async def test_8_19_an_nginx_whose_pid_stands_in_its_start_command_alone_is_said_to_run(
    balanced: Callable[..., Balanced],
) -> None:
    rig = balanced()
    rig.write(f"upstream ecologycluster {{\n{rig.entries()}\n}}", head="")
    binary = rig.prefix / "sbin" / "nginx"
    asked = binary.read_text()
    binary.write_text(asked.replace('"$@"', f'-g "pid {rig.prefix}/logs/of-its-own.pid;" "$@"'))
    with started(rig.prefix):
        binary.write_text(asked)
        refusal = await rig.refused("drain", "oa3")
    assert refusal.code == "nginx_pid_unknown"
    assert refusal.facts["main"] == str(rig.prefix / "conf" / "nginx.conf")
    for locale in ("zh", "en"):
        said = Renderer(rig.site.tz).post(f"refusals/{refusal.code}", locale, refusal.facts).text
        assert "/nginx start" not in said
        assert str(rig.prefix / "conf" / "nginx.conf") in said


async def test_8_19_a_configuration_that_the_site_does_not_name_is_not_touched(
    balanced: Callable[..., Balanced],
) -> None:
    rig = balanced("conf/elsewhere.conf")
    rig.write(f"upstream ecologycluster {{\n{rig.entries()}\n}}")
    (rig.prefix / "conf" / "elsewhere.conf").write_text("")
    with started(rig.prefix):
        assert (await rig.refused("drain", "oa3")).code == "nginx_other_file"


@pytest.mark.soak
@pytest.mark.timeout(0)
async def test_8_18_never_fewer_live_nodes_than_the_floor_and_whoever_is_out_comes_back(tmp_path: Path) -> None:
    """Any layout, any state of the nodes, any blindness of the look: 2,000 of them in a soak."""
    farm, port = Farm(free_port()), free_port()
    nodes = [address(80 + n) for n in range(6)]
    for seed in range(cases(4, 2_000)):
        found = await played(seed, tmp_path, farm, nodes, port)
        assert found.wrong == [], f"seed {seed}: {found}"
        shutil.rmtree(tmp_path / str(seed))
    await farm.close()


@pytest.mark.parametrize(
    "location",
    [
        "proxy_pass HTTP://{node};",
        "proxy_pass http://{node}?a=1;",
        "proxy_pass http://{node}$request_uri;",
        "set $h {host}; proxy_pass http://$h:{port};",
        "set $h {host}; proxy_pass http://${{h}}:{port};",
        "set $h {host}; set $there $h:{port}; proxy_pass http://$there;",
        "set $p {port}; proxy_pass http://{host}:$p;",
        "set $n {last}; proxy_pass http://{begin}.$n:{port};",
    ],
)
async def test_8_19_requests_that_go_past_every_upstream_are_seen_in_every_spelling(
    balanced: Callable[..., Balanced], location: str
) -> None:
    """The real nginx sends the node a request that way, so nobody may say that it gets none."""
    rig, host = balanced(), NODES[2]
    begin, _, last = host.rpartition(".")
    facts = {"node": f"{host}:{rig.farm.port}", "host": host, "port": rig.farm.port, "begin": begin, "last": last}
    rig.write(f"upstream ecologycluster {{\n{rig.entries()}\n}}", f"location /x {{ {location.format(**facts)} }}")
    with started(rig.prefix):
        assert await live(rig.port, "/x", 1) == {host}
        assert (await rig.refused("drain", "oa3")).code == "node_passed_to"


@pytest.mark.parametrize(
    "location",
    ["proxy_pass http://{host}:1$request_uri;", "set $h {host};", "set $h {other}; proxy_pass http://$h:{port};"],
)
async def test_8_19_another_port_or_an_unused_variable_keeps_no_node_in(
    balanced: Callable[..., Balanced], location: str
) -> None:
    rig = balanced()
    facts = {"host": NODES[2], "other": NODES[1], "port": rig.farm.port}
    rig.write(f"upstream ecologycluster {{\n{rig.entries()}\n}}", f"location /x {{ {location.format(**facts)} }}")
    with started(rig.prefix):
        assert await rig.run("drain", "oa3") is None
