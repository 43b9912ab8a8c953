"""Where nodes stand in nginx's upstreams, and the file with just those lines changed (SOP 5.3).

Pure: what nginx loads in, a changed text out. Only the ``#`` in front of a ``server`` is put or taken away: blanks, CRLF and
trailing comments stay byte for byte. What cannot be changed so is refused: a ``#`` on a one-line upstream would swallow its
``}`` (fact 18).
"""

import difflib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from bot.core.errors import UserError
from runbooks.engine.nginx_addresses import Names, canonical, name_of, same
from runbooks.engine.nginx_files import Loaded, is_dump, loaded
from runbooks.engine.nginx_passes import Pass, passes
from runbooks.engine.nginx_words import Directive, directives
from runbooks.planning.plan import Change

_VALUE = r"""(?:"[^"\\\r\n]*"|'[^'\\\r\n]*'|[^\s;#{}"'\\]+)"""
_ENTRY = re.compile(
    rf"(?P<blank>[ \t]*)(?P<hashes>#[# \t]*)?server[ \t]+(?P<rest>{_VALUE}(?:[ \t]+{_VALUE})*)[ \t]*;[ \t]*(?:#[^\r\n]*)?\r?"
)
# what may stand in an upstream without adding a server to it; nginx's own, and those of the usual extensions
_OWN = {
    "server",
    "hash",
    "ip_hash",
    "least_conn",
    "least_time",
    "random",
    "zone",
    "ntlm",
    "queue",
    "resolver",
    "resolver_timeout",
}
_KNOWN = _OWN | {
    "keepalive",
    "keepalive_requests",
    "keepalive_time",
    "keepalive_timeout",
    "sticky",
    "fair",
    "consistent_hash",
}
_BALANCING = re.compile(r"(session_sticky|check)(_[a-z_]+)?")
_ADD_SERVERS = re.compile(
    r"state|upsync.*|jdomain|consul.*|dynamic_.*|.*_by_lua.*"
)  # from elsewhere, nobody sees which


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``server`` of an upstream, or one commented out. ``line`` counts from 1; ``address`` is canonical."""

    address: str
    file: str
    line: int
    upstream: str
    commented: bool
    parameters: tuple[str, ...]
    alone: bool

    @property
    def live(self) -> bool:
        """Whether nginx may send it requests."""
        return not self.commented and "down" not in self.parameters

    @property
    def serving(self) -> bool:
        """Whether nginx sends it ordinary requests: neither commented nor ``down`` nor only a ``backup``."""
        return self.live and "backup" not in self.parameters


@dataclass(frozen=True, slots=True)
class Upstream:
    """``label`` is its name, with the kind of traffic where that is not HTTP: ``mail (stream)``."""

    name: str
    label: str
    file: str
    line: int
    entries: tuple[Entry, ...]
    odd: Directive | None


@dataclass(frozen=True, slots=True)
class Layout:
    """What nginx loads, read; ``names``: where the host names in it lead; ``nodes``: the group's addresses of ``hosts.yaml``."""

    loaded: Loaded
    names: Names
    upstreams: tuple[Upstream, ...]
    direct: tuple[Pass, ...]
    nodes: tuple[str, ...] = ()

    def named(self, name: str) -> Upstream:
        """The one upstream of that name. Raises ``UserError`` ``upstream_not_found`` or ``upstream_twice``."""
        found = [upstream for upstream in self.upstreams if upstream.name == name]
        if len(found) != 1:
            raise UserError("upstream_twice" if found else "upstream_not_found", upstream=name)
        return found[0]

    def of(self, address: str) -> tuple[Entry, ...]:
        """Every entry of a node (``ip:port`` of ``hosts.yaml``), in whichever upstream."""
        wanted = same(canonical(address), self.names)
        every = (entry for upstream in self.upstreams for entry in upstream.entries)
        return tuple(entry for entry in every if wanted & same(entry.address, self.names))

    def serves(self, upstream: Upstream, address: str) -> bool:
        """Whether ordinary requests of an upstream may go to the node."""
        return any(entry.serving and entry in upstream.entries for entry in self.of(address))

    def receives(self, address: str) -> bool:
        """Whether anything at all may go to the node through nginx."""
        return any(entry.live for entry in self.of(address)) or self.passed(address) is not None

    def passed(self, address: str) -> Pass | None:
        """Where requests go to the node past every upstream (``proxy_pass http://10.0.0.3:6888``)."""
        wanted = same(canonical(address), self.names)
        return next(
            (one for one in self.direct if any(map(one.leads_to, wanted)) or wanted & same(one.address, self.names)),
            None,
        )

    def changed(self, file: str, text: str) -> "Layout":
        """The same with one file changed by us: no name is new in it."""
        return layout(self.loaded.with_text(file, text), self.names, self.nodes)


