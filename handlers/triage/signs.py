"""What is seen in a message, clause by clause: failures, their end, an operation asked for, a question."""

import re
from dataclasses import dataclass
from functools import cached_property

from bot.core.commands import is_formed, parse
from handlers.triage import endings, words
from handlers.triage.text import Clause, clauses, clean
from handlers.triage.topics import FINDERS, Naming, systems


@dataclass(frozen=True, slots=True)
class Signs:
    """The deciding words of each sort; ``failing`` is the first symptom still true, ``ended`` what took it back."""

    failing: str | None
    ended: str | None
    operation: str | None
    question: str | None


@dataclass(frozen=True)
class Line:
    """A cleaned text that is judged; clauses, signs and the systems it names are found when first asked for, and kept."""

    text: str

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return clauses(self.text)

    @cached_property
    def systems(self) -> Naming:
        return systems(self.text)

    @cached_property
    def signs(self) -> Signs:
        return signs_of(self.text, self.clauses)

    @property
    def is_command(self) -> bool:
        """Whether it is a command by its form and tells of no failure; paths and emoticons begin with a slash, too."""
        typed = parse(self.text) if self.text.startswith("/") else None
        return typed is not None and is_formed(typed) and not self.signs.failing


def cleaned(text: str) -> Line:
    """A message as people typed it, cleaned to be judged."""
    return Line(clean(text))


def signs_of(said: str, parts: tuple[Clause, ...]) -> Signs:
    """The signs of a cleaned text. Sender state beats words: a later "好了" ends the symptoms before it.

    An end that is still to come is none, also for an earlier clause of the same line ("已处理，预计10分钟后恢复").
    """
    ends = [_end(clause) for clause in parts]
    asked = _last([_question(clause) for clause in parts])
    ends = [
        None if end and place < asked and endings.is_own_fault(clause.text) else end
        for place, (end, clause) in enumerate(zip(ends, parts, strict=True))
    ]
    if _last([clause.text if endings.is_progress(clause.text) else None for clause in parts]) > _last(ends):
        ends = [None] * len(parts)
    if endings.gives_up_waiting(said) or _last([_contradicted(clause) for clause in parts]) > _last(ends):
        ends = [None] * len(parts)
    taken_back = next((place for place, clause in enumerate(parts) if endings.takes_back(clause.text)), len(parts))
    symptoms = [
        None
        if end
        or (any(ends[:place]) and endings.CAUSE.search(clause.text))
        or (place > taken_back and endings.tells_cause(clause.text))
        else symptom(clause)
        for place, (clause, end) in enumerate(zip(parts, ends, strict=True))
    ]
    operations = [
        None if endings.takes_back(clause.text) or (end and not words.PLEA.search(clause.text)) else _operation(clause)
        for clause, end in zip(parts, ends, strict=True)
    ]
    question = _first([_question(clause) for clause in parts])
    operation = _first(operations) if _last(operations) >= _last(ends) else None
    if question and operation and any(clause.asks for clause in parts) and not words.PLEA.search(said):
        operation = None
    seen = [found for found in symptoms if found]
    if operation and all(words.WEAK.search(found) for found in seen):
        return Signs(None, None, operation, question)
    if seen and _last(ends) < _last(symptoms):
        return Signs(seen[0], None, operation, question)
    return Signs(None, _first(ends), operation, question)


def _first(found: list[str | None]) -> str | None:
    return next((one for one in found if one), None)


def _last(found: list[str | None]) -> int:
    return max((place for place, one in enumerate(found) if one), default=-1)


def _end(clause: Clause) -> str | None:
    """The words that say it works now or need not be looked at; what is told of the past ends nothing."""
    withdrawn = None if clause.asks else endings.takes_back(clause.text)
    if withdrawn:
        return withdrawn
    if endings.is_progress(clause.text):
        return None
    resolved = words.resolved(clause.text)
    if not resolved or clause.asks or words.NOT_YET.search(clause.text) or words.ONLY_PAST.search(clause.text):
        return None
    fails_after = symptom(Clause(clause.text[resolved.end() :]))
    return None if fails_after else resolved[0]


def _contradicted(clause: Clause) -> str | None:
    """The words of a clause that take an end before it back ("说好了，其实没好"); asked, they ask only."""
    if clause.asks or words.NOT_YET_ASKED.search(clause.text) or endings.SUPPOSED.search(clause.text):
        return None
    found = endings.RELAPSE.search(clause.text)
    return found[0] if found else clause.text if endings.is_no(clause.text) else None


def symptom(clause: Clause) -> str | None:
    """The words of a failure now: no hypothesis, no planned downtime, no question about a design."""
    if (
        words.HYPOTHETICAL.search(clause.text)
        or words.HEARSAY.search(clause.text)
        or (clause.asks and words.PLANNED.search(clause.text))
    ):
        return None
    if words.DESIGN.search(clause.text) and not words.NOW.search(clause.text):
        return None
    masked = words.MASK.sub("＿", clause.text)
    found = words.SYMPTOM.search(masked) or _leak(clause)
    return found[0] if found else _ill(masked)


def _leak(clause: Clause) -> re.Match[str] | None:
    """Other people's things are seen; how to see them is only asked."""
    asks = clause.asks or words.ASKS.search(clause.text)
    return None if asks and not clause.text.endswith("了") else words.LEAK.search(clause.text)


def _ill(said: str) -> str | None:
    """What is said of a system right behind its name ("OA也不行")."""
    found = words.ILL.search(said)
    if found is None:
        return None
    named = (name for finder in FINDERS.values() for name in finder.finditer(said))
    behind = any(name.end() == found.start() and not words.NO_SYSTEM.fullmatch(name[0]) for name in named)
    return found[0] if behind else None


def _operation(clause: Clause) -> str | None:
    """A thing asked for. "能不能帮…?" is a request in question's clothes; "麻烦问下…" is the reverse."""
    asks = words.ASKS_FOR.search(clause.text)
    if (
        not asks
        or words.IN_VAIN.search(clause.text)
        or (clause.asks and words.ASKS.search(clause.text) and not words.PLEA.search(clause.text))
    ):
        return None
    if (
        words.HYPOTHETICAL.search(clause.text)
        and not words.PLEA.search(clause.text)
        and words.SYMPTOM.search(clause.text)
    ):
        return None
    found = words.OPERATION.search(clause.text, asks.start())
    return found[0] if found else None


def _question(clause: Clause) -> str | None:
    found = words.ASKS.search(clause.text)
    if found:
        return found[0]
    return "?" if clause.asks else None
