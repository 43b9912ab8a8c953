"""What an engineer says in English to those he works with: who is on it, has he seen it, please look. It answers no reporter."""

import re

from handlers.triage.english import naming
from handlers.triage.text import Clause

_WORKS = (
    r"(?:on (?:it|this|that|call|duty)|look(?:s|ing|ed)? (?:at|into)|look(?:s|ing|ed)?$|work(?:s|ing)? on|handl(?:e|es|ed|ing)|"
    r"tak(?:e|es|en|ing)|took|own(?:s|ing)?|deal(?:s|ing)? with|in charge|responsible|check(?:s|ed|ing)?|pick(?:s|ed|ing)?|"
    r"fix(?:es|ing)?|investigat(?:e|es|ed|ing)|assigned|seen?|saw|follow(?:s|ing)? up|help(?:s|ing)?|respond(?:ed|ing)?|"
    r"repl(?:y|ied)|around|available|free|there|online|aware|know)"
)
_LOOK = (
    r"(?:have|take|has) an? (?:quick |closer )?look|look (?:at|into) (?:it|this|that|the)|take (?:it|this|that|over|care)|"
    r"help(?! you)|"
    r"handle|investigate|pick (?:it|this|that)|fix|jump in|deal with|assist|check (?:it|this|that|the (?:server|logs?|db|"
    r"database|vendor))|"
    r"check$|look$"
)
_SOMEBODY = r"(?:anyone|someone|any of (?:you|us)|one of (?:you|us)|the vendor|the provider|the carrier|he|she|they)"
_NO_NAME = (
    r"(?!(?:you|it|that|this|there|the|your|my|our|his|her|their|we|i|a|an|any|all|some|each|every|everything|nothing|"
    r"something|anything|"
    r"not|these|those|new|only|just|still)\b)"
)
_WHO_WORKS = re.compile(
    rf"\bwho (?:else )?(?:is |are |was |will |can |could |would |has |have |had |wants to |is going to |"
    rf"got ){{0,2}}(?:\w{{1,9}} )?{_WORKS}\b|"
    r"\bwho (?:has|got|takes|does|do we have (?:for|on)) (?:it|this|that|sms|seal|vpn|oa|the \w{2,12})(?: one)?$"
)
_HAS_HE = re.compile(
    rf"\b(?:has|have|did|does|is|was|can|could|will|would) (?:{_SOMEBODY}|"
    rf"{_NO_NAME}[a-z]{{2,14}})(?: (?!colleague)[a-z]{{2,14}})? "
    rf"(?:already |yet |also |please |been |be |maybe |now ){{0,2}}(?:{_WORKS}|{_LOOK}|told|informed|call(?:ed)?|"
    rf"contacted|notified)\b|"
    r"^are you (?:already )?(?:on (?:it|this|that)|looking (?:at|into) (?:it|this|that)|around|there|handling)\b|"
    r"^have you (?:already )?(?:seen|read|looked (?:at|into)) (?:it|this|that)(?: one)?$"
)
_HELP = re.compile(
    rf"\b(?:can|could|would|will) (?:you|{_SOMEBODY}) (?:please |maybe |also |guys ){{0,2}}(?:{_LOOK})\b|"
    r"^(?:[a-z]{2,14} )?please (?:have|take) an? (?:quick )?look(?: (?:at|into) (?:it|this|that))?(?: [a-z]{2,14})?$|"
    r"^(?:[a-z]{2,14} )?please (?:look into|handle|take|check) (?:it|this|that)$"
)
_REPORTERS = re.compile(
    r"\b(?:if|whether|again|your|attached|guide|screen\w{0,5}|browser|version|bar|page|settings|spam|cables?|what|which|"
    r"how|now)\b"
)
"""What only a reporter can look at."""
_MYSELF = re.compile(
    r"\b(?:i|we|let me) (?:am|are|will|have|asked|told|can|look|check|take)\b|\blet me\b|^(?:on it|checking|looking)\b"
)
_ON_ITS_OWN = re.compile(
    r"\b(?:on it|i am (?:look|check|on|work|tak|handl)\w{0,5}|i will|let me|we are (?:look|check|on|work)\w{0,5}|we will|"
    r"looking|checking|"
    r"got it|okay|ok|sure|will (?:do|check|look)|give (?:me|us)|one (?:moment|sec|second|minute)|please (?:try|send|wait)|fixed|"
    r"restarted|done|hold on|bear with|(?:could|can) you (?:try|send|tell)|which (?:browser|version|page))\b"
)


def _asks_them(clause: Clause) -> bool:
    """Whether a clause is for a colleague or the vendor and not for who reported."""
    said = clause.text
    if _WHO_WORKS.search(said):
        return True
    if _MYSELF.search(said) or _REPORTERS.search(said):
        return False
    if clause.asks and (found := _HAS_HE.search(said)):
        return not naming.systems(found[0])
    return _HELP.search(said) is not None


def told_the_group(parts: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """The clauses of an engineer's line that are not for his colleagues."""
    return tuple(part for part in parts if not _asks_them(part))


def answers(part: Clause) -> bool:
    """Whether what stands beside a question to colleagues is an answer by itself: to name a system is none then."""
    return _ON_ITS_OWN.search(part.text) is not None
