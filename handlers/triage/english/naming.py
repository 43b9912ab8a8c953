"""Which system an English line names, and which of them it is about."""

import re

from handlers.triage.labels import THIRD_PARTY, System

Naming = dict[System, tuple[int, str]]


def _any(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b")


# Order settles two names at one place; of the third parties' the one named first wins.
FINDERS: dict[System, re.Pattern[str]] = {
    System.SMS: _any(
        r"sms(?:es)?|text messages?|"
        r"(?:verification|security|confirmation|auth(?:entication)?|one[- ]time|login|passcode) (?:codes?|"
        r"passwords?|sms)|"
        r"otps?|2fa|mfa|two[- ]factor"
    ),
    System.VPN: _any(
        r"vpns?|remote access|zero[- ]trust|easyconnect|anyconnect|globalprotect|wireguard|openvpn|bastion|"
        r"jump ?(?:host|server)"
    ),
    System.SEAL: _any(
        r"e?-?seals?|(?:un)?sealed|sealing|(?<!time )(?<!rubber )stamp(?:s|ed|ing)?|"
        r"(?:electronic|digital|e-?)[ -]?signatures?|signature images?|"
        r"signatures? (?:on|in|of) the (?:pdf|document|contract)|(?:usb|security|hardware) (?:key|token|dongle)s?|"
        r"u-?keys?|certificates?"
    ),
    System.WPS: _any(
        r"wps|(?:online |document |text )?editor|(?:word|office|excel) (?:plug-?in|add-?in|add-on)s?|plug-?ins?|"
        r"add-?ins|(?:ms|microsoft) (?:word|office)|office 365|word (?:crashes|documents?|files?|templates?)|"
        r"convert(?:ing|ed|s)? (?:it |this )?(?:in)?to pdf|pdf conversion|ofd|track(?:ed)? changes"
    ),
    System.CLOUD: _any(
        r"cloud(?: (?:desktop|server|disk|drive|vm)s?)?|virtual (?:machine|desktop|server)s?|vms?|snapshots?|"
        r"hypervisors?|firewall|kubernetes|k8s|ec2|vdi"
    ),
    System.NETWORK: _any(
        r"networks?|internet|wi-?fi|w?lan|ethernet|(?:leased|private|dedicated|fib(?:er|re)) lines?|"
        r"network cables?|"
        r"routers?|switch ?ports?|broadband|connectivity|packet loss|carriers?|isp|dns|"
        r"ip (?:range|address(?:es)?|conflict)|ports? [0-9]{2,5}"
    ),
    System.MOBILE: _any(
        r"(?:mobile|phone|smartphone|android|ios|iphone|tablet)(?: phone)? (?:app|client|version|site|login)s?|"
        r"apps?(?! server)|mobile(?! (?:number|phone number))|iphones?|ipads?|android|ios|tablets?|"
        r"push notifications?|on (?:my|the|a|his|her) (?:cell ?|mobile ?)?phone"
    ),
    System.ACCOUNT: _any(
        r"accounts?|passwords?|user ?names?|user ids?|(?:my|his|her|the) user|credentials|"
        r"lock(?:ed|s) (?:\w{1,9} )?out(?! of)|unlock(?:s|ed|ing)?|permissions?|"
        r"access (?:rights|to the|to our|to my|to \w{1,12})|"
        r"(?:give|grant|gave|remove|revoke)(?:s|ed)? (?:\w{1,12} ){1,3}access|roles?|(?:re)?bind(?:ing)?|"
        r"(?:phone|mobile) number|new number|display name|logins for|(?:read|write|edit) permissions?|my profile|"
        r"identity|approvers? group|user groups?|logins? (?:name|is blocked|was blocked)|"
        r"new (?:joiner|colleague|employee|hire|starter)s?|bad(?:ge)? [0-9]{2,8}"
    ),
    System.OA: _any(
        r"oa ?[0-9]{0,2}|portals?|intranet|(?<!on )(?<!on-)(?:web)?sites?|home ?page|pages?|documents?|docs?|"
        r"papers?|"
        r"workflows?|process(?:es)?|approv(?:al|als|e|ed|er|ers|ing)|forms?|attachments?|to-?do(?: list)?s?|"
        r"task ?lists?|calendars?|meeting rooms?|bookings?|search|drafts?|inbox|mails?|mailbox(?:es)?|outlook|"
        r"exchange|databases?|db|servers?|systems?|platform|crm|erp|invoices?|requests? form|"
        r"(?:leave|expense) requests?|attendance|reports?|dashboards?|lists?|files?|folders?|uploads?|downloads?|"
        r"exports?|log in|login(?:s)?|sign in|sign-?in|buttons?|browsers?|notifications?|reminders?|apis?|logs?|"
        r"nodes?|prod(?:uction)?|services?|maintenance|upgrade|patch(?:es)?|contacts list|address book|"
        r"archives?(?! room)|nginx|disk|backups?|sso|single sign-?on|session|onboarding|templates?|print preview|"
        r"quotes?(?= approval)|sync|version|health checks?|deploy(?:ment)?|cron(?: job)?s?|delegate"
    ),
}
SOFT_ACCOUNT = _any(r"permissions?|roles?|identity|access \w{2,6}(?: \w{1,12})?|(?:my|his|her|the) user")
PAPER = _any(r"documents?|docs?|files?|attachments?|forms?|workflows?|drafts?|folders?|mail")
DENIED = re.compile(
    r"\b(?:not|is not|it is not|nothing to do with|no|unrelated to|ruled out|not caused by) (?:an? |the |my |"
    r"our )?\w{1,10} (?:problem|issue|fault|thing)s?\b|"
    r"\b(?:nothing to do with|ruled out|unrelated to) (?:the |my |our )?\w{1,12}\b|"
    r"\b(?:the |my |our )?(?:network|internet|wi-?fi|vpn|sms|mail|connection|pc|computer|"
    r"other sites?)(?: itself)? (?:is|works?|are|seems?) (?:fine|ok|okay|good|up|normal|working)\b|"
    r"\b(?:on|over|with|via|using|both) (?:4g|5g|wi-?fi|mobile data)(?: (?:or|and) (?:4g|5g|wi-?fi|"
    r"mobile data))?\b"
)
"""A system that is named as not being the matter (label rule 8)."""


def systems(text: str) -> Naming:
    """Every system named in ``text`` with place and words of its first naming."""
    found = {system: finder.search(text) for system, finder in FINDERS.items()}
    return {system: (match.start(), match[0]) for system, match in found.items() if match}


def subject(text: str, failing: bool = False) -> tuple[System, str] | None:
    """The system a text is about: a third-party one named first, else our app, else the login, else the portal.

    In a fault (``failing``) a paper that is not permitted is the portal's, not the login's.
    """
    named = systems(DENIED.sub(" ", text))
    if System.SMS in named:
        return System.SMS, named[System.SMS][1]
    vendors = [(place, system) for system, (place, _) in named.items() if system in THIRD_PARTY]
    if vendors:
        first = min(vendors, key=lambda pair: pair[0])[1]
        return first, named[first][1]
    paper = PAPER.search(text)
    if failing and paper and System.ACCOUNT in named and SOFT_ACCOUNT.fullmatch(named[System.ACCOUNT][1]):
        return System.OA, paper[0]
    for system in (System.MOBILE, System.ACCOUNT, System.OA):
        if system in named:
            return system, named[system][1]
    return None
