"""The English words by which a fault is over, or not yet, and by which an engineer asks whether it is."""

import re

_GOOD = (
    r"(?:fine|good|ok|okay|normal|great|perfect|well|sorted|working|green|clear|set|solved|resolved|fixed|"
    r"restored|stable|up|back|healthy)"
)
_DID = r"(?:fixed|resolved|solved|restored|repaired|sorted|cleared|cured|mended)"
_IT = (
    r"(?:it|that|this|everything|all|things?|(?:the |my |our )?(?:\w{2,12} ){0,2}\w{2,14}|(?:all )?(?:systems|"
    r"services))"
)
_ILL = (
    r"(?:errors?|problems?|issues?|trouble|warnings?|time ?outs?|error messages?|crash(?:es)?|delays?|50[0-4]|40[0-4])"
)
OVER = re.compile(
    rf"\b(?<!un)(?<!un-){_DID}\b(?! by itself\?)|"
    r"\b(?:works|working|functioning|running|worked)(?: \w{1,9})? (?:now|again|fine|ok|okay|well|great|"
    r"perfectly|properly|normally|correctly|as expected|here|for (?:me|us)|like a charm|since)\b|"
    r"\b(?:both|all|they|those|things) (?:all )?work (?:now|again|fine|well|ok|okay)\b|"
    r"\b(?:now|again|finally) (?:works|working|it works|it is working|running|up|back)\b|"
    r"^(?:yes|yeah|yep|yup|ok|okay|great|oh|hey|wow|cool|and|so)?,? ?(?:it |that |this |everything |"
    r"all )?(?:just |already |all |finally |really )?(?:works|worked|is working)(?: now| again)?(?: (?:thanks|"
    r"thank you)(?: \w{1,9}){0,4})?$|"
    r"\b(?:is|are|am|be|been|comes?|came|now|it|all|everything|we|got|things?|services?|systems?) (?:now |"
    r"all |finally |already |both |just )?(?:back|up)\b(?! (?:at|to you|to me|in \w|from|and forth|the|with|"
    r"here to)\b)|"
    r"^(?:now |we are |all )?(?:back|up) (?:again|now|since|up|online|to normal|and running|in business|"
    r"on ?line)\b|\bback (?:up|online|to normal|in business|in service|to life|on line|on)\b|\bup (?:again|"
    r"and running)\b|\bonline again\b|"
    r"\b(?:all|everything|it|things?|that|we|looks?|now|is|are|systems?|services?)(?: is| are| looks?| seems?|"
    r" should be| appears)? (?:now |all |back |again )?(?:fine|good|ok|okay|normal|great|perfect|sorted|green|"
    r"clear|stable|healthy)(?: (?:now|again|here|on my (?:side|end)|thanks|thank you)|$)|"
    r"^(?:all )?(?:good|fine|ok|okay|great|perfect|normal|stable)(?: (?:now|again|here|then|on my side))$|"
    r"^all (?:good|fine|ok|okay|set|clear|sorted|well|green|done)\b|^(?:looks|looking|seems) (?:good|fine|ok|"
    r"okay|great)\b|"
    r"\b(?:can|could|able to|managed to) (?:now |finally |already |both |all )?(?:log in|sign in|open|access|"
    r"connect|see|submit|print|send|use|get in|get into|reach|save|download|upload|edit|work|view|receive|"
    r"load|seal|stamp)\b[^,]{0,24}\b(?:again|now)\b|"
    r"\b(?:can|could) (?:now|finally|again) (?:log in|sign in|open|access|connect|see|submit|print|send|use|"
    r"get in|get into|reach|save|download|upload|edit|work|view|receive)\b|"
    r"^(?:ok |okay |yes |finally |now |and |great ){0,2}(?:it |they |the \w{2,12} )?(?:finally |just |"
    r"now )?(?:opened|loaded|went through|came through|arrived|connected|recovered)(?: now| fine| again|"
    r" up)?$|\bso far so good\b|\bno (?:more )?(?:problems?|errors?|issues?) (?:any ?more|now|so far)\b|"
    r"\b(?:is|are) (?!fail|crash|dropp|happen|hang|freez|spin|lagg|tim|act|do|gett|hav|see|try|giv|show|say|"
    r"ask|go(?:ing)? (?:down|slow)|los|break|throw|kick|logg|disconnect|refus|wait|"
    r"struggl)\w{2,12}ing(?: \w{1,9}){0,2} (?:again|normally|fine)\b|"
    r"^(?:it )?(?:probably|maybe|perhaps|i think|i guess|think)(?: it)?(?: is)? (?:all )?(?:ok|okay|fine|good|"
    r"working|back|fixed|normal)\b|\b(?:seems?|appears?|looks?) (?:to be |like it is |to have been |"
    r"like )?(?:working|fixed|resolved|restored|solved|back|ok|okay|fine|good|up)\b|\b(?:should|must|seems?|"
    r"appears?|might|may)(?: now| also)?(?: to)?(?: now)?(?: be)?(?: all| now)? (?:ok|okay|fine|good|normal|"
    r"work|working|open|load|connect)(?: properly| fine| ok)? (?:now|again)\b|"
    r"^(?:i am|we are|am) (?:back )?in(?: now| again)?$|\b(?:logged|got|signed|let me) in (?:now|again|fine|"
    r"ok|successfully|without)\b|"
    r"\b(?:did|done|do) the (?:trick|job)\b|\bshould do it\b|\bthat (?:helped|fixed it|solved it|did it|"
    r"worked)\b|^(?:helped|worked)$|\b(?:problem|issue|error|trouble|fault|error message|"
    r"it(?= is gone now))(?: \w{1,9})? (?:is |"
    r"has |have )?(?:now )?(?:gone|disappeared|over|went away|gone away|cleared up)\b(?! (?:again|quiet|down|"
    r"off|offline|dead|slow|wrong|crazy|bad|mad|missing|there)\b)|"
    r"\bno (?:more|longer any|further) (?:errors?|problems?|issues?|trouble)\b|\bno longer (?:happens?|"
    r"happening|fail(?:s|ing)?|slow|down|broken|crash(?:es|ing)?|freez(?:es|ing)|hang(?:s|ing)|drop(?:s|ping)|"
    r"disconnect(?:s|ing)|an issue|a problem)\b|\bno longer (?:see|get|have|getting|seeing|having|shows?) (?:\w{1,14} ){0,3}"
    rf"{_ILL}\b|\b{_ILL} (?:is |are )?no longer (?:shows?|showing|appears?|appearing|comes?|there|occurs?|visible)\b|"
    r"\b(?:code|sms|mail|message|it|they) (?:has |have )?(?:just |finally |now )(?:arrived|come through|"
    r"came through|came)\b|\b(?:received|got) (?:it|the code|the sms|the mail|them) (?:now|just now)\b|"
    r"\bloads? (?:again|now|fine)\b|\bopens? (?:again|now|fine)\b|"
    r"\b(?:connects?|connected|prints|saves|sends|syncs|starts|responds) (?:again|now|fine)\b|\brecovered\b|"
    r"\b(?:issue|ticket|incident|case|problem) (?:is )?closed\b|\bup again\b|\bgood to go\b|\bfaster (?:now|"
    r"again)\b|\bno problem (?:now|any ?more)\b"
)
DONE = re.compile(
    r"^(?:all |it is |ok |okay |that is )?(?:done|finished|completed|sorted)(?: now)?$|^(?:all )?done\b|"
    r"^back(?: now| again)?$|^(?:i |we )?(?:have )?(?:just )?(?:unlocked|re-?enabled|corrected|un-?blocked|"
    r"reconnected|reactivated)\b"
)
"""Of an engineer the same as "fixed"."""
_NOT = re.compile(
    r"\b(?:not|never|nothing|nobody|no|none of|unable|impossible|fail(?:s|ed|ing)? to|refus(?:es|ed|ing) to|hardly|barely|"
    r"(?:worked|working|(?:was|were) (?:fine|ok|okay|good|up|running|normal))\b.{0,24} (?:yesterday|this morning|"
    r"last (?:week|night|time)|earlier)|thought|supposedly|"
    r"allegedly|"
    r"(?:you|they|he|she) (?:said|say|says|claim\w{0,3}|told (?:me|us) (?:that|it))|far from|anything but|wish|"
    r"stopped|isn t|until|till|unless|once|when|whenever|"
    r"as soon as|if|before|after|whether|wait(?:ing)? (?:for|until))\b"
)
_NO_MORE = re.compile(
    r"\bno (?:more|longer(?! (?:work|open|load|respond|run|connect|print|save|send|sync|start|receiv|funct|up|ok|fine|good|"
    r"normal|stable|online|available))|further|problems? (?:now|any ?more))\b|\b(?:after|once|when) (?:the |a |i |you |"
    r"we )?(?:\w{1,9} )?(?:restart|reboot|refresh|update|reset|clear|restarted|rebooted|refreshed|cleared|"
    r"updated|reset|reinstall)\w{0,4}\b|\bnot (?:down|broken|slow|an issue|a problem) any ?more\b|"
    r"\bafter all\b|\bno (?:idea|clue) (?:what|why|how)\b|\bnothing (?:else|more) (?:to|needed)\b|"
    r"\bwhen(?:ever)? (?:i|you) (?:try|tried|log)\w{0,3} (?:again|now)\b|\bsince\b.{0,20}"
)
_SPAN = (
    r"(?:(?:a|an|about|around|approx\w{0,8}|roughly|the next|another|like|max|maybe|half|~ ?|couple of|few|"
    r"less than|under|up to|within) ?){0,3}(?:[0-9]{1,3}|one|two|three|five|ten|fifteen|twenty|thirty|a|few|"
    r"half|couple|some)?(?: ?(?:an?|of|-))?(?: few| couple)? ?(?:s|secs?|seconds?|m|minutes?|h|hrs?|hours?|"
    r"days?|moments?|bit|while|jiffy|sec)"
)
STILL_TO_COME = re.compile(
    r"\b(?:will|would|shall|going to|about to|(?<!seems )(?<!appears )(?<!looks )to be|to get|trying|try to|"
    r"tries|expect(?:ed|s|ing)?|hope(?:fully|s)?|hoping|plan(?:ned|s|ning)?|aim(?:ing)?|intend|promised?|eta|"
    r"almost|nearly|partial(?:ly)?|partly|half ?way|mostly|close to|being|getting|"
    r"gets|coming back|bringing|under way|underway|tomorrow|step by step|gradually|slowly|one by one|"
    r"some (?:users|people|of)|eventually|needs? to|have to|must be able|want to|rolling out|rolled out to|"
    r"know how|"
    r"(?<!that )(?<!this )should (?:do (?:it|the (?:trick|job))|fix|solve|cure|sort|clear|help)|"
    r"soon|shortly|in progress|need (?:another|some|a)|how to)\b|"
    r"\bshould (?:now )?(?:be|work|have)\b.{0,40}\b(?:in|by|within|at|around|before|after|later|tonight|"
    r"this (?:afternoon|evening|week)) "
)
"""Such words make an end one that is still to come, whatever time stands beside it."""
SOME_TIME = re.compile(
    r"\b(?:later|tonight|this (?:afternoon|evening|week)|by (?:noon|midnight|tonight|tomorrow|lunch|the end|"
    r"end of|eod|cob|[0-9])|next (?:week|hour|few)|before (?:noon|lunch|[0-9])|at (?:[0-9]{1,2}[:.][0-9]{2}|"
    r"[0-9]{1,2} ?[ap]m|noon)|after (?:the|a) (?:restart|reboot|update|deploy\w{0,4}|rollback|patch|"
    r"switch))\b|"
    r"\b(?:in|within|another) (?:about |around |~ ?)?[0-9]{1,3}(?: ?(?:to|-) ?[0-9]{1,3})?$|"
    r"\b(?:in|within|for|another|give (?:me|us|it)|need(?:s)?|takes?|take) (?:about |around |roughly |approx |"
    rf"another |the next |the |just |only |under |less than |max |maybe |~ ?)?{_SPAN}\b"
)
_HAPPENED = re.compile(
    r"\b(?:ago|already|has (?:now |just )?been|have (?:now |just )?been|had to|was (?:just )?(?:fixed|"
    r"resolved|solved|restored|repaired)|i (?:have )?(?:just )?(?:fixed|restored|repaired|resolved|solved)|"
    r"we (?:have )?(?:just )?(?:fixed|restored|repaired|resolved|solved|rolled back)|"
    r"seems to (?:be|have)|appears to (?:be|have)|looks to be|got it (?:fixed|working)|since)\b|"
    r"\b(?:recovered|fixed|restored|resolved|solved|back(?: up)?|up) (?:at|since|around|as of) [0-9]|^(?:it |"
    r"everything |all |that )?(?:is |was )?(?:now )?(?:fixed|resolved|solved|restored)\b(?! (?:soon|shortly|"
    r"later|in|by|tomorrow|tonight|within))"
)
UNDER_WAY = re.compile(
    r"\b(?:work(?:ing)? on (?:it|this|that|a fix|the|restoring|getting)|fixing|restoring|repairing|resolving|"
    r"recovering|restarting|rebooting|redeploying|deploying|rolling (?:out|back)|bringing (?:it|them|"
    r"the \w{2,12}) back|bring (?:it|them|the \w{2,12}) back|"
    r"getting it back|(?:fix|recovery|restore|repair|restart|rollback|deployment|work) (?:is |"
    r"are )?(?:in progress|coming|under way|underway|on (?:its|the) way|being|ongoing)|eta|hang (?:tight|on|"
    r"in there)|bear with (?:me|us)|not (?:yet )?(?:done|finished)|"
    r"(?:almost|nearly|halfway) (?:there|done|finished|ready)|be right back|brb|back (?:in|within) [0-9a]|"
    r"back (?:soon|shortly|later)|coming back(?: up)?|come back (?:soon|shortly|later|up in))\b|"
    r"^(?:about |around |another |give (?:me|us) |need |in )?(?:another |about |around )?[0-9]{1,3} ?(?:s|"
    r"secs?|seconds?|m|minutes?|h|hrs?|hours?)(?: more| left| or so)?$|\bneeds? (?:another|about|around|a few|"
    rf"some|more|[0-9])(?: more)? ?{_SPAN}\b"
)
"""The end is under way, whatever else a clause says."""
HEDGED = re.compile(
    r"\b(?:i think|i guess|i believe|i hope|seems?|seemingly|appears?|apparently|looks (?:like|ok|okay|fine|"
    r"better|to be)|looking (?:ok|okay|fine|better)|should|probably|maybe|perhaps|might|may be|likely|"
    r"hopefully|so far|for now|fingers crossed|kind of|sort of|more or less|for the moment|at first glance)\b"
)
IS_IT_OVER = re.compile(
    r"\bare you (?:now |all |both )?(?:able to|back in|in now|in again|good now|ok now|fine now|"
    r"still (?:seeing|getting|having|unable|locked))\b|\b(?:is|are) (?:it|this|that|everything|things|all|"
    r"the \w{2,12}|oa|vpn|your \w{2,12})(?: all| now| still| both| any| working){0,2} (?:working|work|fixed|"
    r"back|ok|okay|fine|good|better|up|solved|resolved|normal|gone|able to|seeing|getting|having|broken|down|"
    r"there|in|again)\b|"
    r"\b(?:do|does|did) (?:it|this|that|everything|the \w{2,12}|you|oa|vpn|they)(?: now| all)? (?:work|works|"
    r"load|open|help|fix|connect)\b|\b(?:do|does|did) (?:it|you|they|the \w{2,12}) still (?:see|get|have|"
    r"happen|fail|crash|show|say)\b|\b(?:can|could) you (?:now )?(?:log in|sign in|get in|connect|access|"
    r"reach)\b(?! via| with| remotely)|\b(?:can|could) you (?:now )?(?:open|see|use|send|print|receive|load|"
    r"work|submit|seal|save)\b[^,]{0,30}\b(?:now|again)$|"
    r"\b(?:any|is it|feels?|looking) (?:better|faster|improvement|luck|change)\b|^(?:still|any) (?:broken|"
    r"down|not working|the same|having|seeing|getting|issues?|problems?|errors?|better|slow|failing)\b|"
    r"\b(?:tell|let) (?:me|us) know? ?(?:if|whether) (?:it|that|this) (?:works|is)\b|\bif it works\b|"
    r"^(?:all )?(?:good|ok|okay|fine|working|works|fixed|better|back)(?: now| again)?$|\bhow (?:is|are) (?:it|"
    r"things|that) (?:now|looking)\b|\b(?:has|have) (?:it|that|this|the \w{2,12}) (?:helped|worked|gone|"
    r"recovered|come back|been (?:fixed|resolved|solved))\b"
)
"""Asked by an engineer; looked for in clauses that ask."""
_ASK_MARKS = re.compile(r"\b(?:tell|let) (?:me|us) know? ?(?:if|whether)\b|\bif it works\b")


def over(clause: str, *, by_engineer: bool = False) -> str | None:
    """The words of a clause that say that it works; a "not", "until" or "when" before them takes them back."""
    found = OVER.search(clause) or (DONE.search(clause) if by_engineer else None)
    if found is None:
        return None
    before = _NO_MORE.sub(" ", clause)
    return None if _NOT.search(before) else found[0]


def is_progress(clause: str) -> bool:
    """Whether the end that a clause speaks of has not come yet ("will be fixed in 10 minutes", "working on it")."""
    if OVER.search(clause) or DONE.search(clause):
        return STILL_TO_COME.search(clause) is not None or (
            SOME_TIME.search(clause) is not None and _HAPPENED.search(clause) is None
        )
    return UNDER_WAY.search(clause) is not None


def is_hedged(text: str) -> bool:
    """Whether somebody is not sure that it works ("seems to work now")."""
    return HEDGED.search(text) is not None


def asks_whether_over(clause: str, *, asks: bool) -> bool:
    """Whether an engineer asks himself whether it works again ("does it work now?")."""
    return (asks and IS_IT_OVER.search(clause) is not None) or _ASK_MARKS.search(clause) is not None
