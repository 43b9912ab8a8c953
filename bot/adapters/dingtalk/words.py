"""What a DingTalk message says, whatever its kind: text, rich text, links, records that were passed on (DingTalk sheet 2.2).

Nothing here refuses: what is not of the form that it has today is named by its kind, and the rest is heard.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.adapters.common.anywhere import with_more
from bot.adapters.common.forwards import record
from bot.core.events import FileRef

UNREAD = "[消息]"
_KINDS = {
    "picture": "[图片]",
    "audio": "[语音]",
    "video": "[视频]",
    "file": "[文件]",
    "location": "[位置]",
    "link": "[链接]",
    "interactiveCard": "[卡片]",
    "actionCard": "[卡片]",
    "card": "[卡片]",
    "oa": "[卡片]",
    "emotion": "[表情]",
    "chatRecord": "[聊天记录]",
}
_TEXTS = (
    "title",
    "text",
    "content",
    "markdown",
    "summary",
    "recognition",
    "fileName",
    "description",
    "messageUrl",
    "url",
)
_DEEPEST = 4  # records within records


def words_of(kind: Any, message: Mapping[str, Any], deepest: int = _DEEPEST) -> str:
    """The words of a message or of one that is quoted; a picture or recording is its kind in brackets, with what was recognised.

    Empty where nothing can be said of it.
    """
    own = isinstance(kind, str) and kind in message and (kind in ("text", "link") or "content" not in message)
    content = message.get(kind) if own else message.get("content")
    content = _parsed(content)
    match kind:
        case "text":
            return content if isinstance(content, str) else _first(content)
        case "richText":
            rich = content.get("richText") if isinstance(content, dict) else content
            return "".join(_part(part) for part in dicts(rich))
        case "chatRecord" if deepest:
            inside = _parsed(content.get("chatRecord")) if isinstance(content, dict) else content
            return record(_told(inside, deepest - 1), _first(content))
        case _:
            said = _KINDS.get(kind, UNREAD) if isinstance(kind, str) else ""
            if isinstance(content, str):
                return f"{said} {content}".strip()
            told = dict.fromkeys(_texts(content))
            return " ".join([said, *with_more(told, content)]).strip()


def files_of(message: Mapping[str, Any]) -> tuple[FileRef, ...]:
    """The file of a message by its name; DingTalk gives no address that people could open."""
    content = message.get("content")
    name = content.get("fileName") if isinstance(content, dict) else None
    return (FileRef(name[:255], ""),) if isinstance(name, str) and name else ()


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing of anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _told(inside: Any, deepest: int) -> Iterator[tuple[str, str]]:
    """(author, words) of the messages of a record."""
    for item in dicts(inside):
        who = next((name for key in ("senderNick", "senderName") if isinstance(name := item.get(key), str)), "")
        yield who, words_of(item.get("msgType") or item.get("msgtype") or "text", item, deepest)


def _parsed(value: Any) -> Any:
    """Some contents are JSON in a string."""
    if not isinstance(value, str) or value.strip()[:1] not in {"{", "["}:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _part(part: Mapping[str, Any]) -> str:
    """One part of a rich text."""
    text = part.get("text")
    if isinstance(text, str):
        return text
    kind = part.get("type") or part.get("msgType")
    is_picture = kind in (None, "picture") and any("ownloadCode" in name for name in part)
    return _KINDS["picture"] if is_picture or kind == "picture" else _first(part)


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        found = (content.get(name) for name in _TEXTS)
        yield from (value.strip() for value in found if isinstance(value, str) and value.strip())


def _first(content: Any) -> str:
    """The first words of a content whose form is not the one expected."""
    if not isinstance(content, dict):
        return ""
    rich = "".join(_part(part) for part in dicts(content.get("richText")))
    names = ("content", "text", *_TEXTS)
    return rich or next((value for name in names if isinstance(value := content.get(name), str) and value.strip()), "")
