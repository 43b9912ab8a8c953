"""How passwords, tokens and private keys look in outputs, command lines and in what people say; each with what stands in its place.

No pattern reads the same text again from each of its characters: masking 64 KiB of anything must not take seconds. Each is
looked for only where one of its words stands: a list of thousands of connections has none of them.
"""

import re

MASK = "***"
_PART = r"[^\s,;&\"']"
# the value behind a key; a comma ends it where a name and its own value follow
_KEY = rf"(?:\"[^\"\n]*\"|'[^'\n]*'|{_PART}+(?:,(?![\w.-]{{1,64}}[\"']?\s?[:=]){_PART}+)*)"
_ARG = r"(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s@\"']+)"  # a word of a command line
_TELLING = r"(?=[!-~]{0,64}[0-9])"  # what is said without "is" or a colon must have a numeral to be no plain word
_NAME = (
    r"(?:passwd|password|passphrase|pwd|secret(?!ar)|token(?!iz|s?[\"']?\s{0,8}[:=]\s{0,8}[0-9]{1,9}\b)"
    r"|api[ _-]?key|access[ _-]?key|secret[ _-]?key"
    r"|account[_-]?key|private[_-]?key|aes[_-]?key|sshpass)"
)
_CALLED = r"(?:密\s{0,2}[码碼钥]|秘钥|口令|令牌|授权码|安全码|动态码|pin\s?码)"
_BETWEEN = "就 还 都 统一 暂时 先 我 已经? 刚 现在 帮忙? 请 给 把 是 为 改 换 重置 设置? 更新 修改 初始化 发 你 您 到 成 了 叫 用"
_DOES = f"(?:{'|'.join(_BETWEEN.split())}){{0,5}}"
_PROGRAMS = "sshpass mysql mysqldump mysqladmin mariadb redis-cli isql sqlcmd ldap(?:search|add|modify) openssl smbclient ipmitool"
_THEN = r"[^\n|;&]{0,200}?\s"  # what else stands in the command
_TOOLS = f"(?:{'|'.join(_PROGRAMS.split())})"


_NAMES = "pass|pwd|secret|token|key"
_SAID = "密|秘钥|口令|令牌|码"
_CLIENTS = "mysql|mariadb|redis-cli|isql|sqlcmd|sqlplus|dexp|dimp|expdp|impdp|dminit|ldap|openssl|smbclient|ipmitool"
_LETTERS = {ord("ſ"): "s", ord("\u212a"): "k", ord("ı"): "i", ord("İ"): "i"}  # for re, not for lower()


class Shape:
    """``hints``: one of them stands, in any case, in whatever the pattern matches; none: it must be looked for everywhere."""

    def __init__(self, pattern: str, instead: str, hints: str = "") -> None:
        self.pattern = re.compile(pattern)
        self.instead = instead
        self._hints = hints.split("|")

    def may_stand_in(self, folded: str) -> bool:
        """Whether the text that was ``folded`` is worth a look."""
        return any(hint in folded for hint in self._hints)


def folded(text: str) -> str:
    """``text`` as hints are looked for in it."""
    return (text if text.isascii() else text.translate(_LETTERS)).lower()


def _lead(pattern: str, hints: str = "") -> Shape:
    """What the first group matches stays, what is behind it goes."""
    return Shape(pattern, rf"\1{MASK}", hints)


