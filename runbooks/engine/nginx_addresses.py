"""An address of a configuration in one spelling, and what a name of it stands for on the balancer."""

import ipaddress
import re
from collections.abc import Iterable, Mapping

from bot.core.errors import UserError
from runbooks.planning.target import Target
from runbooks.remote.command import Remote
from runbooks.remote.files import LOOK_SECONDS

Names = Mapping[str, frozenset[str]]  # a host name in small letters, and its addresses
_BRACKETS = re.compile(r"\[([^\]]*)\](?::([0-9]+))?", re.ASCII)
_HOST = re.compile(r"([^:]*)(?::([0-9]+))?", re.ASCII)
_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+){3}", re.ASCII)


def canonical(text: str, port: int = 80) -> str:
    """``host:port`` in one spelling: ``10.0.0.3``, ``010.0.0.3:080`` and ``[::ffff:10.0.0.3]:80`` are the same; sockets stay.

    ``port`` is what stands for none.
    """
    if text.startswith("unix:"):
        return text
    match = _BRACKETS.fullmatch(text) or _HOST.fullmatch(text)
    if match is None:
        return text
    return f"{_host(match[1])}:{int(match[2] or port)}"


def name_of(address: str) -> str:
    """The host name of a canonical address; empty where it is none (an IP address, a socket, a variable)."""
    if address.startswith("unix:"):
        return ""
    host = address.rpartition(":")[0]
    plain = host.strip("[]")
    return "" if not plain or _ip(plain) is not None or not re.fullmatch(r"[a-z0-9._-]+", plain, re.ASCII) else plain


def same(address: str, names: Names) -> frozenset[str]:
    """Every canonical address that this one is: itself, and where its name leads."""
    host, _, port = address.rpartition(":")
    return frozenset({address, *(f"{ip}:{port}" for ip in names.get(host, ()))})


async def resolved(
    remote: Remote, target: Target, wanted: Iterable[str], may_fail: Iterable[str]
) -> dict[str, frozenset[str]]:
    """Where the names lead by the machine's own resolver, which is the one that nginx asks when it loads its file.

    Raises ``UserError`` ``name_unknown`` for one that is ``wanted``.
    """
    wanted = sorted(wanted)
    found: dict[str, frozenset[str]] = {}
    for name in (*wanted, *sorted(may_fail)):
        result = await remote.run(target, ("getent", "ahosts", name), limit=LOOK_SECONDS)
        lines = result.stdout.decode("ascii", "replace").splitlines() if result.ok else []
        found[name] = frozenset(_host(line.split()[0]) for line in lines if line.strip())
        if not found[name] and name in wanted:
            raise UserError("name_unknown", name=name, host=target.id)
    return found


def _host(text: str) -> str:
    ip = _ip(text)
    if ip is None:
        return text.lower().removesuffix(".")
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    if mapped is not None:
        return str(mapped)
    return f"[{ip.compressed}]" if isinstance(ip, ipaddress.IPv6Address) else str(ip)


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """As nginx reads it: the parts of an IPv4 address are decimal, whatever noughts stand in front."""
    if _DECIMAL.fullmatch(text):
        text = ".".join(str(int(part)) for part in text.split("."))
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
