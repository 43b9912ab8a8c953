"""The texts of one language, by name: cards of several lines as ``AREA/NAME.j2``, one-line messages in ``AREA.toml``.

A card declares its facts in its first line, ``{# facts: ticket, age #}``; of a one-line message the facts are those that it
uses. Both languages of a message are compared by :mod:`messages.render`.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FACTS = re.compile(r"\{#-? *facts:([^#]*?)-?#\}")
_INCLUDED = re.compile(r"""\{%-?\s*include\s+["']([^"']+)\.j2["']""")


@dataclass(frozen=True, slots=True)
class Source:
    """``declared``: the facts of a card, None for a one-line message. ``where`` is what a fault names."""

    name: str
    text: str
    where: str
    declared: frozenset[str] | None

    @property
    def includes(self) -> tuple[str, ...]:
        """The cards that this one shows within itself."""
        return tuple(_INCLUDED.findall(self.text))


def sources(folder: Path, faults: list[str]) -> Iterator[Source]:
    """Every text below ``folder``; what cannot be read as one is put into ``faults``."""
    for path in sorted(folder.rglob("*.j2")):
        text = path.read_text("utf-8")
        declared = _FACTS.match(text)
        if declared is None:
            faults.append(f"{path}:1: the first line must declare the facts; write {{# facts: … #}}")
            continue
        facts = frozenset(fact.strip() for fact in declared[1].split(",") if fact.strip())
        yield Source(path.relative_to(folder).with_suffix("").as_posix(), text, str(path), facts)
    for path in sorted(folder.glob("*.toml")):
        yield from _one_liners(path, faults)


def _one_liners(path: Path, faults: list[str]) -> Iterator[Source]:
    try:
        lines = tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:  # no TOML, or no UTF-8
        faults.append(f"{path}: {error}")
        return
    for name, text in lines.items():
        if not isinstance(text, str) or "\n" in text:
            faults.append(f"{path}: {name} must be one line of text; a card of several lines is a file of its own")
        elif (path.parent / path.stem / f"{name}.j2").exists():
            faults.append(f"{path}: {name} is a card, too; keep one")
        else:
            yield Source(f"{path.stem}/{name}", text, f"{path}: {name}", None)
