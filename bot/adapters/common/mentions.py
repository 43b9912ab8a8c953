"""Where a text mentions people: the first ``@name`` of each, so that nothing that somebody typed mentions anybody else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.content import Post
from data.site import Site


@dataclass(frozen=True, slots=True)
class Span:
    """``@name`` from ``begin`` to ``end`` of a text, and whose account it stands for."""

    begin: int
    end: int
    name: str
    account: str


def spans(text: str, people: Iterable[tuple[str, str]]) -> list[Span]:
    """The places of (name, account), in order. A name that another begins with (周予, 周予安) is not found inside that one."""
    found: list[Span] = []
    for name, account in sorted(people, key=lambda person: len(person[0]), reverse=True):
        places = (match.span() for match in re.finditer(re.escape(f"@{name}"), text))
        free = (at for at in places if all(at[1] <= span.begin or at[0] >= span.end for span in found))
        if (place := next(free, None)) is not None:
            found.append(Span(*place, name, account))
    return sorted(found, key=lambda span: span.begin)


def mentioned(post: Post, site: Site, platform: str) -> list[tuple[str, str]]:
    """(name, account) of everybody whom a post mentions; who has no account on the platform stays a name."""
    known = ((mention.name, site.account_of(mention.person, platform)) for mention in post.mentions)
    return [(name, account) for name, account in known if account]
