"""The words by which an English line is a request, a question, or no report at all; texts are written out before."""

import re

WEAK = re.compile(
    r"lock|expired|\blost|stolen|missing|wrong|incorrect|invalid|\bfull\b|no access|no \w{2,9} access|denied|"
    r"duplicate|compromised|leaked|gone\b|issue|problem|trouble|slow|"
    r"can not (?:see|access|open|edit|use)|do(?:es)? not (?:have|see)|by mistake|\berrors?\b"
)
"""States that the remedy asked for would cure (label rule 4)."""

OPERATION = re.compile(
    r"\b(?:reset|re-?activate|unlock|unblock|unfreeze|restart|reboot|add|creat(?:e|ing)|set ?up|delete|remove|"
    r"deactivate|disable|enable|activate|grant|give|change|update|upgrade|install|restore|"
    r"roll(?:ing)? ?back|revert|export|import|send|return|transfer|move|assign|reassign|increase|extend|renew|"
    r"register|whitelist|allow(?:list)?|block|freeze|suspend|revoke|wipe|re-?bind|bind|configure|provide|"
    r"order|"
    r"buy|purchase|build|develop|customi[sz]e|quot(?:e|ation)|take (?:a |another )?(?:snapshot|backup)|"
    r"snapshot|access to|access for|arrange|schedule|merge|migrate|back ?up|clear|take (?:it |this |that |"
    r"them )?(?:down|offline)|unpublish|"
    r"replace|issue (?:me|us|a|new)|share|come|open (?:an?|the|up|my|our) (?:\w{1,12} )?(?:account|port|"
    r"firewall)|open ports?|lock|rename|correct|publish|apply|swap|raise|offer|print out|"
    r"ask the (?:\w{1,12} )?(?:vendor|provider|carrier|supplier)|a new one|(?:new|another|a|more|bigger|extra|"
    r"different|second|replacement|temporary) (?:[\w-]{1,12} ){0,2}(?:e-?seal|seal|stamp|usb key|account|"
    r"licen[cs]es?|seats|server|vm|disk|gb|tb|dashboard|report|form|module|feature|password|token|certificate|"
    r"mailbox)|[0-9]{1,5} (?:more |extra |additional |another )?(?:gb|tb|licen[cs]es?|seats|users|accounts)|"
    r"[0-9]{1,5} (?:gb|tb) of|approve|forward|sync|run (?:the|a)|execute|recall|withdraw|undo|hand over|"
    r"connect (?:our|the|us)|(?:password|pw) reset|help (?:me |us |needed |required |please )?with (?!it\b|"
    r"this\b|that\b)|help (?:on[- ]site|us on[- ]site|at|in room|"
    r"with the training))\b"
)
PLEA = re.compile(
    r"\b(?:please|kindly|(?:can|could|would|will) (?:you|someone|anyone|the team|(?:i|we) (?:please )?(?:get|"
    r"have))(?! (?:else )?(?:open|log in|sign in|access|reach|see|load|connect)\b)|(?:i|we)(?: would|"
    r"'d)? (?:need(?! to\b)|like|want|love|request)|need(?! to\b)|want(?:s|ed)? to (?:buy|order|get)|"
    r"requesting|help me|help us)\b"
)
IMPERATIVE = re.compile(
    r"^(?:reset|unlock|restart|reboot|add|create|delete|remove|deactivate|disable|enable|grant|give|install|"
    r"restore|roll back|export|transfer|increase|extend|renew|whitelist|block|send)\b"
)
ASKS = re.compile(
    r"\b(?:how (?:do|does|can|could|should|would|to|much|many|long|often|is|are|i|we)|where (?:do|does|can|"
    r"could|is|are|should|to)|what (?:is|are|does|do|about|kind|version|time|browser|format|happens|should|"
    r"can|means)|which|who (?:is|are|do|does|can|should|signs|approves|has)|"
    r"why|when (?:do|does|is|are|will|can)|is there (?:a|an|any|some)|are there|is it possible|(?:can|could|"
    r"may|should|do) (?:i|we)(?! (?:please )?(?:get|have)\b)|(?:i|we) (?:was |were |am |"
    r"are )?(?:wonder(?:ing)?|would like to know|want to know)|"
    r"(?:tell|show|explain|advise) (?:me |us |to us |to me )?(?:how|what|where|which|when|who|whether|if|why)|"
    r"(?:can|could|would) (?:you|someone|anyone) (?:please )?(?:tell|explain|show|advise|let me know)|"
    r"please tell me|"
    r"anyone know|does anyone know|do you (?:have|know|support|offer|provide)|are you (?:open|available)|"
    r"what do you (?:guys )?charge|question about|how come)\b"
)

