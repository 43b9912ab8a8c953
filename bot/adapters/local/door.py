"""Who may come in by the local chat's door: nobody signs in there, so only who sits at this very machine (decisions: Doors)."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import HttpVersion11, web

from bot.adapters.local.incoming import BadRequest

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?")
_PROXIES = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "x-original-host", "cf-connecting-ip", "true-client-ip"}
)
_ELSEWHERE = "this request comes from a page of another site"
_NOT_HERE = "the local chat has no sign-in and answers this machine only; open http://127.0.0.1 or http://localhost with its port"
_PROXIED = "the local chat has no sign-in and is not served through a proxy; open it on the machine itself"


def at_this_machine(request: web.Request) -> None:
    """Raises :class:`BadRequest` (403) unless the request was addressed to this machine by name and nobody passed it on.

    A page of another site whose name was bound to 127.0.0.1 shows itself by ``Host``; a proxy by the headers it adds, by the
    origin that its visitor sees, or by HTTP/1.0, which nginx speaks to what is behind it where nothing else is written.
    """
    hosts = request.headers.getall("Host", [])
    if len(hosts) != 1 or not _is_here(hosts[0]):
        raise BadRequest(_NOT_HERE, 403)
    names = {name.lower() for name in request.headers}
    if names & _PROXIES or any(name.startswith("x-forwarded") for name in names) or request.version < HttpVersion11:
        raise BadRequest(_PROXIED, 403)
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc.lower() != hosts[0].lower():
        raise BadRequest(_ELSEWHERE, 403)
    if request.method != "GET" and site not in {None, "same-origin", "none"}:
        raise BadRequest(_ELSEWHERE, 403)


def _is_here(host: str) -> bool:
    """Whether a ``Host`` names this machine: ``localhost``, 127.0.0.0/8 or ::1, with or without a port."""
    parts = _HOST.fullmatch(host)
    if parts is None:
        return False
    name = parts[1].strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
