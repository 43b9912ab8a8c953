"""What an English line does in a running dialogue: joins, chases, ends, withdraws, or answers an open ticket."""

import re

from handlers.triage.english import colleagues, endings, naming, replies, symptoms, talk, withdrawals, words
from handlers.triage.english.manners import without_manners
from handlers.triage.english.signs import Line, symptom

CHASER = re.compile(
    r"\b(?:any|an|some) (?:\w{1,9} )?(?:updates?|news|progress|word|eta|idea when|developments?|feedback|"
    r"luck(?: yet)?)\b|\b(?:status|progress|eta)(?: update| report)?$|^(?:update|status|eta|bump|ping|up|"
    r"hello\?|anyone|progress|news)$|\bhow (?:much longer|is it going|is it looking)\b|\bhow (?:long|soon|"
    r"far)(?:$| (?:will|does|is|do|would|until|till|before|are|can) (?:it|this|that|you|we|i|they)\b| (?:more|"
    r"still|now|to go)\b)|"
    r"\bwhen (?:will|is|are|can|do|does|would|should) (?:\w{1,12} ){1,4}(?:be |get |going to be |"
    r"expect(?:ed)? (?:it )?(?:to be )?)?(?:fixed|back|ready|working|done|resolved|up|available|over|again|"
    r"online|work|expect|use|repaired|restored|solved)\b|"
    r"\bany chance\b|\b(?:we|i|people|customers|clients|users|everyone|they) (?:are|is|am) (?:all |still |"
    r"already )?waiting\b|\bwhen (?:it|this|that|the \w{2,12}) (?:will|is|can|would|might)\b|"
    r"\bhave you (?:guys )?(?:found|heard|got|had|made|seen)\b|^so$|\bno (?:reaction|reply|response|"
    r"answer)(?: \w{1,9}){0,2} (?:so far|yet)\b|"
    r"\bwhat is (?:the |our |its )?(?:status|eta|progress|going on|happening|up with|taking)\b|\bhow (?:is|"
    r"are) (?:it|things|this|that) (?:going|coming|looking|progressing)\b|\bstill (?:waiting|pending|open|"
    r"no (?:answer|reply|response|update|news|one))\b|^waiting\b|"
    r"\b(?:is|are|has|did|does|will|was) (?:there )?(?:anyone|someone|any ?body|you guys|you|"
    r"the team) (?:\w{1,9} )?(?:on (?:it|this)|looking|working|handling|dealing|taking|assigned|looked|seen|"
    r"see|read|there|reading|picking|checking|going to|help|respond|answer)\b|^anyone (?:there|looking|"
    r"on (?:it|this)|here|around|available|working|help)\b|"
    r"\b(?:is|are|has|was) (?:it|this|that|the (?:issue|problem|system|portal|vpn|\w{2,12})|vpn|oa|"
    r"mail)(?: already| now| been| finally)? (?:fixed|back|resolved|solved|sorted|working|up|done|ready|"
    r"restored|repaired|over|ok)\b(?! to\b)|\b(?:fixed|done|back|resolved|working|ready) yet\b|"
    r"\b(?:please )?hurry(?: up)?\b|\basap\b|"
    r"\b(?:(?:so|very|quite|really|extremely|super|rather) urgent|urgent(?:ly)?)\b|\b(?:can|could|would|"
    r"will) (?:you|someone|anyone|any ?body)(?: guys| please| kindly| maybe){0,2} (?:help|look|check|"
    r"have a look|take a look|respond|reply|answer|fix|investigate|see|do something|handle|assist|update|jump|"
    r"prioriti[sz]e)\b|"
    r"\bplease (?:\w{1,9} )?(?:help|look|check|respond|reply|advise|fix|investigate|have a look|take a look|"
    r"assist|do something|answer|prioriti[sz]e|update|escalate|speed|expedite|react|see to|take care)\b|"
    r"\b(?:need|needed) (?:it|this|that)? ?(?:urgently|right now|immediately|quickly|today|fixed)\b|\b(?:help|"
    r"fix it|fix this|look at (?:it|this)) (?:please|quickly|now|soon)\b|\bas soon as possible\b|"
    r"\b(?:nobody|no response|no reply|no answer|no feedback)(?: \w{1,9}){0,3} (?:answer(?:s|ed|ing)?|"
    r"repl(?:y|ies|ied)|responds?|responding|yet|so far|since)\b|\bfollow(?:ing)? up\b|\bgentle reminder\b|"
    r"\bremind(?:er|ing) (?:about|of|you)\b|\bclock is ticking\b|\bdeadline\b"
)
_US = (
    r"(?:here|for (?:me|us|our \w{2,12}|\w{2,12})|(?:in|at|on|over|by) (?:\w{1,12} ?){1,3}|with (?:me|us)|"
    r"on my (?:side|end|pc|laptop))"
)
ME_TOO = re.compile(
    r"^\+ ?[0-9]\b|^(?:yes |yeah |hi |hey |and |it is |exactly |also |the |oh |is |experiencing |have |"
    r"having |getting |got |see |seeing |i am |we are |i |we ){0,4}(?:the )?same(?: (?:thing|problem|issue|"
    r"error|trouble|fault|symptoms?|message|behaviou?r|story|situation))?(?: too| also|"
    rf" as well)?(?: {_US}){{0,2}}(?: too| also| as well)?$|"
    r"^(?:ditto|likewise|me too|us too|me also|us also|me as well|us as well|me neither|neither can (?:i|we)|"
    r"same|mine too|ours too|mine as well|so (?:do|does|am|is|are) (?:i|we|mine|ours)|also (?:here|affected|"
    r"us|me)|affected (?:too|as well|here)|here (?:too|also|as well)|we too|i too|count me in|seconded)\b|"
    r"\b(?:same|identical|similar) (?:problem|issue|thing|error|trouble|message|symptoms?)? ?(?:here|in|at|"
    r"for (?:me|us|our|\w{2,12})|with (?:me|us))\b|\b(?:have|having|has|got|get|getting|see|seeing|face|"
    r"facing|experienc\w{1,3}) (?:exactly )?(?:the )?(?:very )?(?:same|identical|similar) (?:problem|issue|"
    r"thing|error|trouble|fault|message|symptom)s?\b|"
    r"\bhappen(?:s|ing) (?:here|in|at|on) |\b(?:happen(?:s|ing|ed)?|goes|same) (?:to|for|with) (?:me|"
    r"us)(?: too| as well| also)?\b|\b(?:i|we|he|"
    r"she|they|mine|ours|my \w{2,12}|our \w{2,12}|\w{2,12}) (?:can not|do not|does not|could not|did not|"
    r"am not|are not|is not) either\b|\b(?:am|are|is) (?:also )?affected(?: too| as well)?\b|\bmine (?:is|"
    r"does|has) (?:too|as well|also)\b|\b(?:see|seeing|have|having|get|getting|experiencing|noticed?) (?:that|"
    r"this|it|those)(?: here)? (?:too|also|as well)\b|\baffect(?:s|ing|ed)? (?:us|me)\b"
)
_IMPATIENT = re.compile(r"(?:hello|hi|hey|anyone|so|well|guys|team)[ !]{0,2}\?{2,9}")
_SUPPOSED = re.compile(r"^(?:and |but |so )?(?:if|in case|should it|whenever)\b|\b(?:ping|call|tell|message|let) me\b")
"""It might not work again; that it does not is not said ("if it goes down again, ping me")."""
ALSO = re.compile(r"\b(?:too|also|as well|either|neither)\b")


