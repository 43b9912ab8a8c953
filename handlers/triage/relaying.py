"""An engineer's line that reads as a report and not as an answer: somebody cannot do something, and nothing is said of why or who
looks. It is taken for one that he relays; whatever tells of work, causes, advice or parts of a server stays an answer."""

import re

from handlers.triage import dialogue, likeness, topics, words
from handlers.triage.labels import System
from handlers.triage.signs import Line

_PLEA = re.compile(
    r"(?:麻烦|请|帮忙?|辛苦|烦请|劳烦|拜托|尽快|抓紧|大家|各位|哪位|同事|来个人){1,4}(?:看|查|处理|跟进?|解决|弄)(?:一?下|看)?"
)
"""Asks colleagues to look, which reporters do as well."""
_WORKS = re.compile(
    r"[我咱俺您你]|收到(?!不)|好的|明白|知道了|了解|马上|稍等|等一?下|稍后|正在|"
    r"在(?:看|查|弄|处理|排查|修|路上|跟|联系|沟通|恢复|切|升级|维护|割接|扩|加|换|改|重|调|迁|装|跑|做|抓|定位|分析|核)|"
    r"处理(?!单|笺)|排查|解决|修复|恢复|抢修|重启|重置|切换|回退|刷新|清(?:理|除|空|一)|缓存|试试|试一?下|再试|截[图个屏]|远程|"
    r"请(?!假|示|求)|先|建议|可以(?:了|先|试|看|改|用|换)|厂[家商]|运营商|总部|供应商|已(?:经)?(?:在|联系|通知|反馈|安排|派|报|定位|找|查|转|确认|知)|"
    r"转[给交派]|联系(?!人)|核实|跟进|确认(?:一?下|过|了|中)|交给|预计|改用|[就的]用|用(?:手机|移动端|流量|网页|电脑端)|换(?:个|用|成)|重新[^,]{0,6}(?:试|就|即可)|重装|看了|(?<![点按])一下"
)
"""What is done, or should be done, about it; first person and "您" speak of the engineer and of who reported."""
_CAUSE = re.compile(
    r"原因|因为|由于|导致|引起|造成|受[^,]{0,8}影响|所以|所致|的(?:问题|锅|事|缘故)|有关|无关|没关系|怀疑|估计|可能|应该|看来|看着|看样子|"
    r"多半|八成|像是|好像是|其实|原来|说明|排除|欠费|到期|已知|"
    r"太(?:大|旧|多|长|低|小)|版本|次数|不支持|兼容|升级|驱动|没装|密码(?:不对|错|输)|中毒|日志|压测|测试(?:环境|库)|配置|授权|许可|正常|[他她](?:的|那|电脑|机器|手机)|"
    r"(?<![都老总还就而但可])是(?![空白黑乱灰])|(?:^|,)(?:都|还|就)是|"
    r"数据库|服务器|网关|节点|中间件|进程|主机|机房|[磁硬]盘|内存|cpu|接口|端口|通道|线路|链路|光[纤缆]|交换机|路由器|负载|nginx|redis|后[台端]|"
    r"队列|集群|容器|服务(?!中心|大厅|局|办)|(?:短信|签章|印章|云)平台|(?<![a-z])oa ?[0-9]"
)
"""Why it is so, and parts that only an engineer speaks of."""
_NO_NEWS = re.compile(
    r"(?<![局委办县镇乡区院])的(?:人|单位|同事|用户|老师|科室|话|时候|情况|现象|请|都)|上次|上回|以前|上周|昨[天晚]|前天|(?:没|没有|无)(?:问题|故障|异常)|"
    r"各位|大家|注意|提醒|通知|吧$|同样|一样"
)
"""Told of others, of another day, or to everybody."""
_UNIT = re.compile(r"[一-鿿]{1,6}(?:局|委|办|县|镇|乡|区|街道|中心|单位|科室|院)(?![域部])")
_PATHS = frozenset({System.NETWORK, System.CLOUD})
"""What the others run on: named by itself it is a cause."""


def reports(line: Line, open_systems: frozenset[str]) -> bool:
    """Whether an engineer tells by it of a fault of a system that has no open ticket in his chat."""
    failing = line.signs.failing
    said = _PLEA.sub(" ", line.text)
    if failing is None or line.is_command or any(part.asks for part in line.clauses) or words.ASKS.search(said):
        return False
    if dialogue.ANNOUNCEMENT.search(said) or _CAUSE.search(said) or _NO_NEWS.search(said) or _WORKS.search(said):
        return False
    found = topics.subject(line.text, failing=True)
    if found is None or found[0] in open_systems:
        return False
    named = bool(likeness.names(line.text, found[0])) and found[0] not in _PATHS
    return (named or _UNIT.search(said) is not None) and not _mentions(line.text, open_systems)


def _mentions(text: str, open_systems: frozenset[str]) -> bool:
    """Whether it calls a system that has an open ticket by its name as well: then it is about that one, too."""
    known = (System(system) for system in open_systems if system in set(System))
    return any(likeness.calls(text, system) for system in known)
