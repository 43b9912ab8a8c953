"""Where nginx sends requests past every upstream: addresses in ``proxy_pass`` and its kin, and in variables they may use."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from runbooks.engine.nginx_addresses import canonical
from runbooks.engine.nginx_words import Directive

_PASSES = frozenset(f"{kind}_pass" for kind in ("proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached"))
_SCHEME = re.compile(r"([a-z]+)://", re.IGNORECASE)
_PORTS = {"https": 443, "grpcs": 443}
_CHOICES = frozenset({"map", "geo", "split_clients"})  # their lines: what it depends on, then the value
# Where the address that an URL names ends, also at a variable that begins with a slash.
_PLACE_ENDS = re.compile(
    r"[/?#]|\$(?:\{(?:request_uri|uri|document_uri)\}|(?:request_uri|uri|document_uri)(?![A-Za-z0-9_]))"
)
_BEGUN = re.compile(r"[0-9]+\.[0-9.]*(?::[0-9]*)?|\[?[0-9a-z:._-]*\]?:[0-9]*", re.IGNORECASE)
_WITH_PORT = re.compile(r"(?:\[[^\]]*\]|[^:]*):[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pass:
    """A canonical ``address`` that is named at ``file`` and ``line``; ``sure``: nginx resolves it when it loads the file.

    ``begun``: the address is its beginning alone, and a variable says how it goes on (``10.0.0.3:$port``).
    """

    address: str
    file: str
    line: int
    sure: bool
    begun: bool = False

    def leads_to(self, address: str) -> bool:
        """Whether a request that it passes on may go to the canonical address."""
        return address.startswith(self.address) if self.begun else address == self.address


def passes(tree: tuple[Directive, ...], upstreams: frozenset[str]) -> Iterator[Pass]:
    """Every address that is named outside of ``upstreams`` (their names, in small letters)."""
    uses = tuple(word for one, _, words in _said(tree) for word in words if "$" in word)
    for one, variable, words in _said(tree):
        for word in words:
            for address, begun in _addresses(word, variable, upstreams, uses):
                yield Pass(address, one.file, one.line, not begun and not variable and one.name in _PASSES, begun)


def _said(tree: tuple[Directive, ...]) -> Iterator[tuple[Directive, str, tuple[str, ...]]]:
    """(directive, the variable that gets the value, the values) of whatever may say where a request goes."""
    for one in tree:
        if one.comment or one.name == "upstream":
            continue
        if one.name in _CHOICES:
            for line in one.block or ():
                if not line.comment:
                    yield line, one.words[-1].removeprefix("$"), line.words[1:]
            continue
        if one.name == "set" and len(one.words) == 3:
            yield one, one.words[1].removeprefix("$"), one.words[2:]
        elif one.name.endswith("_pass") and len(one.words) == 2:
            yield one, "", one.words[1:]
        yield from _said(one.block or ())


def _addresses(
    word: str, variable: str, upstreams: frozenset[str], uses: tuple[str, ...]
) -> Iterator[tuple[str, bool]]:
    """The canonical addresses that a value may name, each with whether it is only begun."""
    scheme = _SCHEME.match(word)
    place = word[scheme.end() :] if scheme else word
    place = place if place.startswith("unix:") else _PLACE_ENDS.split(place, maxsplit=1)[0]
    begin, variables, _ = place.partition("$")
    if variables:
        if _BEGUN.fullmatch(begin):
            yield begin.lower(), True
        return
    if not place or place.lower() in upstreams:
        return
    port = _PORTS.get(scheme[1].lower(), 80) if scheme else 80
    yield canonical(place, port), False
    if variable and not place.startswith("unix:") and not _WITH_PORT.fullmatch(place):
        yield from _with_ports(place, variable, uses)


def _with_ports(host: str, variable: str, uses: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """A host in a variable, with the port that stands behind the variable where it is used (``http://$host:6888``)."""
    used = re.compile(
        rf"\$(?:{re.escape(variable)}(?![A-Za-z0-9_])|{{{re.escape(variable)}}}):(?:([0-9]+)(?!\$)|\$|[0-9]+\$)"
    )
    for word in uses:
        for found in used.finditer(word):
            yield (
                (canonical(host, int(found[1])), False)
                if found[1]
                else (f"{canonical(host).rpartition(':')[0]}:", True)
            )
