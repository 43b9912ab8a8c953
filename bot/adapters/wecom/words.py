"""What a WeCom message says, whatever its kind: words, links, records that were passed on, things sent (WeCom 100719, 90239).

Nothing here refuses: what is not of the form that it has today is named by its kind, and the rest is heard.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.adapters.common.anywhere import with_more
from bot.adapters.common.forwards import record
from bot.core.events import FileRef

KINDS = {
    "image": "[图片]",
    "voice": "[语音]",
    "file": "[文件]",
    "video": "[视频]",
    "location": "[位置]",
    "link": "[链接]",
    "emotion": "[表情]",
    "card": "[名片]",
    "template_card": "[卡片]",
    "chatrecord": "[聊天记录]",
    "weapp": "[小程序]",
}
UNREAD = "[消息]"
_RECORDS = ("chatrecord", "chat_record", "merged_msg", "forward")
_ITEMS = ("msg_item", "items", "item", "msg_list", "messages")
_TEXTS = ("title", "content", "text", "desc", "description", "name", "filename", "label", "url")
_DEEPEST = 4  # records within records


def said(body: Mapping[str, Any], kind: str, deepest: int = _DEEPEST) -> str:
    """The words; where there are none, a note of what was sent."""
    part = body.get(kind)
    inside = part if isinstance(part, dict) else {}
    match kind:
        case "text":
            text = part if isinstance(part, str) else inside.get("content")
            return text if isinstance(text, str) else UNREAD
        case "voice":
            words = inside.get("content")
            return words if isinstance(words, str) and words.strip() else KINDS["voice"]
        case "mixed":
            return "\n".join(_each(inside, deepest)) or UNREAD
        case _ if kind in _RECORDS:
            return record(_told(inside, deepest), _first(inside, ("title",)))
        case _:
            return " ".join([KINDS.get(kind, UNREAD), *with_more(dict.fromkeys(_texts(inside)), inside)])


def files_of(body: Mapping[str, Any], kind: str) -> tuple[FileRef, ...]:
    """The file of a message by its name, where it has one; WeCom gives no address that people could open."""
    part = body.get(kind)
    name = _first(part, ("filename", "name")) if kind == "file" and isinstance(part, dict) else ""
    return (FileRef(name[:255], ""),) if name else ()


def _each(part: Mapping[str, Any], deepest: int) -> Iterator[str]:
    """The words of the items of a message of several."""
    for item in _items(part) if deepest else ():
        kind = item.get("msgtype")
        yield said(item, kind, deepest - 1) if isinstance(kind, str) else UNREAD


def _told(part: Mapping[str, Any], deepest: int) -> Iterator[tuple[str, str]]:
    """(author, words) of the messages of a record."""
    for item in _items(part) if deepest else ():
        kind, sender = item.get("msgtype"), item.get("from")
        who = _first(sender, ("name", "alias")) if isinstance(sender, dict) else ""
        yield who, said(item, kind, deepest - 1) if isinstance(kind, str) else _first(item, _TEXTS)


def _items(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = next((value for name in _ITEMS if isinstance(value := part.get(name), list)), [])
    return [item for item in found if isinstance(item, dict)]


def _texts(part: Mapping[str, Any]) -> Iterator[str]:
    """What a card, a link or something new says of itself; addresses of media are for programs and left out."""
    media = "aeskey" in part or not any(name in part for name in ("title", "desc", "description"))
    for name in _TEXTS:
        value = part.get(name)
        if isinstance(value, dict):  # a card's titles are objects
            yield from _texts(value)
        elif isinstance(value, str) and value.strip() and not (name == "url" and media):
            yield value.strip()
    for name in ("main_title", "source", "quote_area"):
        if isinstance(part.get(name), dict):
            yield from _texts(part[name])


def _first(part: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((value for name in names if isinstance(value := part.get(name), str) and value.strip()), "")
