"""Whether an English line asks who is on duty, and for which day: "who's on call on Friday?", "duty phone?".

What asks for nothing else is meant: "the on-call page is down" is a fault, "who is responsible for the budget" is none of ours.
"""

import re

from handlers.triage.english.signs import Line

LONGEST = 90
"""Characters; who asks no more than that says it in fewer."""
_WEEKDAY = r"(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = re.compile(
    r"\b(?:the )?day after tomorrow\b|\b(?:tonight|today|tomorrow|yesterday)\b|"
    rf"\b(?:(?:this|next|coming) )?{_WEEKDAY}\b|\b(?:this|next|the) weekend\b|\b{_MONTH} [0-9]{{1,2}}(?:st|nd|"
    rf"rd|th)?\b|\b[0-9]{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}\b|"
    r"\b(?:[0-9]{4}[-/.])?[0-9]{1,2}[-/.][0-9]{1,2}\b"
)
# Days that no roster is kept by, asked back: the answer of any other day would be wrong.
_UNREAD = re.compile(
    r"\b(?:(?:this|next|last|the) (?:week|month|year)|in "
    rf"{_MONTH}|last {_WEEKDAY}|the day before yesterday|(?:the )?(?:public |bank )?holidays?|"
    r"(?:christmas|easter|new year(?:'s)?|national|labou?r|spring festival)(?: (?:day|eve))?)\b"
)
_PART = re.compile(r"\b(?:in the )?(?:morning|afternoon|evening|night)s?\b|\b(?:for|at|during|over|on|of|this|the)$")
_FILLER = re.compile(
    r"^(?:(?:hi|hello|hey|please|sorry|so|and|ok|um|quick question|good morning|team|all|there|folks|guys|"
    r"(?:could|can|would) (?:you|someone|anyone) (?:please )?(?:tell|remind|let) (?:me|us)(?: know)?|tell me|"
    r"remind me|let me know|do you know|does anyone know|"
    r"anyone know|i need to know|(?:can|could|may) (?:i|we) (?:get|have)|"
    r"i would like to know|may i ask|just|any idea|who do i (?:call|contact|ask|"
    r"ping)|need|give me|send me|what about)[ ,.!:]{1,3}){1,5}|"
    r"(?:[ ,.!?~]{1,3}|\b(?:please|thanks|thank you|right now|now|at the moment|currently|then|here|for (?:us|"
    r"me|this|our \w{2,12}|the \w{2,12}|oa|vpn)|again|to (?:call|contact)|if i may ask|in this (?:group|"
    r"channel)|actually)){1,6}$"
)
_DUTY = r"(?:on(?: the)?[ -]?(?:duty|call|shift)|oncall)"
_ROLE = (
    r"(?: ?(?:engineer|person|people|staff|team|guy|guys|colleague|contact|technician|admin|tech|one|roster|"
    r"schedule|rota))"
)
_AND_HOW = (  # asked in the same breath
    r"(?:,? ?(?:and )?(?:what(?:'s| is) )?(?:(?:the|their|his|her) )?(?:phone|number|contact)(?: number)?)"
)
_ASKED = re.compile(
    r"(?:so )?who(?:'s| is| are|se| will be| has| was)?(?: the)?(?: one| person| engineer| people|"
    rf" guy)?(?: currently| now)?(?: is)? ?(?:the )?{_DUTY}{_ROLE}?(?: for)?{_AND_HOW}?|"
    rf"who(?:'s| is)(?: the)? duty{_ROLE}{_AND_HOW}?|who (?:do|can|should|shall) (?:i|we) (?:call|contact)|"
    rf"(?:is )?(?:there )?(?:any ?one|some ?one|any ?body)(?: \w{{1,9}})? {_DUTY}|(?:what(?:'s| is|"
    r" are) )?(?:the )?(?:number|phone|contact|phone number|name)(?: number)? (?:of|"
    rf"for) (?:the )?(?:(?:engineer|person|one|whoever is) )?(?:{_DUTY}|duty){_ROLE}?|"
    rf"(?:what(?:'s| is| are) )?(?:the )?(?:{_DUTY}|duty){_ROLE}?(?:'s)? ?(?:phone|number|contact|mobile|"
    r"hotline|tel|telephone)(?: numbers?| details?)?|"
    r"(?:how (?:do|can) (?:i|we) (?:reach|contact|call|get hold of) |how to (?:reach|contact|"
    rf"call) )(?:the )?(?:one |person |engineer )?(?:{_DUTY}|duty){_ROLE}?|"
    rf"(?:{_DUTY}|duty) ?(?:roster|schedule|rota|list|plan)|duty{_ROLE}|{_DUTY}{_ROLE}?|"
    r"who has (?:the )?(?:duty|pager|call|shift)|who do (?:i|we) (?:call|contact) (?:out of hours|after hours|"
    rf"outside office hours)|whose (?:duty|shift|turn) is it|who (?:is|'s) {_DUTY}"
)


def day_asked(line: Line) -> str | None:
    """The day as it was said, empty for now; None where the line asks for something else, or tells of a failure."""
    if len(line.text) > LONGEST or line.signs.failing:
        return None
    said = line.said.lstrip("/").replace("?", " ").replace("!", " ").strip()
    unread = _UNREAD.search(said)
    day = unread or _DAY.search(said)
    rest = _PART.sub("", _trimmed(_DAY.sub(" ", _UNREAD.sub(" ", said)) if day else said))
    while (shorter := _PART.sub("", _FILLER.sub("", rest)).strip(" ,.")) != rest:
        rest = shorter
    if not _ASKED.fullmatch(_trimmed(rest)):
        return None
    return day[0] if day else ""


def _trimmed(text: str) -> str:
    """Blanks as one, and no "on" or "for" left behind by the day that stood after it."""
    return re.sub(r" (?:on|for|at|during|over|this|the)$", "", " ".join(text.split()))
