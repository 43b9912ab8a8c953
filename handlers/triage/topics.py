"""Which system a message is about, whom it names, and how wide it reaches: tables of words and the search in them."""

import re

from handlers.triage.labels import THIRD_PARTY, System

# Order settles two names at one place; otherwise the one named first wins.
SYSTEM_WORDS: dict[System, str] = {
    System.SMS: r"短信|(?<!图形)(?<!图片)验证码(?!图)|短消息|号码[^,]{0,6}白名单|信息发不|催办短",
    System.VPN: r"vpn|零信任|动态口令|令牌|远程(?:接入|办公|访问)|深信服|easyconnect|atrust|堡垒机",
    System.SEAL: (
        r"电子章|电子公章|公章|印章|签章|盖章|用印|盖(?:了|不|上|完|个|的|电子|好|骑缝)|骑缝章|"
        r"u ?key|ukey|key盘|(?<![a-z])key(?![a-z])|证书|"
        r"ca(?![a-z])|手写(?:签名|签批|签)|签名(?:图|显示|板)|部门章|"
        r"(?<![文规])章(?:是|的|变|盖|不|选|模糊|消失|没)|签名(?:调|盖|显)"
    ),
    System.WPS: (
        r"wps|红头|套红|修订(?:痕迹|模式)?|正文(?:编辑|是空|打不|打开|加载|区)|在线编辑|"
        r"版式(?:转换|文件)|转版|ofd|转(?:换)?pdf|office|文字处理|插件|控件"
    ),
    System.CLOUD: (
        r"政务云|云平台|云桌面|云盘|云主机|云服务器|虚拟机|云上|快照|前置机|(?<![a-z])vm(?![a-z])|"
        r"云资源|云工单|移动云|天穹|防火墙"
    ),
    System.NETWORK: (
        r"政务外网|外网|专线|内网|网络|网线|网口|宽带|丢包|断网|ping|路由|交换机|光纤|光猫|网速|"
        r"端口不通|上不了网|没网|ip(?:地址)?冲突|网段"
    ),
    System.MOBILE: (
        r"手机(?:端|上|版|客户端|页面|里|打开|登录|访问|办公|看|不能|收不到(?:待办|推送|提醒|"
        r"消息))|移动(?:端|办公)|app|客户端(?!证书)|粤政易|苹果(?:手机)?|"
        r"安卓|鸿蒙|ios|平板|ipad|推送|扫码(?!登录)|小程序|h5"
    ),
    System.ACCOUNT: (
        r"账号|账户|帐号|帐户|密码|口令|用户名|用户未绑定|未绑定|锁定|解锁|权限|绑定|手机号|"
        r"扫码登录|菜单(?:全)?(?:没|不见|少)|别人的名字|身份|角色|实名|"
        r"人员(?:信息|调动|转)|单点登录不了|加到[^,]{0,10}群组|群组|排序调|"
        r"(?:主任|科长|局长|同事|领导)的?(?:排序|职务|岗位|部门)|"
        r"调(?:到|走|离)了?[^,]{0,8}(?:局|委|办|科)|退休|离职|新(?:来的)?同事"
    ),
    System.OA: (
        r"oa|[一-鿿]政[易通]|公文|收文|发文|流程|待办|已办|附件|督办|传阅|会议室|日程|通讯录|门户|"
        r"首页|登录|系统|平台|页面|文号|字号|归档|请假|加签|转办|待阅|审批|"
        r"签批|拟稿|批示|编号|列表|搜索|检索|查询|模板|意见|表单|表格|报表|浏览器|文件|提交|保存|"
        r"部门名称|提醒|节点|数据|服务器|升级|日志|接口|授权让|代办|委托|红点|"
        r"通知公告|信息报送|栏目|的文|[这那几一][个份篇些条]文|单点登录|办文|办件|催办|导出|公告|"
        r"文打|收回|群组|功能|界面|菜单|维护|停机|停服|"
        r"(?<![一-鿿])文(?![一-鿿])"
    ),
}
SOFT_ACCOUNT = re.compile(r"权限|锁定|绑定|手机号|身份|角色|同事|密码")
PAPER = re.compile(r"文档|流程|公文|文件|附件|待办|表单|意见")
JOINER = re.compile(r"另外|顺便|还有(?=,|个|一)|再就是")
FINDERS = {system: re.compile(words) for system, words in SYSTEM_WORDS.items()}