OUT_OF_SCOPE = re.compile(
    r"\b(?:printers?|copiers?|photocopiers?|scanners?|fax(?: machine)?|toner|paper jam|air ?con(?:ditioning|"
    r"ditioner)?|a/c|heating|heater|radiator|lift|elevator|projector|coffee (?:machine|maker)|vending machine|"
    r"parking|garage|door (?:lock|card|badge)?s?|badge reader|toilets?|restroom|kitchen|fridge|microwave|zoom|"
    r"google meet|webex|(?:ms|microsoft) teams|teams (?:call|meeting|app)|whatsapp|wechat|dingtalk|telegram|"
    r"facebook|instagram|youtube|netflix|paypal|amazon|tv|television|keyboard|mouse|headset|webcam|microphone|"
    r"desk phone|chair|light(?:s|ing|bulb)?|power (?:cut|outage) in the building|water|leak(?:s|ing)? in the|"
    r"car|"
    r"taxi|parcel|courier)\b|"
    r"\b(?:other|another|partner|customer|client|supplier|their)(?: own)?(?: company| unit|"
    r" side)?'?s?(?: own)? (?:website|site|system|server|portal|platform)\b|\btheir own \w{1,12}\b"
)
NOTICE = re.compile(
    r"^\W{0,3}(?:public |urgent |important |general )?(?:notice|announcement|reminder|attention|heads[- ]?up|"
    r"fyi|"
    r"for your information|circular|memo|news(?:letter)?)\b|"
    r"^dear (?:all|colleagues|team|users|customers|everyone|staff)\b|^(?:to )?all staff\b|"
    r"^(?:planned|scheduled|upcoming) (?:maintenance|downtime|upgrade|outage)\b|\b(?:maintenance|upgrade|"
    r"downtime) (?:is )?(?:planned|scheduled|tonight|tomorrow|on \w{3,9}day|from [0-9]|"
    r"window on)\b[^?]{0,80}$|"
    r"\b(?:meeting|training|workshop|seminar|webinar|party|drill|lunch)(?: \w{1,12}){0,3} (?:is |was |"
    r"has been |"
    r"will be )?(?:moved|postponed|cancell?ed|rescheduled|starts|at [0-9]|on \w{3,9}day|in room|begins)\b|"
    r"\b(?:report|summary|minutes|handbook|manual|list|document|slides|statistics)(?: \w{1,12}){0,3} (?:is|"
    r"are|"
    r"has been|have been|was) (?:ready|attached|published|finished|done|uploaded|out|sent)\b|"
    r"\bplease (?:submit|hand in|return|fill in|send in|complete)\b[^?]{0,40}\b(?:before|by|until|"
    r"no later than)\b|"
    r"\bthis is (?:only |just )?a test\b|\bjust testing\b|\btest message\b|\bfor fault reports only\b|"
    r"\bdeploying \S{1,20} to (?:staging|test)\b"
)
RELAYED = re.compile(
    r"\b(?:got|had|received|took) (?:a |another |several )?(?:call|calls|ticket|tickets|report|reports|mail|"
    r"message|complaint)s? (?:from|about|that)\b|\b(?:users?|customers?|clients?|callers?|(?:a |"
    r"the )?colleagues?|someone|they|(?:the )?\w{2,12} (?:office|department|team)) "
    r"(?:\w{1,9} )?(?:report(?:s|ed|ing)?|called|calling|complain(?:s|ed|ing)?|rang|phoned|says?|said|wrote|"
    r"mailed)\b|\b\w{2,14} (?:just |also )?(?:called|rang|phoned)(?:,| and\b| that\b| in\b|:)|"
    r"\b(?:relay(?:ing|ed)?|forwarding|passing on|on behalf of|logging (?:it|this)|log this|reported by|"
    r"forwarded from)\b"
)
WHEN_OVER = re.compile(
    r"\b(?:when|how long|until when|what time)\b.{0,60}\b(?:back|fixed|up|available|work(?:ing|s)?|use|usable|"
    r"resolved|ready|over|restored|again|take)\b"
)
"""Asks when something works again."""
LOOK = re.compile(
    r"\b(?:help|look(?:ing)?|check|fix|solve|investigate|respond|reply|answer|see|hurry|advise|update me|"
    r"an? update|updates|news|wait|take (?:a look|care)|have a look|try|assist|do something|repair|asap|"
    r"urgently|let (?:me|us) know|tell|confirm|note|read|review|find attached|be (?:aware|patient)|"
    r"ignore|disregard|prioriti[sz]e|escalate|handle|resolve|get (?:it|this|that) (?:working|fixed|back)|"
    r"bring (?:it|the \w{2,12}) back|call|contact|time|two|more time|break|holiday|sign)\b"
)
"""Asks for attention and no operation."""