def adds(said: str) -> bool:
    """Words (as cleaned) that tell the circumstances of a fault: what its reporter adds."""
    line = Line(said)
    if talk.OFF_TOPIC.search(line.said) or talk.ANNOUNCEMENT.search(line.said) or words.NOTICE.search(line.said):
        return False
    return talk.DETAIL.search(line.said) is not None


def is_me_too(line: Line) -> bool:
    """Somebody has the same trouble ("+1", "same here", "I can't open it either"); joins the newest open ticket of the chat."""
    said = without_manners(line.said)
    if ME_TOO.match(said) is not None and not replies.is_relapse(said) and not line.asks:
        return True
    return any(
        not part.asks
        and not replies.is_relapse(part.text)
        and (
            ME_TOO.search(part.text) or (ALSO.search(part.text) and symptom(part, named=bool(line.systems)) is not None)
        )
        for part in line.clauses
    )


def is_resolved(line: Line, *, by_engineer: bool = False) -> bool:
    """It works now, and nothing after that contradicts it; what an engineer advises or expects is no end."""
    if line.signs.failing:
        return False
    pending = False
    found = False
    for part in line.clauses:
        if endings.is_progress(part.text):
            pending, found = True, False
        elif not part.asks and replies.is_relapse(part.text):
            found = False
        elif not part.asks and endings.over(part.text, by_engineer=by_engineer):
            pending, found = False, True
    return found and not pending


