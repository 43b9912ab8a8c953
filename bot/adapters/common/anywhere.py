"""What a payload says to people, wherever it stands: for cards and kinds of message whose form is not one that we know.

A text is for people when it is written in Chinese, or stands under a name that platforms use for what is shown; addresses, keys
and the names of kinds and styles are for programs.
"""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

MOST = 40  # texts of one message
LONGEST = 4_000  # characters of one text
_DEEPEST = 16
_SHOWN = re.compile(
    r"(?:.*_)?(?:text|title|content|desc|description|summary|subject|topic|label|question|caption|recognition|transcript|"
    r"preview|alt_text|fallback|body|wish|speech_to_text|plain_text)|.*title",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S*", re.IGNORECASE)
# What platforms write where they do not tell what was sent: nobody's words.
_PLACEHOLDER = re.compile(
    r"[\[【(（]?(?:请升级(?:至|到)?最新版本(?:客户端)?[，,]?(?:以|后)?查看(?:该?内容|消息)?|"
    r"(?=.*(?:消息|信息|内容))(?:该|此|当前)?(?:条|版本)?(?:消息|信息|内容)?(?:类型)?(?:暂)?(?:时)?不(?:支持|能)(?:查看|显示|展示)?(?:该|此)?(?:消息|内容|类型)*"
    r"(?:[，,]?请(?:在|到|使用).{0,20}(?:查看|打开))?|"
    r"(?:please )?upgrade to the latest (?:version|client).{0,40}|(?:this )?message type is not supported.{0,40})[。.!！\]】)）]?",
    re.IGNORECASE,
)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_FOR_PROGRAMS = re.compile(
    r"[a-z][a-z0-9+.-]*://\S*|[A-Za-z0-9_+/=-]{20,}|[A-Za-z0-9_.-]+:[A-Za-z0-9_.-]+|\s*", re.IGNORECASE
)


def shown(value: Any) -> list[str]:
    """The texts for people in a value, each once, in their order."""
    return list(dict.fromkeys(islice(_texts(value, "", _DEEPEST), MOST)))


def is_placeholder(text: str) -> bool:
    """Whether a text is what a platform writes in place of something that it does not tell."""
    return _PLACEHOLDER.fullmatch(text.strip()) is not None


def with_more(told: Iterable[str], value: Any) -> list[str]:
    """What was read of a value, and what else it says to people; nothing twice, nor a part of what stands there."""
    lines = [line for line in told if line.strip() and not is_placeholder(line)]
    for text in shown(value):
        if not any(text in line for line in lines):
            lines.append(text)
    return lines


def _texts(value: Any, name: str, deepest: int) -> Iterable[str]:
    if deepest == 0:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, str(key), deepest - 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, name, deepest - 1)
    elif isinstance(value, str):
        text = value.strip()[:LONGEST]
        if text[:1] in {"{", "["} and (inside := _parsed(value)) is not None:
            yield from _texts(inside, name, deepest - 1)
        elif _PLACEHOLDER.fullmatch(text) or _ADDRESS.fullmatch(text):
            return
        elif _CHINESE.search(text) or (_SHOWN.fullmatch(name) and not _FOR_PROGRAMS.fullmatch(text)):
            yield text


def _parsed(text: str) -> Any:
    """Some parts are JSON in a string."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None
