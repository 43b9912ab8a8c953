"""Who may come in by the local chat's door: nobody signs in there, so only who sits at this very machine (decisions: Doors)."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import HttpVersion11, web

from bot.adapters.local.incoming import BadRequest

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?")
_PASSED_ON = re.compile(  # what no client at the machine sends of itself; each proxy and each cloud has names of its own
    r"x-(?!requested-with$).*|.*forward.*|(?:.*-)?via|.*-ip|.*client-(?:ip|port|host|cert).*|(?:wl-)?proxy-(?!connection$).*|remote-.*"
    r"|cf-.*|(?:ali-)?cdn-.*|fly-.*|fastly-.*|eo-.*|ngrok-.*|tailscale-.*|ssl-.*|surrogate-.*|front-end-https|https|early-data"
)
_ELSEWHERE = "this request comes from a page of another site"
_NOT_HERE = "the local chat has no sign-in and answers this machine only; open http://127.0.0.1 or http://localhost with its port"
_PROXIED = "the local chat has no sign-in and is not served through a proxy; open it on the machine itself"


def at_this_machine(request: web.Request) -> None:
    """Raises :class:`BadRequest` (403) unless the request was addressed to this machine by name and nobody passed it on.

    A page of another site whose name was bound to 127.0.0.1 shows itself by ``Host``; a proxy by the headers it adds, by the
    origin or referring page that its visitor sees, or by HTTP/1.0, which nginx speaks to what is behind it where nothing else is
    written.
    """
    hosts = request.headers.getall("Host", [])
    if len(hosts) != 1 or not _is_here(hosts[0]):
        raise BadRequest(_NOT_HERE, 403)
    if any(_PASSED_ON.fullmatch(name.lower()) for name in request.headers) or request.version < HttpVersion11:
        raise BadRequest(_PROXIED, 403)
    here = f"{request.scheme}://{hosts[0].lower()}"
    if any(origin.lower() != here for origin in request.headers.getall("Origin", [])):
        raise BadRequest(_ELSEWHERE, 403)
    if not _may_come_from(request, here):
        raise BadRequest(_ELSEWHERE, 403)


def _may_come_from(request: web.Request, here: str) -> bool:
    """Whether the page behind a request, where its browser names one, is our own; a link to us may stand anywhere."""
    site, referer = request.headers.get("Sec-Fetch-Site"), urlsplit(request.headers.get("Referer", ""))
    ours = not referer.netloc or f"{referer.scheme}://{referer.netloc}".lower() == here
    if request.method == "GET" and site != "same-origin":
        return site in {None, "none"} or request.headers.get("Sec-Fetch-Mode") == "navigate"
    return ours and site in {None, "same-origin", "none"}


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