DENIED = re.compile(
    r"(?:(?<!是)不是|并非|跟|和|与|不关|排除(?:了)?)[^,]{0,8}(?:的(?:问题|事|原因)|问题|无关|没关系|原因|故障)|"
    r"(?<=,)[^,]{0,10}(?:都|是|也|网络|短信|vpn|wps|电脑|电脑上|电脑端|的)(?:很|都|是)?(?:正常|"
    r"很快|没问题|可以|通的|好的)|"
    r"其他网站(?:都)?(?:正常|能上|可以)|用手机流量(?:就)?(?:可以|正常|能)"
)

THIRD_PARTY_ADDRESSED = re.compile(
    r"厂家|厂商|请(?:移动|联通|电信)(?!端)|运营商|供应商|友商|第三方|"
    r"(?:移动(?!端)|电信|联通|短信平台|深信服|wps|金山|签章|云平台|政务云|vpn|ca)(?:公司)?(?:的|"
    r"那边|这边|方面)?(?:同事|工程师|技术|客服|老师|那边|"
    r"客户经理|人员|售后|经理|有限制)|找移动|客户经理|白名单|原厂|签名(?:加|换|改|可以|申请)|深信服那边"
)
THIRD_PARTY_ASKED = re.compile(
    r"支持|兼容|并发|上限|限制|额度|条数|通道|到达率|有效期|续费|多少钱|费用|价格|收费|更新|"
    r"新版本|采购|购买|授权点|漏洞|容量|带宽|制作?一?[枚个]|"
    r"新(?:的)?(?:部门|电子)?章|公章图片|章(?:的)?图片|补办|续期|换发|签名.{0,8}(?:加|换|改)|策略|端口|重新写"
)
BUSINESS = re.compile(
    r"[维务护发]费|报价|价格|(?<!外出)(?<!未)授权(?!让|给|代|失|未|书|不|问)|按人数|按年|特殊要求|"
    r"按我们|(?:单位|局|我们)用(?:$|,)|大屏|主题|方案介绍|"
    r"新上|价钱|多少钱|收费|费用|付费|免费|合同|协议|预算|招标|投标|采购|购买|付款|发票|尾款|"
    r"验收资料|商务|授权数|用户数|用户授权|"
    r"(?:增加|扩容|购买|新增|加|续|到期|个)[^,]{0,4}(?:用户)?(?:授权|许可)|许可证|license|续约|维保|"
    r"(?:接入|使用|用)(?:这个|你们)?(?:[一-鿿]政[易通]|平台|系统)(?:$|,)|"
    r"(?:也|想)用(?:这个|你们)[^,]{0,4}(?:系统|平台)|单独建|"
    r"新(?:单位|需求)|二次开发|人天|定制|个性化|专属|开发(?:方案|一个|个)|新功能|"
    r"(?:想|要|希望|能不能|帮)[^,]{0,14}(?:加|增加|新增|增设|开发|做)(?:一|个|"
    r"上)[^,]{0,12}(?:栏目|模块|按钮|报表|统计|字段|板块|功能|专题|"
    r"流程|入口|页面|看板|皮肤)|做成|产品介绍|案例|(?:流程|表单|审批单|模板|首页|门户|"
    r"界面)[^,]{0,10}(?:改成|做成|重新设计|增加一|加一)|"
    r"(?:改成|换成|换一|改版)[^,]{0,12}(?:颜色|风格|样式|版面|界面|图标|门户|logo)"
)
BACK_END = re.compile(
    r"接口|api(?![a-z])|数据库|视图|字段含义|日志|同步|单点登录|统一认证|sso|ldap|oauth|回调|"
    r"服务器|(?<![a-z])oa ?[0-9]{1,2}|补丁|"
    r"升级包|测试环境|测试库|备份|存储|编码|中间件|漏洞|等保|对接|推送给|批量(?:导入|迁移)|脚本|"
    r"jdk|nginx|节点|负载|https|证书链|部署|迁移|"
    r"技术(?:帮忙|支持|同事|人员|实现|文档)|组织(?:架构)?(?:编码|同步)|后台"
)
MANUAL = re.compile(
    r"手册|值班|电话|联系|培训|群|教程|视频|上门|现场|驻点|地址|上班|你们公司|工程师|客服|指南|"
    r"说明书|操作|负责人|找谁"
)

