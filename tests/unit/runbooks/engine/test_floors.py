"""Who is in service, and how few may be: tables worked out by hand, and a balancer that only plays its answers."""

import dataclasses
from typing import Any

import pytest

from bot.core.errors import UserError
from runbooks.engine import floors
from runbooks.language.vocabulary import Effect
from runbooks.planning.plan import Node, Service
from runbooks.planning.target import Target
from runbooks.remote.command import NotStarted, Result

BALANCER = Target("lb1", "10.0.0.9")
A, B, C, D = (Node(f"oa{n}", f"10.0.0.{n}:6888") for n in range(1, 5))
FOUR = Service("oa", BALANCER, "/etc/nginx.conf", "nginx", "oa", (A, B, C, D), min_in_service=2, max_unavailable=1)
FILE = """upstream oa {
    server 10.0.0.1:6888;
    server 10.0.0.2:6888;
    server 10.0.0.3:6888;
    #server 10.0.0.4:6888;
}
"""
ASKS = ("curl", "-s", "-o", "/dev/null", "--max-time", "5", "-w", "%{http_code}")


class Balancer:
    """Answers for each address with a status and what curl printed; keeps what it was asked, and for how long."""

    def __init__(self, **answers: tuple[int | None, bytes]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, float]] = []

    async def run(self, target: Target, argv: tuple[str, ...], *, limit: float = 30.0, **_more: Any) -> Result:
        assert target is BALANCER
        assert argv[:-1] == ASKS
        self.asked.append((argv[-1], limit))
        number = argv[-1].removeprefix("http://10.0.0.").removesuffix(":6888/")
        status, printed = self.answers.get(f"n{number}", (0, b"200"))
        return Result(status, None, printed, b"", False, 0.0)


async def serving(balancer: Balancer, *busy: str) -> list[str]:
    return sorted(await floors.serving(balancer, FOUR, FILE, frozenset(busy)))


async def test_in_service_is_what_the_file_lets_in_and_what_answers() -> None:
    balancer = Balancer(n2=(7, b"000"))
    assert await serving(balancer) == [A.address, C.address]
    assert balancer.asked == [(f"http://{node.address}/", 10.0) for node in (A, B, C)]


async def test_a_host_of_another_run_is_out_of_service_and_not_asked() -> None:
    balancer = Balancer()
    assert await serving(balancer, "oa2", "oa4") == [A.address, C.address]
    assert [url for url, _ in balancer.asked] == [f"http://{node.address}/" for node in (A, C)]


async def test_another_group_of_the_same_file_does_not_count() -> None:
    other = dataclasses.replace(FOUR, upstream="mail")
    text = FILE + "upstream mail {\n    server 10.0.0.4:6888;\n}\n"
    assert await floors.serving(Balancer(), other, text, frozenset()) == {D.address}


@pytest.mark.parametrize("status", [126, 127])
async def test_a_balancer_without_curl_is_no_node_that_is_down(status: int) -> None:
    with pytest.raises(NotStarted) as caught:
        await floors.answering(Balancer(n1=(status, b"")), BALANCER, A)
    assert (caught.value.code, caught.value.host) == ("no_curl", "lb1")


@pytest.mark.parametrize("status", [1, 7, 28, 125, 128, None])
async def test_a_curl_that_failed_is_a_node_that_does_not_answer(status: int | None) -> None:
    assert not await floors.answering(Balancer(n1=(status, b"200")), BALANCER, A)


@pytest.mark.parametrize(
    ("status", "printed", "up"),
    [
        (0, b"200", True),
        (0, b" 200\n", True),
        (0, b"302", True),
        (0, b"499", True),
        (0, b"199", False),
        (0, b"500", False),
        (0, b"503", False),
        (0, b"000", False),
        (0, b"", False),
        (0, b"OK", False),
        (1, b"200", False),
        (None, b"200", False),
    ],
)
def test_an_error_of_the_application_is_no_answer(status: int | None, printed: bytes, up: bool) -> None:
    assert floors.is_up(status, printed) is up


ALL, THREE, TWO = (frozenset(n.address for n in nodes) for nodes in ((A, B, C, D), (A, B, C), (A, B)))


@pytest.mark.parametrize(
    ("now", "effect", "node", "after"),
    [
        (ALL, Effect.NONE, A, ALL),
        (ALL, Effect.OUT, D, THREE),
        (ALL, Effect.BRIEF, D, THREE),
        (THREE, Effect.IN, D, ALL),
        (ALL, Effect.IN, D, ALL),
        (THREE, Effect.OUT, D, THREE),  # it is out already: nothing is lost
        (TWO, Effect.BRIEF, C, TWO),
    ],
)
def test_what_a_step_leaves_in_service(now: frozenset[str], effect: Effect, node: Node, after: frozenset[str]) -> None:
    assert floors.without(FOUR, now, effect, node.address) == after


@pytest.mark.parametrize("effect", [Effect.OUT, Effect.BRIEF])
def test_one_node_too_many_is_refused_with_the_figures(effect: Effect) -> None:
    with pytest.raises(UserError) as caught:
        floors.without(FOUR, THREE, effect, C.address)
    assert caught.value.code == "floor"
    assert caught.value.facts == {"in_service": 3, "total": 4, "minimum": 2, "most_out": 1}


@pytest.mark.parametrize(
    ("least", "most_out", "before", "after", "holds"),
    [
        (2, 4, 3, 2, True),  # exactly the least
        (3, 4, 3, 2, False),
        (0, 2, 3, 2, True),  # exactly the most
        (0, 1, 3, 2, False),
        (4, 0, 2, 2, True),  # below both, but not by this step
        (4, 0, 2, 3, True),
    ],
)
def test_both_floors_hold_at_their_edge(least: int, most_out: int, before: int, after: int, holds: bool) -> None:
    service = dataclasses.replace(FOUR, min_in_service=least, max_unavailable=most_out)
    if holds:
        floors.check_floor(service, before, after)
    else:
        with pytest.raises(UserError):
            floors.check_floor(service, before, after)
