"""What is seen in an English line, clause by clause: failures, their end, an operation asked for, a question."""

from dataclasses import dataclass
from functools import cached_property

from bot.core.commands import is_formed, parse
from handlers.triage.english import endings, naming, replies, symptoms, withdrawals, words
from handlers.triage.english.forms import clauses, written_out
from handlers.triage.text import Clause


@dataclass(frozen=True, slots=True)
class Signs:
    """The deciding words of each sort; ``failing`` is the first symptom still true, ``ended`` what took it back."""

    failing: str | None
    ended: str | None
    operation: str | None
    question: str | None


@dataclass(frozen=True)
class Line:
    """A cleaned English text; what is found in it is found when first asked for, and kept."""

    text: str

    @cached_property
    def said(self) -> str:
        """The text without short forms, as the tables expect it."""
        return written_out(self.text)

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return clauses(self.said)

    @cached_property
    def systems(self) -> naming.Naming:
        return naming.systems(self.said)

    @cached_property
    def signs(self) -> Signs:
        return signs_of(self.said, self.clauses)

    @property
    def asks(self) -> bool:
        """Whether any clause of it is a question."""
        return any(clause.asks for clause in self.clauses)

    @property
    def is_command(self) -> bool:
        """Whether it is a command by its form and tells of no failure; paths and emoticons begin with a slash, too."""
        typed = parse(self.text) if self.text.startswith("/") else None
        return typed is not None and is_formed(typed) and not self.signs.failing


def signs_of(said: str, parts: tuple[Clause, ...]) -> Signs:
    """The signs of a written-out text. Sender state beats words: a later "works now" ends the symptoms before it (label rule 1).

    An end that is still to come is none, also for an earlier clause of the same line ("patched, should be back in 10 minutes").
    """
    ends = [_end(clause) for clause in parts]
    pending = [clause.text if endings.is_progress(clause.text) else None for clause in parts]
    if _last(pending) > _last(ends):
        ends = [None] * len(parts)
    contradicted = [clause.text if not clause.asks and replies.is_relapse(clause.text) else None for clause in parts]
    if _last(contradicted) > _last(ends):
        ends = [None] * len(parts)
    asks = any(clause.asks for clause in parts)
    supposed = symptoms.HYPOTHETICAL.search(said) is not None and asks and not symptoms.NOW.search(said)
    supposed = supposed or (symptoms.ADVISED.search(said) is not None)
    named = bool(naming.systems(said))
    taken_back = next((place for place, clause in enumerate(parts) if withdrawals.takes_back(clause.text)), len(parts))
    failing = [
        None
        if end or supposed or (place > taken_back and withdrawals.tells_cause(clause.text))
        else symptom(clause, named=named)
        for place, (clause, end) in enumerate(zip(parts, ends, strict=True))
    ]
    question = _first([_question(clause) for clause in parts])
    operation = _operation(parts, named=named)
    seen = [found for found in failing if found]
    if operation and all(words.WEAK.search(found) for found in seen):
        return Signs(None, None, operation, question)
    if seen and _last(ends) < _last(failing):
        return Signs(seen[0], None, operation, question)
    return Signs(None, _first(ends), operation, question)


def _first(found: list[str | None]) -> str | None:
    return next((one for one in found if one), None)


def _last(found: list[str | None]) -> int:
    return max((place for place, one in enumerate(found) if one), default=-1)


def _end(clause: Clause) -> str | None:
    """The words that say it works now or need not be looked at."""
    if clause.asks:
        return None
    withdrawn = withdrawals.takes_back(clause.text)
    if withdrawn:
        return withdrawn
    over = endings.over(clause.text)
    if over is None or endings.is_progress(clause.text) or replies.is_relapse(clause.text):
        return None
    return over


def symptom(clause: Clause, *, named: bool) -> str | None:
    """The words of a failure now: no planned downtime, no question about a design. ``named``: its line names a system, so that
    what would be small talk of anything else ("lost", "down", "wrong") tells of that."""
    text = clause.text
    if clause.asks and (
        symptoms.PLANNED.search(text) or (symptoms.DESIGN.search(text) and not symptoms.NOW.search(text))
    ):
        return None
    if symptoms.HEARSAY.search(text):
        return None
    text = symptoms.MASK.sub("_", text)
    found = symptoms.SYMPTOM.search(text) or (None if clause.asks else symptoms.LEAK.search(text))
    if found is None and (named or symptoms.points(text)):
        found = symptoms.STATE.search(text)
    if found is None and named:
        found = symptoms.ODD.search(text)
    return found[0] if found else None


def _operation(parts: tuple[Clause, ...], *, named: bool) -> str | None:
    """A thing asked for: "can you reset …" is a request in question's clothes; "how do I reset …", "can I …" are questions.

    Where a system is named ("need the nginx logs please") whatever is begged for is one, unless it is only to be looked at.
    """
    for clause in parts:
        plea = words.PLEA.search(clause.text) or words.IMPERATIVE.search(clause.text)
        if plea is None or words.ASKS.search(clause.text):
            continue
        found = words.OPERATION.search(clause.text, plea.start())
        if found is None and named and not words.LOOK.search(clause.text):
            found = plea
        if found:
            return found[0]
    return None


def _question(clause: Clause) -> str | None:
    found = words.ASKS.search(clause.text)
    if found:
        return found[0]
    return "?" if clause.asks else None