SHAPES: tuple[Shape, ...] = (
    Shape(
        r"(?s)-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}"
        r".*?(?:-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}|\Z)",
        MASK,
        "private key",
    ),
    _lead(r"(Private-Lines: [0-9]{1,5}\n)(?:[A-Za-z0-9+/=]+(?:\n|\Z))+", "private-lines"),
    # written behind a name: key = value, also as a block of YAML and as an attribute or element of XML
    _lead(rf"(?i)({_NAME}[\w.-]{{0,64}}[\"']?\s{{0,8}}:[ \t]{{0,8}}[|>][+-]?\n)(?:[ \t]+[^\n]*(?:\n|\Z))+", _NAMES),
    _lead(
        r"(?i)((?:(?:账号|帐号|账户|帐户|用户名?|工号)[/和及、 ]?密码|[账帐]密)\s{0,4}[:=：＝]?\s{0,4})"
        r"[!-~]{1,64}(?:\s{0,2}[/|、]\s{0,2}|\s{1,3})[!-~]{3,}",
        "密",
    ),
    _lead(
        r"(?i)(\b(?:proxy-)?authorization[\"']?\s{0,4}[:=]\s{0,4}[\"']?)(?:digest[^\n]+|(?:[a-z]{1,16}\s+)?[^\s\"',;]+)",
        "authorization",
    ),
    _lead(
        rf"(?i)((?:{_NAME}[\w.-]{{0,64}}|{_CALLED})[\"']?\s{{0,8}}(?:=>|[:=：＝])\s{{0,8}}){_KEY}", f"{_NAMES}|{_SAID}"
    ),
    _lead(
        rf"(?i)((?<![a-z])(?:pass|pw|mima)[\"']?\s{{0,8}}(?:=>|[:=：])\s{{0,8}})(?![0-9]{{1,4}}\b){_KEY}",
        "pass|pw|mima",
    ),
    _lead(r"(?i)((?:j|php)?sess(?:ion)?_?id\s{0,2}[:=]\s{0,2}[\"']?)[\w.~+/=-]{8,}", "sess"),
    _lead(rf"(?i)([?&]auth=){_TELLING}[^\s&\"'<>]{{8,}}", "auth="),
    _lead(r"(?i)([?&](?:sig|sign|signature|x-amz-signature|ticket)=)[^\s&\"'<>]{6,}", "sig|ticket="),
    _lead(
        r"(?i)([\"'][\w.-]{0,64}(?:password|passwd|pwd|secret|token)[\w.-]{0,64}[\"'](?:\s{1,4}value\s?=\s?[\"']|\s?>))[^\"'<\n]+",
        "pass|pwd|secret|token",
    ),
    Shape(
        r"(?i)(<([\w.:-]{0,64}(?:password|passwd|pwd|secret|token)[\w.-]{0,64})\s?>(?:<!\[CDATA\[)?)"
        r"[^<\]\n]+((?:\]\]>)?</\2\s?>)",
        rf"\1{MASK}\3",
        "pass|pwd|secret|token",
    ),
    _lead(
        r"(?im)(^\s{0,16}(?:requirepass|masterauth|auth_pass|bindpw|rootpw|rootbindpw)\s{1,8})(?!is\b|not\b)[^\s]+",
        "requirepass|masterauth|auth_pass|bindpw|rootpw",
    ),
    # said: 密码是 hunter2, the password is hunter2
    _lead(
        rf"(?i)({_CALLED}\s{{0,4}}(?:[（(][^）)\n]{{0,20}}[）)])?{_DOES}\s{{0,4}}[:=：＝—-]?\s{{0,4}}[「『“‘【《]?)[!-~]{{3,}}",
        _SAID,
    ),
    _lead(r"(?i)((?:动态|验证)码\s{0,4}(?:是|为|[:：])\s{0,4})[!-~]{3,}", "码"),
    _lead(
        r"(?i)((?<![a-z])(?:password|passwd|pwd|passphrase|token)\s{0,4}(?:是|为|改成|(?<=\s)(?:is|was)\b)\s{0,4}[:：]?\s{0,4})[!-~]{3,}",
        "pass|pwd|token",
    ),
    _lead(
        rf"(?i)(\b(?:password|passwd|passphrase)\b[^\n.:=]{{1,30}}?\s(?:is|was)\s{{0,2}}:?\s{{1,2}}){_TELLING}[!-~]{{3,}}",
        "pass",
    ),
    _lead(rf"(?i)(\b(?:password|passwd|pwd|passphrase)\s{{1,2}})(?![/-]){_TELLING}[!-~]{{4,}}", "pass|pwd"),
    _lead(
        rf"(?i)(\b(?:pass|api[ _-]?key|access[ _-]?key|secret[ _-]?key)\s(?:is|was)\s{{0,2}}:?\s{{0,2}}){_TELLING}[!-~]{{4,}}",
        "pass|key",
    ),
    _lead(r"(?i)(\b(?:password|passphrase)\sfor\s[^\s:]{1,64}\s?:[ \t]{0,4})[!-~]{3,}", "pass"),
    _lead(
        rf"(?i)((?<![\w/.-])(?:root|admin(?:istrator)?|oracle|weaver|sysdba)\s?/\s?){_TELLING}[!-~]{{4,64}}(?=\s{{0,3}}登[录陆])",
        "登",
    ),
    _lead(r"(?i)(\buser(?:name)?\s?[:=]?\s{1,3}[!-~]{1,64}\s{1,3}pass(?:word)?\s{1,3})[!-~]{3,}", "pass"),
    _lead(r"(\blogin\s{1,3}[!-~]{1,64}\s{1,3}password\s{1,3})[!-~]{3,}", "password"),  # .netrc
    _lead(r"(?m)(^[\w.*-]{1,64}:(?:[0-9]{2,5}|\*):[\w.*-]{1,64}:[\w.*-]{1,64}:)[^\s:]{3,}$"),  # .pgpass
    _lead(rf"(?i)(\blog[io]n\s?[:：]\s?[!-~]{{1,64}}\s?/\s?){_TELLING}[!-~]{{4,}}", "login|logon"),
    _lead(r"((?:私钥|\b[AS]K)\s{0,4}[:=：＝]\s{0,4})[!-~]{6,}", "私钥|ak|sk"),
    _lead(r"((?:动态|验证|校验)码\s{0,4})[0-9]{6}(?![0-9])", "码"),
    Shape(r"(?i)(\buse\s)[!-~]{4,64}(\sas\s(?:the\s|my\s)?password\b)", rf"\1{MASK}\2", "password"),
    Shape(
        rf"(?i)(?<![!-~]){_TELLING}[!-~]{{4,64}}(\sis\s(?:the|my|our)\s(?:new\s|root\s)?password\b)",
        rf"{MASK}\1",
        "password",
    ),
    # in quotes within quotes, and as an argument of a function: {\"password\":\"hunter2\"}, define('DB_PASSWORD', 'hunter2')
    _lead(rf"(?i)({_NAME}[\w.-]{{0,64}}\\{{1,3}}[\"']\s{{0,4}}:\s{{0,4}}\\{{1,3}}[\"'])[^\"'\\\n]+", _NAMES),
    _lead(
        rf"(?i)(\b(?:define|putenv|put|add|append|set\w{{0,20}})\([\"'][\w.-]{{0,64}}?(?:{_NAME}|pass)[\w.-]{{0,64}}[\"'],\s{{0,4}}[\"'])"
        r"[^\"'\n]+",
        _NAMES,
    ),
    _lead(r"(?i)([\"']credentials?[\"']\s{0,4}:\s{0,4}[\"'])[^\"'\n]+", "credential"),
    # of one program only, where the same letter means another thing to others
    _lead(
        rf"(\b(?:mongo(?:sh|dump|restore|export|import)?|mycli|(?:docker|podman|helm\sregistry)\slogin)\b{_THEN}-p\s?){_ARG}",
        "mongo|mycli|docker|podman|helm",
    ),
    _lead(rf"(\b(?:un)?zip\b{_THEN}-P\s?)[!-~]+", "zip"),
    _lead(rf"(\b(?:7z[ar]?|(?:un)?rar)\b{_THEN}-h?p)[!-~]+", "7z|rar"),
    _lead(rf"(\bsnmp\w{{1,12}}\b{_THEN}-[cA]\s?)(?!\s)[!-~]+", "snmp"),
    _lead(rf"(\bsnmp\w{{1,12}}\b{_THEN}-X\s?)(?!\s)[!-~]+", "snmp"),
    _lead(rf"(\b(?:smbclient|rpcclient|net)\b{_THEN}-U\s?[\"']?[^\s%]{{1,64}}%){_ARG}", "-u"),
    _lead(r"(?i)(\bnet\suse\b[^\n]{0,120}?\s/user:[^\s]{1,64}\s{1,4})(?!/)[!-~]+", "/user:"),
    _lead(rf"(\bcurl\b{_THEN}(?:-[a-zA-Z]{{0,6}}[uU]|--proxy-user)[ =]?[\"']?[^\s:\"']{{1,64}}:){_ARG}", "curl"),
    _lead(rf"(\bhttps?\b{_THEN}(?:-a|--auth)[ =]?[\"']?[^\s:\"'/]{{1,64}}:){_ARG}", "http"),
    _lead(rf"(\b(?:passwd|chpasswd|sudo|kinit)\b[^\n|;&<]{{0,60}}<<<\s?){_ARG}", "<<<"),
    _lead(
        rf"((?:^|\bredis-cli\b[^\n|;&]{{0,100}}?\s|[>)\]\"']\s?)AUTH\s(?:[\w-]{{1,32}}\s)?){_TELLING}[!-~]{{6,}}",
        "auth",
    ),
    _lead(rf"(?i)(\buserid\s?=\s?[\"']?\w{{1,30}}/){_ARG}", "userid"),
    Shape(r"(?i)(\b(?:exp|imp)\s{1,4}\w{1,30}/)[^\s@/]{1,128}(@)", rf"\1{MASK}\2", "exp|imp"),
    Shape(r"(\bsend\s{1,4}(?:--\s)?[\"'])[^\"'\n\\]{3,128}(\\[rn])", rf"\1{MASK}\2", "send"),
    # given as a word of a command line: --password hunter2, -u name:hunter2, SYSDBA/hunter2, by "hunter2"
    _lead(
        r"(?i)((?:^|\s)--?[\w-]{0,24}(?:pass|passwd|password|passphrase|passin|passout|pwd|token|secret|api-key|access-key|secret-key)\s+"
        r"|(?:^|\s)[\"']?(?:-u|--user)[ =]?[\"']?[^\s:]{1,64}:"
        rf"|\b{_TOOLS}\b[^\n|;&]{{0,200}}?\s(?-i:-(?:p|a|P(?!\s?[0-9]{{2,5}}\b)|w|k))\s?"
        r"|\b(?:disql|sqlplus|dexp|dimp|expdp|impdp|dminit)\s+[^\s/]+/"
        r"|\bidentified\s+(?:with\s+[\w\"']{1,64}\s+)?by\s+"
        rf"|\bpassword\s{{0,4}}\(\s{{0,4}}|\bpassword\s{{1,4}}(?=')){_ARG}",
        f"{_NAMES}|{_CLIENTS}|-u|--user|identified",
    ),
    Shape(
        r"(?i)(\becho\s{1,4}(?:-[ne]{1,2}\s{1,4})?)[^\n|]{1,200}"
        r"(\|\s{0,4}(?:sudo\s{1,4}(?:-S|chpasswd)|passwd\s{1,4}--stdin|chpasswd|docker\s{1,4}login|kinit))",
        rf"\1{MASK} \2",
        "echo",
    ),
    _lead(r"(?i)\b((?:set-)?cookie\s*:\s*)[^\n]+", "cookie"),
    # known by how they look: GitHub, GitLab, Slack, AWS, Google, OpenAI and the like, npm, JWT, webhooks of chat platforms
    Shape(
        r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl(?:pat|rt|dt|ft|ptt|soat|cbt)-[\w-]{16,}"
        r"|xox[a-z](?:\.xox[a-z])?-[\w-]{10,}|xapp-[\w-]{10,}|(?:AKIA|ASIA)[0-9A-Z]{16}|LTAI[A-Za-z0-9]{12,30}|AKID[A-Za-z0-9]{13,40}"
        r"|AIza[\w-]{35}|ya29\.[\w-]{20,}|[sr]k[-_](?:live_|test_|proj-|ant-)?[\w-]{20,}|npm_[A-Za-z0-9]{36}|hf_[A-Za-z0-9]{30,}"
        r"|dckr_pat_[\w-]{20,}|pypi-[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,}|syt_[\w-]{16,}|hv[sb]\.[\w-]{20,}|shp(?:at|ss)_[0-9a-fA-F]{32}"
        r"|eyJ[\w-]{5,1000}\.[\w-]{5,2000}\.[\w-]{5,}"
        r"|(?<=[?&]key=)[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|(?<=hooks\.slack\.com/)(?:services|workflows|triggers)/[\w/-]{16,}"
        r"|(?<=/bot/v2/hook/)[\w-]{16,})",
        MASK,
    ),
    _lead(r"\b((?i:bearer|basic):?\s{1,4})(?=[A-Za-z0-9._~+/-]+[A-Z0-9=_.~+/-])[A-Za-z0-9._~+/=-]{8,}", "bearer|basic"),
    # in an address: scheme://name:hunter2@host, scheme://token@host, thin:name/hunter2@host
    Shape(r"(://[^/\s:@]{0,128}:)[^\s/]{1,256}(@)", rf"\1{MASK}\2", "://"),
    Shape(r"(://)[^\s/:@]{16,256}(@)", rf"\1{MASK}\2", "://"),
    Shape(r"(:thin:[^/\s]{1,64}/)[^@\s]{1,128}(@)", rf"\1{MASK}\2", ":thin:"),
)
