"""What of a command's output people may see: text without control characters and without secrets."""

import re
import unicodedata

MASK = "***"
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])")
_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_NAMED = re.compile(
    r"(?i)((?:[\w.-]*(?:passwd|password|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)[\w.-]*|密码|口令)"
    r"[\"']?\s*[:=：]\s*)(\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&\"']+)"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_URL = re.compile(r"(://[^/\s:@]*:)[^@\s/]+(@)")


def clean(raw: bytes) -> str:
    """``raw`` as text for people: bad UTF-8 replaced, ANSI and invisible characters removed, secrets masked."""
    text = raw.decode("utf-8", "replace").replace("\r\n", "\n")
    text = _ANSI.sub("", text).replace("\r", "\n")
    return mask("".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"}))


def mask(text: str) -> str:
    """``text`` with what looks like a password, token or private key replaced."""
    text = _KEY_BLOCK.sub(MASK, text)
    text = _NAMED.sub(rf"\1{MASK}", text)
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