def layout(files: Loaded, names: Names, nodes: tuple[str, ...] = ()) -> Layout:
    """The configuration read. Raises ``UserError`` ``nginx_not_understood``."""
    tree = files.tree()
    upstreams = tuple(_upstreams(files, tree))
    direct = tuple(passes(tree, frozenset(one.name.lower() for one in upstreams)))
    return Layout(files, names, upstreams, direct, nodes)


def names_in(found: Layout, nodes: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """The host names whose addresses must be known to tell nodes apart; then those of commented entries, which may be old."""
    entries = [entry for upstream in found.upstreams for entry in upstream.entries]
    used = [*(entry.address for entry in entries if not entry.commented), *(p.address for p in found.direct if p.sure)]
    wanted = {name_of(address) for address in (*used, *(canonical(node) for node in nodes))} - {""}
    return wanted, {name_of(entry.address) for entry in entries if entry.commented} - wanted - {""}


@dataclass(frozen=True, slots=True)
class Edited:
    """The one file that changes, its new text, and which lines of it (from 1)."""

    file: str
    text: str
    lines: tuple[int, ...]


def edited(found: Layout, upstream: str, change: Change, address: str, only: tuple[int, ...] = ()) -> Edited:
    """What takes a node out of every upstream, or puts it back; ``only``: on these lines, where others were out before.

    Raises ``UserError`` when the node is out (or in) already, or it cannot be told or done.
    """
    entries = [e for e in _chosen(found, upstream, change, address) if not only or e.line in only]
    # those that are out already, too: else what is taken out now could not be put back in one go
    every = [entry for entry in found.of(address) if "down" not in entry.parameters]
    files = sorted({entry.file for entry in every})
    if len(files) > 1:
        places = tuple(f"{entry.file}:{entry.line}" for entry in every)
        raise UserError("node_in_several_files", node=address, places=places)
    lines = found.loaded.texts[files[0]].split("\n")
    once = {entry.line: entry for entry in entries}  # one file may be included in two upstreams
    for entry in once.values():
        match = _ENTRY.fullmatch(lines[entry.line - 1]) if entry.alone else None
        if match is None:
            raise UserError("node_line_shared", node=address, line=entry.line)
        blank, hashes = match["blank"], match["hashes"] or ""
        rest = match[0][len(blank) + len(hashes) :]
        lines[entry.line - 1] = f"{blank}#{rest}" if change is Change.DRAIN else f"{blank}{rest}"
    text = "\n".join(lines)
    _nothing_empty(found, found.changed(files[0], text), address)
    return Edited(files[0], text, tuple(sorted(once)))


def _chosen(found: Layout, upstream: str, change: Change, address: str) -> tuple[Entry, ...]:
    main = found.named(upstream)
    every = found.of(address)
    own = [entry for entry in every if entry in main.entries]
    if not own:
        raise UserError("node_not_listed", node=address, upstream=upstream)
    for group in found.upstreams:
        if group.odd is not None and _ADD_SERVERS.fullmatch(group.odd.name):
            raise UserError("nginx_not_understood", file=group.odd.file, line=group.odd.line)
        same_place = [entry for entry in every if entry in group.entries]
        if len(same_place) > 1:
            raise UserError("node_listed_twice", node=address, lines=tuple(entry.line for entry in same_place))
        if same_place and group.odd is not None:
            raise UserError("nginx_not_understood", file=group.odd.file, line=group.odd.line)
    _alone_behind_its_name(found, every, address)
    if change is Change.DRAIN:
        passed = found.passed(address)
        if passed is not None:
            raise UserError("node_passed_to", node=address, place=f"{passed.file}:{passed.line}")
        chosen = tuple(entry for entry in every if entry.live)
        if not chosen:
            raise UserError("node_already_out", node=address, line=own[0].line)
        return chosen
    out = tuple(entry for entry in every if entry.commented and "down" not in entry.parameters)
    if own[0].live:
        raise UserError("node_already_in", node=address, line=own[0].line)
    if not out:
        raise UserError("node_marked_down", node=address, line=own[0].line)
    return out


def _alone_behind_its_name(found: Layout, entries: tuple[Entry, ...], address: str) -> None:
    """An entry by a name may lead to several nodes; one line cannot be one of them."""
    mine = same(canonical(address), found.names)
    others = [same(canonical(node), found.names) for node in found.nodes]
    for entry in entries:
        leads = same(entry.address, found.names)
        if any(leads & other for other in others if not mine & other):
            raise UserError("node_shares_entry", node=address, line=entry.line, entry=entry.address)


def _nothing_empty(before: Layout, after: Layout, address: str) -> None:
    """nginx does not load an upstream without any server, and one with ``down`` ones alone serves nobody."""
    for was, now in zip(before.upstreams, after.upstreams, strict=True):
        if any(entry.serving for entry in was.entries) and not any(entry.serving for entry in now.entries):
            raise UserError("upstream_empty", node=address, upstream=was.label)


def listed(dump: str, upstream: str) -> tuple[Entry, ...]:
    """The entries of one upstream, to be shown. Secrets are masked in what is shown, so a file may have become unreadable.

    Raises ``UserError`` ``upstream_not_found`` or ``upstream_twice``.
    """
    files = loaded(dump) if is_dump(dump) else Loaded("", {"": dump})
    try:
        return layout(files, {}).named(upstream).entries
    except UserError as error:
        if error.code != "nginx_not_understood":
            raise
    found: list[Upstream] = []
    for file, text in files.texts.items():
        with suppress(UserError):
            found += _upstreams(files, directives(file, text))
    return Layout(files, {}, tuple(found), ()).named(upstream).entries


def difference(before: str, after: str) -> tuple[str, ...]:
    """The changed lines alone, as a unified diff marks them: ``- old``, ``+ new``."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=0)
    return tuple(f"{line[0]} {line[1:].strip()}" for line in list(lines)[2:] if line[:1] in {"-", "+"})


def _upstreams(files: Loaded, tree: tuple[Directive, ...], context: str = "") -> Iterator[Upstream]:
    for one in tree:
        if one.name == "upstream" and one.block is not None and len(one.words) == 2:
            yield _upstream(files, one, context)
        elif one.block is not None:
            yield from _upstreams(files, one.block, context if one.name == "server" else one.name)


def _upstream(files: Loaded, one: Directive, context: str) -> Upstream:
    name = one.words[1]
    label = f"{name} (stream)" if context == "stream" else name
    entries: list[Entry] = []
    odd: Directive | None = None
    for inner in one.block or ():
        if inner.comment:
            match = _ENTRY.fullmatch(inner.words[0])
            words = directives("", f"{match['rest']};")[0].words if match else ()
            if words:
                entries.append(_entry(files, inner, words, label))
        elif inner.name == "server" and len(inner.words) > 1:
            entries.append(_entry(files, inner, inner.words[1:], label))
        elif inner.block is not None or not (inner.name in _KNOWN or _BALANCING.fullmatch(inner.name)):
            odd = odd or inner
    return Upstream(name, label, one.file, one.line, tuple(entries), odd)


def _entry(files: Loaded, one: Directive, words: tuple[str, ...], label: str) -> Entry:
    match = _ENTRY.fullmatch(files.texts[one.file].split("\n")[one.line - 1])
    alone = match is not None and one.line == one.last and bool(match["hashes"]) == one.comment
    return Entry(canonical(words[0]), one.file, one.line, label, one.comment, words[1:], alone)
