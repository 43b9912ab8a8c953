"""Who is known to be in service, and whether the floors hold; nginx's own files and the nodes' answers decide (decisions: Runs)."""

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.errors import UserError
from data.model import ANY_ANSWER, Health
from runbooks.engine.nginx import Layout, Upstream
from runbooks.engine.nginx_addresses import canonical
from runbooks.language.probes import connection, http_status
from runbooks.language.vocabulary import Effect
from runbooks.planning.plan import Node, Service
from runbooks.planning.target import Target
from runbooks.remote.command import NotStarted, Remote
from runbooks.remote.files import LOOK_SECONDS

_REFUSED = 7  # curl: no connection
_NO_TIME = 28  # curl: its time is over


class Standing(StrEnum):
    """What a look at one node has found. ``DOWN``: nothing takes a connection there, so nothing is lost without it."""

    UP = "up"
    DOWN = "down"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Sight:
    """``why`` it is not seen to serve: the HTTP status, ``timeout``, ``curl N``, ``held`` (by another run)."""

    standing: Standing
    why: str = ""


@dataclass(frozen=True, slots=True)
class Serving:
    """Who is known to be in service: ``known`` addresses answer, ``down`` ones surely do not, ``unseen`` are anybody's guess.

    ``layout`` is what nginx sends requests to; ``unseen`` has (host, why).
    """

    service: Service
    layout: Layout
    known: frozenset[str]
    down: frozenset[str]
    unseen: tuple[tuple[str, str], ...]

    def count(self, upstream: Upstream | None = None, but: str = "") -> int:
        """How many nodes are known to serve an upstream (the group's own), without the node ``but``."""
        where = upstream or self.layout.named(self.service.upstream)
        return sum(self.layout.serves(where, address) for address in self.known - {but})

    @property
    def absent(self) -> tuple[tuple[str, bool], ...]:
        """Nodes that surely do not serve: (host, whether nginx sends it nothing)."""
        listed = ((node, not self.layout.receives(node.address)) for node in self.service.nodes)
        return tuple((node.host, out) for node, out in listed if out or node.address in self.down)

    def after(self, effect: Effect, address: str, layout: Layout | None = None) -> "Serving":
        """What is left once ``effect`` has come over the node; ``layout``: what nginx loads from then on, where that changes.

        Raises ``UserError`` ``floor`` when too few would be left. Whoever cannot be seen is no spare: it may be serving, and
        it may not. A node that surely does not serve, or gets no requests, costs nothing.
        """
        then = replace(self, layout=layout or self.layout)
        if effect is Effect.OUT and layout is None:  # it is stopped where it is
            then = replace(then, known=self.known - {address}, down=self.down | {address})
        if effect is Effect.IN:
            return replace(then, known=self.known | {address}, down=self.down - {address})
        if effect is Effect.NONE:
            return then
        if address not in self.down and self.layout.receives(address):
            self._check(then, address)
        return then

    def _check(self, then: "Serving", address: str) -> None:
        for before, after in zip(self.layout.upstreams, then.layout.upstreams, strict=True):
            # a backup too: it is what users get when the others are dead
            if not any(entry.live and entry in before.entries for entry in self.layout.of(address)):
                continue
            own = before.name == self.service.upstream
            left, most_out = then.count(after, but=address), len(self.service.nodes)
            check_floor(self, before, self.count(before), left, self.service.max_unavailable if own else most_out)


def check_floor(serving: Serving, upstream: Upstream, before: int, left: int, most_out: int) -> None:
    """Never fewer nodes in service than ``min_in_service``, never more out than ``most_out`` (decisions: Runs).

    A node that is not known to serve is out already: it makes no more of them out.
    """
    service = serving.service
    if left >= service.min_in_service and (left >= before or len(service.nodes) - left <= most_out):
        return
    raise UserError(
        "floor",
        in_service=before,
        total=len(service.nodes),
        minimum=service.min_in_service,
        most_out=service.max_unavailable,
        upstream="" if upstream.name == service.upstream else upstream.label,
        unseen=serving.unseen,
        absent=serving.absent,
        group=service.group,
    )


async def look(remote: Remote, service: Service, layout: Layout, busy: frozenset[str]) -> Serving:
    """Ask every node that nginx sends requests to. ``busy``: hosts that other runs hold, never counted as in service."""
    asked = [node for node in service.nodes if layout.receives(node.address)]
    found = await asyncio.gather(*(_seen(remote, service, node, busy) for node in asked))
    sights = dict(zip(asked, found, strict=True))
    return Serving(
        service,
        layout,
        frozenset(node.address for node, sight in sights.items() if sight.standing is Standing.UP),
        frozenset(node.address for node, sight in sights.items() if sight.standing is Standing.DOWN),
        tuple((node.host, sight.why) for node, sight in sights.items() if sight.standing is Standing.UNSEEN),
    )


async def _seen(remote: Remote, service: Service, node: Node, busy: frozenset[str]) -> Sight:
    return Sight(Standing.UNSEEN, "held") if node.host in busy else await sight(remote, service, node)


async def sight(remote: Remote, service: Service, node: Node) -> Sight:
    """What the balancer sees of a node by the health check of its group.

    That nothing listens is believed only when two programs say so: a node taken for dead is one whose loss costs nothing.
    """
    balancer, address = service.balancer, canonical(node.address)
    result = await remote.run(balancer, http_status(f"http://{address}{service.health.path}"), limit=LOOK_SECONDS)
    if result.exit in {126, 127}:
        raise NotStarted("no_curl", balancer.id)
    if is_up(result.exit, result.stdout, service.health):
        return Sight(Standing.UP)
    if result.exit == 0:
        return Sight(Standing.UNSEEN, result.stdout.decode("ascii", "replace").strip()[:3] or "?")
    if result.exit == _REFUSED and await _refused(remote, balancer, address):
        return Sight(Standing.DOWN, "down")
    return Sight(Standing.UNSEEN, "timeout" if result.exit in {_NO_TIME, 137, None} else f"curl {result.exit}")


async def _refused(remote: Remote, balancer: Target, address: str) -> bool:
    result = await remote.run(balancer, connection(address), limit=LOOK_SECONDS)
    return result.exit == 1


def is_up(status: int | None, printed: bytes, health: Health = ANY_ANSWER) -> bool:
    """Whether an application answered with a status that its health check takes (by default any but its own errors, 5xx)."""
    return status == 0 and printed.strip().isdigit() and health.fine(int(printed))
