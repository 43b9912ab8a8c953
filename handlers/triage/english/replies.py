"""What is answered in English to "is it working again?": a plain yes, a plain no, and that it does not work after all."""

import re

from handlers.triage.english.manners import without_manners

RELAPSE = re.compile(
    r"^(?:and |now |then |again |suddenly ){0,3}it (?:does|is|did) not(?: any ?more| now| again)?$|"
    r"\b(?:doing (?:it|that|this|the same)|at it) again\b|\b(?:it|problem|issue|error) came back\b|"
    r"\bstill (?:not|no(?! (?:answer|reply|response|news|update|feedback|reaction|one))|nothing|broken|down|"
    r"(?:the )?same|fail\w{0,4}|getting|get|gets|seeing|see|have|having|has|slow|stuck|can not|do(?:es)? not|"
    r"will not|is not|are not|locked|unavailable|an?|happen\w{0,4}|there|doing|shows?|showing|says?|spinning|"
    r"loading|hang\w{0,4}|crash\w{0,3}|dead|"
    r"offline|empty|blank|missing|wrong|unable|unreachable|error\w{0,3}|waiting for (?:the |my )?(?:code|sms)|"
    r"out|gone|refus\w{0,4}|broke|frozen|freez\w{0,4}|problems?|issues?|bad|acting|timing|giving|gives?|"
    r"asking|asks|500|502|503|504|404)\b|\bis still (?:\w{2,12}ing|\w{2,12}ed)\b|"
    r"\b(?:down|broken|broke|breaks|fail\w{0,4}|dead|died|slow|stuck|happen\w{0,4}|dropp?\w{0,4}|"
    r"disconnect\w{0,4}|locked|out|gone|froze\w{0,1}|frozen|crash\w{0,3}|hang\w{0,3}|offline|unavailable|"
    r"stopped(?: working| responding)?|not work\w{0,3}|does not \w{2,9}|can not \w{2,9}(?: \w{1,9})?|"
    r"errors?|problems?|issues?|acting up|same \w{2,9}|unreachable|blank|spinning|timing out|timed out|"
    r"kicked out|logged out|refus\w{0,3})(?: on me| for me| for us)? (?:once )?again\b|\bagain (?:down|broken|"
    r"not working|the same|same|offline|an? error|error|dead|slow)\b|"
    r"\bnot (?:fixed|working|resolved|solved|better|ok|okay|back|helping|help|fine|yet (?:fixed|working|"
    r"resolved|back)|quite|really (?:fixed|working|better)|fully (?:fixed|working|back|restored)|any better|"
    r"good)\b(?! any ?more)|\b(?:do|does|did|has|have) not (?:work|help|fix|change|helped|worked|changed|"
    r"improve\w{0,1}|make (?:a|any) difference|do (?:it|anything|the trick))\b|"
    r"\bnothing (?:has )?(?:changed|changes|improved|is different|works)\b|\bno (?:change|changes|difference|"
    r"improvement|luck|effect|better|joy|success)\b|\b(?:got|getting|even|is) worse\b|\b(?:problem|issue|"
    r"error|trouble)(?: is| has| just)? (?:come |came )?back(?: again)?$|\b(?:problem|issue|error) (?:is |"
    r"has )?(?:come |came )?(?:back|returned|reappeared)\b|"
    r"\bstopped (?:working|responding|loading|again)\b|\b(?:then|and|now) (?:it )?(?:died|crashed|failed|"
    r"broke|stopped|dropped|went down|disconnected|froze)\b|\b(?:same|identical) (?:error|result|thing|story|"
    r"issue|problem|message|behaviou?r|as before|as ever|old story)(?: (?:again|as before|still|"
    r"here again))?$|\brelaps\w{1,3}\b|\bback to (?:square one|broken|error)\b|\bkeeps? (?:happening|failing|"
    r"crashing|dropping)\b"
)
"""It does not work after all, or yet ("down again", "still broken", "no change")."""
_SIDE = (
    r"(?:for|with) (?:me|us)|here|mine|ours|(?:on|at|from) (?:my|our|this) (?:end|side|machine|computer|desk|pc|laptop|"
    r"office|phone)"
)
_NO = re.compile(
    r"^(?:(?:um{1,3}|well|i am|i|hm{1,3}|oh|sorry|unfortunately|sadly|still|but|and) ){0,2}(?:no|n|nope|nah|nop|"
    r"not yet|not really|not at all|negative|unfortunately not|sadly not|afraid not|not quite|no not yet|"
    r"nope not yet|not so far|still no|still not|(?:no(?:pe)? )?not (?:" + _SIDE + r")|"
    r"(?:mine|ours) (?:is|does|did|has) not|no it is not|no it does not|"
    r"no it did not|it is not|it does not|it did not|not working|no luck|no change|nothing)(?: (?:yet|sadly|"
    r"unfortunately|sorry|really|so far|" + _SIDE + r"|it is not|it does not|i can not|i am afraid)){0,2}$"
)
_YES = re.compile(
    r"^(?:(?:oh|ok|okay|hey|great|and|well|wow|so) ){0,2}(?:yes|yep|yeah|yup|yea|ya|aye|y|sure|sure does|"
    r"sure thing|sure is|it does|it is|it did|correct|right|affirmative|indeed|absolutely|perfect|perfectly|"
    r"great|excellent|awesome|brilliant|good|all good|all fine|fine|works|working|ok|okay|okk|confirmed|"
    r"definitely|certainly|totally|of course|i can|we can|solved|fixed|resolved)(?: (?:it does|it is|it did|"
    r"now|all good|works|working|fine|ok|sir|indeed|thanks|i can|we can|it works|it works now|all fine|"
    r"perfect|great|perfectly|good|sure|here|again|fixed|confirmed|for me|for us|for now)){0,3}$"
)


def is_relapse(clause: str) -> bool:
    """Whether a clause says that it does not work after all, or not yet."""
    return RELAPSE.search(clause) is not None


def is_yes(text: str) -> bool:
    """Whether a whole line is a plain yes to "is it working again?"; "ok thanks" only takes note."""
    said = without_manners(text)
    return _YES.match(said) is not None and not (said in {"ok", "okay"} and "thank" in text)


def is_no(text: str) -> bool:
    """Whether a whole line is a plain no to it; "no thanks" is none."""
    return _NO.match(without_manners(text)) is not None and not re.match(r"no,? thank", text)
