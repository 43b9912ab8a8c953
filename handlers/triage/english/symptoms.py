"""The words by which an English line tells of a failure now, and those that only look like it; texts are written out before."""

import re

_DO = (
    r"(?:work|open|load|respond|start|connect|save|sync|show|appear|display|send|receive|arrive|come|go|let|"
    r"allow|update|refresh|print|submit|accept|"
)
_DO += (
    r"recogni[sz]e|react|run|boot|finish|complete|upload|download|register|log in|sign in|export|import|"
    r"process|reach|access|launch|match|return|get|see|"
)
_DO += (
    r"find|exist|answer|deliver|sign|seal|stamp|play|close|move|change|attach|convert|scroll|click|switch|"
    r"reply|function|help|turn on|pop up|build|render|make it through)"
)
_DOING = (
    r"(?:working|opening|loading|responding|starting|connecting|saving|syncing|showing|appearing|displaying|"
    r"sending|receiving|arriving|coming|going|"
)
_DOING += (
    r"updating|refreshing|printing|submitting|accepting|recogni[sz]ed|reacting|running|booting|available|"
    r"accessible|reachable|visible|possible|"
)
_DOING += (
    r"delivered|found|valid|getting|seeing|there|able|correct|right|usable|clickable|allowed|shown|saved|sent|"
    r"received|processed|up|online|letting|functioning|normal|ok|okay)"
)
SYMPTOM = re.compile(
    r"\b(?:can|could|be able to) (?:\w{1,9} ){0,1}not (?:(?:i|we|you|they|he|she|it) )?(?!wait|make it|come|"
    r"attend|"
    r"join|believe|remember|say|complain|thank|talk|speak|promise|recall|imagine|be bothered|decide|tell|"
    r"stop laughing|afford|agree|blame|help it)\w{2,15}|\b(?:unable|not able|impossible|not possible|failed|"
    r"fails|"
    r"failing) to\b|"
    r"\b(?:do|does|did|will|would) (?:\w{1,10} )?not (?:(?:even|seem to|want to|really|properly|actually|"
    rf"always|ever|currently|yet|let me|allow me to) ){{0,2}}{_DO}\b|"
    r"\b(?:is|are|was|were|am|been) (?:\w{1,10} )?not (?:(?:even|properly|being|really|yet|currently|"
    rf"at all) ){{0,2}}{_DOING}\b|^not (?:working|loading|opening|responding|connecting|able)\b|"
    r"\b(?:has|have|had) (?:\w{1,10} )?not (?:yet )?(?:received|arrived|got|gotten|come|loaded|"
    r"been (?:working|delivered|updated|sent|synced)|worked|seen (?:any|my|the))\b|"
    r"\b(?:my|his|her|our|the) (?:account|user|login)s? (?:is |was |got |has been )?(?:locked|blocked|disabled|suspended)\b|"
    r"^accounts? (?:is )?(?:locked|blocked)\b|\basks? (?:me|us) to (?:log in|authenticate|enter \w{2,9}(?: \w{2,9})?) "
    r"(?:every|each|again|all)\b|\b(?:button|click(?:ing)?|press(?:ing)?|tapping|hitting)(?: (?:on|the|a|it|\w{2,9})){0,3} "
    r"(?:does|do|did) (?:nothing|not do)\b|\b(?:click(?:ing)?|press(?:ing)?|tapping|hitting) (?:\w{2,9} ){1,3}has no effect\b|"
    r"\b(?:download|upload|transfer|export|print)\w{0,3} (?:always |just |then )?(?:dies|quits|aborts|ends|breaks)\b|"
    r"\b(?:it|this|that|form|page|system|editor|portal|oa|app|wps|browser) (?:always |just |then )?(?:loses|lost|swallows|"
    r"swallowed|eats|ate) (?:everything|all|my (?:input|changes|text|draft|work(?! phone))|our (?:input|changes|data))\b|"
    r"\b(?:my|our|the) (?:text|changes|input|drafts?|entries|data|attachments?|files?)(?: \w{1,9})? (?:gets?|got|is|"
    r"are) (?:lost|gone|eaten)\b|"
    r"\b(?:screen|page|window)(?: is| was| goes| went| turns| stays)? (?:all|completely|totally|just|entirely|"
    r"plain) (?:white|black|blank|blue)\b|"
    r"\b(?:logs?|throws?|kicks?) (?:me|us) (?:straight |right |immediately |directly )(?:out|off)\b|"
    r"\bno longer (?:works?|opens?|loads?|responds?|starts?|connects?|saves?|syncs?|appears?|displays?|sends?|receives?|"
    r"arrives?|comes?|accepts?|updates?|prints?|submits?|uploads?|downloads?|log in|recogni[sz]es?|working|opening|loading|up|"
    r"online|responding|connecting|receiving|available|accessible|reachable|visible|valid|there)\b|"
    r"\bno longer (?:gets?|getting|sees?|seeing|has|have(?! time)|having|shows?|finds?)\b|"
    r"\bcan (?:hardly|barely) (?!wait|believe|hear)\w{2,15}|"
    r"\bnever (?:arriv|com|load|open|connect|show|work|finish|start|respond|receiv|g[eo]t|sen[dt])\w{0,4}\b|"
    r"\b(?:nobody|none of (?:us|them|my|our|the))\b(?: \w{1,14}){0,6} (?:can|could|is able to|are able to|"
    r"receives?|"
    r"received|gets?|got|has (?:access|received)|sees?)\b|\b(?:users?|people|colleagues|offices|departments|"
    r"customers|we) (?:are|is) (?:all )?affected\b|\b(?:just|suddenly|always|immediately|randomly|instantly|"
    r"simply) (?:closes|quits|exits|restarts|stops|shuts (?:down|off)|minimi[sz]es)\b|\b(?:closes|quits|exits|"
    r"restarts|shuts down|rebooted|restarted|reboots) (?:by )?itself\b|\b(?:not|nothing) (?:is )?(?:working|"
    r"responding|loading|happening|received|delivered|showing|recogni[sz]ed|reachable|accessible|syncing)\b|"
    r"\bnothing (?:happens|happened|works|loads|shows|opens|comes|appears|moves)\b|"
    r"\b(?:errors?|errored|bugs?|buggy|glitch(?:es|y)?|exceptions?|crash(?:es|ed|ing)?|outages?|time(?:s|"
    r"d)? ?outs?|"
    r"timing out|fail(?:s|ed|ing|ures?)?|corrupt(?:ed)?|freez(?:es|ing|e)|frozen|hangs|hanging|hung|"
    r"unreachable|"
    r"unavailable|inaccessible|unusable|unresponsive|offline|disconnect(?:s|ed|ing)?|denied|refused|rejected|"
    r"invalid|expired|disappear(?:s|ed|ing)?|vanish(?:es|ed|ing)?|vanish(?= (?:after|when|as|on|while|every|again))|"
    r"garbled|gibberish|misaligned|malfunction(?:s|ing)?|"
    r"laggy|"
    r"lagging|sluggish|acting up|acts up|messed up|screwed up|not authori[sz]ed|unstable|flaky|flickers?|"
    r"flickering|"
    r"overloaded|throttled|(?:stays?|is|are|remains?) (?:just )?(?:gr[ea]y(?:ed)?|blank|black|white)(?: out)?|"
    r"gr[ea]yed out)\b|"
    r"\b(?:problems?|issues?|troubles?|difficult(?:y|ies))\b|\b(?:locked|kicked|logged|thrown|signed|"
    r"shut) (?:me |"
    r"us |him |her |them |people )?out\b|\b(?:logs|kicks|throws|signs|locks|boots) (?:me|us|him|her|people|"
    r"everyone|"
    r"them) (?:out|off)\b|\b(?:is|are|was|am|been|got|gets|get|getting|has|says?|"
    r"shows?) (?:\w{1,9} )?locked\b|"
    r"\b(?:white|black|blue|blank|empty|frozen) (?:screen|page|window|file|document|list|result)s?\b|"
    r"\bloading (?:screen|forever)\b|"
    r"\b(?:no|zero) (?:\w{2,12} )?(?:internet|network|connection|connectivity|signal|response|wi-?fi|results?|"
    r"codes?|sms|sound|mails?|access|reaction|service|notifications?|messages|data|reply|"
    r"option)\b(?! required)|"
    r"\bno luck (?:connecting|opening|logging|log|accessing|with)\b|"
    r"\b(?:4(?:0[0134]|29|99)|50[0-4])s?\b(?! (?:people|users|gb|mb|sms|eur|usd|more|documents))|"
    r"\bhttp [45][0-9]{2}\b|\b(?:bad gateway|internal server error|page not found|service unavailable|"
    r"forbidden|"
    r"unauthori[sz]ed)\b|"
    r"\b(?:hack(?:ed|ing)|broke(?:n)? into|break[- ]in|ransomware|malware|virus|phishing|deface(?:d|ment)|"
    r"hijacked|"
    r"data breach|breached|leaked|under attack|attacked|compromised|gambling|trojan|ddos)\b|"
    r"\b(?:out of (?:space|memory|disk)|no space left|disk (?:is )?full|session (?:has |is )?expired|"
    r"packet loss|"
    r"does not exist|asking for my password)\b|\bsees? (?:\w{1,9} ){0,2}(?:of |from )?(?:another|other|"
    r"someone else'?s?|somebody else'?s?) (?:person|people|user|colleague|department)\b|"
    r"\bsee documents of another\b|"
    r"\bnot (?:opening|loading|connecting|available|working|reachable|visible|appearing|showing|coming|"
    r"sending|"
    r"receiving|saving)\b|\bwaiting (?:\w{1,9} )?(?:for|on) (?:my|the|a) (?:\w{1,14} )?(?:codes?|2fa|sms|otp|"
    r"mail)\b"
)
"""A failure whatever it is said of."""
LEAK = re.compile(
    r"\b(?:sees?|seeing|saw|shows?|showing|read|opens?|get|got) (?:me |all |the |us |here |suddenly ){0,2}"
    r"(?:another|other|someone else'?s?|other people'?s?|strangers'?|foreign)(?: (?:person|people|user|colleague|"
    r"department|office|"
    r"unit|team|company|employee)s?)?'?s?'? (?:\w{1,9} )?(?:files?|documents?|mails?|data|tasks?|papers?|folders?|"
    r"salar(?:y|ies)|records?|"
    r"pay ?slips?|invoices?)\b|"
    r"\b(?:documents?|files?|data|mails?|tasks?|folders?|records?) of (?:another|other) (?:compan|department|office|unit|"
    r"team)\w{0,3}\b|"
    r"\b(?:others|other (?:people|users|departments|offices)|strangers|outsiders) can (?:also |now |all )?(?:see|read|"
    r"open) (?:my|our)\b"
)
"""Somebody reads what is not his: a matter of security."""
STATE = re.compile(
    r"\b(?:down|dead|died|stuck|gone|broke|broken|breaks|stopped|stops|slow(?:ly|er|ness)?|spin(?:s|ning)|"
    r"crawling|missing|dropp(?:ed|ing)|drops|forever|half the (?:page|data)|out of order|(?:keep|keeps|"
    r"kept) (?:on )?(?:\w{2,14}ing)|messing up|"
    r"(?<!he )(?<!she )(?<!they )(?<!you )(?<!i )(?<!we )(?<!nobody )(?<!vendor )(?<!support )(?<!team )(?<!that )"
    r"(?:(?:does|did|do) (?:just |simply |absolutely |literally )?nothing(?! (?:to|wrong|else|new|special|but|need)\b)|"
    r"(?:do|does|did|will|would|is) not (?:even |really )?(?:do|doing) (?:anything|a (?:\w{1,9} )?thing)))\b"
)
"""A failure of what a line names or points to ("it is down", "still stuck"); of people it is none ("I'm stuck in traffic")."""
POINTED = re.compile(
    r"\b(?:it|this|that|everything|nothing|screen|window|click(?:ed|ing)?|computer|pc|laptop|tab|menu|pdf|"
    r"excel|orders?|queue|job|cluster|container|timesheet|payroll|comments?)\b"
)
_FIRST_PERSON = re.compile(
    r"\b(?:i am|we are|you are|he is|she is|they are|my (?!\w{1,12} (?:is|are) (?:broken|stuck|dead|down)))\b"
)
ODD = re.compile(
    r"\b(?:(?:went|gone|going|goes) (?:crazy|mad|nuts|haywire|wild)|on strike|no good(?! (?:news|ideas?|reason|time))|"
    r"useless|playing up|plays up|a mess|"
    r"misbehav(?:es|ed|ing)|hopeless|kaputt?|bust(?:ed)?|(?:disk|drive|mailbox|inbox|storage|volume|partition|space|"
    r"memory|queue)\b.{0,20}\bfull|lost|wrong|"
    r"incorrect|weird|strange|odd|off|empty|blank|blurry|late|delayed|latency|lags|"
    r"duplicated?|overlap(?:s|ping)?|cut off|half cut|intermittent(?:ly)?|refuses?|rejects?|leads? (?:me |"
    r"us )?(?:nowhere|to (?:an? )?(?:error|empty))|terribl[ey]|horribl[ey]|awful(?:ly)?|unbearabl[ey]|"
    r"i can not$|comes? out empty|lost \w{3,14}|bounc(?:es|ed|ing)|redirect(?:s|ed|ing)?|eats?|loops?|looping|"
    r"in circles|"
    r"again and again|over and over|all of a sudden|suddenly|doubled|old version|outdated|not right|messy|"
    r"piling up|pile(?:s|d)? up|mixed up|out of sync|tries before|(?:takes?|taking|took) (?:almost |nearly |"
    r"about |over |more than |up to )?(?:forever|ages|too long|so long|very long|a (?:very )?long time|"
    r"(?:a|[0-9]{1,3}|two|three|five|ten) (?:minute|second|hour|trie|attempt)s?)|"
    r"(?<!i )(?<!we )(?<!you )(?<!they )(?:do|does|did) not (?!need|know|think|mind|matter|want|like|"
    r"care)\w{2,14}|without (?:any )?(?:effect|response|result)s?|"
    r"not (?:be(?:en)? )?(?!need|interest|relat|involv|concern|requir|worri|surpris|schedul|decid|plann|start|"
    r"finish|confirm|us(?:ed)?|ask|allow)\w{3,12}ed|no (?:push|new|incoming|outgoing) \w{3,14}|by itself|"
    r"on its own)\b"
)
"""Odd of a system that the line names; of anything else small talk ("lost my keys")."""
INTERMITTENT = re.compile(
    (
        r"\b(?:slow(?:ly|er|ness)?|lag(?:gy|s|ging)?|sluggish|latency|takes? (?:almost |nearly |about |over |"
        r"more than |up to )?(?:forever|ages|too long|so long|very long|a |[0-9]|two|three|ten|half)|sometimes|"
        r"occasional(?:ly)?|"
        r"intermittent(?:ly)?|now and then|on and off|off and on|from time to time|every (?:few |couple of |"
        r"[0-9]{1,2} |two |five |ten |now|once)\w{0,9}|drops|dropping|keeps? (?:dropping|disconnecting)|unstable|"
        r"flaky|flicker(?:s|ing)?|fonts?|layout|misaligned|colou?rs?|looks? (?:weird|strange|odd|wrong|different|"
        r"ugly)|dates? (?:\w{1,9} ){0,4}(?:wrong|off|incorrect)|sort(?:ed|ing)? order|blurry|packet loss|"
        r"for a (?:moment|second|few seconds)|overlap(?:s|ping)?|cut off|too (?:small|big|large)|still usable|"
        r"workaround|p9[0-9])\b"
    ),
)
MASK = re.compile(
    r"\b(?:no|not an?|without|any|whatever|had) (?:more |further |big |such )?(?:problem|issue|trouble|error|"
    r"worrie|"
    r"difficult)(?:s|y|ies)?\b(?! (?:with|opening|accessing|connecting|logging|seeing|loading|in ))|"
    r"\b(?:error|fault|problem|issue|incident|outage|crash|trouble|bug) (?:reports?|logs?(?! in\b)|trackers?|"
    r"lists?|"
    r"tickets?|"
    r"handling|statistics|drills?|management|rates?|templates?)\b|"
    r"\b(?:do not|does not|did not|would not|could not) (?:know|think|mind|matter|worry|need|hesitate|forget|"
    r"understand|remember|want to|like|care|bother)\b|\bi do not work (?:on|here|there|in|at)\b|"
    r"\b(?:he|she) (?:is |does |did |has |just |still ){0,2}not (?:\w{1,9} )?(?:respond|answer|repl|react|pick|reach)\w{0,4}\b|"
    r"\bhow (?:can|do|could|to|would) (?:(?:i|we) )?(?:see|read|open) (?:other|another|someone)\b|"
    r"\b(?:i|we|he|she|they) no longer works? (?:here|there|in|at|on|for|with)\b|"
    r"\b(?:if|in case|should) (?:you|anyone) (?:have|has|get|see|run into|notice|"
    r"face)(?: \w{1,9}){0,3} (?:problem|"
    r"issue|question|error|trouble)s?\b|"
    r"\b(?:not answering|does not answer|is not picking up|not reachable) (?:his|her|their|the)? ?(?:phone|"
    r"calls?|"
    r"mails?)\b|\b(?:slow down|sit down|write down|calm down|take (?:it |this |that |them )?down|narrow down|"
    r"lock down|shut down the)\b|\bdown (?:the|at|to|in) (?:the )?(?:hall|road|street|corner|warehouse|"
    r"kitchen)\b|"
    r"\b(?:lost|stolen) (?:my|his|her|our|the|a) (?:work |company )?(?:phone|laptop|device|tablet|badge|"
    r"usb key|"
    r"token)\b|"
    r"\b(?:worst|wrong) (?:channel|group|chat|window|thread|place|room)\b|\b(?:expiry|expiration)\b|"
    r"\bfull (?:name|"
    r"list|time|day|access|version|address|screen|text)\b|\bwith (?:all|full) \b|\bdead ?lines?\b|"
    r"\bnothing (?:to|"
    r"else|new|wrong)\b|"
    r"\b(?:error|mistake|fault) (?:is|was) (?:mine|my|ours|on me|on my)\b|\bno (?:response|reply|reaction|"
    r"answer)(?: \w{1,9}){0,2} (?:so far|yet|from (?:you|anyone|support|it))\b|\bwhat is taking\b|\b(?:full|"
    r"not full)ness\b|\b(?:slow|break|broke|stuck|drop) (?:season|the (?:ice|news|record))\b|\b(?:lost|"
    r"gone) (?:track|count|home|out|to (?:lunch|bed|the))\b|\bsafe(?:ly)? down\b|\bdrop(?:s|ped|ping)? (?:by|"
    r"in|off|"
    r"me a)\b|\blocked accounts?\b|\bauto-?lock\w{0,3}\b|\b(?:odd|weird) (?:one|question|ask)\b|\bwork(?:s|"
    r"ing)? offline\b|\bunlocks? (?:by itself|automatically)\b|\bdown to (?:one|two|three|four|[0-9])\b"
)
"""Words that only look like a failure."""
ADVISED = re.compile(
    r"^(?:(?:and|but|so|well|ok|hi all|hi) ){0,2}(?:if|in case|should) (?:it|you|this|that|anything|something|anyone|"
    r"the \w{2,12})\b"
    r".{1,60}?[ ,](?:please |just |then |simply ){0,2}(?:call|contact|tell|ping|message|text|mail|write|let (?:me|us|"
    r"\w{2,9}) know|ask|"
    r"reach out|try|restart|reload|come) ?(?:me|us|to me|support|the|your|it|again|back|$)"
)
"""What to do if it should fail; whether it does is not said."""
HEARSAY = re.compile(
    r"\b(?:(?:the )?(?:news|papers?|internet|radio|tv) (?:says?|said|reports?)|(?:say|says|said|saw|read|heard)(?: \w{1,9}){0,3} "
    r"(?:on|in) (?:the )?(?:news|twitter|reddit|internet|tv|radio|x)|(?:on|in) (?:the )?(?:news|twitter|reddit|tv|"
    r"radio) (?:that|they|it))\b"
)
HYPOTHETICAL = re.compile(
    r"\bwhat (?:happens|would happen|will happen|do (?:i|we) do|should (?:i|we) do|to do|can (?:i|we) do)\b|"
    r"\b(?:suppose|hypothetically|in case)\b|\bif (?:i|we|you|it|the|a|an|my|our|someone|anyone)\b"
)
NOW = re.compile(
    r"\b(?:today|now|since|this morning|just|again|currently|at the moment|still|keeps?|i (?:get|got|see|"
    r"am getting)|it (?:says|shows))\b"
)
PLANNED = re.compile(
    r"\b(?:will|would|going to|planned|scheduled|during|tonight|tomorrow|next week|on (?:sun|mon|tues|wednes|"
    r"thurs|fri|satur)day|weekend)\b.{0,60}\b(?:be (?:down|offline|unavailable)|upgrade|maintenance|downtime|"
    r"update|migration|release)\b|"
    r"\b(?:upgrade|maintenance|downtime|migration)\b.{0,40}\b(?:tonight|tomorrow|next week|weekend|how long|"
    r"when)\b"
)
DESIGN = re.compile(
    r"\bwhy (?:do|does|is|are|must|can) (?:\w{1,12} ){1,4}(?:need to|have to|must|only|required|limited|"
    r"allowed|not allowed|expires?|ask(?:s|ed)? for)\b"
)


def points(text: str) -> bool:
    """Whether a clause speaks of a thing without its name ("it is down"), or is too short to speak of a person ("down again")."""
    if POINTED.search(text):
        return True
    return text.count(" ") < 4 and _FIRST_PERSON.search(text) is None
