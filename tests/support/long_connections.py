"""Connections through the balancer to one node that last until they are closed, as office clients hold them."""

import socket
from contextlib import suppress

from tests.support.estate import Estate


class LongConnections:
    """Those of one test; what is still open at the end is closed."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._open: dict[str, list[socket.socket]] = {}

    def hold(self, host: str, count: int = 1) -> None:
        """Open ``count`` to a node; nginx chooses the node, so those that went elsewhere are closed again."""
        wanted = self._estate.apps.pid(self._estate.addresses[host])
        mine = self._open.setdefault(host, [])
        for _ in range(200):
            if len(mine) >= count:
                return
            asked = socket.create_connection(("127.0.0.1", self._estate.nginx.port), timeout=10)
            asked.sendall(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
            if _first_line(asked) == str(wanted):
                mine.append(asked)
            else:
                asked.close()
        raise AssertionError(f"nginx sends nobody to {host}")

    def alive(self, host: str) -> int:
        """How many of those to a node are still open, as their clients see it."""
        return sum(_is_open(one) for one in self._open.get(host, []))

    def close(self, *hosts: str) -> None:
        """End those to some nodes, or all of them."""
        for host in hosts or tuple(self._open):
            for one in self._open.pop(host, []):
                one.close()


def _first_line(asked: socket.socket) -> str:
    """The first line of the answer's body: the node's process."""
    said = b""
    while said.count(b"\n", said.find(b"\r\n\r\n") + 4) < 1 or b"\r\n\r\n" not in said:
        more = asked.recv(4096)
        if not more:
            return ""
        said += more
    words = said.split(b"\r\n\r\n", 1)[1].split()  # the size of a chunk may stand before it
    return next((word.decode() for word in reversed(words) if word.isdigit()), "")


def _is_open(one: socket.socket) -> bool:
    one.setblocking(False)
    with suppress(BlockingIOError):
        try:
            while one.recv(4096):
                pass
        except ConnectionError:
            return False
        return False
    return True
