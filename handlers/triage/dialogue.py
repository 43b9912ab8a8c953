"""What a line does in a running dialogue: joins, chases, ends, withdraws, or answers an open ticket."""

import re

from handlers.triage import colleagues, endings, words
from handlers.triage.signs import Line, symptom

CHASER = re.compile(
    r"怎么样了|咋样了|什么情况了?$|进展|进度(?!条)|(?:结果|消息|回复|回音|下文)了?(?:吗|没|么)|有人(?:吗|在吗|处理|看|管|理)|"
    r"(?:处理|弄|搞|修|解决|看|查|恢复|好)[^,]{0,3}(?:了吗|了没|了么|没有$|得怎么样)|(?:处理|修|弄|查)到哪|好了(?:吗|没)|"
    r"还要(?:多久|多长|等)|还没(?:好|人|处理|弄|回|解决|恢复|修)|几点能好|人呢|能快点|急用|催一?下|在(?:催|等)|等着用|"
    r"(?:什么时候|多久)(?:能|可以|才)?(?:好|处理|弄|修|解决|恢复)|(?:尽快|快点|快一点|抓紧|赶紧)|没有?人(?:理|回|管|处理|看|应)|"
    r"^[?!]{1,9}$|^(?:@?\w{0,4}[,: ]?)?在(?:吗|么|不在|嘛|不)[?!]{0,9}$|"
    r"^(?:很|好|太|非常|十分|比较|真的?|急){0,4}急(?:死|啊|呀|了|的|等|用){0,3}[?!]{0,9}$|"
    r"(?:管不管|理不理|修不修|有没有人)|^(?:都|已经?|过去|又|快|这都){0,3}(?:[0-9]{1,3}|[一二两三四五六七八九十几半好多]{1,4})个?(?:多|来)?"
    r"(?:分钟|小时|钟头|天|半天)了$|(?:这么|那么|好)(?:久|长时间|半天)了?$|半天了$|"
    r"^(?:麻烦|请|辛苦|拜托|帮忙|快|老师|工程师|师傅|您|你|们|再|,){1,5}(?:看|处理|弄|回复?|查)(?:看|一下|下|复)(?:吧|呗|啊|呢|嘛)?$"
)
_URGENT = r"(?:都|也|真的?|是|很|非常|特别|十分|太|好|比较|实在){0,3}"
CALLS = re.compile(
    r"急得(?:很|不行|要[命死]|团团转|冒[火烟]|不得了|跳脚|直|不能)|十万火急|火烧眉毛|(?<![不别])着急(?:得|了|啊|呀|用|死|$)|"
    rf"^(?:[我咱]们?|这边|这里|领导|单位|大家|老板|主任|局长){{1,2}}(?:这边|这里)?{_URGENT}急(?:死了?|了|啊|呀|的|疯了?)?$|"
    r"(?:有人|谁)(?:在|能|可以)?(?:处理|看|管|理|搞|跟|接|负责|弄|修|回|来|帮)[^,]{0,4}(?:吗|么|没|啊|呢)$|"
    r"^(?:都)?没人(?:在)?(?:吗|么|啊)?$|"
    r"(?:的事|问题|故障|这个|那个|单子?|工单)[^,]{0,4}(?:解决|处理|弄好?|修好?|搞好?|查)了?(?:没有?|吗|么)$|"
    r"^(?:现在|到底|你们|还|都|究竟){0,2}(?:解决|处理|弄好?|修好?|搞好|查)了?没(?:有)?$|"
    r"(?:[我咱]们?|上面|刚才|刚刚|早上|上午|下午|昨天|之前|前面)[^,]{0,4}(?:问|报|说|提|发|反映|反馈|"
    r"申请)过?的[^,]{0,10}(?:呢|咋样|怎么样)$|"
    r"(?:[我咱]们?的|那个|这个|那|这)(?:事儿?|问题|故障|单子?|工单|申请|请求|情况|活)呢$|"
    r"转人工(?![审核签办录])|^(?:我|我们|请|能不能|能|可以|麻烦|帮我?){0,3}(?:转|要|找|接|叫|换|来)?个?(?:人工|真人|"
    r"活人)(?:客服|服务)?(?:吗|啊|呢|行不行)?$|"
    r"^等了[^,]{0,8}(?:分钟|小时|钟头|天|上午|下午)了?$|^(?:这?都|已经)?一?[个整]?(?:上午|下午|早上|晚上)了$|"
    r"^(?:人|师傅|你们)?(?:什么时候|几点|啥时候|多久)(?:能|会)?(?:有人|来人|派人)|^(?:人|师傅)(?:什么时候|几点|"
    r"啥时候)(?:能|会)?(?:来|到|过来)|派人(?:来|过来)?了(?:吗|没)"
)
"""Calls for somebody: a chase where something is open, and else the line of somebody who should be asked what he means."""
_SOMEBODY = r"(?:我们?|咱们?|本|这边|这里|那边|单位|科室?|局|委|办公室|处|同事|隔壁|的|\w{1,4}局){0,4}"
_SAME = r"(?:了|的|这个|同样的?){0,3}(?:问题|情况|现象)?[了啊呢哦]?$"
ME_TOO = re.compile(
    r"^\+ ?1$|^附议$|^同(?:问|上|求)$|^" + _SOMEBODY + r"都?(?:同样|一样)" + _SAME + "|"
    r"^" + _SOMEBODY + r"(?:也|亦)(?:都|是)?(?:同样|一样|这样|遇到|出现|存在|有)" + _SAME + "|"
    r"^" + _SOMEBODY + r"(?:也|亦)(?:是|不行|不能|不可以)(?:的|啊|了|这样|一样|这个问题)?$"
)
ALSO = re.compile(r"也|亦|同样|一样")
OFF_TOPIC = re.compile(
    r"吃|饭|喝|奶茶|咖啡|外卖|天气|下雨|好热|好冷|下班|放假|请假|周末|快乐|愉快|安康|生日|红包|恭喜|停车|车位|快递|打球|早餐|哈哈|"
    r"电影|股票|孩子|(?:早上|上午|中午|下午|晚上)好$|^早$|晚安|辛苦|^(?:谢谢|多谢|感谢)"
)
THANKS = re.compile(r"^(?:谢谢|多谢|感谢|辛苦)")
ANNOUNCEMENT = re.compile(
    r"^【|^\[|^各位|^转发|^关于|^请(?:各|大家|全体)|^通知|^公告|^温馨提示|值班(?:工程师|人员|电话)?:|今[日天][^,]{0,20}值班|"
    r"本群|群公告|(?:召开|参加)[^,]{0,16}(?:会议|培训)|所有人"
)
ANSWER = re.compile(
    r"收到|好的|^好$|^嗯{1,9}$|^ok$|^在$|明白|知道了|了解|马上|稍等|等一?下|稍后|正在|在(?:看|查|弄|处理|排查|修|路上|跟)|看(?:一|下|看|到)|"
    r"处理|解决|排查|检查|查(?:一|下|看)|核实|确认|跟进|联系|反馈|转(?:给|交)|恢复|修复|重启|重置|重新|重试|刷新|清(?:一|理|除|空|下)|"
    r"缓存|试(?:试|一|下)|截图|截个|远程|电话|您|请问|麻烦(?:您|你|提供|发)|提供|发(?:我|一|下|个|来|过来)|哪|什么(?:时候|提示|浏览|版本|错)|"
    r"几[个点台]|是不是|是否|有没有|能不能|已经?|可以(?:了|先|在|试|点)|好了|过去|过来|到现场|厂家|总部|运营商|我来|交给我|弄一?下"
)
DETAIL = re.compile(
    r"浏览器|谷歌|chrome|edge|火狐|版本|账号|帐号|工号|用户名|截图|截屏|报错|错误(?:提示|代码|信息)|(?:提示|代码|报)[^,]{0,6}[0-9]{3}|"
    r"(?:我|用)的?[^,]{0,4}(?:电脑|手机)|刷新|重启|重登|重新(?:登|打开|试)|退出|换了|试了|试过|清(?:理|除|空)?了?缓存|网络|网线|流量|"
    r"还是(?:不|没|一样|那样|打|转|报)|仍然?(?:不|没|打|转|报)|分机|急用|等着用|(?:这个|那个|登录)页面"
)


