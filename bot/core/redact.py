"""What of a command's output people may see: text without control characters and without secrets."""

import re
import unicodedata

MASK = "***"
# No pattern reads the same text again from each of its characters: masking 64 KiB of anything must not take seconds.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])")
_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_NAMED = re.compile(
    r"(?i)((?:(?:passwd|password|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)[\w.-]{0,64}|密码|口令)"
    r"[\"']?\s{0,8}[:=：]\s{0,8})(\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&\"']+)"
)
_SAID = re.compile(
    r"(?i)((?:密码|口令|密钥|令牌)\s{0,4}(?:是|为|改成|改为|重置为|设为)?\s{0,4}[:=：]?\s{0,4}|\b(?:password|passwd|pwd|token)\s(?:is|was)\s)([!-~]{3,})"
)
_WORD = (
    re.compile(  # given as a word of a command line: --password hunter2, -u name:hunter2, SYSDBA/hunter2, by "hunter2"
        r"(?i)((?:^|\s)--?(?:pass|passwd|password|passphrase|pwd|token|secret|api-key|access-key|secret-key)\s+"
        r"|(?:^|\s)(?:-u|--user)[ =]?[^\s:]+:"
        r"|\b(?:sshpass|mysql|mysqldump|mariadb|redis-cli)\b[^\n|;&]{0,200}?\s-(?:p|a)\s?"
        r"|\b(?:disql|sqlplus|dexp|dimp|expdp|impdp|dminit)\s+[^\s/]+/"
        r"|\bidentified\s+by\s+)(\"[^\"\n]*\"|'[^'\n]*'|[^\s@\"']+)"
    )
)
_TAG = re.compile(r"(?i)(<([\w.-]{0,64}(?:password|passwd|pwd|secret|token)[\w.-]{0,64})\s?>)[^<\n]+(</\2\s?>)")
_COOKIE = re.compile(r"(?i)\b((?:set-)?cookie\s*:\s*)[^\n]+")
_SHAPE = re.compile(  # known by how they look: GitHub, GitLab, Slack, AWS, Google, OpenAI and the like, npm, JWT, a WeCom webhook
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abeprs]-[\w-]{10,}|xapp-[\w-]{10,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35}|[sr]k[-_](?:live_|test_|proj-|ant-)?[\w-]{20,}|npm_[A-Za-z0-9]{36}|hf_[A-Za-z0-9]{30,}"
    r"|eyJ[\w-]{5,1000}\.[\w-]{5,2000}\.[\w-]{5,}|(?<=[?&]key=)[0-9a-fA-F]{8}-[0-9a-fA-F-]{27})"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_URL = re.compile(r"(://[^/\s:@]*:)[^@\s/]+(@)")


def clean(raw: bytes, encoding: str = "") -> str:
    """``raw`` as text for people: bad UTF-8 replaced, ANSI and invisible characters removed, secrets masked.

    ``encoding``: of lines that are not UTF-8; one program may say both.
    """
    text = _decoded(raw, encoding).replace("\r\n", "\n")
    text = _ANSI.sub("", text).replace("\r", "\n")
    return mask("".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"}))


def _decoded(raw: bytes, encoding: str) -> str:
    if not encoding:
        return raw.decode("utf-8", "replace")
    return "\n".join(_line(line, encoding) for line in raw.split(b"\n"))


def _line(line: bytes, encoding: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode(encoding, "replace")


def mask(text: str) -> str:
    """``text`` with what looks like a password, token or private key replaced."""
    text = _KEY_BLOCK.sub(MASK, text)
    text = _NAMED.sub(rf"\1{MASK}", text)
    text = _TAG.sub(rf"\1{MASK}\3", text)
    for named in (_SAID, _WORD):
        text = named.sub(rf"\1{MASK}", text)
    text = _COOKIE.sub(rf"\1{MASK}", text)
    text = _SHAPE.sub(MASK, text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    return _URL.sub(rf"\1{MASK}\2", text)


def masked(data: bytes) -> bytes:
    """A downloaded file with its secrets masked; one that is no text is left as it is."""
    try:
        return mask(data.decode("utf-8")).encode()
    except UnicodeDecodeError:
        return data


def tail(text: str, lines: int = 12, characters: int = 1200) -> str:
    """The end of ``text`` that fits on a phone."""
    cut = "\n".join(text.rstrip("\n").split("\n")[-lines:])
    return cut if len(cut) <= characters else "…" + cut[1 - characters :]
