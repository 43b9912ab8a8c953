"""Whether an engineer who writes to the bot alone takes a fault on: nobody else hears it, so only such a word answers anybody."""

import re

from handlers.triage.signs import Line

_SELF = r"(?:(?:我们?|俺|本人|咱)(?:这边|这里|这)?|这边)?"
_NOW = r"(?:已经?|也|这?就|马上|立[即刻]|现在|尽快|赶紧|先|正在?|在|来|去|过[去来]|亲自|可以|会|到|一会儿?|待会儿?|稍后|自己){0,5}"
_THING = (
    r"(?:[a-z0-9][a-z0-9._/-]{0,29}+|[一-鿿]政[易通]|系统|平台|服务器?|数据库|网络|线路|节点|页面|登录|主机|日志|现场|机房|"
    r"问题|故障|情况|原因|工单|单子|单|事情|事)"
)
_WORK = (
    r"(?:处理|看看?|查看?|查|排查|检查|弄|搞|跟进?|接手?|接单|解决|修复|修|负责|核实|确认|定位|分析|抢修|重启|恢复|登上?|连上?|"
    r"联系(?:一下)?(?:厂[家商]|供应商|服务商|运营商))(?:一?[看查下]|掉|好)?"
)
_TAIL = r"(?:一下|了|着|中|吧|哈|啊|哦|哒|的|噢|呀|嘞){0,3}"
_WHAT = rf"(?:(?:这个|那个|这|那|该|此|这边|的|\s|{_THING}){{0,4}})"
_UNIT = (
    rf"(?:(?:已?收到|好的?|好嘞|行|嗯嗯?|知道|明白|了解|清楚|没问题|ok){_TAIL}{_WHAT}"
    rf"|{_SELF}{_NOW}{_WHAT}{_WORK}{_TAIL}{_WHAT}{_TAIL}"
    rf"|(?:我们?|这边)(?:这就|立[即刻]|现在)?(?:来|去|过去|上|接|看|在看|到|马上到?|马上去|马上来){_TAIL}"
    rf"|(?:我们?|人)?(?:已经?)?在(?:去的|来的)?路上{_TAIL}"
    rf"|(?:马上|这就|立即|立刻){_TAIL}|(?:处理|排查|检查|修复|解决|跟进)中|交给我{_TAIL})"
)
_TAKES = re.compile(rf"{_WHAT}\s*(?:{_UNIT}\s*){{1,3}}+")
_LEAVES = re.compile(
    r"[?？]|吗|呢|谁|怎么样|有没有|是不是|没人接|不接|打不通|联系不上|不了|没空|别人|让|叫|找|交给(?!我)|"
    r"(?:转|派)(?:给|到|交|一?下|走|他|她|出去)|改派|转派|指派|请(?!放心|稍|等|大家)"
)


def takes(line: Line) -> bool:
    """Whether a clause says that and nothing besides ("收到", "我来处理 OA"), and no other asks or leaves it to somebody."""
    return not leaves(line) and any(_TAKES.fullmatch(part.text) for part in line.clauses)


def leaves(line: Line) -> bool:
    """Whether it asks, or leaves a fault to somebody else."""
    return _LEAVES.search(line.text) is not None
