"""What a machine sees of the network: ``netstat -nat`` and ``curl`` to an application port."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.demo.call import Call
from bot.demo.inventory import APP_PORT, BALANCER_ADDRESS
from runbooks.language.probes import connection

_BALANCED = 240  # connections of a working morning, shared by the nodes in service
_HEAD = "Active Internet connections (servers and established)"
_COLUMNS = "Proto Recv-Q Send-Q Local Address           Foreign Address         State      "


@dataclass(frozen=True, slots=True)
class Connection:
    """One TCP connection of the balancer to a node's ``ip:port``."""

    local: str
    foreign: str


def connections(serving: tuple[str, ...]) -> list[Connection]:
    """The same number of nodes gives the same connections; a few more on the first ones, as a hash shares them."""
    rows: list[Connection] = []
    for place, node in enumerate(serving):
        for number in range(_BALANCED // len(serving) + (len(serving) - place) % 4):
            rows.append(Connection(f"{BALANCER_ADDRESS}:{32_000 + place * 1_000 + number * 3}", node))
    return rows


@dataclass(frozen=True, slots=True)
class Netstat:
    """``netstat`` of one machine: ``listening`` ports, and its own end of the connections that ``seen`` gives."""

    address: str
    listening: Callable[[], list[int]]
    seen: Callable[[], list[Connection]]

    async def netstat(self, call: Call) -> int:
        """``netstat -nat`` (any options): sockets of this machine, numbers only."""
        call.say(_HEAD)
        call.say(_COLUMNS)
        for port in (22, *self.listening()):
            call.say(_row(f"0.0.0.0:{port}", "0.0.0.0:*", "LISTEN"))
        for row in self.seen():
            if row.local.startswith(f"{self.address}:"):
                call.say(_row(row.local, row.foreign, "ESTABLISHED"))
            elif row.foreign == f"{self.address}:{APP_PORT}":
                call.say(_row(row.foreign, row.local, "ESTABLISHED"))
        return 0


def _row(local: str, foreign: str, state: str) -> str:
    return f"tcp        0      0 {local:<23} {foreign:<23} {state:<11}"


@dataclass(frozen=True, slots=True)
class Connect:
    """``bash`` of one machine, for the one script that opens a connection."""

    answers: Callable[[str, str], bool]

    async def bash(self, call: Call) -> int:
        """``bash -c SCRIPT HOST PORT``: exit 1 when nothing takes the connection."""
        *script, host, port = call.args
        if tuple(script) != connection("h:1")[1:3]:
            call.complain("bash: this simulated machine knows the bot's own script only")
            return 127
        return 0 if self.answers(host, port) else 1


@dataclass(frozen=True, slots=True)
class Curl:
    """``curl`` of one machine; ``answers`` tells whether an address and port serves a page."""

    address: str
    answers: Callable[[str, str], bool]

    async def curl(self, call: Call) -> int:
        """``curl [options] URL``: exit 0 with the page or its status (``-w``), or curl's 7 and its status ``000``."""
        url = call.args[-1] if call.args else ""
        host, _, port = url.removeprefix("http://").partition("/")[0].partition(":")
        address = self.address if host in {"127.0.0.1", "localhost"} else host
        there = self.answers(address, port or "80")
        short = "".join(arg for arg in call.args if arg.startswith("-") and not arg.startswith("--"))
        if there and "o" not in short:
            call.say("<!DOCTYPE html><title>e-cology</title>")
        if "%{http_code}" in call.args:
            call.stdout(b"200" if there else b"000")
        if not there and ("s" not in short or "S" in short):
            call.complain(f"curl: (7) Failed to connect to {host} port {port or '80'}: Connection refused")
        return 0 if there else 7
