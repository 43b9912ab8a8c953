"""Where nginx sends requests past every upstream: addresses in ``proxy_pass`` and its kin, and in variables they may use."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from runbooks.engine.nginx_addresses import canonical
from runbooks.engine.nginx_words import Directive

_PASSES = frozenset(f"{kind}_pass" for kind in ("proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached"))
_SCHEME = re.compile(r"([a-z]+)://")
_PORTS = {"https": 443, "grpcs": 443}
_CHOICES = frozenset({"map", "geo", "split_clients"})  # their lines: what it depends on, then the value


@dataclass(frozen=True, slots=True)
class Pass:
    """A canonical ``address`` that is named at ``file`` and ``line``; ``sure``: nginx resolves it when it loads the file."""

    address: str
    file: str
    line: int
    sure: bool


def passes(tree: tuple[Directive, ...], upstreams: frozenset[str]) -> Iterator[Pass]:
    """Every address that is named outside of ``upstreams`` (their names, in small letters)."""
    for one in tree:
        if one.comment or one.name == "upstream":
            continue
        if one.name in _CHOICES:
            for line in one.block or ():
                yield from _addresses(line, line.words[1:], upstreams, sure=False)
        elif one.name == "set" and len(one.words) == 3:
            yield from _addresses(one, one.words[2:], upstreams, sure=False)
        elif one.name.endswith("_pass") and len(one.words) == 2:
            yield from _addresses(one, one.words[1:], upstreams, sure=one.name in _PASSES)
        yield from passes(one.block or (), upstreams)


def _addresses(one: Directive, words: tuple[str, ...], upstreams: frozenset[str], *, sure: bool) -> Iterator[Pass]:
    for word in words:
        scheme = _SCHEME.match(word)
        place = word[scheme.end() :] if scheme else word
        place = place if place.startswith("unix:") else place.partition("/")[0]
        if place and "$" not in place and place.lower() not in upstreams:
            port = _PORTS.get(scheme[1], 80) if scheme else 80
            yield Pass(canonical(place, port), one.file, one.line, sure)
