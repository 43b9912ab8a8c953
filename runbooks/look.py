"""What must be known before anybody is asked? The balancer's file, who is in service, whether the floors hold. Reads only."""

import asyncio
import hashlib
from dataclasses import dataclass

from bot.core.errors import UserError
from runbooks import nginx
from runbooks.definition import Effect
from runbooks.plan import Node, Plan, Seen, Service
from runbooks.remote import NotStarted, Remote, Target

CONF_LIMIT = 4 * 1024 * 1024  # bytes of a configuration file; a longer one is refused, not cut
LOOK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Looked:
    """The plan with what was seen, and the file's text before and after (both empty where nothing is edited)."""

    plan: Plan
    before: str
    after: str


async def look(remote: Remote, plan: Plan, busy: frozenset[str] = frozenset()) -> Looked:
    """Read what ``plan`` depends on. ``busy``: hosts that other runs hold, counted as out of service.

    Raises ``UserError`` (``floor``, ``node_not_answering`` and the codes of :mod:`runbooks.nginx`), ``NotStarted`` or ``Lost``.
    """
    service = plan.service
    if service is None:
        return Looked(plan, "", "")
    conf = (await read_bytes(remote, service.balancer, ("readlink", "-f", service.conf))).decode().strip()
    text = nginx.decode(await read_bytes(remote, service.balancer, ("cat", conf)))
    after = text
    if plan.edits:
        change = nginx.drain if plan.effect is Effect.OUT else nginx.undrain
        after = change(text, service.upstream, plan.address)
    if plan.edits and plan.effect is Effect.IN:
        await _must_answer(remote, service, plan)
    serving = await _serving(remote, service, text, busy)
    left = serving - {plan.address} if plan.effect in {Effect.OUT, Effect.BRIEF} else serving | {plan.address}
    if plan.address in serving:
        check_floor(service, len(serving), len(left))
    hashes = (digest(text), digest(after)) if plan.edits else ("", "")
    seen = Seen(conf, *hashes, nginx.difference(text, after), len(serving), len(left))
    return Looked(plan.with_seen(seen), text, after)


def check_floor(service: Service, before: int, after: int) -> None:
    """Never fewer nodes in service than ``min_in_service``, never more out than ``max_unavailable`` (decisions: Runs)."""
    if after >= before:
        return
    out = len(service.nodes) - after
    if after < service.min_in_service or out > service.max_unavailable:
        raise UserError(
            "floor",
            group=service.group,
            in_service=before,
            total=len(service.nodes),
            minimum=service.min_in_service,
            most_out=service.max_unavailable,
        )


def digest(text: str) -> str:
    return hashlib.sha256(nginx.encode(text)).hexdigest()


async def read_bytes(remote: Remote, target: Target, argv: tuple[str, ...]) -> bytes:
    """What a reading command printed, whole. A refusal of the machine itself is ``UserError`` ``cannot_read``."""
    result = await remote.run(target, argv, limit=LOOK_SECONDS, kept=CONF_LIMIT)
    if not result.ok or result.truncated or not result.stdout:
        raise UserError("cannot_read", host=target.id, command=" ".join(argv))
    return result.stdout


async def _serving(remote: Remote, service: Service, text: str, busy: frozenset[str]) -> set[str]:
    """The group's nodes that the file lets in and that answer the balancer over HTTP."""
    listed = {e.address for e in nginx.entries(text, service.upstream) if e.serving}
    asked = [node for node in service.nodes if node.address in listed and node.host not in busy]
    answers = await asyncio.gather(*(_answers(remote, service.balancer, node) for node in asked))
    return {node.address for node, up in zip(asked, answers, strict=True) if up}


async def _must_answer(remote: Remote, service: Service, plan: Plan) -> None:
    """A node that answers nobody is not put back: its requests would fail."""
    if not await _answers(remote, service.balancer, Node(plan.target, plan.address)):
        raise UserError("node_not_answering", node=plan.address, host=plan.target)


async def _answers(remote: Remote, balancer: Target, node: Node) -> bool:
    result = await remote.run(balancer, http_status(f"http://{node.address}/"), limit=LOOK_SECONDS)
    if result.exit in {126, 127}:
        raise NotStarted("no_curl", balancer.id)
    return is_up(result.exit, result.stdout)


def http_status(url: str) -> tuple[str, ...]:
    """The command that prints the HTTP status of ``url``, ``000`` when nothing answers."""
    return ("curl", "-s", "-o", "/dev/null", "--max-time", "5", "-w", "%{http_code}", url)


def is_up(status: int | None, printed: bytes) -> bool:
    """Whether an application answered, other than with an error of its own (5xx)."""
    return status == 0 and printed.strip().isdigit() and 200 <= int(printed) < 500
