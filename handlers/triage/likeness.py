"""What two reports have in common: they are one trouble where they call one system by its name and their failures are of a sort."""

import re

from handlers.triage import topics
from handlers.triage.labels import System
from handlers.triage.names import names_in, parts_in

SORTS: dict[str, re.Pattern[str]] = {
    "security": re.compile(
        r"攻击|入侵|篡改|劫持|勒索|木马|病毒|泄[露密]|挂马|博彩|黑客|看得?[见到][^,]{0,6}(?:别人|别的单位|其[他它])"
    ),
    "lost": re.compile(r"不见了|消失|丢失|丢了|没了|没有了|不全|缺|只剩|空白|是空的|少了"),
    "delivery": re.compile(
        r"(?:收|发|推|送)不(?:到|了|出|过)|没(?:有)?收到|未收到|没(?:有)?(?:推送|提醒|短信|验证码)|迟迟|晚了|延迟"
    ),
    "slow": re.compile(r"慢|卡(?!片|号|在)|半天|好久|转(?:半天|很久)"),
    "looks": re.compile(r"乱码|错位|排版|字体|显示不|偏|重叠|模糊|颜色|格式|遮|挡|样式"),
    "wrong": re.compile(r"不对(?!劲)|有误|不一致|对不上|重复|变了|别人的|错(?:乱|了)"),
    "dead": re.compile(
        r"(?:打|登|登录|进|连|访问|用|上|盖|点|开|加载)不(?:开|上|了|到|进|去|起|通|出|动|成)|登录不|无法|不能|没法|没办法|崩|挂了|宕机|当机|死机|瘫|"
        r"闪退|[白黑蓝]屏|转圈|没(?:有)?(?:反应|响应|动静|网)|断|掉线|超时|不行|不可用|不可达|出不来|不好[使用]|不灵|抽风|"
        r"罢工|就掉|就退|不让|白花花|一片白|坏了|停了|全停|失灵|失效|50[0234]|40[034]"
    ),
    "refused": re.compile(r"报错|失败|错误|异常|提示|拒绝|锁|权限|过期"),
}
"""Tried in this order; what cannot be opened, reached or used at all is one sort."""


def sort_of(text: str) -> str | None:
    """The sort of failure that a cleaned text tells of first of all; None where it names none of them."""
    return next((sort for sort, words in SORTS.items() if words.search(text)), None)


NO_NAMES: dict[System, re.Pattern[str]] = {
    System.OA: re.compile(
        r"登录|单点登录|系统|平台|页面|首页|列表|搜索|检索|查询|模板|意见|表单|表格|浏览器|文件|附件|提交|保存|"
        r"部门名称|提醒|节点|数据|服务器|升级|日志|接口|栏目|导出|收回|编号|功能|界面|菜单|维护|停机|停服|催办|"
        r"的文|文打|[这那几一][个份篇些条]文|文"
    ),
    System.NETWORK: re.compile(r"网线|网口|光猫|交换机|路由|ip(?:地址)?冲突"),
}
"""Words for a part that any system has, or that stands in one room: two who use them need not mean the same."""
_OURS = re.compile(r"oa|[一-鿿]政[易通]|门户")
_OTHERS = re.compile(
    r"(?![一-鿿]?[的了在是不个这那和跟与也都又就到有没能么们里上中用进把被给对从])"
    r"(?!登录|打开|使用|进入|单位|公司|办公|业务|内部|所有|全部|整套|操作|别的|其[他它余]|新版|老版|同一|什么|哪些|一些|各种|管理|协同|政务|电脑|手机)"
    r"([一-鿿]{2})(?:管理|服务|信息|业务|综合)?(?:系统|平台|软件|网站|小程序|客户端)"
)
"""Two signs before "系统" and the like, for what has a name of its own ("财务系统", "合同管理系统")."""


def names(text: str, system: System) -> frozenset[str]:
    """What a cleaned text calls the system, by names alone; a part of our own (公文) is a name beside its own."""
    return names_in(topics.DENIED.sub(" ", text), system, topics.FINDERS[system], NO_NAMES.get(system), _OURS, _OTHERS)


def calls(text: str, system: System) -> bool:
    """Whether a cleaned text calls the system by a name that is its own."""
    no_names = NO_NAMES.get(system)
    found = topics.FINDERS[system].finditer(text)
    return any(no_names is None or not no_names.fullmatch(match[0]) for match in found)


_WHOLE = re.compile(r"oa|[一-鿿]政[易通]|系统|平台|页面|界面|功能|登录|数据|服务器|门户|网络|app|客户端")

_DEVICES = re.compile(r"电脑|打印机|复印机|扫描仪|显示器|屏幕|键盘|鼠标")


def parts(text: str) -> frozenset[str]:
    """The parts of any system that a cleaned text speaks of ("附件", "登录")."""
    return parts_in(text, (*topics.FINDERS.values(), _DEVICES), _WHOLE)
