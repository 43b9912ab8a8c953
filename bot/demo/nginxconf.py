"""Whether an nginx.conf would pass ``nginx -t``, and which upstream servers it puts in service."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r"""(?P<blank>\s+)|(?P<comment>\#[^\n]*)|(?P<sign>[{};])|(?P<word>"[^"]*"|'[^']*'|[^\s{};]+)""")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?", re.ASCII)
_PARAMETER = re.compile(r"down|backup|(?:weight|max_fails|max_conns)=\d+|fail_timeout=\d+s?", re.ASCII)
_UPSTREAM = frozenset({"server", "ip_hash", "least_conn", "hash", "random", "keepalive", "keepalive_timeout", "zone"})


class ConfFault(Exception):
    """What nginx would say, with the line it would name."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Directive:
    """``words`` up to ``;`` or ``{``, or a closing ``}``; ``block_name`` is the innermost block it stands in."""

    line: int
    words: tuple[str, ...]
    block_name: str


def live_servers(text: str) -> tuple[str, ...]:
    """The addresses (``ip:port``) that get requests, in order; raises ``ConfFault`` as ``nginx -t`` fails.

    All servers ``down`` passes, as it does in nginx; no server at all does not.
    """
    live: list[str] = []
    entries = 0
    for directive in _directives(text):
        if not directive.block_name.startswith("upstream "):
            continue
        if directive.words == ("}",):
            if not entries:
                raise ConfFault(directive.line, "no servers are inside upstream")
            entries = 0
        elif _is_server(directive):
            entries += 1
            if "down" not in directive.words:
                live.append(directive.words[1])
    return tuple(live)


def _is_server(directive: Directive) -> bool:
    """Whether a directive of an upstream block is a ``server`` line; raises ``ConfFault`` for a wrong one."""
    name, *rest = directive.words
    if name not in _UPSTREAM:
        raise ConfFault(directive.line, f'unknown directive "{name}"')
    if name != "server":
        return False
    if not rest:
        raise ConfFault(directive.line, 'invalid number of arguments in "server" directive')
    if not _ADDRESS.fullmatch(rest[0]):
        raise ConfFault(directive.line, f'host not found in upstream "{rest[0]}"')
    for parameter in rest[1:]:
        if not _PARAMETER.fullmatch(parameter):
            raise ConfFault(directive.line, f'invalid parameter "{parameter}"')
    return True


def _directives(text: str) -> Iterator[Directive]:
    """Every directive and every closing brace (as the word ``}``); braces and semicolons must fit."""
    blocks = [""]
    words: list[str] = []
    for line, token in _tokens(text):
        match token:
            case ";" | "{" if not words:
                raise ConfFault(line, f'unexpected "{token}"')
            case "}" if words or len(blocks) == 1:
                raise ConfFault(line, 'unexpected "}"')
            case ";":
                yield Directive(line, tuple(words), blocks[-1])
                words = []
            case "{":
                blocks.append(" ".join(words))
                words = []
            case "}":
                yield Directive(line, ("}",), blocks.pop())
            case _:
                words.append(token)
    if words or len(blocks) > 1:
        expected = '";" or "}"' if words else '"}"'
        raise ConfFault(1 + text.count("\n"), f"unexpected end of file, expecting {expected}")


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup in {"sign", "word"}:
            yield line, match[0]
        line += match[0].count("\n")
