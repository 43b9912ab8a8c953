"""What an engineer says in a group to those he works with: who is on it, has he seen it, please look. It answers no reporter.

A reporter who reads "谁在跟这个？" knows less than before; a clock stopped by it is a fault forgotten. What asks the reporter
("哪个同事？", "您看到提示了吗") is an answer, and so is any other clause of the line that is one by itself.
"""

import re

from handlers.triage.people import COLLEAGUE, FULL
from handlers.triage.text import Clause
from handlers.triage.topics import systems

_THEIR = r"(?:那边|这边|他|你|您){0,2}"
_DOES = r"(?:看|查|处理|跟|弄|搞|排查|解决|修|盯|支持|支援|核实|接|认领|管|负责|理)"
_WHO_WORKS = re.compile(
    rf"(?:谁|哪位|哪[位个](?:同事|工程师|师傅|老师))(?:能|可以|有空|方便|先|再|还|去|现在|正|帮忙?|想|会){{0,3}}(?:{_DOES}(?!不)|"
    r"在(?=$|[了吗呢啊?]|看|查|处理|跟|弄|搞|管|负责|排查|修|盯|值)|来(?!不)|去|值班|当班|值守|懂|熟|会(?!议)|对接|维护|"
    r"认识|有[^,]{0,4}电话|有空|方便|(?:联系|通知|反馈)(?:给|"
    r"一?下)?(?:厂|了))|"
    rf"(?:有没有|有)人(?:能|可以|有空|在|去|来|先){{0,3}}{_DOES}?[^,]{{0,4}}(?:吗|么|没有?|没)$|有没有人(?:能|可以|有空|"
    rf"在|去|来){{0,2}}{_DOES}"
)
_HAS_HE = re.compile(
    r"^看[到见](?:消息|这个|群里?){0,2}了?(?:吗|么|没有?)$|"
    rf"^(?:{COLLEAGUE}|{FULL}){_THEIR}(?:都|也|还|现在|今天|刚才|已经?){{0,2}}(?:看[到见]|知道|有空|方便|回(?:复|话)?|过去|联系|"
    rf"通知|在(?:线|岗|{_DOES})?|{_DOES}(?:完|好|到|过)?)(?:消息|这个|群里?|的|一?下|我|您|你){{0,2}}了?(?:吗|么|没有?|不在|呢)$|"
    rf"^(?:{COLLEAGUE}|{FULL}){_THEIR}{_DOES}?得?(?:怎么样|咋样|如何|到哪)|"
    rf"^(?:谁)?(?:有没有|有)?(?:联系|通知|反馈给?|告[诉知])(?:上|到)?(?:{COLLEAGUE}|{FULL})[^,]{{0,2}}(?:吗|么|没有?)$|"
    rf"^有没有(?:联系|通知|反馈给?|告[诉知])(?:{COLLEAGUE}|{FULL})|"
    rf"^(?:{COLLEAGUE}){_THEIR}(?:能|可以|方便)[^,]{{0,4}}{_DOES}[^,]{{0,6}}(?:吗|么)$"
)
_HELP = re.compile(
    rf"^(?:麻烦|请|烦请|辛苦|劳烦|拜托)?(?:{COLLEAGUE}|{FULL})?{_THEIR}(?:也|再|能|可以)?(?:帮忙|帮我|帮着|帮|协助)(?:一?下|"
    rf"我们?|着|也|再|去|来){{0,2}}{_DOES}|"
    rf"^(?:麻烦|请|烦请|辛苦|劳烦|拜托|让|叫|喊|找)(?:{COLLEAGUE}|{FULL}){_THEIR}[^,]{{0,4}}{_DOES}|"
    rf"^(?:{COLLEAGUE}|{FULL}){_THEIR}(?:来|去|再|先|也)?{_DOES}(?:一下|下|看)[^,了]{{0,8}}$"
)
_ABOUT_HIM = re.compile(
    rf"(?:联系不上|找不到|打不通|打)(?:{COLLEAGUE})(?:电话)?(?:了|没人接|不通|没接|$)|^(?:{COLLEAGUE})(?:的?电话(?:多少|"
    rf"号|没人接|打不通|不通)|人?呢$|没接|不接|"
    rf"(?:什么时候|几点|多久|怎么说|咋说|尽快))|^(?:麻烦|请|催){COLLEAGUE}(?:尽快|快点|抓紧)|"
    rf"^(?:在(?:{_DOES})?|看[到见]了?|处理了?|知道)(?:吗|没|么){COLLEAGUE}$|^有没有(?:会|懂|熟悉)"
)
"""Asks where he is, or tells that he cannot be reached."""
# A full name by itself calls somebody where it has three signs; of two it may be a word.
_CALLED = re.compile(rf"^(?:(?:{COLLEAGUE}|{FULL})(?:你好|您好|好|在吗|在不在|在么)|{COLLEAGUE}|{FULL}(?<=...))$")
_ADDRESSED = re.compile(rf"^(?:请|麻烦)?(?:再|先|也|来|去|能)?{_DOES}(?:一下|下|看)")
_REPORTERS = re.compile(
    r"您|你们?(?:单位|局|科|的)|浏览器|版本|提示|截[图个]|账号|帐号|网络|电脑|缓存|页面|是不是|是否|能不能|能(?:登|打开|"
    r"用|进|收)|什么|几点"
)
"""What only a reporter can look at."""
_MYSELF = re.compile(r"我(?:来|去|先|再|在|也|们|这就|马上|帮|看|问|找|让|请|叫|查|和|跟)|已|正在|马上")
_ON_ITS_OWN = re.compile(
    r"收到|好的|^好$|^嗯{1,9}$|^ok$|明白|知道了|马上|稍等|等一?下|稍后|正在|(?<!谁)在(?:看|查|弄|处理|排查|修|路上)|"
    rf"我(?:来|先|去|这就|马上|在)?(?:{_DOES}|联系)|我来|我去|您|请问|已经?|试(?:试|一|下)|截图|刷新|重启|清[一理]|恢复了|"
    rf"好了|处理(?:了|好|完|中)"
)


def _asks_them(clause: Clause) -> bool:
    """Whether a clause is for a colleague or the vendor and not for who reported."""
    said = clause.text
    if _WHO_WORKS.search(said):
        return "您" not in said and not re.search(r"我(?:来|去|先)?(?:看|问|找|查|确认)", said)
    if _MYSELF.search(said) and not re.search(r"帮我", said):
        return False
    if _ABOUT_HIM.search(said):
        return True
    if _REPORTERS.search(said):
        return False
    if _HAS_HE.search(said):
        return _CALLED.search(said) is not None or re.match(COLLEAGUE, said) is not None or not systems(said)
    return _HELP.search(said) is not None


def told_the_group(parts: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """The clauses of an engineer's line that are not for his colleagues; behind a name they are for him ("段工，看下签章")."""
    kept: list[Clause] = []
    called = False
    for clause in parts:
        named = _CALLED.search(clause.text) is not None
        called = named or (called and _MYSELF.search(clause.text) is None)
        to_him = called and (named or (_ADDRESSED.search(clause.text) and not _REPORTERS.search(clause.text)))
        if not to_him and not _asks_them(clause):
            kept.append(clause)
    return tuple(kept)


def answers(part: Clause) -> bool:
    """Whether what stands beside a question to colleagues is an answer by itself: to name a system is none then."""
    return _ON_ITS_OWN.search(part.text) is not None
