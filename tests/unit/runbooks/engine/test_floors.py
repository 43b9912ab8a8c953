"""Who is known to be in service, and how few may be: tables worked out by hand, and a balancer that only plays its answers."""

import dataclasses
from typing import Any

import pytest

from bot.core.errors import UserError
from data.model import Health
from runbooks.engine import floors, nginx
from runbooks.engine.floors import Serving, Standing
from runbooks.engine.nginx_files import Loaded
from runbooks.language.vocabulary import Effect
from runbooks.planning.plan import Change, Node, Service
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
ASKS = ("curl", "-q", "-g", "-s", "-o", "/dev/null", "--noproxy", "*", "--max-time", "5", "-w", "%{http_code}")


def layout(text: str) -> nginx.Layout:
    return nginx.layout(Loaded("/etc/nginx.conf", {"/etc/nginx.conf": text}), {})


class Balancer:
    """Answers for each address with a status and what curl printed; keeps what it was asked, and for how long.

    ``taken``: the numbers of nodes that take a connection from a program other than curl.
    """

    def __init__(self, taken: str = "", **answers: tuple[int | None, bytes]) -> None:
        self.answers = answers
        self.taken = taken
        self.asked: list[tuple[str, float]] = []

    async def run(self, target: Target, argv: tuple[str, ...], *, limit: float = 30.0, **_more: Any) -> Result:
        assert target is BALANCER
        if argv[0] == "bash":
            return Result(0 if argv[-2][-1] in self.taken else 1, None, b"", b"", False, 0.0)
        assert argv[:-1] == ASKS
        self.asked.append((argv[-1], limit))
        number = argv[-1].removeprefix("http://10.0.0.")[0]
        status, printed = self.answers.get(f"n{number}", (0, b"200"))
        return Result(status, None, printed, b"", False, 0.0)


async def looked(balancer: Balancer, *busy: str, text: str = FILE, service: Service = FOUR) -> Serving:
    return await floors.look(balancer, service, layout(text), frozenset(busy))


async def test_in_service_is_what_the_file_lets_in_and_what_answers() -> None:
    balancer = Balancer(n2=(7, b"000"))
    found = await looked(balancer)
    assert found.known == {A.address, C.address}
    assert found.down == {B.address}
    assert found.unseen == ()
    assert found.count() == 2
    assert balancer.asked == [(f"http://{node.address}/", 10.0) for node in (A, B, C)]


async def test_a_host_of_another_run_is_no_spare_and_not_asked() -> None:
    balancer = Balancer()
    found = await looked(balancer, "oa2", "oa4")
    assert found.known == {A.address, C.address}
    assert found.unseen == (("oa2", "held"),)
    assert [url for url, _ in balancer.asked] == [f"http://{node.address}/" for node in (A, C)]


async def test_another_upstream_of_the_same_file_does_not_count() -> None:
    text = FILE + "upstream mail {\n    server 10.0.0.4:6888;\n}\n"
    found = await looked(Balancer(), text=text, service=dataclasses.replace(FOUR, upstream="mail"))
    assert found.count() == 1


@pytest.mark.parametrize("status", [126, 127])
async def test_a_balancer_without_curl_is_no_node_that_is_down(status: int) -> None:
    with pytest.raises(NotStarted) as caught:
        await floors.sight(Balancer(n1=(status, b"")), FOUR, A)
    assert (caught.value.code, caught.value.host) == ("no_curl", "lb1")


@pytest.mark.parametrize(
    ("status", "printed", "taken", "standing", "why"),
    [
        (0, b"200", "", Standing.UP, ""),
        (7, b"000", "", Standing.DOWN, "down"),
        (7, b"000", "1", Standing.UNSEEN, "curl 7"),  # curl is kept from it, others are not
        (28, b"000", "", Standing.UNSEEN, "timeout"),
        (None, b"", "", Standing.UNSEEN, "timeout"),
        (5, b"000", "", Standing.UNSEEN, "curl 5"),  # no such proxy
        (1, b"200", "", Standing.UNSEEN, "curl 1"),
        (0, b"503", "", Standing.UNSEEN, "503"),
        (0, b"", "", Standing.UNSEEN, "?"),
    ],
)
async def test_8_18_a_node_is_up_or_surely_down_or_not_seen(
    status: int | None, printed: bytes, taken: str, standing: Standing, why: str
) -> None:
    found = await floors.sight(Balancer(taken, n1=(status, printed)), FOUR, A)
    assert (found.standing, found.why) == (standing, why)