def is_withdrawn(line: Line) -> bool:
    """The reporter takes it back ("never mind", "my mistake, cable was unplugged"): closed without a breach (dialogue rule 6)."""
    if line.signs.failing or line.signs.operation or talk.OFF_TOPIC.search(line.said):
        return False
    return any(withdrawals.takes_back(part.text) for part in line.clauses if not part.asks)


def is_relapse(line: Line) -> bool:
    """It does not work after all, or not yet ("down again", "still broken"); an end that comes later takes it back."""
    told = [part for part in line.clauses if not part.asks and not line.signs.ended]
    return any(replies.is_relapse(part.text) and not _SUPPOSED.search(part.text) for part in told)


def is_no(line: Line) -> bool:
    """A plain no to the question whether it works again, alone or in front of what is wrong ("no, still broken")."""
    return replies.is_no(line.said) or (
        len(line.clauses) > 1 and replies.is_no(line.clauses[0].text) and line.signs.failing is not None
    )


def is_yes(line: Line) -> bool:
    """A plain yes to it."""
    return not line.signs.failing and replies.is_yes(line.said) and not line.asks


def asks_whether_over(line: Line) -> bool:
    """An engineer asks the group himself whether it works again."""
    return any(endings.asks_whether_over(part.text, asks=part.asks) for part in colleagues.told_the_group(line.clauses))


def chasing(line: Line) -> str | None:
    """The words that ask after an open ticket: no failure, no end, no planned downtime."""
    found = next((hit for part in line.clauses if (hit := CHASER.search(part.text))), None) or _IMPATIENT.fullmatch(
        line.said
    )
    if not found or symptoms.PLANNED.search(line.said):
        return None
    return None if line.signs.failing or line.signs.ended else found[0]


def is_response(line: Line) -> bool:
    """Whether an engineer's plain line answers an open ticket (dialogue rules 3 and 7): as for Chinese, a line without any sign
    of an answer is none, nor what he asks his colleagues."""
    said = talk.TIME.sub(" ", line.said)
    if not said or line.is_command or talk.ANNOUNCEMENT.search(said) or words.NOTICE.search(said):
        return False
    if words.RELAYED.search(said) and line.signs.failing:
        return False
    if talk.OFF_TOPIC.search(said):
        return False
    to_reporter = colleagues.told_the_group(line.clauses)
    if len(to_reporter) < len(line.clauses):
        return any(colleagues.answers(part) for part in to_reporter)
    words_alone = talk.FILE.sub(" ", said)
    return talk.ANSWER.search(words_alone) is not None or (
        " " in words_alone.strip() and bool(naming.systems(words_alone))
    )
