"""All that nginx loads, as it says itself with ``nginx -T``: the files, which is included where, and what stands in them."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import translate

from bot.core.errors import UserError
from runbooks.engine.nginx_words import Directive, directives

_HEAD = re.compile(r"^# configuration file (/[^\n]*):\n", re.MULTILINE)
DEEPEST = 20  # includes within includes


@dataclass(frozen=True, slots=True)
class Loaded:
    """The files by the names that nginx gives them; ``main`` is the first, in whose folder relative includes begin."""

    main: str
    texts: Mapping[str, str]

    def with_text(self, file: str, text: str) -> "Loaded":
        """The same with one file changed."""
        return replace(self, texts={**self.texts, file: text})

    def tree(self) -> tuple[Directive, ...]:
        """Every directive in its block, includes written out where they stand.

        Raises ``UserError`` ``nginx_not_understood``, also when a file of the list is included nowhere.
        """
        used = {self.main}
        found = tuple(self._written_out(directives(self.main, self.texts[self.main]), used, 0))
        for file in self.texts:
            if file not in used:
                raise UserError("nginx_not_understood", file=file, line=1)
        return found

    @property
    def patterns(self) -> tuple[str, ...]:
        """What the includes of all files name, as absolute paths with their wildcards."""
        every = [one for file, text in self.texts.items() for one in _all(directives(file, text))]
        return tuple(self._path(one.words[1]) for one in every if _is_include(one))

    def _written_out(self, found: tuple[Directive, ...], used: set[str], deep: int) -> Iterator[Directive]:
        for one in found:
            if _is_include(one):
                if deep == DEEPEST:
                    raise UserError("nginx_not_understood", file=one.file, line=one.line)
                for file in self._included(one):
                    used.add(file)
                    yield from self._written_out(directives(file, self.texts[file]), used, deep + 1)
            elif one.block is None:
                yield one
            else:
                yield replace(one, block=tuple(self._written_out(one.block, used, deep)))

    def _included(self, one: Directive) -> list[str]:
        pattern = self._path(one.words[1])
        if any(sign in pattern for sign in "*?["):
            return sorted(file for file in self.texts if matches(pattern, file))
        if pattern not in self.texts:
            raise UserError("nginx_not_understood", file=one.file, line=one.line)
        return [pattern]

    def _path(self, name: str) -> str:
        return name if name.startswith("/") else f"{posixpath.dirname(self.main)}/{name}"


def loaded(dump: str) -> Loaded:
    """What ``nginx -T`` printed. Raises ``UserError`` ``nginx_not_understood`` when one file stands there twice."""
    heads = list(_HEAD.finditer(dump))
    if not heads:
        raise UserError("nginx_not_understood", file="nginx -T", line=1)
    texts: dict[str, str] = {}
    for head, after in zip(heads, [*heads[1:], None], strict=True):
        if head[1] in texts:
            raise UserError("nginx_not_understood", file=head[1], line=1)
        texts[head[1]] = dump[head.end() : after.start() if after else len(dump)].removesuffix("\n")
    return Loaded(heads[0][1], texts)


def is_dump(text: str) -> bool:
    """Whether it may be what ``nginx -T`` printed, and not one file."""
    return _HEAD.search(text) is not None


def matches(pattern: str, path: str) -> bool:
    """As ``glob`` of the C library does: part by part, and a name with a leading dot only where the pattern writes it."""
    wanted, parts = pattern.split("/"), path.split("/")
    return len(wanted) == len(parts) and all(
        re.fullmatch(translate(want), part) is not None and not (part.startswith(".") and not want.startswith("."))
        for want, part in zip(wanted, parts, strict=True)
    )


def _all(found: tuple[Directive, ...]) -> Iterator[Directive]:
    for one in found:
        yield one
        yield from _all(one.block or ())


def _is_include(one: Directive) -> bool:
    return one.name == "include" and one.block is None and len(one.words) == 2