async def test_8_18_the_group_says_which_page_and_which_answers_are_healthy() -> None:
    service = dataclasses.replace(FOUR, health=Health("/login", ((200, 299), (503, 503))))
    balancer = Balancer(n1=(0, b"503"), n2=(0, b"404"))
    assert (await floors.sight(balancer, service, A)).standing is Standing.UP
    assert (await floors.sight(balancer, service, B)).standing is Standing.UNSEEN
    assert [url for url, _ in balancer.asked] == [f"http://10.0.0.{n}:6888/login" for n in (1, 2)]


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


def serving(known: str, down: str = "", text: str = FILE, service: Service = FOUR) -> Serving:
    """``known`` and ``down``: the numbers of nodes."""
    return Serving(
        service,
        layout(text),
        frozenset(f"10.0.0.{n}:6888" for n in known),
        frozenset(f"10.0.0.{n}:6888" for n in down),
        tuple((f"oa{n}", "503") for n in "123" if n not in known + down),
    )


ALL = FILE.replace("#", "")


@pytest.mark.parametrize(
    ("text", "known", "down", "effect", "node", "least", "most_out", "holds"),
    [
        (ALL, "1234", "", Effect.OUT, D, 2, 1, True),
        (ALL, "1234", "", Effect.BRIEF, D, 2, 1, True),
        (FILE, "123", "", Effect.OUT, D, 2, 1, True),  # it is out already: nothing is lost
        (FILE, "123", "", Effect.OUT, C, 2, 1, False),  # one too many out
        (FILE, "123", "", Effect.BRIEF, C, 2, 1, False),
        (FILE, "123", "", Effect.BRIEF, C, 2, 2, True),  # exactly the most
        (FILE, "123", "", Effect.BRIEF, C, 3, 2, False),  # one less than the least
        (FILE, "12", "3", Effect.BRIEF, C, 2, 1, True),  # surely dead: nothing is lost
        (FILE, "1", "3", Effect.BRIEF, C, 2, 1, True),
        (FILE, "12", "", Effect.BRIEF, C, 2, 1, True),  # not seen, and two that are known stay
        (FILE, "1", "", Effect.BRIEF, C, 2, 1, False),  # not seen: it may be the second that serves
        (FILE, "", "", Effect.OUT, C, 1, 4, False),  # nobody is seen
        (FILE, "", "", Effect.BRIEF, C, 0, 0, True),  # the group asks for nothing
        (FILE, "12", "", Effect.IN, C, 4, 0, True),
        (FILE, "12", "", Effect.NONE, C, 4, 0, True),
    ],
)
def test_8_18_a_floor_holds_on_what_is_known(
    text: str, known: str, down: str, effect: Effect, node: Node, least: int, most_out: int, holds: bool
) -> None:
    service = dataclasses.replace(FOUR, min_in_service=least, max_unavailable=most_out)
    now = serving(known, down, text, service)
    if holds:
        now.after(effect, node.address)
    else:
        with pytest.raises(UserError) as caught:
            now.after(effect, node.address)
        assert caught.value.code == "floor"


def test_8_18_the_refusal_says_who_was_not_seen() -> None:
    with pytest.raises(UserError) as caught:
        serving("1").after(Effect.OUT, A.address)
    assert caught.value.facts == {
        "in_service": 1,
        "total": 4,
        "minimum": 2,
        "most_out": 1,
        "upstream": "",
        "unseen": (("oa2", "503"), ("oa3", "503")),
        "absent": (("oa4", True),),
        "group": "oa",
    }


def test_8_18_every_upstream_that_the_node_serves_keeps_its_floor() -> None:
    text = ALL + "upstream m {\n    server 10.0.0.1:6888;\n    server 10.0.0.2:6888;\n    #server 10.0.0.3:6888;\n}\n"
    now = serving("1234", text=text)
    with pytest.raises(UserError) as caught:
        now.after(Effect.OUT, A.address)
    assert (caught.value.facts["upstream"], caught.value.facts["in_service"]) == ("m", 2)
    now.after(Effect.OUT, C.address)


def test_what_a_step_leaves_in_service() -> None:
    now = serving("1234", text=ALL)
    new = nginx.edited(now.layout, "oa", Change.DRAIN, D.address)
    assert now.after(Effect.OUT, D.address, now.layout.changed(new.file, new.text)).count() == 3
    assert now.after(Effect.OUT, D.address).count() == 3
    assert now.after(Effect.BRIEF, D.address).count() == 4  # it is back when the step is over
    assert serving("12").after(Effect.IN, C.address).count() == 3


def test_8_18_a_backup_is_not_taken_away_while_it_may_be_all_that_serves() -> None:
    text = FILE.replace("10.0.0.3:6888;", "10.0.0.3:6888 backup;")
    with pytest.raises(UserError):
        serving("3", "12", text).after(Effect.OUT, C.address)
    serving("123", "", text).after(Effect.OUT, C.address)
