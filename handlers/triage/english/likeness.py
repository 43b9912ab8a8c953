"""What English reports have in common: the sorts of failure of the Chinese ones, so that reports in both languages join."""

import re

from handlers.triage.english import naming
from handlers.triage.labels import System
from handlers.triage.names import names_in, parts_in

SORTS: dict[str, re.Pattern[str]] = {
    "security": re.compile(
        r"\b(?:hack\w{0,4}|attack\w{0,3}|ransom\w{0,4}|malware|virus|trojan|phish\w{0,3}|deface\w{0,4}|"
        r"hijack\w{0,3}|leak\w{0,3}|breach\w{0,2}|gambling|compromised)\b"
    ),
    "lost": re.compile(
        r"\b(?:missing|disappear\w{0,3}|vanish\w{0,3}|gone|lost|empty|blank (?:list|file|document|attachment|result)s?|"
        r"deleted|can not find)\b"
    ),
    "delivery": re.compile(
        r"\b(?:not (?:\w{1,9} ){0,2}(?:receiv\w{1,3}|arriv\w{1,3}|com(?:e|ing)|delivered|get(?:ting)?|"
        r"send(?:ing)?|sent|got)|never (?:arriv|c[ao]m|receiv|g[eo]t)\w{0,3}|no (?:\w{2,12} )?(?:codes?|sms|"
        r"mails?|notifications?|reminders?)|can not (?:send|receive)|delayed|"
        r"(?:code|sms|mail|message)s? (?:is |are )?(?:late|missing|not)|stopped coming)\b"
    ),
    "slow": re.compile(
        r"\b(?:slow\w{0,4}|lag\w{0,4}|sluggish|latency|takes? (?:forever|ages|too long|so long|a |almost |over |"
        r"[0-9])|forever|spin(?:s|ning)|keeps? (?:loading|spinning))"
    ),
    "looks": re.compile(
        r"\b(?:layout|fonts?|misaligned|colou?rs?|blurry|garbled|gibberish|overlap\w{0,4}|cut off|strange symbols|"
        r"looks? (?:weird|strange|odd|wrong|ugly)|format(?:ting)?)\b"
    ),
    "wrong": re.compile(
        r"\b(?:wrong|incorrect|duplicat\w{1,3}|does not match|mismatch|another person|someone else\w{0,2}|"
        r"outdated|yesterday's)\b"
    ),
    "dead": re.compile(
        r"\b(?:can not (?!be)\w{2,12}|could not \w{2,12}|unable|(?:does|do|did|will|is|"
        r"are) not (?:\w{1,9} ){0,2}(?:work\w{0,3}|open\w{0,3}|load\w{0,3}|start\w{0,3}|connect\w{0,3}|"
        r"respond\w{0,3}|let|boot|available|reachable|accessible)|not (?:working|loading|opening|responding)|"
        r"nothing happens|"
        r"down|dead|crash\w{0,3}|freez\w{1,3}|frozen|hang\w{0,3}|hung|stuck|offline|unreachable|unavailable|"
        r"unresponsive|disconnect\w{0,3}|drop\w{0,4}|time(?:s|d)? ?outs?|timing out|(?:blank|white|black|"
        r"blue) (?:page|screen)|blank|no (?:internet|network|connection|response)|broken|50[0234]|40[034]|"
        r"log(?:s|ged)? (?:me )?out|kick\w{0,3} (?:me )?out)\b"
    ),
    "refused": re.compile(
        r"\b(?:errors?|fail\w{0,4}|denied|refused|reject\w{0,3}|locked|invalid|expired|permissions?|forbidden|"
        r"problems?|issues?)\b"
    ),
}
"""Tried in this order, as the Chinese ones."""


def sort_of(said: str) -> str | None:
    """The sort of failure that a written-out text tells of first of all; None where it names none of them."""
    return next((sort for sort, words in SORTS.items() if words.search(said)), None)


NO_NAMES: dict[System, re.Pattern[str]] = {
    System.OA: re.compile(
        r"(?:web)?sites?|home ?page|pages?|documents?|docs?|papers?|process(?:es)?|forms?|attachments?|lists?|search|drafts?|"
        r"databases?|db|servers?|systems?|platform|reports?|files?|folders?|uploads?|downloads?|exports?|log in|logins?|"
        r"sign[ -]?in|buttons?|browsers?|notifications?|reminders?|apis?|logs?|nodes?|prod(?:uction)?|services?|"
        r"maintenance|upgrade|patch(?:es)?|disk|backups?|session|templates?|print preview|sync|version|health checks?|"
        r"deploy(?:ment)?|cron(?: job)?s?|archives?"
    ),
    System.NETWORK: re.compile(
        r"wi-?fi|w?lan|ethernet|network cables?|routers?|switch ?ports?|ip (?:range|address(?:es)?|conflict)|ports? [0-9]{2,5}"
    ),
}
"""Words for a part that any system has, or that stands in one room: two who use them need not mean the same."""
_OURS = re.compile(r"oa ?[0-9]{0,2}|portals?|intranet")
_OTHERS = re.compile(
    r"\b(?!(?:the|this|that|these|those|our|your|my|his|her|their|its?|an?|any|every|each|all|no|whole|entire|same|other|"
    r"another|new|old|main|web|operating|internal|external|work|company|office|city|town|ticket|and|or|but|of|on|in|to|"
    r"into|from|with|for|is|are|was|were|log|login|open|use|using|access|reach|when|then|now|still|also|which|what|"
    r"production|live|phone|mobile|desktop|computer)\b)"
    r"([a-z][a-z0-9]{1,14}) (?:systems?|portals?|platforms?|software|apps?|web ?sites?|sites?)\b"
)
"""The word before "system" and the like, for what has a name of its own ("the payroll system")."""
_PLURAL = re.compile(r"(?<=[a-z]{3})s$")
_MAIL = frozenset({"mail", "mailbox", "mailboxes", "inbox", "outlook", "exchange"})


def names(said: str, system: System) -> frozenset[str]:
    """What a written-out text calls the system, by names alone; a part of our own (the CRM) is a name beside its own."""
    found = names_in(naming.DENIED.sub(" ", said), system, naming.FINDERS[system], NO_NAMES.get(system), _OURS, _OTHERS)
    one = (_PLURAL.sub("", name) for name in found)
    return frozenset("mail" if name in _MAIL else name for name in one)


def calls(said: str, system: System) -> bool:
    """Whether a written-out text calls the system by a name that is its own."""
    no_names = NO_NAMES.get(system)
    return any(no_names is None or not no_names.fullmatch(match[0]) for match in naming.FINDERS[system].finditer(said))


_WHOLE = re.compile(
    r"oa ?[0-9]{0,2}|(?:web)?sites?|pages?|servers?|systems?|platform|portals?|intranet|services?|prod(?:uction)?|"
    r"networks?|apps?|log in|logins?|sign[ -]?in"
)

_DEVICES = re.compile(r"\b(?:pc|computer|laptop|printer|scanner|monitor|keyboard|mouse)\b")


def parts(said: str) -> frozenset[str]:
    """The parts of any system that a written-out text speaks of ("attachment", "login")."""
    found = parts_in(said, (*naming.FINDERS.values(), _DEVICES), _WHOLE)
    return frozenset(_PLURAL.sub("", word) for word in found)