WIDE = re.compile(
    r"整个?(?:局|单位|系统|区|县|镇|街道|市|楼|大楼|大院|栋楼|委|院|中心|平台|机关|府)|整栋|"
    r"全(?:局|县|市|区|单位|镇|街|院|楼|委|省|城|机关|系统|部人|部单位|部用户|体|员)|"
    r"(?:所有|全部)(?:的)?(?:人|单位|用户|镇|街|科室|部门|同事|在外|服务器|业务|系统|局|委|办|账号|终端|电脑|下属)|"
    r"各(?:单位|科室|局|部门|委办|县|区|镇|街|处室|股室)|"
    r"(?:几|多|十几|几十|好几|好多|很多|许多|大量|[0-9]{1,3})(?:个|家)?(?:单位|部门|局|委办局|"
    r"镇街|镇|县|街道|区|用户)(?!数|授权|名)|"
    r"(?:几十|十几|[一二三四五六七八九]十[几多]?|上百|几百|[1-9][0-9]{1,3}|六七|七八|八九)(?:多|"
    r"几|来)?(?:个|名|位)?(?:人|同事|用户|台)|"
    r"大家(?:全|都)|(?:没有|没)一个(?:人)?(?:能|可以)|(?:每个人|人人)(?:都|也|是)|大面积|大范围|"
    r"(?:我们|本|这边|大院)[^,]{0,6}(?:局|单位|委|镇|县|区|街道|大院|中心|院|府)[^,]{0,6}(?:都|全)|"
    r"全部(?:都)?(?:登|打|连|收|断|上|用|进|卡|没|不)|全(?:都)?(?:登|打不|连不|收不|断|停|挂)|"
    r"这边(?:全|都)(?:都)?|宕机|瘫痪|全停|都停了|"
    r"(?:系统|平台|oa|[一-鿿]政[易通])(?:是不是|已经|又|好像|全)?(?:崩|挂|瘫)"
)
SECURITY = re.compile(
    r"(?:被|遭|受到)(?:了)?(?:人)?(?:攻击|入侵|篡改|黑了?|劫持|勒索|植入|爬)|勒索|挂马|木马|"
    r"中(?:了)?(?:病毒|木马)|(?:数据|信息)?泄[露密]|"
    r"被人(?:改|篡)|不明的?(?:链接|内容|页面|程序|账号)|暗链|博彩|赌博|反动|黑客|"
    r"(?:看到|显示|下载到)[^,]{0,8}(?:其他单位|别的单位|别人)的?[^,]{0,6}(?:文件|公文|数据|涉密|密码)"
)
STOLEN = re.compile(
    r"盗|丢(?:失|了)|被偷|遗失|捡到|冒用|误发|发错[^,]{0,6}(?:全|群|公告|涉密)|涉密|不该公开|"
    r"泄[露密]|绝密|机密|发到(?:了)?(?:全|公告|外)"
)
STOP_IT = re.compile(r"冻结|停用|禁用|撤回|撤[下掉]|删|下架|锁(?:定|住|掉)|封|注销|踢|清除|收回|断开|挂失")


Naming = dict[System, tuple[int, str]]


def systems(text: str) -> Naming:
    """Every system named in ``text`` with place and words of its first naming."""
    found = {system: finder.search(text) for system, finder in FINDERS.items()}
    return {system: (match.start(), match[0]) for system, match in found.items() if match}


def subject(text: str, failing: bool = False, named: Naming | None = None) -> tuple[System, str] | None:
    """The system a text is about: a third-party one named first, else our app, else the login, else the portal.

    In a fault (``failing``) a paper that is locked or not permitted is the portal's, not the login's.
    ``named``: what :func:`systems` found in ``text``, where that is known.
    """
    meant = DENIED.sub(" ", text)
    if named is None or meant != text:
        named = systems(meant)
    if System.SMS in named and "验证码" in named[System.SMS][1]:
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


def parts(text: str) -> list[str]:
    """Two matters in one message ("…，另外…", "顺便…"), in their order."""
    return [part for part in JOINER.split(text) if part.strip()]
