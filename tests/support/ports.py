"""Addresses and ports that a test's server may take, such that no other process has them, neither before nor meanwhile."""

import os
import socket
from itertools import count
from pathlib import Path

_LOWEST, _PORTS = 10_240, 20_000
_START = os.getpid() * 101  # processes that start together look at different places
_taken = count()


def address(number: int) -> str:
    """A loopback address that no other test process uses; ``number`` from 1 to 254."""
    pid = os.getpid()
    return f"127.{64 + pid % 128}.{pid // 128 % 256}.{number}"


def free_port(at: str = "127.0.0.1") -> int:
    """A port that is free now and that this process has not given out before.

    It lies below the ports that the kernel gives to outgoing connections: one of those can take a free port between the
    look and the server's start, or while a service that must come back on the same one is down.
    """
    for _ in range(_PORTS):
        port = _LOWEST + (_START + next(_taken)) % min(_PORTS, _first_outgoing() - _LOWEST)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((at, port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")


def _first_outgoing() -> int:
    """The first port of outgoing connections; where they may begin below ours, ours are no worse than any other."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    return first if first > 2 * _LOWEST else _LOWEST + _PORTS
