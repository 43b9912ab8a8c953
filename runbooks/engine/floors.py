"""Which nodes are in service, and whether the floors hold; the balancer's file and HTTP answers decide (decisions: Runs)."""

import asyncio

from bot.core.errors import UserError
from runbooks.engine import nginx
from runbooks.language.probes import http_status
from runbooks.language.vocabulary import Effect
from runbooks.planning.plan import Node, Service
from runbooks.planning.target import Target
from runbooks.remote.command import NotStarted, Remote
from runbooks.remote.files import LOOK_SECONDS


async def serving(remote: Remote, service: Service, text: str, busy: frozenset[str]) -> frozenset[str]:
    """The addresses of the group's nodes that the file lets in and that answer the balancer over HTTP.

    ``busy``: hosts that other runs hold, counted as out of service.
    """
    listed = {e.address for e in nginx.entries(text, service.upstream) if e.serving}
    asked = [node for node in service.nodes if node.address in listed and node.host not in busy]
    answers = await asyncio.gather(*(answering(remote, service.balancer, node) for node in asked))
    return frozenset(node.address for node, up in zip(asked, answers, strict=True) if up)


async def answering(remote: Remote, balancer: Target, node: Node) -> bool:
    """Whether a node answers the balancer."""
    result = await remote.run(balancer, http_status(f"http://{node.address}/"), limit=LOOK_SECONDS)
    if result.exit in {126, 127}:
        raise NotStarted("no_curl", balancer.id)
    return is_up(result.exit, result.stdout)


def is_up(status: int | None, printed: bytes) -> bool:
    """Whether an application answered, other than with an error of its own (5xx)."""
    return status == 0 and printed.strip().isdigit() and 200 <= int(printed) < 500


def without(service: Service, now: frozenset[str], effect: Effect, address: str) -> frozenset[str]:
    """The nodes in service once ``effect`` has come over ``address``. Raises ``UserError`` ``floor`` when too few are left."""
    if effect is Effect.IN:
        return now | {address}
    if effect is Effect.NONE or address not in now:
        return now
    left = now - {address}
    check_floor(service, len(now), len(left))
    return left


def check_floor(service: Service, before: int, after: int) -> None:
    """Never fewer nodes in service than ``min_in_service``, never more out than ``max_unavailable`` (decisions: Runs)."""
    if after >= before:
        return
    out = len(service.nodes) - after
    if after < service.min_in_service or out > service.max_unavailable:
        raise UserError(
            "floor",
            in_service=before,
            total=len(service.nodes),
            minimum=service.min_in_service,
            most_out=service.max_unavailable,
        )
