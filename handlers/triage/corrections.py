"""A reporter names the system that he means in place of the one that he named before ("说错了，不是盖章，是短信")."""

import re

from handlers.triage import endings, likeness, topics
from handlers.triage.labels import Correction
from handlers.triage.signs import Line

_FILL = r"(?:不好意思|对不起|抱歉|[啊哦额呃噢]|我们?|刚才|刚刚|上面|前面|之前|方才|是|的|那个|系统|名字|[,。~! ]){0,8}"
_SAID_WRONG = re.compile(
    rf"^{_FILL}(?:(?:说|讲|写|打)错(?:了|字了?|系统了?|名字了?|地方了?){{0,2}}|"
    rf"(?:更正|纠正|订正|口误|说岔了?)(?:一?下)?(?=$|[,:。是 ]))"
)
"""He takes back what he called it, not that there is a fault; "搞错了" by itself takes back the fault."""
_STOP = r",。;!?~\n "
_NOT = re.compile(
    rf"(?<!是)(?<!要)(?:不是|并非|而非)(?:说)?(?P<denied>[^{_STOP}]{{1,12}}?)(?=$|[{_STOP}]|而是|其实是|(?<!不)是)"
)
_IS = re.compile(
    rf"(?:^|[{_STOP}])(?:应该|其实|而|就|我?(?:说|指|讲|报)的|[我咱]们?|应当){{0,3}}是(?P<meant>[^{_STOP}]{{1,30}})"
)


def corrected(line: Line) -> Correction | None:
    """The correction that a line makes; a contrast without "说错了" counts where it calls what it is by a name."""
    said = line.text
    if any(part.asks for part in line.clauses) or "是不是" in said or line.is_command:
        return None
    wrong = _SAID_WRONG.search(said)
    rest = said[wrong.end() :] if wrong else said
    found = _NOT.search(rest)
    told = _NOT.sub(" ", rest)
    if endings.OWN_FAULT.search(told.strip(" ,")):
        return None
    is_it = _IS.search(told)
    said_now = is_it["meant"] if is_it else told
    meant, denied = topics.subject(said_now, failing=True), topics.subject(found["denied"]) if found else None
    if meant is None or (denied is not None and denied[0] is meant[0]):
        return None
    contrast = denied is not None and is_it is not None and bool(likeness.names(said_now, meant[0]))
    if not wrong and not contrast:
        return None
    return Correction(meant, denied[0] if denied else None)
