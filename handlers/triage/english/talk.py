"""The English words of an answer, of a detail, of thanks, and of what is about something else."""

import re

OFF_TOPIC = re.compile(
    r"\b(?:lunch|dinner|breakfast|coffee|tea|beer|pizza|cakes?|snacks?|restaurant|weather|rain(?:ing|y)?|"
    r"sunny|weekend|holidays?|vacation|birthdays?|congrat\w{0,12}|happy (?:birthday|friday|monday|new|"
    r"holidays?|easter|anniversary)|merry|parking|football|soccer|golf|tennis|movies?|netflix|kids|"
    r"haha\w{0,10}|lol|rofl|lmao|"
    r"(?:good )?(?:morning|afternoon|evening|night) (?:everyone|all|team|folks|guys|everybody)|"
    r"see you (?:tomorrow|later|monday|soon|at)|great (?:job|work|numbers|week)|well done|well deserved|party|"
    r"drinks|pub|gym|stocks?|bonus|salary|pay(?:day)?)\b"
)
THANKS = re.compile(
    r"^(?:ok |okay |great |perfect |oh |wonderful |super |awesome |no |and |many |much |so ){0,3}(?:thanks|"
    r"thank you|thank u|cheers|much appreciated|appreciated|appreciate it|you are (?:the best|great|a star))\b"
)
ANNOUNCEMENT = re.compile(
    r"^\W{0,3}(?:\[|notice|announcement|fyi|heads[- ]?up|reminder|attention|dear (?:all|colleagues|team|users|"
    r"everyone)|hi all|hello all|planned|scheduled|upcoming|good morning)\b|\bon[- ](?:duty|call)(?: (?:today|"
    r"engineer|this week|person|phone|tonight|tomorrow|staff)){0,2} ?:|\btoday's (?:on[- ](?:call|duty)|"
    r"duty)\b|"
    r"\b(?:this|the) (?:channel|group) (?:is )?(?:only |just )?(?:for|to)\b|\bkeep this (?:channel|group)\b|"
    r"\b(?:planned|scheduled) (?:maintenance|downtime)\b|\bmeeting\b"
)
ANSWER = re.compile(
    r"\b(?:on (?:it|this|that|my way|the way|the case|my list)|(?:hold|sit|hang) tight|not (?:there )?yet|"
    r"there yet|another go|opened|assign(?:ed|ing)|pulling|dig|got (?:it|this|you|that)|gotcha|ok|okay|okey|"
    r"sure|yes|will (?:do|check|look|have|take|fix|be|see|report|try|get|call|let|follow|investigate|handle|"
    r"ask|come|send|update|restart|contact|go|work)|i will|we will|i have|we have|let me|let us|look(?:s|ing|"
    r"ed)?|check(?:s|ing|ed)?|investigat\w{1,5}|"
    r"debugging|digging|diagnos\w{1,4}|analy[sz]\w{1,4}|taking|take (?:this|a look|it|over|care|that)|"
    r"give (?:me|us)|one (?:sec|second|moment|minutes|minute|mo)|moments?|a (?:sec|second|minute|minutes|"
    r"moment)|just a|sec|ack|acked|acknowledged|roger|copy(?: that)?|noted|received|understood|i see|see it|"
    r"seen|thanks for (?:reporting|letting|the|your|flagging)|"
    r"work(?:ing|s)? on|fix(?:ed|ing|es)?|restart\w{0,3}|reboot\w{0,3}|reset\w{0,4}|restor\w{1,4}|"
    r"repair\w{0,3}|resolv\w{1,3}|solv\w{1,3}|recover\w{0,4}|please|try|tried|trying|could you|can you|"
    r"have you|are you|did you|do you|does it|is it|which|what|when did|where do|since when|how many|"
    r"screenshots?|screen shot|errors?|eta|deploy\w{0,4}|"
    r"roll(?:ed|ing)? (?:back|out)|vendors?|provider|carrier|contact(?:ed|ing| the| them)|pass(?:ed|ing)|"
    r"escalat\w{1,4}|"
    r"forward(?:ed|ing)?|coming|be (?:there|right|back)|found|should|in [0-9]{1,3} ?(?:minutes|hours?|h|m|s)|"
    r"minutes|soon|shortly|done|refresh\w{0,3}|cache|cookies|version|browser|your (?:\w{1,12} )?(?:user|"
    r"account|name|pc|computer|laptop|phone|id|screen|machine)|"
    r"back|up|root cause|cause|hang (?:on|tight)|hold on|stand by|bear with|wait|confirmed?|reproduc\w{1,4}|"
    r"remote|teamviewer|anydesk|call(?:ed|ing)? you|handling|handle|my turn|mine|almost|nearly|expect\w{0,3}|"
    r"still|not yet|works?|working|again|normal|all good|sorted|cleared|unlock\w{0,3}|replac\w{1,4}|"
    r"updat\w{1,4}|apolog\w{1,4}|sorry|recovery|progress|partially|half)\b|^(?:k|kk|yep|yup|here)$"
)
DETAIL = re.compile(
    r"\b(?:browsers?|chrome|edge|firefox|safari|explorer|version|user ?names?|user ?id|account|employee (?:id|"
    r"number)|screenshots?|screen shot|errors?|code (?:is|was)|says?|shows?|message (?:is|was|says)|"
    r"my (?:\w{1,9} )?(?:pc|computer|laptop|phone|machine|mac|desktop|extension|name is|desk)|(?:i am |"
    r"i )?(?:on|using|with) (?:windows|mac(?:os)?|linux|android|ios|iphone|"
    r"chrome|firefox|edge|safari|wi-?fi|vpn|mobile data|4g|5g|version)|refreshed|restarted|rebooted|"
    r"re-?logged|reinstalled|tried|cleared (?:the |my )?(?:cache|cookies)|cache|network|cable|still (?:not|no|"
    r"the same|same|getting|see|does)|extension [0-9]|ip (?:is|address)|i (?:already|have already|use|"
    r"am using)|since [0-9]|it (?:started|happens|happened|only happens))\b|0x[0-9a-f]{2,8}"
)
TIME = re.compile(
    r"\b(?:by|before|after|until|over|during|around|this|next) (?:the )?(?:lunch|weekend|holidays?|coffee|"
    r"night|morning|evening)\b"
)
FILE = re.compile(r"[^ ]{1,80}\.[a-z0-9]{2,4}\b")  # "err.log" is a file, and answers nothing
