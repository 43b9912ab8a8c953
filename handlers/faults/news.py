"""Whether somebody's further words about his own open ticket say something that he has not said: a cause, a place, a code."""

import re
from collections.abc import Iterable

from bot.work.understanding import Act, Understanding
from handlers.triage.understand import plain_form, understand

_STOPS = re.compile(r"[,，。!！?？;；~…\n]+|\.(?![0-9a-z])")
_TOKEN = re.compile(r"(?<![第a-z0-9])[a-z0-9/._:-]*[0-9/][a-z0-9/._:-]*")
"""A path, an address, a code: what engineers look for."""
_AGAIN = re.compile(
    r"还是|还在|一直|仍然|依然|真的|怎么|现在|目前|又|都|就|了|啊|呢|吗|的|帮忙|麻烦|看看|看下|看一下|谢谢|尽快|快点|着急"
    r"|这个|那个|这里|那里|我们|系统|平台|软件|登[录陆]|[进登]不"
)
_FEW = 3
"""Characters by which the same trouble is told in other words."""


def adds(line: Understanding, said: Iterable[str], symptoms: frozenset[str | None]) -> bool:
    """``said``: what he said before; ``symptoms``: the failures that it tells of."""
    before = " ".join(map(plain_form, said))
    clauses = (clause.strip() for clause in _STOPS.split(plain_form(line.words)))
    return any(clause and clause not in before and _is_new(clause, before, symptoms) for clause in clauses)


def _is_new(clause: str, before: str, symptoms: frozenset[str | None]) -> bool:
    if any(len(token) > 2 and token not in before for token in _TOKEN.findall(clause)):
        return True
    read = understand(clause)
    if read.failing and read.symptom not in symptoms and not read.does(Act.RELAPSE):
        return True
    fresh = {char for char in _AGAIN.sub("", clause) if char.isalnum() and not char.isascii() and char not in before}
    return len(fresh) > _FEW
