"""Where a node stands in an nginx upstream, and the file with that one line changed (SOP 5.3).

Pure text in, text out. Lines are located by nginx's lexical rules (quotes, comments), then only the ``#`` in front of
one ``server`` is put or taken away: blanks, CRLF and trailing comments stay byte for byte. What cannot be changed so is
refused: a ``#`` on a one-line upstream would swallow its ``}`` (fact 18).
"""

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.core.errors import UserError

_ENTRY = re.compile(r"(?P<blank>[ \t]*)(?P<hashes>#[# \t]*)?server[ \t]+(?P<rest>[^;#{}]+);[ \t]*(?:#[^\r\n]*)?\r?")
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<sign>[;{}])|(?P<word>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:\\.|\$\{|[^\s;{}"'\\])(?:\\.|\$\{[^}]*\}|[^\s;{}\\])*)|(?P<blank>\s+)|(?P<odd>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``server`` of an upstream, or one commented out. ``line`` counts from 1; ``address`` is ``ip:port``."""

    address: str
    line: int
    commented: bool
    parameters: tuple[str, ...]
    alone: bool

    @property
    def serving(self) -> bool:
        """Whether nginx sends it ordinary requests: neither commented nor ``down`` nor only a ``backup``."""
        return not self.commented and not {"down", "backup"} & set(self.parameters)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def entries(text: str, upstream: str) -> tuple[Entry, ...]:
    """Every entry of the upstream in file order, commented ones too.

    Raises ``UserError`` ``upstream_not_found`` (elsewhere, in an include?) or ``upstream_twice``.
    """
    lines = text.split("\n")
    found: list[Entry] = []
    directive: list[_Token] = []
    for token in _block(text, upstream):
        if token.kind == "comment":
            match = _ENTRY.fullmatch(token.text)
            if match:
                found.append(_entry(match["rest"].split(), token.line, True, _alone(lines[token.line - 1])))
        elif token.text == ";":
            if len(directive) > 1 and directive[0].text == "server":
                alone = directive[0].line == token.line and _alone(lines[token.line - 1])
                found.append(_entry([t.text for t in directive[1:]], directive[0].line, False, alone))
            directive = []
        else:
            directive.append(token)
    return tuple(found)


def drain(text: str, upstream: str, address: str) -> str:
    """The file with the node's entry commented out. Raises ``UserError`` when it is out already or cannot be told."""
    entry = _the_entry(text, upstream, address)
    if entry.commented or "down" in entry.parameters:
        raise UserError("node_already_out", node=address, line=entry.line)
    return _changed(text, entry, lambda match: f"{match['blank']}#{match[0][len(match['blank']) :]}")


def undrain(text: str, upstream: str, address: str) -> str:
    """The file with the node's entry live again. An entry that somebody marked ``down`` is left to that somebody."""
    entry = _the_entry(text, upstream, address)
    if "down" in entry.parameters:
        raise UserError("node_marked_down", node=address, line=entry.line)
    if not entry.commented:
        raise UserError("node_already_in", node=address, line=entry.line)
    return _changed(
        text, entry, lambda match: match["blank"] + match[0][len(match["blank"]) + len(match["hashes"] or "") :]
    )


def difference(before: str, after: str) -> tuple[str, ...]:
    """The changed lines alone, as a unified diff marks them: ``- old``, ``+ new``."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=0)
    return tuple(f"{line[0]} {line[1:].strip()}" for line in list(lines)[2:] if line[:1] in {"-", "+"})


def pid_file(text: str, conf: str) -> str:
    """Where the master's pid stands: the ``pid`` directive, else ``logs/nginx.pid`` under the prefix of ``conf``."""
    prefix = conf.rsplit("/", 2)[0]
    tokens = [token for token in _tokens(text) if token.kind != "comment"]
    for before, first, second in zip([_Token("sign", ";", 0), *tokens], tokens, tokens[1:], strict=False):
        if before.kind == "sign" and first.text == "pid":
            return second.text if second.text.startswith("/") else f"{prefix}/{second.text}"
    return f"{prefix}/logs/nginx.pid"


def _the_entry(text: str, upstream: str, address: str) -> Entry:
    listed = entries(text, upstream)
    same = [entry for entry in listed if entry.address == address]
    if not same:
        raise UserError("node_not_listed", node=address, upstream=upstream)
    if len(same) > 1:
        raise UserError("node_listed_twice", node=address, lines=tuple(entry.line for entry in same))
    if not same[0].alone:
        raise UserError("node_line_shared", node=address, line=same[0].line)
    return same[0]


def _changed(text: str, entry: Entry, change: Callable[[re.Match[str]], str]) -> str:
    lines = text.split("\n")
    match = _ENTRY.fullmatch(lines[entry.line - 1])
    if match is None:
        raise UserError("node_line_shared", node=entry.address, line=entry.line)
    lines[entry.line - 1] = change(match)
    return "\n".join(lines)


def _entry(words: list[str], line: int, commented: bool, alone: bool) -> Entry:
    address = words[0] if ":" in words[0] else f"{words[0]}:80"
    return Entry(address, line, commented, tuple(words[1:]), alone)


def _alone(line: str) -> bool:
    return _ENTRY.fullmatch(line) is not None


def _block(text: str, upstream: str) -> list[_Token]:
    """The tokens between the braces of the one upstream of that name."""
    tokens = list(_tokens(text))
    words = [place for place, token in enumerate(tokens) if token.kind != "comment"]
    starts = [
        third
        for first, second, third in zip(words, words[1:], words[2:], strict=False)
        if (tokens[first].text, tokens[second].text.strip("\"'"), tokens[third].text) == ("upstream", upstream, "{")
    ]
    if not starts:
        raise UserError("upstream_not_found", upstream=upstream)
    if len(starts) > 1:
        raise UserError("upstream_twice", upstream=upstream)
    body: list[_Token] = []
    for token in tokens[starts[0] + 1 :]:
        if token.kind == "sign" and token.text == "}":
            break
        body.append(token)
    return body


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "blank":
            yield _Token(match.lastgroup or "odd", match[0], line)
        line += match[0].count("\n")
