"""Whether an engineer who writes to the bot alone takes a fault on: nobody else hears it, so only such a word answers anybody."""

import re

from handlers.triage.english.manners import without_manners
from handlers.triage.english.signs import Line

_I = r"(?:(?:i am|i will|i have|i|we are|we will|we have|we|let me|i am going to|will) )?"
_NOW = r"(?:(?:now|just|right|already|also|still|going to|straight|currently|immediately) ){0,2}"
_WORK = (
    r"(?:look(?:ing)?(?: (?:at|into))?|check(?:ing)?|tak(?:e|ing|en)(?: care of| over| a look(?: at)?)?|got|have|"
    r"investigat(?:e|ing)|handl(?:e|ing)|deal(?:ing)? with|fix(?:ing)?|work(?:ing)? on|on|own(?:ing)?|do(?:ing)?|see(?:ing)? to|"
    r"get(?:ting)? (?:on|to)|connect(?:ing)? to|log(?:ging)? in(?: to)?|start(?:ing)?|claim(?:ing)?)"
)
_WHAT = (
    r"(?:(?: (?:it|this|that|one|at|the|into|on|oa|vpn|mail|portal|wps|system|server|database|network|nodes?|logs?|ticket|fault|"
    r"issue|problem|outage|gd-[0-9]{8}-[0-9]{3,6}|[a-z]{2,4}[0-9]{1,2})){0,4})"
)
_THEN = r"(?:(?: (?:now|right now|already|immediately|straight away|right away|asap|myself|again|then|shortly)){0,2})"
_PLAIN = (
    r"(?:got it|ok|okay|sure|ack|acked|acknowledged|roger|understood|noted|copy(?: that)?|received|will do|"
    r"(?:(?:it|this|that)(?: one)? is )?mine|on my way|all right|alright|yes|leave it (?:with|to) me|i am on)"
)
_TAKES = re.compile(rf"(?:{_PLAIN}{_WHAT}|{_I}{_NOW}{_WORK}{_WHAT}){_THEN}")
_NUMBER = re.compile(r"\bgd-[0-9]{8}-[0-9]{3,6}\b")
_LEAVES = re.compile(
    r"\?|\b(?:let (?!me\b)|ask|anyone|someone|who|whose|can you|could you|please|can not|busy|driving|not answering|no answer|hand|"
    r"pass|assign|instead|leave (?!it (?:with|to) me\b))"
)


def takes(line: Line) -> bool:
    """Whether a clause says that and nothing besides ("on it", "I'll look into the VPN"), and no other asks or leaves it to
    somebody."""
    return not leaves(line) and any(_TAKES.fullmatch(_plain(part.text)) for part in line.clauses)


def leaves(line: Line) -> bool:
    """Whether it asks, or leaves a fault to somebody else."""
    return _LEAVES.search(line.said) is not None


def _plain(clause: str) -> str:
    """A clause without its manners and the number of a ticket in front ("GD-… on it")."""
    return without_manners(_NUMBER.sub(" ", clause))
