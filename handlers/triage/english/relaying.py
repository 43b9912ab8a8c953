"""An engineer's English line that reads as a report and not as an answer; taken for one that he relays, as a Chinese one."""

import re

from handlers.triage.english import likeness, naming, talk, words
from handlers.triage.english.signs import Line
from handlers.triage.labels import System

_PLEA = re.compile(
    r"\b(?:please|can|could|would|will|kindly|someone|anyone|you|the|duty|team|guys|,| ){1,8}"
    r"(?:have a (?:quick )?look|take a look|look into (?:it|this)|check (?:it|this)|check$|look$|help$|see$)"
)
"""Asks colleagues to look, which reporters do as well."""
_HARMLESS = re.compile(
    r"\b(?:errors?|(?:do|does|did|will|is|are|can) not (?:even |yet )?(?:work(?:s|ing)?|updat\w{1,4}|receiv\w{1,3}|log in)|"
    r"not received|stopped working|again|still|up|back|all|half|updat\w{1,4}|in [0-9]{1,3} ?(?:minutes|hours?))\b"
)
"""Words of an answer that stand in reports as well."""
_WORKS = re.compile(
    r"\b(?:i|we|me|us|my|our|let|you|your|please|informed|told|asked|reported|raised|vendors?|provider|carrier|headquarters|"
    r"plan(?:ned)?|maintenance|switch(?:ed|ing) (?:over|to)|fail(?:ed|ing)? over|instead|workaround|use|"
    r"call(?:ing|ed)|asking|telling|pinging|clear|reload|reinstall)\b"
)
_CAUSE = re.compile(
    r"\b(?:because|due to|cause[sd]?|causing|root|reason|since the|so the|which is why|therefore|known|probably|likely|seems?|"
    r"looks like|maybe|might|may|must|could be|i think|suspect|apparently|guess|turns out|related|unrelated|explains?|"
    r"it is|that is|this is|it was|that was|not the|databases?|db|servers?|gateways?|nodes?|clusters?|queues?|disks?|cpu|memory|"
    r"backend|back end|services?|nginx|redis|firewall|switch|router|fib(?:er|re)|lines? (?:is|was|are) cut|interface|api|ports?|"
    r"certificate expired|oa ?[0-9]{1,2}|process(?:es)?|pods?|hosts?|proxy|"
    r"load balancer|channel|platform|link|too (?:large|big|old|many|long)|old|versions?|supported|drivers?|licen[cs]es?|limits?|"
    r"after|wrong|test environment|staging|upgrad\w{1,3})\b"
)
_NO_NEWS = re.compile(
    r"\b(?:last (?:week|time|month|night)|yesterday|used to|was down|were down|was broken|"
    r"(?:everyone|anyone|those|people|users?) who|if|when(?:ever)?|once|no (?:problem|issue|fault)s?|same|"
    r"fyi|everybody|hi all|team)\b"
)
_UNIT = re.compile(
    r"\b(?:offices?|bureau|count(?:y|ies)|departments?|districts?|commission|committee|school|hospital|branch|floor|unit|town)\b"
)
_PATHS = frozenset({System.NETWORK, System.CLOUD})
"""What the others run on: named by itself it is a cause."""


def reports(line: Line, open_systems: frozenset[str]) -> bool:
    """Whether an engineer tells by it of a fault of a system that has no open ticket in his chat."""
    said = _PLEA.sub(" ", line.said)
    if line.signs.failing is None or line.is_command or line.asks or words.ASKS.search(said):
        return False
    if talk.ANNOUNCEMENT.search(said) or talk.OFF_TOPIC.search(said) or talk.ANSWER.search(_HARMLESS.sub(" ", said)):
        return False
    if _WORKS.search(said) or _CAUSE.search(said) or _NO_NEWS.search(said):
        return False
    found = naming.subject(line.said, failing=True)
    if found is None or found[0] in open_systems:
        return False
    named = bool(likeness.names(line.said, found[0])) and found[0] not in _PATHS
    known = (System(system) for system in open_systems if system in set(System))
    return (named or _UNIT.search(said) is not None) and not any(likeness.calls(line.said, system) for system in known)
