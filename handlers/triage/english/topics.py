"""Whom an English line concerns beside the first line, and how wide its trouble reaches."""

import re

from handlers.triage.english import symptoms


def _any(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b")


JOINER = re.compile(r"\b(?:by the way|btw|also|another thing|in addition|one more thing|besides)\b")
THIRD_PARTY_ADDRESSED = _any(
    r"vendors?|providers?|suppliers?|carriers?|isp|manufacturer|third[- ]party|whitelist(?:ed)?|"
    r"allow-?list(?:ed)?"
)
THIRD_PARTY_ASKED = _any(
    r"support(?:s|ed)?|compatib(?:le|ility)|limits?|quotas?|capacity|concurrent|valid(?:ity)?|"
    r"renew(?:al|ing|ed|s)?|prices?|costs?|fees?|how much|how many|newer version|new version|versions?|"
    r"licen[cs]es?|bandwidth|new (?:e-?)?(?:seal|stamp|usb key)s?|replace(?:ment)?|reissued?|expir(?:y|es?)|"
    r"extend|polic(?:y|ies)|seal for"
)
BUSINESS = _any(
    r"prices?(?: list)?|pricing|quot(?:e|es|ation|ations)(?! approval)|costs?|"
    r"how much (?:is|are|does|do|would|for|will)|charges?(?! of)|fees?|licen[cs]es?|licen[cs]ing|seats|"
    r"contracts?(?= (?:renewal|with you|ends|terms))|(?:maintenance|service) contracts?|purchas(?:e|ing)|"
    r"buy(?:ing)?|tender|payments? terms|"
    r"custom (?:\w{1,12} )?(?:dashboard|report|form|module|feature|page|workflow|field)s?|"
    r"new (?:feature|module|dashboard|report)s?|extra modules?|(?:an|the|your) invoice (?:for|to)|"
    r"budget(?! (?:folder|report|form|file|sheet|document))|product demo|an offer for|"
    r"additional (?:\w{1,12} )?modules?|subscriptions?"
)
BACK_END = _any(
    r"apis?|endpoints?|interfaces?|databases?|db|logs?|synchroni[sz]ation|sync|sso|single sign-?on|ldap|oauth|"
    r"callbacks?|servers?|oa ?[0-9]{1,2}|patch(?:es)?|(?:test|staging) (?:environment|system|machine)|backups?|"
    r"storage|nginx|nodes?|https|migrat(?:e|ion)|scripts?|integrations?|deploy(?:ment|s)?|jdk|java|sql|"
    r"load balancer|back ?end|middleware"
)
MANUAL = _any(
    r"manuals?|(?:user |quick )?guides?|train(?:ing)?|videos?|tutorials?|contact|"
    r"(?:who|whom|number) (?:\w{1,9} ){0,4}call|phone|hotline|support (?:hours|desk|team)|office hours|hours|"
    r"open on|public holidays?|documentation|help ?desk|on[- ]site|handbook|on[- ]call|on duty|pdfs?|payroll|"
    r"timesheets?|orders?|queue|jenkins|save|session (?:has |is )?(?:expired|timed out|expires|times out)|"
    r"who (?:should|do|can) (?:i|we) (?:ask|call|contact|talk)"
)

_NUMBER = (
    r"(?:[0-9]{1,4}|three|four|five|six|seven|eight|nine|ten|a dozen|dozens of|hundreds of|several|many|"
    r"multiple|most|all|numerous)"
)
_UNITS = (
    r"(?:branch(?:es)?(?: offices)?|offices|departments|sites|units|users|teams|customers|clients|locations|"
    r"floors|buildings|stores|bureaus|agencies)"
)
_GREETED = re.compile(
    r"\b(?:hi|hello|hey|dear|good|morning|afternoon|evening|thanks|weekend|sorry)(?: to)?,? (?:morning |"
    r"afternoon |evening )?(?:everyone|all|team|guys|folks)\b"
)
_WHOLE = (
    r"(?:oa|portal|intranet|(?:whole |entire )?system|platform|(?:web)?site|prod(?:uction)?|everything|"
    r"all services|all systems|database|crm|erp|mail server|cluster)"
)
WIDE = _any(
    r"everyone|nobody|none of (?:us|my|our|the)|"
    r"all (?:of us|of our|our (?:users|staff|people|offices)|users|staff|employees|people|colleagues|"
    r"departments|"
    r"the (?:users|staff|offices))|"
    r"(?:whole|entire) (?:\w{1,12} )?(?:office|company|department|dept|team|building|floor|unit|"
    r"organi[sz]ation|"
    r"branch|city|county|bureau|school|hospital|agency|division|region|site|staff)|"
    rf"{_NUMBER} (?:\w{{1,12}} )?{_UNITS}|"
    r"(?:[1-9][0-9]{1,3}|dozens of|hundreds of|all [0-9]{1,4}) (?:people|colleagues|users|staff|employees|pcs|"
    r"computers)|(?:company|site|office|system|organi[sz]ation)-?wide|"
    r"(?:major|total|complete|full|massive|general) outage|completely down|totally down|all down"
)
DOWN = re.compile(
    rf"\b{_WHOLE}(?: server)? (?:(?:is|are|has|have|seems|appears|just|went|gone|been|looks|totally|all|again|"
    r"to be|to have) ){1,4}(?:down|crashed|dead|offline)\b|"
    rf"^(?:the )?{_WHOLE}(?: server)? (?:down|crashed|offline)\b"
)
"""A system that is down as a whole."""
_OWN = re.compile(r"\b(?:for me|just me|only me|only (?:for )?(?:me|us)|my (?:own )?(?:pc|laptop|desk|computer))\b")
SECURITY = _any(
    r"hack(?:ed|er|ers|ing)|broke(?:n)? into|break[- ]in|ransom(?:ware)?|malware|virus(?:es)?|phish(?:ed|ing)|"
    r"deface(?:d|ment)|hijack(?:ed|ing)|(?:data|security) (?:breach|leak)|breached|"
    r"(?:data|information|documents?|passwords?) (?:was |were |has been |have been |got |is |are )?leak(?:ed|"
    r"ing)|"
    r"intru(?:der|ders|sion)|compromised|under attack|attack(?:ed|ers)|gambling|trojan|ddos|"
    r"(?:see|shows?|seeing|download) (?:other|another|someone else's) (?:company|unit|organi[sz]ation|"
    r"department)(?:'s)?(?: \w{1,12}){0,2} (?:documents?|files?|data)"
)
STOLEN = _any(
    r"stole|lost (?:my|his|her|our|the|a) (?:work |company )?(?:phone|laptop|device|usb key|token|tablet|key)|"
    r"stolen|theft|compromised|classified|confidential|top secret|leaked|"
    r"(?:sent|mailed|published|posted) (?:\w{1,12} ){0,4}to (?:everyone|all|the whole|the public)|misused"
)
STOP_IT = _any(
    r"block|disable|deactivate|freeze|suspend|lock|take (?:it |this |that |them )?(?:down|offline)|remove|"
    r"delete|"
    r"recall|revoke|wipe|unpublish|pull"
)


def wide(text: str, *, asks: bool = False) -> str | None:
    """The words that make a fault urgent; of a question "is it down?" only how many are hit."""
    found = SECURITY.search(text) or symptoms.LEAK.search(text) or WIDE.search(_GREETED.sub(" ", text))
    if found is None and not asks and not _OWN.search(text):
        found = DOWN.search(text)
    return found[0] if found else None


def parts(text: str) -> list[str]:
    """Two matters in one message ("…, by the way …"), in their order."""
    return [part for part in JOINER.split(text) if part.strip()]
