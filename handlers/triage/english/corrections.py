"""A reporter names in English the system that he means in place of the one that he named before ("I meant WPS, not the seal")."""

import re

from handlers.triage.english import likeness, naming, withdrawals
from handlers.triage.english.signs import Line
from handlers.triage.labels import Correction, System

_SAID_WRONG = re.compile(
    r"\b(?:i|we) (?:actually |really |just )?(?:meant|mean)(?! to (?:ask|thank|write you|call))\b|"
    r"^(?:(?:sorry|oops|ah|oh|small|a|quick|my)[ ,]{1,2}){0,3}(?:correction|typo)\b|"
    r"\b(?:i|we) (?:just )?(?:said|wrote|typed|named|gave|told|reported|mentioned) (?:you )?the wrong "
    r"(?:thing|system|one|name|word)\b|"
    r"\bi misspoke\b|\bslip of the tongue\b"
)
"""He takes back what he called it, not that there is a fault; "my mistake" by itself takes back the fault."""
_STOP = r",.;!?\n"
_VERBS = (
    "do",
    "does",
    "did",
    "can",
    "could",
    "will",
    "would",
    "should",
    "has",
    "have",
    "had",
    "are",
    "am",
    "is",
    "was",
    "were",
)
_NO_VERB = "".join(rf"(?<!\b{verb} )" for verb in _VERBS)
_NOT = re.compile(
    rf"(?:\b(?:it|that|this) (?:is|was) not|{_NO_VERB}\bnot(?! only| just| yet| even)|\b(?:rather than|instead of)) "
    rf"(?:about |with )?(?:an? |the |my |our )?(?P<denied>[^{_STOP}]{{1,30}}?)(?=$|[{_STOP}]| but\b| (?:it|that|this) is\b| - )"
)
_MEETS = re.compile(r"\b(?:it|that|this) (?:is|was)\b|\bbut\b|^[^,]{0,30}$|,[^,]{0,24}$")
"""What it is, beside what it is not: "it is the SMS, not the seal", "WPS, not the seal"."""


def corrected(line: Line) -> Correction | None:
    """The correction that a line makes; a contrast without "I meant" counts where it is one name against another."""
    said = line.said
    if line.asks or line.is_command or withdrawals.OWN_FAULT.search(_NOT.sub(" ", said).replace("my mistake", "")):
        return None
    wrong = _SAID_WRONG.search(said)
    rest = said[wrong.end() :] if wrong else said
    found = _NOT.search(rest)
    denied = naming.subject(found["denied"]) if found else None
    meant = naming.subject(_NOT.sub(" ", rest), failing=True)
    if meant is None or (denied is not None and denied[0] is meant[0]):
        return None
    if not wrong and (found is None or denied is None or not _contrast(said, found["denied"], meant[0], denied[0])):
        return None
    return Correction(meant, denied[0] if denied else None)


def _contrast(said: str, no: str, meant: System, denied: System) -> bool:
    """Whether a line sets one name against another, and tells of no more than what fails."""
    begins = naming.systems(no).get(denied)
    named = likeness.calls(no, denied) and likeness.calls(_NOT.sub(" ", said), meant)
    return named and begins is not None and begins[0] == 0 and _MEETS.search(said) is not None
