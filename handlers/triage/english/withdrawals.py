"""The English words by which whoever reported takes it back."""

import re

from handlers.triage.english.manners import without_manners

_REPORT = (
    r"(?:that|this|it|me|(?:all )?(?:that|this) please|the (?:above|ticket|report|request|last (?:message|one|"
    r"report)|previous (?:message|one))|my (?:last|previous|earlier|above)? ?(?:message|report|ticket|"
    r"question|request|post|comment|msg)|what i (?:said|wrote)|(?:it|this) (?:all|ticket)|the whole thing|"
    r"about (?:it|this|that))"
)
_BEG = (
    r"^(?:(?:please|sorry|oh|ah|ok|okay|oops|ups|so|hey|hi|well|actually|apologies|i|i would like to|and|just|"
    r"yes|no|all|you can|you may|let us|can|we can|then|so please)[ ,:]{1,2}){0,4}"
)
_AFTER = (
    r"(?:[ ,]{1,2}(?:please|sorry|thanks|thank you|guys|all|everyone|for now|then|now|anymore|any more|folks|"
    r"again|it is fine|my mistake|it was|it is|from me|completely)){0,3}$"
)
CALLED_OFF = re.compile(
    rf"{_BEG}(?:never ?mind|nm|false alarm|false positive|scratch that|strike that|my (?:bad|mistake|fault|"
    r"error|apologies)|mea culpa|user error|operator error|wrong (?:channel|group|chat|window|thread|room|"
    rf"place)|pebkac|disregard|ignore|cancel|withdraw|mistake)(?: (?:about|on|of) (?:it|this|that|me|mine))?{_AFTER}|"
    rf"{_BEG}(?:ignore|disregard|forget|scratch|cancel|withdraw|drop|close|delete|discard|retract|revoke|"
    rf"take back|skip|dismiss|recall) {_REPORT}{_AFTER}|{_BEG}never ?mind\b|\bfalse alarm\b|"
    rf"{_BEG}(?:there is |i have |i |we |it is )?(?:no need|not? (?:longer )?(?:needed|required|necessary|"
    r"relevant)|do not (?:need|bother|worry)|no (?:longer )?(?:needs?|required|needed)|"
    r"no (?:further )?(?:action|help|support) (?:needed|required|necessary))(?: (?:it|help|you|this|that|"
    r"anymore|any more|to \w{2,12}(?: \w{1,9}){0,3}|about (?:it|this|that)|with (?:it|this)|for (?:it|"
    rf"help|action|anyone)\b.{{0,20}}|now|any longer|for it))?{_AFTER}|"
    rf"{_BEG}(?:you )?(?:do not|no) (?:need|have) to (?:look|check|come|fix|do|bother|investigate|worry)\b|"
    r"\b(?:posted|wrote|sent|meant) (?:it |this |that )?(?:in|to|for) (?:the )?(?:wrong|other|"
    r"another) (?:channel|group|chat|window|thread|room)\b|"
    rf"{_BEG}(?:i )?(?:take|took) (?:it|that|this) back\b|{_BEG}i (?:spoke|posted|reported) too (?:soon|"
    r"early)\b(?! it)|\bplease close (?:the|my|this) (?:ticket|report)\b"
)
_MINE = r"(?:i|we|my|our|me|us|mine)"
_THING = (
    r"(?:cable|plug|power|socket|wi-?fi|router|laptop|pc|computer|screen|monitor|vpn|password|caps ?lock|"
    r"num ?lock|keyboard|url|link|address|account|user ?name|browser|cache|proxy|network|internet|phone|"
    r"hotspot|usb key|key|token|settings?|clock|date|time|battery|adapter|flight mode|airplane mode|"
    r"docking station|dock|client|mistake|typo|fault|error|side|end|own)"
)
OWN_FAULT = re.compile(
    r"\b(?:it|that|this|problem|issue|cause|reason|fault)? ?(?:was|is|were) (?:just |only |actually |all |"
    rf"simply |probably )?(?:me|on my (?:side|end)|at my end|my (?:own |local |home )?(?:\w{{2,10}} )?{_THING}|"
    rf"our (?:own |local )?(?:\w{{2,10}} )?{_THING}|(?:just |only )?(?:the |a |caps|my )?(?:caps ?lock|"
    r"num ?lock|(?:loose|unplugged) (?:cable|plug)|typo))\b|"
    r"\b(?:the |my |our )?(?:network |power |lan |ethernet )?(?:cable|plug|power cord|cord|dock|"
    r"adapter)(?: was| had| is| has)? (?:just |been |come |not |gone )?(?:unplugged|loose|out|disconnected|"
    r"not plugged|plugged in|off|fallen)\b|"
    r"\bi (?:had |was |have |just |have been |simply ){0,2}(?:typed?|typing|entered|entering|used|using|had|"
    r"put|misspelled|mistyped|misread|chose|picked|clicked(?: on)?|opened|looked at|looking at|logged in with|"
    r"pressed) (?:in )?(?:the |a |an |my )?(?:wrong|old|incorrect|expired|different|caps ?lock|"
    r"outdated)(?: \w{1,12}){0,2}\b|"
    r"\b(?:i had |had )?caps ?lock (?:was )?on\b|\bi (?:just |simply |had |have )?(?:forgot|forgotten|"
    r"did not notice|misunderstood|misread|overlooked|mixed up|mistyped|missed)\b(?! (?:my|the) (?:password|"
    r"pin|user))|\b(?:solved|fixed|sorted|figured|worked|found) (?:it |this |"
    r"that )?(?:out )?(?:by )?(?:myself|ourselves|on my own|on our own)\b|"
    r"\bi (?:have )?(?:just )?(?:figured|worked|sorted) it out\b|^(?:i )?(?:have )?found (?:it|the (?:problem|"
    r"cause|reason|button|file|document|mistake))(?: now| myself)?$|\bturns out (?:that )?(?:i|it was|my|we|"
    r"our|the (?:cable|plug|caps|wrong))\b|\bmy (?:own )?(?:fault|mistake|bad|error)\b|\buser error\b|"
    r"\bi (?:was|had been) (?:on|in|at) the wrong\b"
)
"""The cause lay with whoever reported ("my own wifi", "cable was unplugged"): nothing is left to do."""
_CAUSE = re.compile(
    rf"^(?:i |it |was |had |have |just |simply |only |been |because |{_MINE} ){{0,4}}(?:typed|typing|entered|entering|used|using|"
    r"put|picked|chose|clicked)? ?(?:in )?(?:the |my |an? )?(?:wrong|old|incorrect|expired|outdated|other) \w{2,14}|"
    rf"^(?:it |was |because |just |the ){{0,3}}{_MINE} (?:own |local |home )?(?:\w{{2,10}} )?{_THING}\b"
)
_BUT = re.compile(
    r"\blocked out\b|\bcan not\b|\bdo(?:es)? not (?:work|open|load)\b|\bhow (?:do|can|to)\b|\bstill\b|"
    r"\bplease (?:reset|return|unlock|send|restore|help)\b|\b(?:button|function|option)\b"
)


def takes_back(clause: str) -> str | None:
    """The words of a clause by which a report is taken back; None for a fault that only has such words in it."""
    if _BUT.search(clause):
        return None
    said = without_manners(clause)
    found = CALLED_OFF.search(said) or OWN_FAULT.search(said)
    return found[0] if found else None


def tells_cause(clause: str) -> bool:
    """Whether a clause names what was wrong at the reporter's own place; after "my bad" it is no new failure ("wrong password")."""
    return _CAUSE.search(clause) is not None and _BUT.search(clause) is None