def adds(said: str) -> bool:
    """Words (as cleaned) that tell the circumstances of a fault: what its reporter adds. Chases and symptoms are on record."""
    if OFF_TOPIC.search(said) or ANNOUNCEMENT.search(said) or words.NOTICE.search(said):
        return False
    return DETAIL.search(said) is not None


def is_me_too(line: Line) -> bool:
    """Somebody has the same trouble ("+1", "我这边也是", "我也打不开"); joins the newest open ticket of the chat."""
    return any(
        ME_TOO.search(part.text) or (ALSO.search(part.text) and symptom(part) is not None)
        for part in line.clauses
        if not part.asks
    )


def is_resolved(line: Line, *, by_engineer: bool = False) -> bool:
    """It works now ("好了", "可以了 谢谢"), and nothing after that contradicts it; what an engineer advises is no end."""
    over = line.signs.ended is not None and not line.signs.failing
    return over and any(
        words.resolved(part.text)
        and not endings.is_progress(part.text)
        and not (by_engineer and (endings.ADVICE.search(part.text) or part.text.endswith("吧")))
        for part in line.clauses
        if not part.asks
    )


def is_withdrawn(line: Line) -> bool:
    """The reporter takes it back ("不用看了", "是我看错了"): closed without a breach (dialogue rule 6)."""
    over = line.signs.ended is not None and not line.signs.failing
    if endings.is_nothing(line.text):
        return True
    if OFF_TOPIC.search(endings.without_manners(line.text)):
        return False
    return over and any(endings.takes_back(part.text) for part in line.clauses if not part.asks)


