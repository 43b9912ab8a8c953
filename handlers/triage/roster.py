"""Whether a line asks who is on duty, and for which day: "今天谁值班", "值班电话多少".

What asks for nothing else is meant: "值班系统打不开" is a fault, "谁值班谁负责" a saying, "值班表怎么导出" is about the system.
"""

import re

from handlers.triage.signs import Line

LONGEST = 60
"""Characters; who asks no more than that says it in fewer."""
_DAY = re.compile(
    r"大后天|后天|大前天|前天|明[天日晚早]|昨[天日晚]|今[天日晚早夜]|(?:[0-9]{4}[-/.年])?[0-9]{1,2}(?:月[0-9]{1,2}[日号]?|[-/.][0-9]{1,2})|[0-9]{1,2}[号日]|"
    r"[这本下上]?个?(?:周|星期|礼拜)[一二三四五六日天]|[这本下上]?个?周末"
)
# Days that no roster is kept by: asked back, for the answer of any other day would be wrong.
_UNREAD = re.compile(
    r"[上下]个?(?:周末?|星期|礼拜|月)[一二三四五六日天]?|[这本]个?(?:周|星期|礼拜|月)(?!末)|(?:上个?|下个?|本|这个?)?月[底初末]|"
    r"[0-9一二三四五六七八九十]{1,3}月(?![0-9])(?:[一二三四五六七八九十]{1,3}[号日])?|[一二三四五六七八九十]{1,3}[号日]|(?:今|明|去|后)年(?:[^\W_]{0,4}?(?:节|旦|庆|假期?))?|国庆节?|元旦节?|春节|除夕|元宵节?|清明节?|劳动节|五一|十一|端午节?|中秋节?|"
    r"(?:节假|休息|放假|工作)日|(?:[小长]|寒|暑)假|假期|过年|过节|(?:大年)?(?:三十|初[一二三四五六七八])"
)
_BEYOND = re.compile(r"(?:上上|下下)个?(?:周末?|星期|礼拜|月)[一二三四五六日天]?")
_MOMENT = re.compile(r"现在|目前|当前|此刻|这会儿?|眼下|[早晚]上|上午|中午|下午|夜里|晚间|晚$|^晚")
_FILLER = re.compile(
    r"^(?:(?:你|您|大家|各位|老师们?|同事们?)好|大家|早安?|请问|请教|各位|老师|领导|麻烦|劳驾|那个|哎|喂|想?问(?:一下|下)?|请?帮(?:我|忙)?(?:看|查|问)(?:一下|下)?|我?想知道|"
    r"我?不知道|告诉我|(?:看|查)(?:一下|下)|一下|hi|hello|[, ]){1,12}|"
    r"(?:来着|[啊呀呢哦吗嘛吧哈了]|(?<!什)么|谢谢|多谢|辛苦了?|[,?!。.~ ]){1,12}$"
)
# A salutation in front, of which "早上" is no time, and who is called at the end.
_CALLED = re.compile(r"^(?:早上|上午|中午|下午|晚上)好[,!。~ ]{0,4}|(?:\s{1,4}@[^\s@]{1,20}){1,5}\s{0,4}$")
_WHO = r"(?:谁|哪位|哪个|哪些人|哪几位|哪一位|哪几个|什么人|何人)"
_PEOPLE = r"(?:的?(?:技术)?(?:人员?|工程师|同事|老师|师傅|员|负责人|领导|技术|同志|联系人))?"
_ON_DUTY = r"(?:值班|当班|当值|轮值|值守|值夜班|在岗|带班)"
_PHONE = r"(?:的?(?:联系)?(?:电话|手机|座机)(?:号码?)?|的?联系方式|的?号码)"
_AND_HOW = (  # asked in the same breath: 谁值班，电话多少
    rf"(?:他们?|她们?|对方)?(?:{_PHONE}(?:都|号)?(?:是|有)?(?:多少|几号|什么|哪个|啥)?|(?:怎么|如何|咋)(?:联系|找)(?:他们?|她们?|对方)?)"
)
_TO_ME = r"(?:发|给|报|看)?(?:我|下|一下|个|看){0,3}"
_NAMED = r"(?:(?!不管|无论|通知|统计|登记|更新|公布|公示|各|谁|报|填|改|动|交|核)[^\W_]){0,8}?"  # of a post or group: 市府谁值班
_ASKED = re.compile(
    rf"{_NAMED}(?:"
    rf"{_WHO}{_PEOPLE}(?:在|来|是的?|的|负责|是负责)?{_ON_DUTY}{_PEOPLE}的?|(?:是|轮到)?{_WHO}的?班|轮到{_WHO}{_ON_DUTY}?|"
    rf"{_ON_DUTY}{_PEOPLE}的?(?:都|今)?(?:是|有|找)?{_WHO}|"
    rf"{_ON_DUTY}{_PEOPLE}{_PHONE}(?:都|号)?(?:是|有)?(?:多少|几号|什么|哪个|啥)?{_TO_ME}|"
    rf"(?:有|发|给)?(?:没)?(?:有|我)?(?:个)?{_ON_DUTY}{_PEOPLE}{_PHONE}|"
    rf"(?:怎么|如何|咋)(?:联系|找){_ON_DUTY}{_PEOPLE}|{_ON_DUTY}{_PEOPLE}(?:怎么|如何|咋)(?:联系|找)|"
    rf"(?:有|没有|有没有)人(?:在)?{_ON_DUTY}|{_ON_DUTY}(?:表|安排|(?:人员)?名单){_TO_ME}|"
    rf"找?{_ON_DUTY}{_PEOPLE}的?(?:应?该)?(?:打|拨)(?:什么|哪个|哪)(?:电话|号码?)|"
    rf"{_ON_DUTY}{_PEOPLE}的?(?:电话|手机|座机)(?:一直|老是?|总是?|都)?(?:打不通|没人接|无人接听|没有人接|打不进去?|没接)|"
    rf"紧急联系人{_PHONE}?(?:是|有)?(?:{_WHO}|多少)?{_TO_ME}|(?:有事|有问题|出了?问题|遇到问题)应?该?(?:找|联系|打给)谁"
    rf")的?(?:[,、和及]{{0,2}}{_AND_HOW})?|"
    r"应?该?(?:找|联系|打给)谁"  # of no matter: whom to ask about a contract is no question of the roster
)


def day_asked(line: Line) -> str | None:
    """The day as it was said, empty for now; None where the line asks for something else, or tells of a failure."""
    if len(line.text) > LONGEST or line.signs.failing:
        return None
    said = _CALLED.sub(" ", line.text.lstrip("/")).replace("?", " ").replace("!", " ").strip()
    day = _BEYOND.search(said) or _DAY.search(said) or _UNREAD.search(said)
    rest = _UNREAD.sub("", _DAY.sub("", _BEYOND.sub("", said)))
    rest = _MOMENT.sub("", rest)
    while (shorter := _FILLER.sub("", rest).strip(" 的,")) != rest:
        rest = shorter
    if not _ASKED.fullmatch(rest.replace(" ", "")):
        return None
    return day[0] if day else ""
