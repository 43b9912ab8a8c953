"""One round against a real nginx: a layout, nodes in some state, a look that may be blind; what users then see is the judge."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from bot.core.errors import UserError
from data.model import Balancer, Health, Host, HostGroup
from data.site import Site
from runbooks.engine.edits import restore
from runbooks.engine.prechecks import Prechecked, precheck
from runbooks.engine.step import Execution
from runbooks.planning.outcome import Undone
from runbooks.planning.plan import Plan
from runbooks.planning.planner import plan_run
from runbooks.remote.command import NotStarted
from tests.support.nginx_farm import DEAD, FAILING, HUNG, SICK, UP, Farm, Gone, Here, live
from tests.support.nginx_layouts import Made, laid, made, started, tree
from tests.support.once import catalogue, example_site

_STATES = [UP, SICK, FAILING, HUNG, DEAD]
_BLIND: list[tuple[int, bytes] | None] = [
    None,
    (7, b"000"),
    (28, b"000"),
    (0, b"503"),
    (127, b""),
    (56, b"000"),
    (0, b""),
]
_SET_ASIDE = 11.0  # seconds after which nginx tries a node again that failed it
_PROXIES = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), "http://127.0.0.1:9")


@dataclass(slots=True)
class Round:
    """How a round went. ``outcome``: ``done``, or the code of the refusal; ``wrong``: every promise that was broken."""

    seed: int
    action: str
    outcome: str
    traits: tuple[str, ...]
    wrong: list[str]


async def played(seed: int, folder: Path, farm: Farm, addresses: list[str], port: int) -> Round:
    """One round from its number."""
    rng = random.Random(seed)  # noqa: S311  no secret
    nodes = addresses[: rng.randint(3, len(addresses))]
    states = rng.choices(_STATES, [20, 2, 1, 1, 2], k=len(nodes))
    for node, state in zip(nodes, states, strict=True):
        if farm.states.get(node) != state:
            await farm.put(node, state)
    layout = made(rng, nodes, port, farm.port)
    prefix = folder / str(seed)
    laid(layout, prefix)
    site = _site(rng, layout, prefix, nodes, farm.port)
    try:
        with started(prefix):
            return await _Game(rng, seed, farm, site, layout, prefix, nodes, port).whole()
    finally:
        for node in nodes:
            if farm.states[node] == HUNG:
                await farm.put(node, UP)


def _site(rng: random.Random, layout: Made, prefix: Path, nodes: list[str], port: int) -> Site:
    least = rng.choice([1, 1, 2, 2, len(nodes) // 2, len(nodes) - 1])
    hosts = {f"oa{n}": Host(f"oa{n}", "oa", node, upstream=f"{node}:{port}") for n, node in enumerate(nodes, 1)}
    lb = Host("lb1", "lb", "127.0.0.1")
    group = HostGroup(
        "oa",
        "应用",
        min_in_service=least,
        max_unavailable=rng.randint(1, len(nodes) - least),
        app_port=port,
        balancer=Balancer("lb1", str(prefix / layout.conf), str(prefix / "sbin" / "nginx"), layout.upstream),
        health=Health("/health", ((200, 299),)) if rng.random() < 0.3 else Health(),
    )
    site = example_site()
    return replace(site, hosts={**hosts, "lb1": lb}, host_groups={"oa": group, "lb": HostGroup("lb", "负载")})


class _Game:
    def __init__(
        self,
        rng: random.Random,
        seed: int,
        farm: Farm,
        site: Site,
        layout: Made,
        prefix: Path,
        nodes: list[str],
        port: int,
    ) -> None:
        self.rng, self.seed, self.farm, self.site, self.layout = rng, seed, farm, site, layout
        self.prefix, self.nodes, self.port = prefix, nodes, port
        self.target = rng.randrange(len(nodes))
        self.node = nodes[self.target]
        self.wrong: list[str] = []

    async def whole(self) -> Round:
        action = self.rng.choices(["drain", "restart", "killed"], [6, 2, 2])[0]
        remote = self._blind()
        busy = frozenset(
            f"oa{n}" for n in range(1, len(self.nodes) + 1) if n - 1 != self.target and self.rng.random() < 0.05
        )
        before, files = await self._seen(), tree(self.prefix)
        verb = "restart" if action == "restart" else "drain"
        try:
            looked = await precheck(remote, self._plan(verb), busy)
        except (UserError, NotStarted) as error:
            outcome = error.code
        else:
            outcome = "done"
            match action:
                case "restart":
                    await self._restarted(before)
                case "killed":
                    await self._killed(looked)
                case _:
                    await self._drained(remote, looked, before, files)
                    files = {}
        if files:
            self._same(files, tree(self.prefix), f"after {outcome}")
        return Round(self.seed, action, outcome, self.layout.traits, self.wrong)

    def _plan(self, verb: str) -> Plan:
        return plan_run(catalogue().definitions[verb], (f"oa{self.target + 1}",), self.site)

    def _blind(self) -> Here:
        rng = self.rng
        home = self.prefix / "home"
        home.mkdir()
        if rng.random() < 0.2:
            (home / ".curlrc").write_text("proxy = http://127.0.0.1:9\nfail\n")
        env = {"HOME": str(home), **(_PROXIES if rng.random() < 0.4 else {})}
        curl = rng.choices(_BLIND, [20, 1, 1, 1, 1, 1, 1])[0]
        return Here(env=env, curl=curl, no_bash=rng.random() < 0.1)

    async def _seen(self) -> list[frozenset[str]]:
        return [await live(self.port, path, len(self.nodes)) for path in self.layout.paths]

    async def _floors(self, before: list[frozenset[str]], after: list[frozenset[str]], what: str) -> None:
        """A node that was slow once is set aside by nginx for ten seconds: what looks wrong is looked at again behind them."""
        least = self.site.host_groups["oa"].min_in_service
        for path, was, now in zip(self.layout.paths, before, after, strict=True):
            if len(now) < min(len(was), least) and not self._single(path):
                await asyncio.sleep(_SET_ASIDE)
                now |= await live(self.port, path, len(self.nodes))
            if len(now) < min(len(was), least) and not self._single(path):
                self.wrong.append(f"{what}: {path} has {len(now)} live of {len(was)}, at least {least}")

    def _single(self, path: str) -> bool:
        """One address alone is no upstream: what goes there is not balanced, and no floor is about it."""
        return path != "/p0" and ("passed to" in self.layout.traits or "by a variable" in self.layout.traits)

    async def _restarted(self, before: list[frozenset[str]]) -> None:
        was = self.farm.states[self.node]
        await self.farm.put(self.node, DEAD)
        await self._floors(before, await self._seen(), "while it restarts")
        await self.farm.put(self.node, was)

    async def _killed(self, looked: Prechecked) -> None:
        """The process is gone after some command; the next one looks at the edit as recovery does."""
        remote = Here(ends=self.rng.randint(0, 4))
        execution, step = Execution(remote, looked), looked.plan.steps[0]
        with suppress(Gone):
            await execution.step(step)
        assert step.edit is not None
        remote.ends = None
        if await restore(remote, step.target, step.edit) is Undone.LEFT:
            self.wrong.append("killed in the middle, and not put back")

    async def _drained(
        self,
        remote: Here,
        looked: Prechecked,
        before: list[frozenset[str]],
        files: dict[str, tuple[str, int, int, int]],
    ) -> None:
        if not await self._carried_out(remote, looked, "drain"):
            self._same(files, tree(self.prefix), "after a failed drain")
            return
        had = self.farm.requests.get(self.node, 0)
        after = await self._seen()
        if self.farm.requests.get(self.node, 0) != had:
            self.wrong.append("said to have no new requests, and has some")
        await self._floors(before, after, "after the drain")
        now = tree(self.prefix)
        changed = [name for name in files if files[name] != now.get(name)]
        if len(changed) != 1 or set(now) != set(files) or files[changed[0]][1:] != now[changed[0]][1:]:
            self.wrong.append(f"not one file alone has changed: {changed}, {set(now) ^ set(files)}")
        if self.farm.states[self.node] != UP:
            await self.farm.put(self.node, UP)
        sees = Here()
        try:
            back = await precheck(sees, self._plan("undrain"))
        except (UserError, NotStarted) as error:
            self.wrong.append(f"taken out, and not put back: {error.code}")
            return
        if not await self._carried_out(sees, back, "undrain"):
            self.wrong.append("taken out, and not put back")
        elif not self._mixed(files):
            self._same(files, tree(self.prefix), "after it was put back")
        elif set(tree(self.prefix)) != set(files):
            self.wrong.append("something is left behind")
        again = await self._seen()
        if self.node in before[0] and self.node not in again[0]:
            await asyncio.sleep(_SET_ASIDE)
            again = await self._seen()
        if self.node in before[0] and self.node not in again[0]:
            self.wrong.append("put back, and gets no requests")

    def _mixed(self, files: dict[str, tuple[str, int, int, int]]) -> bool:
        """Whether the node was commented out already somewhere, so that putting it back puts more in than was taken out."""
        text = "\n".join(content for content, *_ in files.values())
        spelled = (self.node, ".".join(part.zfill(3) for part in self.node.split(".")))
        lines = [line for line in text.split("\n") if any(f"{one}:" in line or f"{one}]" in line for one in spelled)]
        out = [line for line in lines if line.lstrip().startswith("#")]
        other_form = any(not line.lstrip().startswith("#server") for line in out)
        return bool(out) or other_form

    async def _carried_out(self, remote: Here, looked: Prechecked, verb: str) -> bool:
        execution = Execution(remote, looked)
        for step in looked.plan.steps:
            result = await execution.step(step)
            if result.fault:
                self.wrong.append(f"{verb}: {step.title.en} failed: {result.fault} {result.output[:200]}")
                await execution.undo(step, result.fault)
                return False
        return True

    def _same(
        self, before: dict[str, tuple[str, int, int, int]], now: dict[str, tuple[str, int, int, int]], when: str
    ) -> None:
        differing = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
        if differing:
            self.wrong.append(f"{when}: {', '.join(differing)} differ")