def is_relapse(line: Line) -> bool:
    """It does not work after all, or not yet ("又不行了", "没恢复"); an end that comes later takes it back."""
    told = [part for part in line.clauses if not part.asks and not line.signs.ended]
    return any(
        endings.RELAPSE.search(part.text)
        and not words.NOT_YET_ASKED.search(part.text)
        and not endings.SUPPOSED.search(part.text)
        for part in told
    )


def is_no(line: Line) -> bool:
    """A plain no to the question whether it works again ("没有", "还没呢")."""
    return endings.is_no(line.text)


def is_yes(line: Line) -> bool:
    """A plain yes to the question whether it works again ("是的", "可以，谢谢")."""
    return not line.signs.failing and endings.is_yes(line.text) and not any(part.asks for part in line.clauses)


def is_sure(line: Line) -> bool:
    """Whether an end is told without a doubt; after "好像好了" a contradiction is about the same ticket (dialogue rule 7)."""
    return not endings.is_hedged(line.text)


def asks_whether_over(line: Line) -> bool:
    """An engineer asks the group himself whether it works again."""
    return any(endings.asks_whether_over(part.text) for part in colleagues.told_the_group(line.clauses))


def chasing(line: Line) -> str | None:
    """The words that ask after an open ticket ("怎么样了", "麻烦尽快"): no failure, no end, no planned downtime."""
    found = CHASER.search(line.text) or CALLS.search(line.text)
    if not found or words.PLANNED.search(line.text):
        return None
    return None if line.signs.failing or line.signs.ended else found[0]


def is_response(line: Line) -> bool:
    """Whether an engineer's plain line answers an open ticket (dialogue rules 3 and 7).

    An announcement, off-topic talk, a report he relays and what he asks his colleagues are no answer; nor is a line without any
    sign of one: a clock that runs on is seen and claimed with a tap, a clock stopped by small talk is a fault forgotten.
    """
    said = line.text
    if not said or line.is_command or ANNOUNCEMENT.search(said):
        return False
    if words.RELAYED.search(said) and line.signs.failing:
        return False
    to_reporter = colleagues.told_the_group(line.clauses)
    if len(to_reporter) < len(line.clauses):
        return any(colleagues.answers(part) for part in to_reporter)
    if ANSWER.search(OFF_TOPIC.sub(" ", said)):
        return not (OFF_TOPIC.search(said) and not _about_service(line))
    return _about_service(line) and not OFF_TOPIC.search(said)


def _about_service(line: Line) -> bool:
    """Names one of our systems, or takes the work on in plain words."""
    return bool(line.systems) or re.search(r"收到|马上|处理|在看|看一下|稍等|排查", line.text) is not None
